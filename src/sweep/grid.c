#include "entrain/sweep/grid.h"

#include <string.h>

/* Points of the dimensions behind `dim`: how far apart two rows are whose coordinates differ by 1 in it. */
static int64_t stride(const ent_grid *grid, int dim) {
  int64_t product = 1;
  for (int k = grid->n_dims - 1; k > dim; k--) product *= grid->extent[k];
  return product;
}

static const ent_axis *grid_axis(const ent_grid *grid, int slot) {
  for (size_t k = 0; k < grid->n_axes; k++)
    if (grid->axes[k].group == ENT_GROUP_GRID && grid->axes[k].slot == slot) return &grid->axes[k];
  return NULL;
}

bool ent_grid_complete(ent_grid *grid) {
  grid->n_dims = 0;
  grid->size = 1;
  grid->seed_dim = -1;
  for (size_t k = 0; k < grid->n_axes; k++) {
    const ent_axis *axis = &grid->axes[k];
    if (axis->dim < grid->n_dims) {
      if (grid->extent[axis->dim] != axis->count) return false;
    } else {
      if (axis->count < 1 || axis->count > ENT_GRID_MAX / grid->size) return false;
      grid->extent[grid->n_dims++] = axis->count;
      grid->size *= axis->count;
    }
    if (axis->group == ENT_GROUP_GRID && axis->slot == ENT_GRID_SEED) grid->seed_dim = axis->dim;
  }
  return true;
}

double ent_axis_value(const ent_axis *axis, int64_t i) {
  return axis->values ? axis->values[i] : (double)(axis->first + i);
}

const ent_axis *ent_grid_axis(const ent_grid *grid, const char *name) {
  for (size_t k = 0; k < grid->n_axes; k++)
    if (strcmp(grid->axes[k].name, name) == 0) return &grid->axes[k];
  return NULL;
}

void ent_grid_coordinates(const ent_grid *grid, int64_t row, int64_t *coordinates) {
  for (int k = grid->n_dims - 1; k >= 0; k--) {
    coordinates[k] = row % grid->extent[k];
    row /= grid->extent[k];
  }
}

int64_t ent_grid_row(const ent_grid *grid, const int64_t *coordinates) {
  int64_t row = 0;
  for (int k = 0; k < grid->n_dims; k++) row = row * grid->extent[k] + coordinates[k];
  return row;
}

/*
 * With S seeds and L points behind the seed dimension: row = (high S + seed) L + low,
 * cell = high L + low, position = cell S + seed.
 */
int64_t ent_grid_row_of_position(const ent_grid *grid, int64_t position) {
  const int64_t seeds = grid->extent[grid->seed_dim], behind = stride(grid, grid->seed_dim);
  const int64_t cell = position / seeds, seed = position % seeds;
  return (cell / behind * seeds + seed) * behind + cell % behind;
}

int64_t ent_grid_position_of_row(const ent_grid *grid, int64_t row) {
  const int64_t seeds = grid->extent[grid->seed_dim], behind = stride(grid, grid->seed_dim);
  return ent_grid_cell(grid, row) * seeds + row / behind % seeds;
}

int64_t ent_grid_cell(const ent_grid *grid, int64_t row) {
  const int64_t seeds = grid->extent[grid->seed_dim], behind = stride(grid, grid->seed_dim);
  return row / (behind * seeds) * behind + row % behind;
}

/* The rows of a group are a product of sets of coordinates, one set a dimension. */
typedef struct nd_group {
  const ent_axis *n_axis, *d_axis;
  double n, d;
} nd_group;

static bool runs_along(const ent_axis *axis, int dim) {
  return axis && axis->dim == dim;
}

static bool group_has(const nd_group *group, int dim, int64_t coordinate) {
  if (runs_along(group->n_axis, dim) && ent_axis_value(group->n_axis, coordinate) != group->n) return false;
  return !runs_along(group->d_axis, dim) || ent_axis_value(group->d_axis, coordinate) == group->d;
}

/* Number of coordinates below `end` in the group's set of a dimension. */
static int64_t group_count(const nd_group *group, int dim, int64_t end) {
  if (!runs_along(group->n_axis, dim) && !runs_along(group->d_axis, dim)) return end;
  int64_t count = 0;
  for (int64_t i = 0; i < end; i++) count += group_has(group, dim, i);
  return count;
}

int64_t ent_grid_group_rank(const ent_grid *grid, int64_t n, int64_t d, int64_t row) {
  const nd_group group = {.n_axis = grid_axis(grid, ENT_GRID_N),
                          .d_axis = grid_axis(grid, ENT_GRID_D),
                          .n = (double)n,
                          .d = (double)d};
  int64_t sizes[ENT_MAX_AXES + 1]; /* rows of the group in dimensions k and behind */
  int64_t coordinates[ENT_MAX_AXES];
  sizes[grid->n_dims] = 1;
  for (int k = grid->n_dims - 1; k >= 0; k--)
    sizes[k] = sizes[k + 1] * group_count(&group, k, grid->extent[k]);
  if (row >= grid->size) return sizes[0];
  ent_grid_coordinates(grid, row, coordinates);
  int64_t rank = 0;
  for (int k = 0; k < grid->n_dims; k++) {
    rank += group_count(&group, k, coordinates[k]) * sizes[k + 1];
    if (!group_has(&group, k, coordinates[k])) break;
  }
  return rank;
}

void ent_grid_point(const ent_grid *grid, const ent_point *base, int64_t row, ent_point *point) {
  int64_t coordinates[ENT_MAX_AXES];
  ent_grid_coordinates(grid, row, coordinates);
  *point = *base;
  point->index = row;
  for (size_t k = 0; k < grid->n_axes; k++) {
    const ent_axis *axis = &grid->axes[k];
    point->values[axis->group][axis->slot].number = ent_axis_value(axis, coordinates[axis->dim]);
  }
  const ent_value *values = point->values[ENT_GROUP_GRID];
  point->n = (int64_t)values[ENT_GRID_N].number;
  point->d = (int64_t)values[ENT_GRID_D].number;
  point->seed = (int64_t)values[ENT_GRID_SEED].number;
}
