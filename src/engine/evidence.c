#include "entrain/engine/evidence.h"

#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/engine/trail.h"
#include "entrain/store/batch.h"

/* A row as it is read, with all that its checksum is made over. */
typedef struct record {
  ent_store *store;
  unsigned char *row;  /* [layout size] */
  float *series;       /* [n_series, n_record] */
  double *final_state; /* [n_final] */
  size_t n_final;      /* values there is room for */
} record;

static int record_init(record *made, ent_store *store) {
  const ent_spec *spec = ent_store_spec(store);
  made->store = store;
  ENT_TRY(ent_mem_alloc(1, ent_store_layout(store)->size, &made->row));
  ENT_TRY(ent_mem_alloc(ent_spec_series_count(spec) * spec->n_record, sizeof *made->series, &made->series));
  return ENT_OK;
}

static void record_fini(record *old) {
  free(old->row);
  free(old->series);
  free(old->final_state);
}

/* Makes room for a row's final state. */
static int make_room(record *at, int64_t row) {
  ent_point point;
  const ent_spec *spec = ent_store_spec(at->store);
  ent_spec_point(spec, row, &point);
  const size_t wanted = spec->final_state ? (size_t)(point.n * point.d) : 0;
  if (wanted <= at->n_final) return ENT_OK;
  free(at->final_state);
  at->final_state = NULL;
  at->n_final = 0;
  ENT_TRY(ent_mem_alloc(wanted, sizeof *at->final_state, &at->final_state));
  at->n_final = wanted;
  return ENT_OK;
}

/* Reads a row. [out] finished  whether it is there and whole; [out] result  if so */
static int read_row(record *at, int64_t row, bool *finished, ent_result *result) {
  ENT_TRY(make_room(at, row));
  ENT_TRY(ent_store_read_job(at->store, row, at->row, at->series, at->final_state, finished));
  if (*finished) ent_layout_decode(ent_store_layout(at->store), at->row, result);
  return ENT_OK;
}

/* How far a lease has come. */
static int read_lease(record *at, const ent_lease *lease, ent_lease_report *report) {
  const ent_grid *grid = &ent_store_spec(at->store)->grid;
  bool finished = true;
  ent_result result;
  *report = (ent_lease_report){.number = lease->number};
  for (int64_t k = 0; k < lease->count; k++) {
    ENT_TRY(read_row(at, ent_grid_row_of_position(grid, lease->first + k), &finished, &result));
    if (!finished) return ENT_OK;
    report->done++;
    report->failed += result.status != ENT_STATUS_DONE;
    report->sync += result.status == ENT_STATUS_DONE && result.outcome == ENT_OUTCOME_SYNC;
  }
  return ENT_OK;
}

/* Looks for the position at work among those of a lease that are missing. */
static void look(const ent_lease *lease, int64_t done, int64_t noted, ent_trace *trace) {
  const int64_t missing = lease->first + done, count = lease->count - done;
  if (count == 0 || trace->at_work >= 0) return;
  if (noted == ENT_TRAIL_NONE) {
    trace->at_work = missing;
    trace->others = count <= ENT_BATCH_ROWS ? count - 1 : ENT_BATCH_ROWS;
  } else if (noted >= missing && noted < missing + count) {
    trace->at_work = noted;
  }
}

int ent_evidence_settle(ent_store *store, ent_dispatch *dispatch, int worker, int64_t noted,
                        ent_trace *trace) {
  int code = ENT_OK;
  record at = {0};
  ent_lease lease;
  ent_lease_report report;
  *trace = (ent_trace){.at_work = -1};
  ENT_GOTO(record_init(&at, store));
  while (ent_dispatch_oldest(dispatch, worker, &lease)) {
    ENT_GOTO(read_lease(&at, &lease, &report));
    look(&lease, report.done, noted, trace);
    ENT_GOTO(ent_dispatch_settle(dispatch, &report));
  }
done:
  record_fini(&at);
  return code;
}
