#include "entrain/engine/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/clock.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/engine/launch.h"
#include "entrain/engine/output.h"
#include "entrain/engine/room.h"
#include "entrain/engine/segment.h"
#include "entrain/engine/serve.h"
#include "entrain/engine/solo.h"
#include "entrain/engine/start.h"
#include "entrain/engine/stop.h"
#include "entrain/engine/study.h"
#include "entrain/engine/worker.h"
#include "entrain/engine/writer.h"
#include "entrain/solve/session.h"
#include "entrain/store/inputs.h"
#include "entrain/store/start_file.h"
#include "entrain/sweep/job_file.h"

enum { QUEUE = 2 };

#define FLUSH_SECONDS 2.0 /* for messages that are on their way when the rank ends */

/* What the master of a run owns. */
typedef struct run {
  const ent_run_options *options;
  ent_comm *comm;
  ent_crew crew;
  ent_worker *worker; /* of a run of one rank */
  ent_spec *spec;
  ent_text *path;
  ent_lock_owner owner;
  ent_lock *lock;
  ent_store *store;
  ent_text study;
  ent_pending pending;
  size_t segment;
  bool has_segment; /* the results file was written to */
  bool is_idle;     /* nothing is to be done */
} run;

bool ent_run_is_refusal(int code) {
  return code == ENT_ERR_JOB_FILE || code == ENT_ERR_MISMATCH || code == ENT_ERR_BUSY ||
         code == ENT_ERR_ARGUMENT || code == ENT_ERR_FORMAT;
}

/* Reads the job file, its input files among them. */
static int read_job(const ent_run_options *options, ent_spec **spec, ent_text *faults) {
  ent_start_table *table = NULL;
  ENT_TRY(ent_job_file_read(options->job_path, options->petsc_options, spec, faults));
  const int code = ent_inputs_load(*spec, &table);
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

/* Whether to begin anew: in a Slurm job that was requeued, not what it has begun itself. */
static bool begins_anew(const ent_run_options *options, const char *path) {
  return options->fresh && !ent_run_segment_is_requeued(path);
}

/* Looks at the job file and the results file, without writing anything. [out] spec, path, faults */
static int examine(const ent_run_options *options, ent_spec **spec, ent_text *path, ent_text *faults) {
  ENT_TRY(read_job(options, spec, faults));
  ENT_TRY(check_only(options, *spec));
  ENT_TRY(ent_output_path(options->output, *spec, path));
  ENT_TRY(ent_lock_probe(path->data));
  ENT_TRY(ent_output_check(path->data, *spec, begins_anew(options, path->data)));
  return ENT_OK;
}

/* The last run's end has filled /phase: without it there is something left to do. */
static int look_at_end(const char *path, bool *has_ended) {
  int code = ENT_OK;
  ent_store *store = NULL;
  ent_segment last;
  int32_t number = 0;
  ENT_TRY(ent_store_open(path, ENT_STORE_READ, &store));
  ENT_GOTO(ent_run_segment_last(store, &last, &number));
  *has_ended = number == 0 || last.end > 0;
done:
  return ent_store_close_after(&store, code);
}

/* Whether a run would have nothing to do. What a dead one has left is for the next to see to. */
static int look_for_work(const ent_run_options *options, const char *path, bool *is_idle) {
  bool is_any = true, has_ended = false;
  ent_lock_owner owner = {0};
  int is_alive = 0;
  *is_idle = false;
  if (begins_anew(options, path)) return ENT_OK;
  const int code = ent_lock_read(path, &owner, &is_alive);
  ent_lock_owner_fini(&owner);
  ent_error_clear(); /* a lock that cannot be read is for the run to judge */
  if (code != ENT_ERR_IO) return ENT_OK;
  ENT_TRY(ent_pending_look(path, options->n_only, options->only, &is_any));
  if (is_any) return ENT_OK;
  ENT_TRY(look_at_end(path, &has_ended));
  *is_idle = has_ended;
  return ENT_OK;
}

int ent_run_check(const ent_run_options *options, ent_text *path, bool *is_idle, ent_text *faults) {
  int code = ENT_OK;
  ent_spec *spec = NULL;
  ENT_GOTO(examine(options, &spec, path, faults));
  if (is_idle) ENT_GOTO(look_for_work(options, path->data, is_idle));
  if (is_idle && *is_idle) goto done;
  ent_room_warn(path->data, spec, begins_anew(options, path->data));
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

static int take_lock(run *own) {
  ent_lock_owner *owner = &own->owner;
  ENT_TRY(ent_mem_alloc((size_t)own->crew.size, sizeof *owner->ranks, &owner->ranks));
  owner->n_ranks = ent_crew_processes(&own->crew, owner->ranks);
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

/* Makes the results file ready, under its lock: another run may have made it by now. */
static int prepare_file(const run *own, const char *path) {
  const bool is_anew = begins_anew(own->options, path);
  if (own->options->fresh && !is_anew)
    ent_log(ENT_LOG_INFO, "this Slurm job was requeued: it goes on with '%s', in spite of --fresh", path);
  ENT_TRY(ent_output_check(path, own->spec, is_anew));
  ENT_TRY(ent_output_prepare(path, own->spec, is_anew));
  return ENT_OK;
}

/* All that comes before the first worker opens the file; what is refused is refused before it is written. */
static int prepare(run *own, ent_text *faults) {
  ENT_TRY(ent_session_start(own->options->petsc_options));
  ENT_TRY(ent_stop_listen());
  ENT_TRY(examine(own->options, &own->spec, own->path, faults));
  ENT_TRY(try_solver(own->spec));
  if (!getenv(ENT_LAUNCH_TERMINAL)) { /* otherwise who started the ranks has looked, ent_run_check */
    ENT_TRY(look_for_work(own->options, own->path->data, &own->is_idle));
    if (own->is_idle) return ENT_OK;
    ent_room_warn(own->path->data, own->spec, begins_anew(own->options, own->path->data));
  }
  ENT_TRY(ent_start_meet(own->comm, &own->crew));
  ENT_TRY(ent_output_make_folder(own->path->data));
  ENT_TRY(take_lock(own));
  ENT_TRY(prepare_file(own, own->path->data));
  own->has_segment = true;
  ENT_TRY(ent_store_open(own->path->data, ENT_STORE_WRITE, &own->store));
  ENT_TRY(ent_run_segment_begin(own->store, &own->owner, &own->segment));
  return ENT_OK;
}

/* Reads what is left to be done. */
static int look_at_file(run *own) {
  const bool is_alone = own->crew.size == 1;
  const ent_pending_options options = {.store = own->store,
                                       .workers = is_alone ? 1 : own->crew.size - 1,
                                       .queue = is_alone ? 1 : QUEUE,
                                       .ranks_per_job = own->spec->ranks_per_job,
                                       .n_only = own->options->n_only,
                                       .only = own->options->only};
  ENT_TRY(ent_pending_init(&own->pending, &options));
  return ENT_OK;
}

/* A run of one rank. */
static int compute_alone(run *own, const ent_teller_sources *told, ent_progress *progress) {
  const ent_worker_options options = {.path = own->path->data, .spec = own->spec};
  ENT_TRY(ent_worker_create(&options, &own->worker));
  ENT_TRY(ent_solo_run(&own->pending, own->worker, told, progress));
  ENT_TRY(ent_worker_destroy(&own->worker));
  return ENT_OK;
}

static int compute(run *own, ent_progress *progress) {
  ent_teller_sources told = {.dispatch = own->pending.dispatch,
                             .crew = own->crew.size > 1 ? &own->crew : NULL,
                             .store = own->store,
                             .excluded = own->pending.excluded,
                             .lock = own->lock,
                             .listener = own->options->listener};
  const bool writes = own->crew.size > 1 && ent_writer_is_master(own->spec, own->path->data,
                                                                 ent_crew_has_several_hosts(&own->crew));
  const ent_master_options options = {.comm = own->comm,
                                      .crew = &own->crew,
                                      .pending = &own->pending,
                                      .store = own->store,
                                      .study = &own->study,
                                      .writes = writes,
                                      .told = told};
  if (own->crew.size > 1) {
    ENT_TRY(ent_master_run(&options, progress));
  } else {
    ENT_TRY(compute_alone(own, &told, progress));
  }
  return ENT_OK;
}

static int judge(const ent_progress *progress) {
  if (progress->totals.pending == 0) return ENT_RUN_COMPLETE;
  return progress->stopping ? ENT_RUN_STOPPED : ENT_RUN_NO_WORKERS;
}

static int lead(run *own, ent_run_summary *summary, ent_text *faults) {
  ENT_TRY(prepare(own, faults));
  if (own->is_idle) {
    *summary = (ent_run_summary){.is_idle = true, .is_complete = true, .exit_status = ENT_RUN_COMPLETE};
    return ENT_OK;
  }
  if (ent_store_spec(own->store)->final_state != own->spec->final_state)
    ent_log(ENT_LOG_WARNING,
            "'output.final_state' was fixed when the file was made, its change has no effect");
  ENT_TRY(look_at_file(own));
  ENT_TRY(ent_study_write(own->spec, own->path->data, &own->study));
  ENT_TRY(compute(own, &summary->progress));
  summary->exit_status = judge(&summary->progress);
  summary->is_complete = summary->exit_status == ENT_RUN_COMPLETE;
  ENT_TRY(ent_run_segment_end(own->store, own->segment, summary->exit_status));
  ENT_TRY(ent_store_close(&own->store));
  return ENT_OK;
}

/* After an engine failure the lock stays: workers may still write for a moment, and the next run sees to
 * them. */
static void run_fini(run *own, bool has_failed) {
  const int code = ent_worker_destroy(&own->worker);
  if (ent_store_close_after(&own->store, code) != ENT_OK)
    ent_log(ENT_LOG_WARNING, "the results file could not be closed");
  ent_pending_fini(&own->pending);
  if (!has_failed || !own->has_segment) ent_lock_release(&own->lock);
  ent_lock_owner_fini(&own->owner);
  ent_crew_fini(&own->crew);
  ent_text_fini(&own->study);
  ent_spec_destroy(&own->spec);
}

/* The life of rank 0. */
static int run_master(const ent_run_options *options, ent_comm *comm, ent_run_summary *summary,
                      ent_text *faults, ent_text *path) {
  int code = ENT_OK;
  run own = {.options = options, .comm = comm, .path = path};
  ENT_GOTO(ent_crew_init(&own.crew, ent_comm_size(comm)));
  ENT_GOTO(ent_start_greet(comm));
  ENT_GOTO(lead(&own, summary, faults));
done:
  if ((code != ENT_OK || own.is_idle) && own.crew.size > 0) ent_start_cancel(comm, &own.crew);
  /* exit status 2 says that nothing was written */
  if (own.has_segment && ent_run_is_refusal(code)) code = ENT_ERR_INTERNAL;
  run_fini(&own, code != ENT_OK);
  ent_session_end();
  return code;
}

int ent_run(const ent_run_options *options, ent_run_summary *summary, ent_text *faults, ent_text *path) {
  int code = ENT_OK;
  ent_comm *comm = NULL;
  *summary = (ent_run_summary){0};
  ENT_GOTO(ent_comm_create(&comm));
  if (ent_comm_rank(comm) == 0) {
    ENT_GOTO(run_master(options, comm, summary, faults, path));
  } else {
    ENT_GOTO(ent_start_greet(comm));
    ENT_GOTO(ent_serve(comm));
  }
done:
  if (comm != NULL) (void)ent_comm_flush(comm, FLUSH_SECONDS);
  ent_comm_destroy(&comm);
  return code;
}
