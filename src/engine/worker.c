#include "entrain/engine/worker.h"

#include <stdlib.h>

#include "entrain/base/clock.h"
#include "entrain/base/isa.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/engine/saver.h"
#include "entrain/engine/segment.h"
#include "entrain/store/identity.h"
#include "entrain/store/inputs.h"
#include "entrain/store/start_file.h"

#define QUICK_SECONDS 1e-3 /* behind a job that takes longer nothing waits: a write is small beside it */
#define WAIT_SECONDS 0.05  /* that a row waits for others at most, with what the next job adds */

struct ent_worker {
  const ent_spec *spec;
  ent_store *store;
  ent_store_sink store_sink; /* of `sink`, when the worker writes itself */
  ent_sink sink;
  ent_trail trail; /* not owned */
  ent_saver saver;
  ent_start_table *table;
  ent_integrator *integrator;
  int rank;
  int32_t attempt;          /* the run segment in which rows are written, 1, 2, ... */
  int64_t position;         /* at work */
  double began;             /* clock at which that job began */
  ent_lease_report waiting; /* rows that the sink has and that may not be written yet, as a report counts */
  double oldest;            /* clock at which the first of them was finished */
};

/* A lease at work: its report, and who watches its jobs beside the saver of checkpoints. */
typedef struct work {
  ent_worker *worker;
  const ent_watcher *caller;
  ent_lease_report *report;
  int code; /* of rows that could not be written while a job ran */
} work;

int ent_worker_create(const ent_worker_options *options, ent_worker **worker) {
  int code = ENT_OK;
  ent_segment last;
  ent_worker *made = NULL;
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  made->spec = options->spec;
  made->rank = options->rank;
  if (options->trail) made->trail = *options->trail;
  ENT_GOTO(ent_store_open(options->path, options->sink ? ENT_STORE_READ : ENT_STORE_WRITE, &made->store));
  ENT_CHECK_GOTO(ent_store_adopt_isa(made->store), ENT_ERR_ARGUMENT,
                 "this rank computes with '%s', must be the instruction set of '%s'",
                 ent_isa_name(ent_isa_current()), options->path);
  made->sink = options->sink ? *options->sink : ent_sink_to_store(&made->store_sink, made->store);
  if (options->sink == NULL) ENT_GOTO(ent_sink_gather(&made->store_sink));
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
  ent_sink_fini(&old->store_sink);
  code = ent_store_close_after(&old->store, code);
  free(old);
  *worker = NULL;
  return code;
}

/* Sees to it that the rows that wait are in the file, and counts them. */
static int flush(ent_worker *worker, ent_lease_report *report) {
  const ent_lease_report waiting = worker->waiting;
  if (waiting.done == 0) return ENT_OK;
  ENT_TRY(worker->sink.operations->flush(worker->sink.own));
  ENT_TRY(worker->sink.operations->sync(worker->sink.own, false));
  worker->waiting = (ent_lease_report){0};
  report->done += waiting.done;
  report->failed += waiting.failed;
  report->sync += waiting.sync;
  return ENT_OK;
}

/* Who looks here for the first time in a job has seen it take 10 ms: the rows before it wait no longer. */
static bool abandons(void *context) {
  work *own = context;
  own->code = flush(own->worker, own->report);
  return own->code != ENT_OK || (own->caller->abandons && own->caller->abandons(own->caller->context));
}

static bool saves(void *context) {
  const work *own = context;
  return ent_saver_is_due(&own->worker->saver);
}

static int keeps(void *context, const ent_checkpoint *checkpoint) {
  const work *own = context;
  ENT_TRY(ent_saver_keep(&own->worker->saver, checkpoint));
  return ENT_OK;
}

/* Gives the sink what a job has left, at the time `now`. */
static int keep_row(ent_worker *worker, int64_t row, double now, ent_output *output) {
  const bool keeps_final = ent_store_spec(worker->store)->final_state;
  const ent_sink *sink = &worker->sink;
  ent_lease_report *waiting = &worker->waiting;
  output->result.worker = worker->rank;
  output->result.attempt = worker->attempt;
  ENT_TRY(sink->operations->job(sink->own, row, &output->result, output->series,
                                keeps_final ? output->final_state : NULL));
  if (waiting->done == 0) worker->oldest = now;
  waiting->done++;
  waiting->failed += output->result.status == ENT_STATUS_FAILED;
  waiting->sync += output->result.outcome == ENT_OUTCOME_SYNC;
  return ENT_OK;
}

/*
 * Computes job k of a task and keeps its row. Rows wait for others as long as jobs are quick: not longer than
 * WAIT_SECONDS, the 10 ms after which a job is looked at, and one step.
 * [out] abandoned  the watcher has ended it
 */
static int run_job(work *own, const ent_task *task, int64_t k, bool *abandoned) {
  ent_checkpoint from;
  ent_output output;
  ent_worker *worker = own->worker;
  const ent_watcher watcher = {.abandons = abandons,
                               .saves = saves,
                               .keeps = keeps,
                               .context = own,
                               .at_every_step = own->caller->at_every_step,
                               .helpers = own->caller->helpers};
  worker->position = task->lease.first + k;
  ent_trail_write(&worker->trail, worker->position);
  const int64_t row = ent_grid_row_of_position(&worker->spec->grid, worker->position);
  const double began = worker->began;
  ENT_TRY(ent_saver_begin(&worker->saver, row, task->slot, task->resumes && k == 0, &from));
  ENT_TRY(ent_integrator_run(worker->integrator, row, from.row >= 0 ? &from : NULL, &watcher, &output));
  ENT_TRY(own->code);
  worker->began = ent_clock_now();
  *abandoned = output.abandoned;
  if (output.abandoned) return ENT_OK;
  ENT_TRY(keep_row(worker, row, worker->began, &output));
  const bool is_quick = worker->began - began < QUICK_SECONDS;
  if (!is_quick || worker->began - worker->oldest > WAIT_SECONDS) ENT_TRY(flush(worker, own->report));
  if (own->caller->abandons) *abandoned = own->caller->abandons(own->caller->context);
  return ENT_OK;
}

int ent_worker_run(ent_worker *worker, const ent_task *task, const ent_watcher *watcher, const bool *stopping,
                   ent_lease_report *report) {
  int code = ENT_OK;
  bool abandoned = false;
  const double began = ent_clock_now();
  work own = {.worker = worker, .caller = watcher, .report = report};
  *report = (ent_lease_report){.number = task->lease.number};
  worker->began = began;
  for (int64_t k = 0; k < task->lease.count && !abandoned && !*stopping; k++)
    ENT_GOTO(run_job(&own, task, k, &abandoned));
  ENT_GOTO(flush(worker, report));
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
