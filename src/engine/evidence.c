#include "entrain/engine/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"

/* A row as it is read, with all that its checksum is made over. */
typedef struct record {
  ent_store *store;
  unsigned char *row; /* [layout size] */
  float *series;      /* [n_series, n_record] */
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
}

static int read_series(const record *at, int64_t row) {
  const ent_spec *spec = ent_store_spec(at->store);
  for (size_t k = 0; k < ent_spec_series_count(spec); k++) {
    ENT_TRY(ent_store_read_series(at->store, k, row, 1, at->series + k * spec->n_record));
  }
  return ENT_OK;
}

/* The checksum that a row must have. */
static int compute_checksum(const record *at, int64_t row, uint32_t *checksum) {
  int code = ENT_OK;
  double *state = NULL;
  size_t n_state = 0;
  ent_point point;
  const ent_spec *spec = ent_store_spec(at->store);
  const size_t n_series = ent_spec_series_count(spec) * spec->n_record;
  ENT_TRY(read_series(at, row));
  ent_spec_point(spec, row, &point);
  if (spec->final_state) {
    n_state = (size_t)(point.n * point.d);
    ENT_GOTO(ent_mem_alloc(n_state, sizeof *state, &state));
    ENT_GOTO(ent_store_read_final(at->store, row, state));
  }
  *checksum = ent_layout_checksum(ent_store_layout(at->store), at->row, at->series, n_series, state, n_state);
done:
  free(state);
  return code;
}

/* Reads a row. [out] finished  whether it is there and whole; [out] result  if so */
static int read_row(const record *at, int64_t row, bool *finished, ent_result *result) {
  const ent_layout *layout = ent_store_layout(at->store);
  uint32_t checksum = 0;
  *finished = false;
  ENT_TRY(ent_store_read_rows(at->store, row, 1, at->row));
  ent_layout_decode(layout, at->row, result);
  if (result->status == ENT_STATUS_PENDING) return ENT_OK;
  ENT_TRY(compute_checksum(at, row, &checksum));
  *finished = checksum == result->checksum;
  return ENT_OK;
}

/* How far a lease has come. */
static int read_lease(const record *at, const ent_lease *lease, ent_lease_report *report) {
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

int ent_evidence_settle(ent_store *store, ent_dispatch *dispatch, int worker, int64_t *at_work) {
  int code = ENT_OK;
  record at = {0};
  ent_lease lease;
  ent_lease_report report;
  *at_work = -1;
  ENT_GOTO(record_init(&at, store));
  while (ent_dispatch_oldest(dispatch, worker, &lease)) {
    ENT_GOTO(read_lease(&at, &lease, &report));
    if (*at_work < 0 && report.done < lease.count) *at_work = lease.first + report.done;
    ENT_GOTO(ent_dispatch_settle(dispatch, &report));
  }
done:
  record_fini(&at);
  return code;
}
