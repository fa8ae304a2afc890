#include "entrain/engine/worker.h"

#include <stdlib.h>

#include "entrain/base/clock.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/store/start_file.h"

struct ent_worker {
  const ent_spec *spec;
  ent_store *store;
  ent_start_table *table;
  ent_integrator *integrator;
  int rank;
  int32_t attempt;  /* the run segment in which rows are written, 1, 2, ... */
  int64_t position; /* at work */
};

static int count_segments(ent_store *store, int32_t *count) {
  int code = ENT_OK;
  size_t used = 0;
  ent_segment *segments = NULL;
  ENT_GOTO(ent_mem_alloc(ENT_STORE_SEGMENTS, sizeof(*segments), &segments));
  ENT_GOTO(ent_store_read_segments(store, ENT_STORE_SEGMENTS, segments, &used));
  *count = (int32_t)used;
done:
  free(segments);
  return code;
}

int ent_worker_create(const char *path, const ent_spec *spec, int rank, ent_worker **worker) {
  int code = ENT_OK;
  ent_worker *made = NULL;
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  made->spec = spec;
  made->rank = rank;
  ENT_GOTO(ent_store_open(path, ENT_STORE_WRITE, &made->store));
  ENT_GOTO(count_segments(made->store, &made->attempt));
  ENT_GOTO(ent_start_file_load(spec, &made->table));
  ENT_GOTO(ent_integrator_create(spec, made->table, &made->integrator));
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
  ENT_GOTO(ent_store_close(&old->store));
done:
  free(old);
  *worker = NULL;
  return code;
}

/* Computes one row and writes it; `abandoned` when the watcher ended it. */
static int run_row(ent_worker *worker, int64_t row, const ent_watcher *watcher, ent_lease_report *report,
                   bool *abandoned) {
  ent_output output;
  ENT_TRY(ent_integrator_run(worker->integrator, row, NULL, watcher, &output));
  *abandoned = output.abandoned;
  if (output.abandoned) return ENT_OK;
  output.result.worker = worker->rank;
  output.result.attempt = worker->attempt;
  const bool keeps_final = ent_store_spec(worker->store)->final_state;
  ENT_TRY(ent_store_write_job(worker->store, row, &output.result, output.series,
                              keeps_final ? output.final_state : NULL));
  report->done++;
  report->failed += output.result.status == ENT_STATUS_FAILED;
  report->sync += output.result.outcome == ENT_OUTCOME_SYNC;
  return ENT_OK;
}

int ent_worker_run(ent_worker *worker, const ent_lease *lease, const ent_watcher *watcher,
                   const bool *stopping, ent_lease_report *report) {
  int code = ENT_OK;
  bool abandoned = false;
  const double began = ent_clock_now();
  const ent_grid *grid = &worker->spec->grid;
  *report = (ent_lease_report){.number = lease->number};
  for (int64_t k = 0; k < lease->count && !abandoned && !*stopping; k++) {
    worker->position = lease->first + k;
    const int64_t row = ent_grid_row_of_position(grid, worker->position);
    ENT_GOTO(run_row(worker, row, watcher, report, &abandoned));
    if (!abandoned && watcher->abandons) abandoned = watcher->abandons(watcher->context);
  }
done:
  report->seconds = ent_clock_now() - began;
  return code;
}

int64_t ent_worker_position(const ent_worker *worker) {
  return worker->position;
}
