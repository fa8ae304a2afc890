#include "entrain/engine/worker.h"

#include <stdlib.h>

#include "entrain/base/clock.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/engine/saver.h"
#include "entrain/engine/segment.h"
#include "entrain/store/identity.h"
#include "entrain/store/inputs.h"
#include "entrain/store/start_file.h"

struct ent_worker {
  const ent_spec *spec;
  ent_store *store;
  ent_store_sink store_sink; /* of `sink`, when the worker writes itself */
  ent_sink sink;
  ent_saver saver;
  ent_start_table *table;
  ent_integrator *integrator;
  int rank;
  int32_t attempt;  /* the run segment in which rows are written, 1, 2, ... */
  int64_t position; /* at work */
  double began;     /* clock at which that job began */
};

/* Who watches a job: the caller's watcher, and the saver of checkpoints. */
typedef struct watch {
  const ent_watcher *caller;
  ent_saver *saver;
} watch;

int ent_worker_create(const ent_worker_options *options, ent_worker **worker) {
  int code = ENT_OK;
  ent_segment last;
  ent_worker *made = NULL;
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  made->spec = options->spec;
  made->rank = options->rank;
  ENT_GOTO(ent_store_open(options->path, options->sink ? ENT_STORE_READ : ENT_STORE_WRITE, &made->store));
  ent_store_adopt_isa(made->store);
  made->sink = options->sink ? *options->sink : ent_sink_to_store(&made->store_sink, made->store);
  ENT_GOTO(ent_saver_init(&made->saver, made->store, &made->sink, options->spec));
  ENT_GOTO(ent_run_segment_last(made->store, &last, &made->attempt));
  ENT_GOTO(ent_inputs_load(options->spec, &made->table));
  ENT_GOTO(ent_integrator_create(options->spec, made->table, &made->integrator));
  *worker = made;
  made = NULL;
done:
  if (made != NULL && ent_worker_destroy(&made) != ENT_OK)
    ent_log(ENT_LOG_WARNING, "results file could not be closed");
  return code;
}

int ent_worker_destroy(ent_worker **worker) {
  int code = ENT_OK;
  ent_worker *old = *worker;
  if (old == NULL) return ENT_OK;
  ent_integrator_destroy(&old->integrator);
  ent_start_table_destroy(&old->table);
  ent_saver_fini(&old->saver);
  if (old->sink.operations) code = old->sink.operations->sync(old->sink.own, true);
  code = ent_store_close_after(&old->store, code);
  free(old);
  *worker = NULL;
  return code;
}

static bool abandons(void *context) {
  const watch *own = context;
  return own->caller->abandons && own->caller->abandons(own->caller->context);
}

static bool saves(void *context) {
  const watch *own = context;
  return ent_saver_is_due(own->saver);
}

static int keeps(void *context, const ent_checkpoint *checkpoint) {
  const watch *own = context;
  ENT_TRY(ent_saver_keep(own->saver, checkpoint));
  return ENT_OK;
}

/* Writes what a job has left. */
static int write_row(ent_worker *worker, int64_t row, ent_output *output, ent_lease_report *report) {
  const bool keeps_final = ent_store_spec(worker->store)->final_state;
  const ent_sink *sink = &worker->sink;
  output->result.worker = worker->rank;
  output->result.attempt = worker->attempt;
  ENT_TRY(sink->operations->job(sink->own, row, &output->result, output->series,
                                keeps_final ? output->final_state : NULL));
  ENT_TRY(sink->operations->sync(sink->own, false));
  report->done++;
  report->failed += output->result.status == ENT_STATUS_FAILED;
  report->sync += output->result.outcome == ENT_OUTCOME_SYNC;
  return ENT_OK;
}

/* Computes job k of a task and writes it; `abandoned` when the watcher ended it. */
static int run_job(ent_worker *worker, const ent_task *task, int64_t k, const ent_watcher *caller,
                   ent_output *output) {
  ent_checkpoint from;
  watch own = {.caller = caller, .saver = &worker->saver};
  const ent_watcher watcher = {.abandons = abandons,
                               .saves = saves,
                               .keeps = keeps,
                               .context = &own,
                               .at_every_step = caller->at_every_step};
  worker->position = task->lease.first + k;
  worker->began = ent_clock_now();
  const int64_t row = ent_grid_row_of_position(&worker->spec->grid, worker->position);
  ENT_TRY(ent_saver_begin(&worker->saver, row, task->slot, task->resumes && k == 0, &from));
  ENT_TRY(ent_integrator_run(worker->integrator, row, from.row >= 0 ? &from : NULL, &watcher, output));
  return ENT_OK;
}

int ent_worker_run(ent_worker *worker, const ent_task *task, const ent_watcher *watcher, const bool *stopping,
                   ent_lease_report *report) {
  int code = ENT_OK;
  bool abandoned = false;
  ent_output output;
  const double began = ent_clock_now();
  const ent_grid *grid = &worker->spec->grid;
  *report = (ent_lease_report){.number = task->lease.number};
  for (int64_t k = 0; k < task->lease.count && !abandoned && !*stopping; k++) {
    ENT_GOTO(run_job(worker, task, k, watcher, &output));
    abandoned = output.abandoned;
    if (abandoned) break;
    ENT_GOTO(write_row(worker, ent_grid_row_of_position(grid, worker->position), &output, report));
    if (watcher->abandons) abandoned = watcher->abandons(watcher->context);
  }
done:
  report->seconds = ent_clock_now() - began;
  return code;
}

const ent_store *ent_worker_store(const ent_worker *worker) {
  return worker->store;
}

int64_t ent_worker_position(const ent_worker *worker) {
  return worker->position;
}

double ent_worker_seconds(const ent_worker *worker) {
  return ent_clock_now() - worker->began;
}
