#include "entrain/engine/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/clock.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/engine/launch.h"
#include "entrain/engine/output.h"
#include "entrain/engine/segment.h"
#include "entrain/engine/stop.h"
#include "entrain/solve/session.h"
#include "entrain/store/start_file.h"
#include "entrain/sweep/job_file.h"

enum { QUEUE = 2 };

#define CHUNK_SECONDS 0.1
#define HELLO_SECONDS 120.0

/* What the master of a run owns; a worker has only the first three. */
typedef struct run {
  const ent_run_options *options;
  ent_comm *comm;
  ent_worker *worker;
  ent_spec *spec;
  ent_text *path;
  ent_lock_owner owner;
  ent_lock *lock;
  ent_dispatch *dispatch;
  int64_t excluded; /* rows that were not asked for */
  size_t segment;
  bool has_segment; /* the master has written to the file */
} run;

bool ent_run_is_refusal(int code) {
  return code == ENT_ERR_JOB_FILE || code == ENT_ERR_MISMATCH || code == ENT_ERR_BUSY ||
         code == ENT_ERR_ARGUMENT || code == ENT_ERR_FORMAT;
}

/* Reads the job file, its input files among them. */
static int read_job(const ent_run_options *options, ent_spec **spec, ent_text *faults) {
  ent_start_table *table = NULL;
  ENT_TRY(ent_job_file_read(options->job_path, options->petsc_options, spec, faults));
  const int code = ent_start_file_load(*spec, &table);
  ent_start_table_destroy(&table);
  if (code == ENT_ERR_JOB_FILE) ENT_TRY(ent_text_append(faults, "%s\n", ent_error_message()));
  if (code != ENT_OK) ent_spec_destroy(spec);
  ENT_TRY(code);
  return ENT_OK;
}

/* Refuses rows to compute that the sweep does not have. */
static int check_only(const ent_run_options *options, const ent_spec *spec) {
  for (size_t k = 0; k < options->n_only; k++) {
    const int64_t last = options->only[k].last;
    ENT_CHECK(last < spec->grid.size, ENT_ERR_ARGUMENT, "row %lld does not exist, rows are 0 to %lld",
              (long long)last, (long long)spec->grid.size - 1);
  }
  return ENT_OK;
}

int ent_run_check(const ent_run_options *options, ent_text *path, ent_text *faults) {
  int code = ENT_OK;
  ent_spec *spec = NULL;
  ENT_GOTO(read_job(options, &spec, faults));
  ENT_GOTO(check_only(options, spec));
  ENT_GOTO(ent_output_path(options->output, spec, path));
  ENT_GOTO(ent_lock_probe(path->data));
  ENT_GOTO(ent_output_check(path->data, spec, options->fresh));
done:
  ent_spec_destroy(&spec);
  return code;
}

/* Makes a solver for the first row, so that PETSc options that are none are refused before anything is
 * written. */
static int try_solver(const ent_spec *spec) {
  int code = ENT_OK;
  ent_integrator *integrator = NULL;
  ENT_GOTO(ent_integrator_create(spec, NULL, &integrator));
  ENT_GOTO(ent_integrator_prepare(integrator, 0));
  ENT_GOTO(ent_session_check_options());
done:
  ent_integrator_destroy(&integrator);
  return code == ENT_ERR_PETSC ? ENT_ERR_ARGUMENT : code; /* it can only be the options */
}

/* The master waits until every worker has said where it runs. */
static int meet_workers(run *own) {
  const int size = ent_comm_size(own->comm);
  const double deadline = ent_clock_now() + HELLO_SECONDS;
  own->owner.n_ranks = (size_t)size;
  ENT_TRY(ent_mem_alloc((size_t)size, sizeof(ent_process), &own->owner.ranks));
  ENT_TRY(ent_process_self(&own->owner.ranks[0]));
  for (int met = 1; met < size;) {
    ent_wire_message message;
    int from = 0;
    bool arrived = false;
    ENT_TRY(ent_comm_wait(own->comm, 1.0, &message, &from, &arrived));
    ENT_CHECK(arrived || ent_clock_now() < deadline, ENT_ERR_MPI, "%d of %d workers have not answered",
              size - met, size - 1);
    if (!arrived || message.kind != ENT_WIRE_HELLO) continue;
    ent_process *process = &own->owner.ranks[from];
    *process = (ent_process){.pid = message.pid, .start = message.start};
    snprintf(process->host, sizeof(process->host), "%.63s", message.text);
    met++;
  }
  return ENT_OK;
}

static int say_hello(run *own) {
  ent_process self;
  ENT_TRY(ent_process_self(&self));
  ent_wire_message message = {.kind = ENT_WIRE_HELLO, .pid = self.pid, .start = self.start};
  snprintf(message.text, sizeof(message.text), "%s", self.host);
  ENT_TRY(ent_comm_send(own->comm, 0, &message));
  return ENT_OK;
}

static int take_lock(run *own) {
  ent_lock_owner *owner = &own->owner;
  ent_lock_find_slurm(&owner->slurm_job, &owner->restart);
  owner->progress =
    (ent_lock_progress){.total = own->spec->grid.size, .eta = NAN, .started = ent_clock_unix()};
  if (ent_comm_size(own->comm) > 1) {
    ENT_TRY(ent_process_parent(&owner->launcher));
  } else {
    ENT_TRY(ent_process_self(&owner->launcher));
  }
  if (getenv(ENT_LAUNCH_TERMINAL)) ENT_TRY(ent_process_parent_of(&owner->launcher, &owner->starter));
  ENT_TRY(ent_lock_take(own->path->data, owner, &own->lock));
  return ENT_OK;
}

/* All that the master does before the workers may open the file. */
static int prepare(run *own, ent_text *faults) {
  ENT_TRY(read_job(own->options, &own->spec, faults));
  ENT_TRY(check_only(own->options, own->spec));
  ENT_TRY(ent_output_path(own->options->output, own->spec, own->path));
  ENT_TRY(ent_lock_probe(own->path->data));
  ENT_TRY(ent_output_check(own->path->data, own->spec, own->options->fresh));
  ENT_TRY(try_solver(own->spec));
  ENT_TRY(meet_workers(own));
  ENT_TRY(ent_output_make_folder(own->path->data));
  ENT_TRY(take_lock(own));
  ENT_TRY(ent_output_check(own->path->data, own->spec,
                           own->options->fresh)); /* another run may have made it by now */
  ENT_TRY(ent_output_prepare(own->path->data, own->spec, own->options->fresh));
  return ENT_OK;
}

/* Marks rows that were not asked for as finished, so that they are not handed out; positions, not rows. */
static void keep_only(run *own, unsigned char *finished) {
  const ent_grid *grid = &own->spec->grid;
  for (int64_t position = 0; own->options->n_only > 0 && position < grid->size; position++) {
    const int64_t row = ent_grid_row_of_position(grid, position);
    bool asked = false;
    for (size_t k = 0; k < own->options->n_only; k++) {
      asked |= row >= own->options->only[k].first && row <= own->options->only[k].last;
    }
    if (!asked) own->excluded++;
    if (!asked) finished[position] = 1;
  }
}

/* Reads which rows are finished and makes the dispatcher for the others. */
static int make_dispatch(run *own, ent_store *store) {
  int code = ENT_OK;
  const ent_grid *grid = &own->spec->grid;
  const int workers = ent_comm_size(own->comm) > 1 ? ent_comm_size(own->comm) - 1 : 1;
  const ent_dispatch_options options = {.size = grid->size,
                                        .cell = grid->extent[grid->seed_dim],
                                        .workers = workers,
                                        .chunk = CHUNK_SECONDS,
                                        .queue = ent_comm_size(own->comm) > 1 ? QUEUE : 1};
  unsigned char *rows = NULL, *positions = NULL;
  int64_t broken = 0;
  ENT_GOTO(ent_mem_alloc((size_t)grid->size, 1, &rows));
  ENT_GOTO(ent_mem_alloc((size_t)grid->size, 1, &positions));
  ENT_GOTO(ent_store_scan(store, rows, &broken));
  for (int64_t row = 0; row < grid->size; row++) positions[ent_grid_position_of_row(grid, row)] = rows[row];
  if (broken > 0)
    ent_log(ENT_LOG_WARNING, "%lld rows with a broken checksum are computed again", (long long)broken);
  keep_only(own, positions);
  ENT_GOTO(ent_dispatch_create(&options, positions, &own->dispatch));
done:
  free(rows);
  free(positions);
  return code;
}

static int lead(run *own, ent_run_summary *summary) {
  int code = ENT_OK;
  ent_store *store = NULL;
  ENT_GOTO(ent_store_open(own->path->data, ENT_STORE_READ, &store));
  if (ent_store_spec(store)->final_state != own->spec->final_state)
    ent_log(ENT_LOG_WARNING,
            "'output.final_state' was fixed when the file was made, its change has no effect");
  ENT_GOTO(make_dispatch(own, store));
  const ent_master_options options = {.comm = own->comm,
                                      .dispatch = own->dispatch,
                                      .excluded = own->excluded,
                                      .lock = own->lock,
                                      .worker = own->worker,
                                      .listener = own->options->listener};
  ENT_GOTO(ent_master_run(&options, &summary->progress));
  summary->is_complete = summary->progress.totals.pending == 0;
  summary->exit_status = summary->is_complete ? ENT_RUN_COMPLETE : ENT_RUN_STOPPED;
done:
  return ent_store_close_after(&store, code);
}

/* The ranks agree whether to go on; each stage before the first job ends here. */
static int agree(run *own, int mine, bool *go_on) {
  int worst = ENT_OK;
  const int code = ent_comm_agree(own->comm, mine, &worst);
  *go_on = code == ENT_OK && worst == ENT_OK;
  return mine != ENT_OK ? mine : code;
}

/* Gives one text of the master to all. [out] text  empty before, at the workers */
static int share(run *own, const char *masters, ent_text *text) {
  if (ent_comm_rank(own->comm) == 0) ENT_TRY(ent_text_append(text, "%s", masters));
  ENT_TRY(ent_comm_share(own->comm, text));
  return ENT_OK;
}

/* The workers read what the master has read: its job text, wherever they are, with the limits of today. */
static int share_study(run *own) {
  int code = ENT_OK;
  const ent_spec *spec = own->spec;
  ent_text text = {0}, job_path = {0}, digest = {0}, faults = {0};
  char *absolute = spec ? realpath(spec->path, NULL) : NULL;
  ENT_GOTO(ent_comm_share(own->comm, own->path));
  ENT_GOTO(share(own, spec ? spec->text : NULL, &text));
  ENT_GOTO(share(own, absolute ? absolute : own->options->job_path, &job_path));
  ENT_GOTO(share(own, spec ? spec->input_digest : NULL, &digest));
  if (spec == NULL) {
    ENT_GOTO(ent_job_file_parse(text.data, job_path.data, own->options->petsc_options,
                                digest.data ? digest.data : "", &own->spec, &faults));
  }
done:
  free(absolute);
  ent_text_fini(&text);
  ent_text_fini(&job_path);
  ent_text_fini(&digest);
  ent_text_fini(&faults);
  return code;
}

/* All that comes before the first row, at every rank; each stage ends in agreement. [out] go_on */
static int set_out(run *own, ent_text *faults, bool *go_on) {
  const int rank = ent_comm_rank(own->comm);
  const bool is_worker = rank > 0 || ent_comm_size(own->comm) == 1;
  if (rank > 0) ENT_TRY(say_hello(own));
  int code = rank == 0 ? prepare(own, faults) : ENT_OK;
  if (rank == 0 && code == ENT_OK) {
    code = ent_run_segment_begin(own->path->data, &own->owner, &own->segment);
    own->has_segment = true;
  }
  ENT_TRY(agree(own, code, go_on));
  if (!*go_on) return ENT_OK;
  own->has_segment = true;
  code = share_study(own);
  if (code == ENT_OK && is_worker) code = ent_worker_create(own->path->data, own->spec, rank, &own->worker);
  ENT_TRY(agree(own, code, go_on));
  return ENT_OK;
}

static int run_all(run *own, ent_run_summary *summary, ent_text *faults) {
  bool go_on = false;
  ENT_TRY(set_out(own, faults, &go_on));
  if (ent_comm_rank(own->comm) > 0) {
    if (go_on) ENT_TRY(ent_worker_serve(own->worker, own->comm));
    return ENT_OK;
  }
  ENT_CHECK(go_on, ENT_ERR_INTERNAL, "a worker could not begin, see above");
  ENT_TRY(lead(own, summary));
  ENT_TRY(ent_run_segment_end(own->path->data, own->segment, summary->exit_status));
  return ENT_OK;
}

/* After an engine failure the lock stays: workers may still write for a moment, and the next run sees to
 * them. */
static void run_fini(run *own, bool has_failed) {
  if (ent_worker_destroy(&own->worker) != ENT_OK)
    ent_log(ENT_LOG_WARNING, "the results file could not be closed");
  ent_dispatch_destroy(&own->dispatch);
  if (!has_failed || !own->has_segment) ent_lock_release(&own->lock);
  ent_lock_owner_fini(&own->owner);
  ent_spec_destroy(&own->spec);
  ent_comm_destroy(&own->comm);
}

int ent_run(const ent_run_options *options, ent_run_summary *summary, ent_text *faults, ent_text *path) {
  int code = ENT_OK;
  run own = {.options = options, .path = path};
  *summary = (ent_run_summary){0};
  ENT_GOTO(ent_comm_create(&own.comm));
  ENT_GOTO(ent_session_start(options->petsc_options));
  ENT_GOTO(ent_stop_listen());
  ENT_GOTO(run_all(&own, summary, faults));
done:
  /* exit status 2 says that nothing was written */
  if (own.has_segment && ent_run_is_refusal(code)) code = ENT_ERR_INTERNAL;
  run_fini(&own, code != ENT_OK);
  ent_session_end();
  return code;
}
