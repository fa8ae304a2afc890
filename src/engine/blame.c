#include "entrain/engine/blame.h"

#include <math.h>
#include <stdlib.h>

#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/engine/segment.h"

int ent_blame_init(ent_blame *blame, ent_store *store, ent_dispatch *dispatch, int workers) {
  int code = ENT_OK;
  ent_segment last;
  ent_blame made = {.store = store, .dispatch = dispatch, .workers = workers};
  ENT_GOTO(ent_run_segment_last(store, &last, &made.attempt));
  ENT_GOTO(ent_mem_alloc((size_t)workers, sizeof *made.charged, &made.charged));
  for (int worker = 0; worker < workers; worker++) made.charged[worker] = -1;
  *blame = made;
  return ENT_OK;
done:
  ent_blame_fini(&made);
  return code;
}

void ent_blame_fini(ent_blame *blame) {
  free(blame->charged);
  *blame = (ent_blame){0};
}

static int64_t row_of(const ent_blame *blame, int64_t position) {
  return ent_grid_row_of_position(&ent_store_spec(blame->store)->grid, position);
}

/* Writes the row of a job that is given up: there is no result, and nothing was recorded. */
static int write_quarantined(const ent_blame *blame, int64_t row) {
  int code = ENT_OK;
  ent_point point;
  ent_result result;
  float *series = NULL;
  double *state = NULL;
  const ent_spec *spec = ent_store_spec(blame->store);
  const size_t n_series = ent_spec_series_count(spec) * spec->n_record;
  ent_spec_point(spec, row, &point);
  const size_t n_state = spec->final_state ? (size_t)(point.n * point.d) : 0;
  ent_result_init(&result);
  result.status = ENT_STATUS_QUARANTINED;
  result.error = ENT_JOB_KILLED;
  result.attempt = blame->attempt;
  ENT_GOTO(ent_mem_alloc(n_series, sizeof *series, &series));
  ENT_GOTO(ent_mem_alloc(n_state, sizeof *state, &state));
  for (size_t i = 0; i < n_series; i++) series[i] = NAN;
  for (size_t i = 0; i < n_state; i++) state[i] = NAN;
  ENT_GOTO(ent_store_write_job(blame->store, row, &result, n_series > 0 ? series : NULL,
                               n_state > 0 ? state : NULL));
done:
  free(series);
  free(state);
  return code;
}

/* Does with a pending position what so many deaths ask for. */
static int treat(const ent_blame *blame, int64_t position, int kills) {
  if (kills < ENT_BLAME_LIMIT) {
    ENT_TRY(ent_dispatch_single_out(blame->dispatch, position, kills == 1 ? ENT_TURN_FIRST : ENT_TURN_LAST));
    return ENT_OK;
  }
  const int64_t row = row_of(blame, position);
  ENT_TRY(write_quarantined(blame, row));
  ENT_TRY(ent_dispatch_give_up(blame->dispatch, position));
  ent_log(ENT_LOG_WARNING, "row %lld is quarantined: %s", (long long)row, ent_job_error_text(ENT_JOB_KILLED));
  return ENT_OK;
}

int ent_blame_recall(ent_blame *blame, const unsigned char *finished) {
  int code = ENT_OK;
  uint8_t *kills = NULL;
  const ent_grid *grid = &ent_store_spec(blame->store)->grid;
  ENT_GOTO(ent_mem_alloc((size_t)grid->size, sizeof *kills, &kills));
  ENT_GOTO(ent_store_read_kills(blame->store, 0, grid->size, kills));
  for (int64_t row = 0; row < grid->size; row++) {
    if (kills[row] == 0) continue;
    const int64_t position = ent_grid_position_of_row(grid, row);
    if (!finished[position]) ENT_GOTO(treat(blame, position, kills[row]));
  }
done:
  free(kills);
  return code;
}

int ent_blame_charge(ent_blame *blame, int worker, int64_t position, bool may_return) {
  uint8_t kills = 0;
  const int64_t row = row_of(blame, position);
  ENT_TRY(ent_store_read_kills(blame->store, row, 1, &kills));
  if (kills < UINT8_MAX) kills++;
  ENT_TRY(ent_store_write_kills(blame->store, row, kills));
  ent_log(ENT_LOG_WARNING, "row %lld was at work: death %d of %d", (long long)row, (int)kills,
          (int)ENT_BLAME_LIMIT);
  ENT_TRY(treat(blame, position, kills));
  if (may_return && kills < ENT_BLAME_LIMIT) blame->charged[worker] = position;
  return ENT_OK;
}

int ent_blame_forgive(ent_blame *blame, int worker) {
  uint8_t kills = 0;
  const int64_t position = blame->charged[worker];
  if (position < 0) return ENT_OK;
  const int64_t row = row_of(blame, position);
  blame->charged[worker] = -1;
  ENT_TRY(ent_store_read_kills(blame->store, row, 1, &kills));
  const bool is_given_up = kills >= ENT_BLAME_LIMIT;
  if (kills > 0 && !is_given_up) ENT_TRY(ent_store_write_kills(blame->store, row, kills - 1));
  return ENT_OK;
}
