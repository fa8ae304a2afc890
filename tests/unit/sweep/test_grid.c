#include <string.h>

#include "entrain/sweep/grid.h"

#include "check.h"

static const ent_parameter n_parameter = {.name = "n", .kind = ENT_PARAM_INTEGER, .min = 1, .max = 100};
static const ent_parameter d_parameter = {.name = "d", .kind = ENT_PARAM_INTEGER, .min = 2, .max = 100};
static const ent_parameter seed_parameter = {
  .name = "seed", .kind = ENT_PARAM_INTEGER, .min = 0, .max = 1e15};
static const ent_parameter beta_parameter = {.name = "beta", .kind = ENT_PARAM_REAL, .min = -1e9, .max = 1e9};

static const double betas[] = {-1.0, 0.5, 3.25};
static const double counts[] = {8, 16, 4};
static const double dimensions[] = {2, 3};
static const double three_dimensions[] = {
  2, 2, 5}; /* no job file gives repeated values, the arithmetic allows them */

static ent_axis axis(const ent_parameter *parameter, ent_group group, int slot, int dim) {
  return (ent_axis){
    .name = parameter->name, .group = group, .slot = slot, .parameter = parameter, .dim = dim};
}

static ent_axis values_axis(const ent_parameter *parameter, int slot, int dim, int64_t count,
                            const double *values) {
  ent_axis made = axis(parameter, parameter == &beta_parameter ? ENT_GROUP_MODEL : ENT_GROUP_GRID, slot, dim);
  made.count = count;
  made.values = values;
  return made;
}

static ent_axis seeds_axis(int dim, int64_t count, int64_t first) {
  ent_axis made = axis(&seed_parameter, ENT_GROUP_GRID, ENT_GRID_SEED, dim);
  made.count = count;
  made.first = first;
  return made;
}

/* beta, n, seed, d: the seed is neither first nor last. */
static ent_grid plain_grid(void) {
  ent_grid grid = {.n_axes = 4};
  grid.axes[0] = values_axis(&beta_parameter, 1, 0, 3, betas);
  grid.axes[1] = values_axis(&n_parameter, ENT_GRID_N, 1, 3, counts);
  grid.axes[2] = seeds_axis(2, 5, 100);
  grid.axes[3] = values_axis(&d_parameter, ENT_GRID_D, 3, 2, dimensions);
  CHECK(ent_grid_complete(&grid));
  return grid;
}

/* seed, (beta, n, d) zipped. */
static ent_grid zipped_grid(void) {
  ent_grid grid = {.n_axes = 4};
  grid.axes[0] = seeds_axis(0, 4, 0);
  grid.axes[1] = values_axis(&beta_parameter, 1, 1, 3, betas);
  grid.axes[2] = values_axis(&n_parameter, ENT_GRID_N, 1, 3, counts);
  grid.axes[3] = values_axis(&d_parameter, ENT_GRID_D, 1, 3, three_dimensions);
  CHECK(ent_grid_complete(&grid));
  return grid;
}

/* (seed, d) zipped, n. */
static ent_grid seed_zipped_grid(void) {
  ent_grid grid = {.n_axes = 3};
  grid.axes[0] = seeds_axis(0, 3, 7);
  grid.axes[1] = values_axis(&d_parameter, ENT_GRID_D, 0, 3, three_dimensions);
  grid.axes[2] = values_axis(&n_parameter, ENT_GRID_N, 1, 3, counts);
  CHECK(ent_grid_complete(&grid));
  return grid;
}

static void completes_extents(void) {
  const ent_grid plain = plain_grid(), zipped = zipped_grid();
  CHECK_INT(plain.n_dims, 4);
  CHECK_INT(plain.size, 90);
  CHECK_INT(plain.seed_dim, 2);
  CHECK_INT(zipped.n_dims, 2);
  CHECK_INT(zipped.size, 12);
  CHECK_INT(zipped.seed_dim, 0);
}

static void refuses_what_is_no_grid(void) {
  ent_grid grid = zipped_grid();
  grid.axes[2].count = 2;
  CHECK(!ent_grid_complete(&grid));
  grid = (ent_grid){.n_axes = 2};
  grid.axes[0] = seeds_axis(0, ENT_GRID_MAX, 0);
  grid.axes[1] = values_axis(&n_parameter, ENT_GRID_N, 1, 1, counts);
  CHECK(ent_grid_complete(&grid));
  grid.axes[1].count = 2;
  CHECK(!ent_grid_complete(&grid));
}

static void finds_axes(void) {
  const ent_grid grid = plain_grid();
  REQUIRE(ent_grid_axis(&grid, "seed") == &grid.axes[2]);
  CHECK(ent_grid_axis(&grid, "gamma") == NULL);
  CHECK_REAL(ent_axis_value(&grid.axes[2], 4), 104.0, 0.0);
  CHECK_REAL(ent_axis_value(&grid.axes[0], 2), 3.25, 0.0);
}

/* Rows are nested loops, positions the same loops with the seed innermost. */
static void check_numbering(const ent_grid *grid) {
  int64_t coordinates[ENT_MAX_AXES] = {0}, again[ENT_MAX_AXES];
  const int64_t seeds = grid->extent[grid->seed_dim];
  for (int64_t row = 0; row < grid->size; row++) {
    ent_grid_coordinates(grid, row, again);
    CHECK(memcmp(coordinates, again, (size_t)grid->n_dims * sizeof(*again)) == 0);
    CHECK_INT(ent_grid_row(grid, coordinates), row);
    int64_t cell = 0;
    for (int k = 0; k < grid->n_dims; k++)
      if (k != grid->seed_dim) cell = cell * grid->extent[k] + coordinates[k];
    const int64_t position = cell * seeds + coordinates[grid->seed_dim];
    CHECK_INT(ent_grid_cell(grid, row), cell);
    CHECK_INT(ent_grid_position_of_row(grid, row), position);
    CHECK_INT(ent_grid_row_of_position(grid, position), row);
    for (int k = grid->n_dims - 1; k >= 0 && ++coordinates[k] == grid->extent[k]; k--) coordinates[k] = 0;
  }
}

static void numbers_rows(void) {
  const ent_grid grids[] = {plain_grid(), zipped_grid(), seed_zipped_grid()};
  for (size_t i = 0; i < sizeof(grids) / sizeof(grids[0]); i++) check_numbering(&grids[i]);
}

static void check_ranks(const ent_grid *grid, int64_t n, int64_t d) {
  const ent_point base = {0};
  int64_t rank = 0;
  for (int64_t row = 0; row < grid->size; row++) {
    ent_point point;
    ent_grid_point(grid, &base, row, &point);
    CHECK_INT(ent_grid_group_rank(grid, n, d, row), rank);
    rank += point.n == n && point.d == d;
  }
  CHECK_INT(ent_grid_group_rank(grid, n, d, grid->size), rank);
}

static void ranks_rows_in_groups(void) {
  const ent_grid grids[] = {plain_grid(), zipped_grid(), seed_zipped_grid()};
  for (size_t i = 0; i < sizeof(grids) / sizeof(grids[0]); i++)
    for (int64_t n = 4; n <= 16; n += 4)
      for (int64_t d = 2; d <= 5; d++) check_ranks(&grids[i], n, d);
}

static void fills_points(void) {
  const ent_grid grid = plain_grid();
  ent_point base = {.study = 3}, point;
  base.values[ENT_GROUP_MODEL][0].number = 1.0;
  ent_grid_point(&grid, &base, 53, &point); /* 53 = ((1 * 3 + 2) * 5 + 1) * 2 + 1 */
  CHECK_INT(point.index, 53);
  CHECK_INT(point.study, 3);
  CHECK_INT(point.n, 4);
  CHECK_INT(point.d, 3);
  CHECK_INT(point.seed, 101);
  CHECK_REAL(point.values[ENT_GROUP_MODEL][0].number, 1.0, 0.0);
  CHECK_REAL(point.values[ENT_GROUP_MODEL][1].number, 0.5, 0.0);
}

static void counts_large_grids(void) {
  ent_grid grid = {.n_axes = 3};
  grid.axes[0] = values_axis(&n_parameter, ENT_GRID_N, 0, 2, counts);
  grid.axes[1] = seeds_axis(1, INT64_C(1) << 38, 0);
  grid.axes[2] = values_axis(&d_parameter, ENT_GRID_D, 2, 2, dimensions);
  REQUIRE(ent_grid_complete(&grid));
  CHECK_INT(ent_grid_group_rank(&grid, 16, 3, grid.size), INT64_C(1) << 38);
  CHECK_INT(ent_grid_group_rank(&grid, 16, 3, grid.size - 1), (INT64_C(1) << 38) - 1);
  CHECK_INT(ent_grid_row_of_position(&grid, ent_grid_position_of_row(&grid, 987654321987)), 987654321987);
}

static const ent_test tests[] = {
  {"axes give dimensions, extents and a size", completes_extents},
  {"unequal zips and more than 2^40 points are no grid", refuses_what_is_no_grid},
  {"axes are found by name", finds_axes},
  {"rows, coordinates, cells and positions agree", numbers_rows},
  {"ranks in groups are those of counting", ranks_rows_in_groups},
  {"a point has the values of its row and of the base", fills_points},
  {"large grids are counted without a loop over rows", counts_large_grids},
  {0}};
ENT_TEST_MAIN("sweep/grid", tests)
