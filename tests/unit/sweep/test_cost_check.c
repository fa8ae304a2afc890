#include <math.h>

#include "entrain/sweep/cost_check.h"

#include "support/check.h"

enum { BETAS = 20, SEEDS = 10 };

static ent_grid make_grid(int64_t seeds) {
  ent_grid grid = {.n_axes = 2};
  grid.axes[0] = (ent_axis){.name = "beta", .group = ENT_GROUP_MODEL, .dim = 0, .count = BETAS};
  grid.axes[1] =
    (ent_axis){.name = "seed", .group = ENT_GROUP_GRID, .slot = ENT_GRID_SEED, .dim = 1, .count = seeds};
  CHECK(ent_grid_complete(&grid));
  return grid;
}

static double truth(int64_t cell) {
  return 0.01 * exp((double)cell / 4);
}

static void what_is_true_is_predicted(void) {
  ent_cost_check check;
  const ent_grid grid = make_grid(SEEDS);
  CHECK_OK(ent_cost_check_init(&check, &grid));
  double half = 0;
  for (int64_t row = 0; row < grid.size; row++) {
    ent_cost_check_add(&check, row, truth(row / SEEDS));
    half += truth(row / SEEDS) / 2;
  }
  const ent_cost_score score = ent_cost_check_score(&check);
  CHECK_INT(score.cells, BETAS);
  CHECK_INT(score.jobs, grid.size / 2);
  CHECK_REAL(score.measured, half, 1e-9);
  CHECK_REAL(score.predicted / half, 1, 0.05);
  CHECK(score.factor >= 1 && score.factor < 1.05);
  CHECK_REAL(ent_cost_check_measured(&check, 3), truth(3), 1e-12);
  ent_cost_check_fini(&check);
}

/* The half that is predicted took three times as long as the half that teaches. */
static void a_known_error_is_found(void) {
  ent_cost_check check;
  const ent_grid grid = make_grid(SEEDS);
  CHECK_OK(ent_cost_check_init(&check, &grid));
  for (int64_t row = 0; row < grid.size; row++)
    ent_cost_check_add(&check, row, truth(row / SEEDS) * (row % 2 == 0 ? 1 : 3));
  const ent_cost_score score = ent_cost_check_score(&check);
  CHECK_REAL(score.factor, 3, 0.15);
  CHECK_REAL(score.measured / score.predicted, 3, 0.15);
  ent_cost_check_fini(&check);
}

/* One seed: cells predict their neighbours. */
static void cells_predict_cells(void) {
  ent_cost_check check;
  const ent_grid grid = make_grid(1);
  CHECK_OK(ent_cost_check_init(&check, &grid));
  CHECK(isnan(ent_cost_check_score(&check).factor));
  for (int64_t row = 0; row < grid.size; row++) ent_cost_check_add(&check, row, truth(row));
  const ent_cost_score score = ent_cost_check_score(&check);
  CHECK_INT(score.cells, BETAS / 2);
  CHECK(score.factor < 1.25);
  CHECK(isnan(ent_cost_check_measured(&check, 0)));
  ent_cost_check_fini(&check);
}

static void too_large_a_grid(void) {
  ent_cost_check check;
  ent_grid grid = make_grid(1);
  grid.axes[0].count = ENT_COST_CHECK_CELLS + 1;
  CHECK(ent_grid_complete(&grid));
  CHECK_CODE(ent_cost_check_init(&check, &grid), ENT_ERR_ARGUMENT);
}

static const ent_test tests[] = {{"what is true is predicted", what_is_true_is_predicted},
                                 {"a known error is found", a_known_error_is_found},
                                 {"of one seed, cells predict cells", cells_predict_cells},
                                 {"too large a grid is refused", too_large_a_grid},
                                 {0}};

ENT_TEST_MAIN("sweep/cost_check", tests)
