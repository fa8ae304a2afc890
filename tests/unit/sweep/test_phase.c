#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/math/stats.h"
#include "entrain/sweep/phase.h"

#include "check.h"

enum { BETAS = 2, SEEDS = 4, DIMENSIONS = 3, ROWS = BETAS * SEEDS * DIMENSIONS, TIMES = 2 };

static const double betas[] = {0.5, 4.0}, dimensions[] = {2.0, 8.0, 16.0};
static const double record[] = {0.0, 10.0};
static const ent_parameter beta = {.name = "beta", .kind = ENT_PARAM_REAL, .summary = "inverse temperature"};

/* beta x seed x d: the seed is neither the first nor the last axis; n is zipped to d. */
static void make_spec(ent_spec *spec) {
  *spec = (ent_spec){
    .name = "test", .horizon = 10.0, .n_delta = 1, .delta = {1e-3}, .n_record = TIMES, .record = record};
  spec->n_observe = 1;
  spec->observe[0] = ent_observable_find("order_parameter", strlen("order_parameter"));
  ent_grid *grid = &spec->grid;
  *grid =
    (ent_grid){.n_axes = 4, .n_dims = 3, .extent = {BETAS, SEEDS, DIMENSIONS}, .size = ROWS, .seed_dim = 1};
  grid->axes[0] =
    (ent_axis){.name = "beta", .group = ENT_GROUP_MODEL, .parameter = &beta, .count = BETAS, .values = betas};
  grid->axes[1] = (ent_axis){.name = "seed",
                             .slot = ENT_GRID_SEED,
                             .parameter = &ent_grid_parameters[ENT_GRID_SEED],
                             .dim = 1,
                             .count = SEEDS};
  grid->axes[2] = (ent_axis){.name = "d",
                             .slot = ENT_GRID_D,
                             .parameter = &ent_grid_parameters[ENT_GRID_D],
                             .dim = 2,
                             .count = DIMENSIONS,
                             .values = dimensions};
  grid->axes[3] = (ent_axis){.name = "n",
                             .slot = ENT_GRID_N,
                             .parameter = &ent_grid_parameters[ENT_GRID_N],
                             .dim = 2,
                             .count = DIMENSIONS,
                             .first = 32};
}

/* All that a test works on. */
typedef struct fixture {
  ent_spec spec;
  ent_layout *layout;
  ent_phase *phase;
  ent_result results[ROWS];
  float series[ROWS * TIMES];
} fixture;

static void open_fixture(fixture *at) {
  memset(at, 0, sizeof *at);
  make_spec(&at->spec);
  REQUIRE(at->spec.observe[0] != NULL);
  CHECK_OK(ent_layout_create(&at->spec, &at->layout));
  CHECK_OK(ent_phase_create(&at->spec, &at->phase));
  for (int i = 0; i < ROWS; i++) {
    ent_result_init(&at->results[i]);
    at->results[i].status = ENT_STATUS_DONE;
    at->results[i].outcome = ENT_OUTCOME_UNDECIDED;
    at->results[i].t_end = 10.0;
    for (int t = 0; t < TIMES; t++) at->series[i * TIMES + t] = 1.0f;
  }
}

static void close_fixture(fixture *at) {
  ent_phase_destroy(&at->phase);
  ent_layout_destroy(&at->layout);
  CHECK(at->phase == NULL);
}

/* Row of (beta, seed, d) by hand. */
static int row_of(int b, int seed, int d) {
  return (b * SEEDS + seed) * DIMENSIONS + d;
}

static int cell_of(int b, int d) {
  return b * DIMENSIONS + d;
}

static void set(fixture *at, int row, int status, int outcome, double t_sync) {
  at->results[row].status = status;
  at->results[row].outcome = outcome;
  at->results[row].t_sync[0] = t_sync;
}

/* Adds all rows and series, `chunk` at a time, and finishes. */
static void fill(fixture *at, int chunk, const unsigned char *finished) {
  unsigned char *rows = calloc(ROWS, at->layout->size);
  REQUIRE(rows != NULL);
  for (int i = 0; i < ROWS; i++)
    ent_layout_encode(at->layout, &at->results[i], rows + (size_t)i * at->layout->size);
  for (int first = 0; first < ROWS; first += chunk) {
    const int count = first + chunk < ROWS ? chunk : ROWS - first;
    ent_phase_add_rows(at->phase, at->layout, first, count, rows + (size_t)first * at->layout->size,
                       finished ? finished + first : NULL);
    ent_phase_add_series(at->phase, 0, first, count, at->series + first * TIMES);
  }
  CHECK_OK(ent_phase_finish(at->phase));
  free(rows);
}

static void cells(void) {
  fixture at;
  open_fixture(&at);
  int dims[ENT_MAX_AXES];
  CHECK_INT(ent_phase_dims(&at.spec.grid, dims), 2);
  CHECK_INT(dims[0], 0);
  CHECK_INT(dims[1], 2);
  CHECK_INT(at.phase->n_cells, BETAS * DIMENSIONS);
  for (int b = 0; b < BETAS; b++)
    for (int d = 0; d < DIMENSIONS; d++) {
      const int64_t cell = cell_of(b, d);
      CHECK_INT(ent_phase_cell_row(&at.spec.grid, cell), row_of(b, 0, d));
      CHECK_REAL(ent_phase_cell_value(&at.spec.grid, &at.spec.grid.axes[0], cell), betas[b], 0.0);
      CHECK_REAL(ent_phase_cell_value(&at.spec.grid, &at.spec.grid.axes[2], cell), dimensions[d], 0.0);
      CHECK_REAL(ent_phase_cell_value(&at.spec.grid, &at.spec.grid.axes[3], cell), 32.0 + d, 0.0);
    }
  close_fixture(&at);
}

static void rows_reach_their_cells(void) {
  fixture at;
  open_fixture(&at);
  for (int seed = 0; seed < 3; seed++)
    set(&at, row_of(1, seed, 2), ENT_STATUS_DONE, ENT_OUTCOME_SYNC, 1.0 + seed);
  set(&at, row_of(1, 3, 2), ENT_STATUS_DONE, ENT_OUTCOME_NONSYNC, NAN);
  fill(&at, ROWS, NULL);
  for (int cell = 0; cell < BETAS * DIMENSIONS; cell++) {
    CHECK_INT(at.phase->sync[cell], cell == cell_of(1, 2) ? 3 : 0);
    CHECK_INT(at.phase->count[cell], SEEDS);
  }
  CHECK_REAL(at.phase->p_sync[cell_of(1, 2)], 0.75, 0.0);
  /* S falls to 3/4, 1/2, 1/4 at 1, 2, 3: the median is between 2 and 3. */
  CHECK_REAL(at.phase->t_sync_median[cell_of(1, 2)], 2.5, 0.0);
  CHECK_REAL(at.phase->t_sync_first[cell_of(1, 2)], 1.5, 0.0);
  close_fixture(&at);
}

static void undecided_rows(void) {
  fixture at;
  open_fixture(&at);
  set(&at, row_of(0, 0, 0), ENT_STATUS_DONE, ENT_OUTCOME_SYNC, 1.0);
  fill(&at, ROWS, NULL);
  const int some = cell_of(0, 0), none = cell_of(0, 1);
  CHECK_REAL(at.phase->p_sync[some], 1.0, 0.0);
  /* Wilson for 1 of 4: (1/4 + z^2/8 - z sqrt(3/64 + z^2/64)) / (1 + z^2/4). */
  CHECK_REAL(at.phase->p_sync_low[some], 0.0455872608, 1e-9);
  CHECK_REAL(at.phase->p_sync_high[some], 1.0, 0.0);
  CHECK(isnan(at.phase->p_sync[none]));
  CHECK_REAL(at.phase->p_sync_low[none], 0.0, 0.0);
  CHECK_REAL(at.phase->p_sync_high[none], 1.0, 0.0);
  CHECK(isnan(at.phase->t_sync_median[some]));
  CHECK_REAL(at.phase->t_sync_first[some], 1.0, 0.0);
  close_fixture(&at);
}

static void censoring(void) {
  fixture at;
  open_fixture(&at);
  /* Censored at 2 before the event at 5: at risk there are three, S = 2/3; at 6 it is 1/3. */
  set(&at, row_of(0, 0, 0), ENT_STATUS_DONE, ENT_OUTCOME_UNDECIDED, NAN);
  at.results[row_of(0, 0, 0)].t_end = 2.0;
  set(&at, row_of(0, 1, 0), ENT_STATUS_DONE, ENT_OUTCOME_SYNC, 5.0);
  set(&at, row_of(0, 2, 0), ENT_STATUS_DONE, ENT_OUTCOME_SYNC, 6.0);
  set(&at, row_of(0, 3, 0), ENT_STATUS_DONE, ENT_OUTCOME_UNDECIDED, NAN);
  /* The same with a row that never does instead of the first one: S = 3/4, then 1/2. */
  memcpy(&at.results[row_of(1, 1, 0)], &at.results[row_of(0, 1, 0)], sizeof(ent_result));
  memcpy(&at.results[row_of(1, 2, 0)], &at.results[row_of(0, 2, 0)], sizeof(ent_result));
  set(&at, row_of(1, 0, 0), ENT_STATUS_DONE, ENT_OUTCOME_NONSYNC, NAN);
  at.results[row_of(1, 0, 0)].t_end = 2.0;
  /* A model without the theorem passes t_sync and stays undecided: still an event. */
  for (int seed = 0; seed < SEEDS; seed++)
    set(&at, row_of(1, seed, 1), ENT_STATUS_DONE, ENT_OUTCOME_UNDECIDED, 3.0);
  fill(&at, ROWS, NULL);
  CHECK_REAL(at.phase->t_sync_median[cell_of(0, 0)], 6.0, 0.0);
  CHECK_REAL(at.phase->t_sync_first[cell_of(0, 0)], 5.0, 0.0);
  CHECK_REAL(at.phase->t_sync_median[cell_of(1, 0)], 6.0, 0.0);
  CHECK_REAL(at.phase->t_sync_first[cell_of(1, 0)], 5.5, 0.0);
  CHECK_REAL(at.phase->t_sync_median[cell_of(1, 1)], 3.0, 0.0);
  close_fixture(&at);
}

static void certified(void) {
  fixture at;
  open_fixture(&at);
  at.phase->certified = true;
  for (int i = 0; i < ROWS; i++) set(&at, i, ENT_STATUS_DONE, ENT_OUTCOME_SYNC, 1.0);
  fill(&at, ROWS, NULL);
  CHECK(isnan(at.phase->t_sync_median[0]));
  CHECK_REAL(at.phase->p_sync[0], 1.0, 0.0);
  close_fixture(&at);
}

static void failed_rows(void) {
  fixture at;
  unsigned char finished[ROWS];
  open_fixture(&at);
  memset(finished, 1, sizeof finished);
  finished[row_of(0, 3, 0)] = 0;
  set(&at, row_of(0, 0, 0), ENT_STATUS_DONE, ENT_OUTCOME_SYNC, 1.0);
  set(&at, row_of(0, 1, 0), ENT_STATUS_FAILED, ENT_OUTCOME_NONE, NAN);
  at.results[row_of(0, 1, 0)].t_end = 0.5;
  set(&at, row_of(0, 2, 0), ENT_STATUS_QUARANTINED, ENT_OUTCOME_NONE, NAN);
  at.results[row_of(0, 2, 0)].t_end = NAN;
  set(&at, row_of(0, 0, 1), ENT_STATUS_PENDING, ENT_OUTCOME_NONE, NAN);
  fill(&at, ROWS, finished);
  CHECK_INT(at.phase->count[cell_of(0, 0)], 1);
  CHECK_INT(at.phase->failed[cell_of(0, 0)], 2);
  CHECK_INT(at.phase->pending[cell_of(0, 0)], 1);
  CHECK_INT(at.phase->pending[cell_of(0, 1)], 1);
  CHECK_REAL(at.phase->p_sync[cell_of(0, 0)], 1.0, 0.0);
  CHECK_REAL(at.phase->t_sync_median[cell_of(0, 0)], 1.0, 0.0);
  /* One of three synchronized, or all: Wilson, as for undecided rows. */
  double low, high, unused;
  ent_stats_wilson(1, 3, ENT_STATS_Z95, &low, &unused);
  ent_stats_wilson(3, 3, ENT_STATS_Z95, &unused, &high);
  CHECK_REAL(at.phase->p_sync_low[cell_of(0, 0)], low, 0.0);
  CHECK_REAL(at.phase->p_sync_high[cell_of(0, 0)], high, 0.0);
  close_fixture(&at);
}

/* Two of four rows ended by a limit at 2.5: the median of the quick ones is not that of all. */
static void limited_rows(void) {
  fixture at;
  open_fixture(&at);
  for (int seed = 0; seed < SEEDS; seed++)
    set(&at, row_of(0, seed, 0), ENT_STATUS_DONE, ENT_OUTCOME_SYNC, 1.0 + seed);
  for (int seed = 2; seed < SEEDS; seed++) {
    set(&at, row_of(0, seed, 0), ENT_STATUS_FAILED, ENT_OUTCOME_NONE, NAN);
    at.results[row_of(0, seed, 0)].t_end = 2.5;
  }
  /* A row that synchronized and failed later has its time. */
  for (int seed = 0; seed < SEEDS; seed++)
    set(&at, row_of(0, seed, 1), ENT_STATUS_FAILED, ENT_OUTCOME_NONE, 1.0 + seed);
  fill(&at, ROWS, NULL);
  /* S falls to 3/4 at 1 and 1/2 at 2, and nothing is known of later. */
  CHECK_REAL(at.phase->t_sync_first[cell_of(0, 0)], 1.5, 0.0);
  CHECK(isnan(at.phase->t_sync_third[cell_of(0, 0)]));
  CHECK_REAL(at.phase->t_sync_median[cell_of(0, 1)], 2.5, 0.0);
  CHECK_INT(at.phase->failed[cell_of(0, 1)], SEEDS);
  close_fixture(&at);
}

static void finished_rows(void) {
  fixture at;
  open_fixture(&at);
  for (int i = 0; i < ROWS; i++) set(&at, i, ENT_STATUS_DONE, ENT_OUTCOME_FINISHED, NAN);
  fill(&at, ROWS, NULL);
  CHECK_INT(at.phase->count[0], SEEDS);
  CHECK(isnan(at.phase->p_sync[0]) && isnan(at.phase->p_sync_low[0]) && isnan(at.phase->p_sync_high[0]));
  close_fixture(&at);
}

static void means(void) {
  fixture at;
  open_fixture(&at);
  for (int seed = 0; seed < SEEDS; seed++) at.series[row_of(0, seed, 0) * TIMES + 1] = (float)seed;
  at.series[row_of(0, 2, 1) * TIMES + 1] = NAN;
  set(&at, row_of(0, 1, 2), ENT_STATUS_PENDING, ENT_OUTCOME_NONE, NAN);
  set(&at, row_of(1, 1, 0), ENT_STATUS_FAILED, ENT_OUTCOME_NONE, NAN);
  at.series[row_of(1, 1, 0) * TIMES] = NAN;
  set(&at, row_of(1, 2, 2), ENT_STATUS_QUARANTINED, ENT_OUTCOME_NONE, NAN);
  fill(&at, ROWS, NULL);
  const float *mean = at.phase->mean;
  CHECK_REAL((double)mean[cell_of(0, 0) * TIMES + 0], 1.0, 0.0);
  CHECK_REAL((double)mean[cell_of(0, 0) * TIMES + 1], 1.5, 0.0);
  CHECK_REAL((double)mean[cell_of(0, 1) * TIMES + 0], 1.0, 0.0);
  CHECK(isnan(mean[cell_of(0, 1) * TIMES + 1]));
  CHECK(isnan(mean[cell_of(0, 2) * TIMES + 0]));
  CHECK(isnan(mean[cell_of(1, 0) * TIMES + 0]) && isnan(mean[cell_of(1, 0) * TIMES + 1]));
  CHECK(isnan(mean[cell_of(1, 2) * TIMES + 0]));
  CHECK_REAL((double)mean[cell_of(1, 1) * TIMES + 0], 1.0, 0.0);
  close_fixture(&at);
}

static void chunks(void) {
  static const int sizes[] = {1, 5, ROWS};
  float means[3][BETAS * DIMENSIONS * TIMES];
  for (size_t c = 0; c < 3; c++) {
    fixture at;
    open_fixture(&at);
    for (int i = 0; i < ROWS * TIMES; i++) at.series[i] = 1.0f / (float)(i + 3);
    fill(&at, sizes[c], NULL);
    memcpy(means[c], at.phase->mean, sizeof means[c]);
    close_fixture(&at);
  }
  CHECK(memcmp(means[0], means[2], sizeof means[0]) == 0);
  CHECK(memcmp(means[1], means[2], sizeof means[1]) == 0);
}

static void empty(void) {
  fixture at;
  open_fixture(&at);
  CHECK_OK(ent_phase_finish(at.phase));
  CHECK_INT(at.phase->pending[0], SEEDS);
  CHECK(isnan(at.phase->p_sync[0]) && isnan(at.phase->t_sync_median[0]) && isnan(at.phase->mean[0]));
  close_fixture(&at);
}

static const ent_test tests[] = {
  {"a cell is the grid without the seed, wherever the seed stands", cells},
  {"every row reaches its cell", rows_reach_their_cells},
  {"undecided rows widen the interval from both sides and never count as unsynchronized", undecided_rows},
  {"undecided rows are censored at their end and nonsync rows never synchronize", censoring},
  {"a certified stop has no median time", certified},
  {"failed and quarantined rows count both ways, pending and broken rows not", failed_rows},
  {"rows that a limit ended are censored there", limited_rows},
  {"rows that only finish have a count and no probability", finished_rows},
  {"a mean needs every row of its cell to be done", means},
  {"means do not depend on how the rows are split", chunks},
  {"without rows everything is missing", empty},
  {0}};

ENT_TEST_MAIN("sweep/phase", tests)
