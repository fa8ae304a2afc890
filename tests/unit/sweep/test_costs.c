#include <math.h>
#include <stdlib.h>

#include "entrain/base/rng.h"
#include "entrain/sweep/costs.h"

#include "support/check.h"

/* A grid of beta x n x d with some seeds: 12 x 5 x 3 cells. */
enum { BETAS = 12, SIZES = 5, DIMENSIONS = 3, CELLS = BETAS * SIZES * DIMENSIONS };

static const double sizes[SIZES] = {8, 32, 128, 512, 2048}, dimensions[DIMENSIONS] = {2, 8, 1024};

static ent_grid make_grid(void) {
  ent_grid grid = {.n_axes = 4};
  grid.axes[0] = (ent_axis){.name = "beta", .group = ENT_GROUP_MODEL, .dim = 0, .count = BETAS};
  grid.axes[1] = (ent_axis){
    .name = "n", .group = ENT_GROUP_GRID, .slot = ENT_GRID_N, .dim = 1, .count = SIZES, .values = sizes};
  grid.axes[2] = (ent_axis){.name = "d",
                            .group = ENT_GROUP_GRID,
                            .slot = ENT_GRID_D,
                            .dim = 2,
                            .count = DIMENSIONS,
                            .values = dimensions};
  grid.axes[3] =
    (ent_axis){.name = "seed", .group = ENT_GROUP_GRID, .slot = ENT_GRID_SEED, .dim = 3, .count = 100};
  CHECK(ent_grid_complete(&grid));
  return grid;
}

/* Mean seconds of a cell: powers of n and d, and a bump in beta, which no straight line is. */
static double truth(int64_t cell) {
  const int64_t beta = cell / (SIZES * DIMENSIONS);
  const double n = sizes[cell / DIMENSIONS % SIZES], d = dimensions[cell % DIMENSIONS];
  return 1e-6 * pow(n, 1.7) * pow(d, 0.6) * exp(2 * exp(-pow((double)beta - 4, 2) / 8));
}

static double normal(ent_rng *rng) {
  const double radius = sqrt(-2 * log(ent_rng_uniform(rng)));
  return radius * cos(2 * M_PI * ent_rng_uniform(rng));
}

/* Log-normal seconds with that mean; sigma is the deviation of the logarithm. */
static double draw(ent_rng *rng, double mean, double sigma) {
  return mean * exp(sigma * normal(rng) - sigma * sigma / 2);
}

static void nothing_known(void) {
  ent_costs costs = {0};
  CHECK_OK(ent_costs_init(&costs, NULL, 3, 1));
  CHECK_REAL(ent_costs_predict(&costs, 1), INFINITY, 0);
  CHECK(!ent_costs_is_known(&costs));
  CHECK(isnan(ent_costs_predict_all(&costs, (const int64_t[]){1, 1, 1})));
  ent_costs_fini(&costs);
  CHECK_OK(ent_costs_init(&costs, NULL, 0, 1));
  CHECK(isnan(ent_costs_predict_all(&costs, NULL)));
  ent_costs_fini(&costs);
  ent_costs_fini(&costs);
}

static void one_report_speaks_for_all(void) {
  ent_costs costs = {0};
  CHECK_OK(ent_costs_init(&costs, NULL, 5, 1));
  CHECK(ent_costs_add(&costs, 3, 1, 0.5));
  for (int32_t b = 0; b < 5; b++) CHECK_REAL(ent_costs_predict(&costs, b), 0.5, 0.1);
  CHECK_REAL(ent_costs_predict_all(&costs, (const int64_t[]){1, 0, 2, 1, 0}), 2, 0.4);
  ent_costs_fini(&costs);
}

/* A block of which much is known has its mean, whatever the others say. */
static void much_is_known_of_a_block(void) {
  ent_rng rng;
  ent_costs costs = {0};
  ent_rng_init(&rng, 1, 1, 1, 1, ENT_STREAM_START);
  CHECK_OK(ent_costs_init(&costs, NULL, 20, 1));
  double sum = 0;
  for (int i = 0; i < 4000; i++) {
    const double own = draw(&rng, 7, 1);
    sum += own;
    ent_costs_add(&costs, 11, 1, own);
    ent_costs_add(&costs, i % 11, 1, draw(&rng, 0.01, 1));
  }
  CHECK_REAL(ent_costs_predict(&costs, 11) / (sum / 4000), 1, 0.01);
  CHECK_REAL(ent_costs_predict(&costs, 3), 0.01, 0.003);
  ent_costs_fini(&costs);
}

/* Root mean square of log(predicted / true) over cells that were not reported. */
static double error_of_unseen(int every, int64_t jobs, double sigma) {
  ent_rng rng;
  double sum = 0;
  int count = 0;
  ent_costs costs = {0};
  const ent_grid grid = make_grid();
  ent_rng_init(&rng, 1, 2, 3, 4, ENT_STREAM_START);
  CHECK_OK(ent_costs_init(&costs, &grid, CELLS, 1));
  for (int32_t cell = 0; cell < CELLS; cell += every) {
    double seconds = 0;
    for (int64_t k = 0; k < jobs; k++) seconds += draw(&rng, truth(cell), sigma);
    ent_costs_add(&costs, cell, jobs, seconds);
  }
  for (int32_t cell = 0; cell < CELLS; cell++) {
    if (cell % every == 0) continue;
    const double error = log(ent_costs_predict(&costs, cell) / truth(cell));
    sum += error * error;
    count++;
  }
  ent_costs_fini(&costs);
  return sqrt(sum / count);
}

static void cells_are_predicted_from_others(void) {
  CHECK(error_of_unseen(2, 50, 0.5) < 0.1);
  CHECK(error_of_unseen(7, 50, 0.5) < 0.35); /* 26 of 180 cells, over 9 decades */
  CHECK(error_of_unseen(7, 1, 1.0) < 0.8);   /* single jobs that scatter by a factor of 2.7 */
}

/* Sums of the mean, not of the median: log-normal with sigma 1.2, whose mean is 2.05 times the median. */
static void totals_are_those_of_means(void) {
  ent_rng rng;
  double expected = 0;
  int64_t jobs[CELLS];
  ent_costs costs = {0};
  const ent_grid grid = make_grid();
  ent_rng_init(&rng, 9, 2, 3, 4, ENT_STREAM_START);
  CHECK_OK(ent_costs_init(&costs, &grid, CELLS, 1));
  for (int round = 0; round < 8; round++) {
    for (int32_t cell = 0; cell < CELLS; cell++) ent_costs_add(&costs, cell, 1, draw(&rng, truth(cell), 1.2));
  }
  for (int32_t cell = 0; cell < CELLS; cell++) {
    jobs[cell] = 10;
    expected += 10 * truth(cell);
  }
  CHECK_REAL(ent_costs_predict_all(&costs, jobs) / expected, 1, 0.15);
  ent_costs_fini(&costs);
}

/* One of 90 reports is 1000 times too long: a machine that was suspended. */
static void outliers_are_borne(void) {
  ent_costs costs = {0};
  const ent_grid grid = make_grid();
  CHECK_OK(ent_costs_init(&costs, &grid, CELLS, 1));
  for (int32_t cell = 0; cell < CELLS; cell += 2)
    ent_costs_add(&costs, cell, 20, 20 * truth(cell) * (cell == 90 ? 1000 : 1));
  double sum = 0;
  for (int32_t cell = 1; cell < CELLS; cell += 2)
    sum += fabs(log(ent_costs_predict(&costs, cell) / truth(cell)));
  CHECK(sum / (CELLS / 2) < 0.1);
  ent_costs_fini(&costs);
}

static void jobs_that_take_no_time(void) {
  ent_costs costs = {0};
  CHECK_OK(ent_costs_init(&costs, NULL, 4, 1));
  for (int i = 0; i < 100; i++) ent_costs_add(&costs, i % 4, 3, 0);
  for (int32_t b = 0; b < 4; b++)
    CHECK(ent_costs_predict(&costs, b) > 0 && ent_costs_predict(&costs, b) < 1e-7);
  ent_costs_fini(&costs);
}

/* Blocks of 7 cells, which are unlike: what is reported of some cells tells of the others. */
static void cells_inside_blocks(void) {
  ent_costs costs = {0};
  const ent_grid grid = make_grid();
  CHECK_OK(ent_costs_init(&costs, &grid, CELLS, 7));
  CHECK_INT(costs.n_blocks, (CELLS + 6) / 7);
  for (int64_t i = 0; i < 2000; i++) {
    const int64_t cell = i * 71 % CELLS;
    if (cell % 2 == 0) ent_costs_add(&costs, cell, 10, 10 * truth(cell));
  }
  double sum = 0;
  for (int64_t cell = 1; cell < CELLS; cell += 2)
    sum += fabs(log(ent_costs_predict_cell(&costs, cell) / truth(cell)));
  CHECK(sum / (CELLS / 2.0) < 0.25);
  ent_costs_fini(&costs);
}

static const ent_test tests[] = {
  {"before the first report nothing is predicted", nothing_known},
  {"one report speaks for all blocks", one_report_speaks_for_all},
  {"a block of which much is known has its mean", much_is_known_of_a_block},
  {"cells without a report are predicted from others", cells_are_predicted_from_others},
  {"totals are those of means, not of medians", totals_are_those_of_means},
  {"a report that is far off does not spoil the others", outliers_are_borne},
  {"jobs may take no time", jobs_that_take_no_time},
  {"cells of a block may be unlike", cells_inside_blocks},
  {0}};

ENT_TEST_MAIN("sweep/costs", tests)
