#include "entrain/sweep/cost_space.h"

#include <math.h>

static void add_dim(ent_cost_space *space, int64_t extent, const ent_axis *size) {
  if (extent < 2) return;
  const int knots = extent < ENT_COST_KNOTS ? (int)extent : ENT_COST_KNOTS;
  space->dims[space->n_dims++] =
    (ent_cost_dim){.extent = extent, .knots = knots, .first = space->size, .size = size};
  space->size += 1 + knots;
}

/* The axis of sizes that runs along a dimension: n before d, for which cost grows faster. */
static const ent_axis *size_axis(const ent_grid *grid, int dim) {
  const ent_axis *n = ent_grid_axis(grid, "n"), *d = ent_grid_axis(grid, "d");
  if (n && n->dim == dim) return n;
  return d && d->dim == dim ? d : NULL;
}

void ent_cost_space_init(ent_cost_space *space, const ent_grid *grid, int64_t cells) {
  *space = (ent_cost_space){.cells = cells, .size = 1};
  if (grid == NULL) add_dim(space, cells, NULL);
  for (int dim = 0; grid && dim < grid->n_dims; dim++) {
    if (dim != grid->seed_dim) add_dim(space, grid->extent[dim], size_axis(grid, dim));
  }
}

static void add_term(ent_cost_features *features, int index, double value) {
  features->index[features->count] = index;
  features->value[features->count++] = value;
}

/* Sizes may be 0, for a limit: they are as the size 1. */
static double log_size(const ent_axis *axis, int64_t i) {
  return log(fmax(ent_axis_value(axis, i), 1));
}

/* The straight line from -1 to 1 over the dimension. */
static double line_at(const ent_cost_dim *dim, int64_t i) {
  const double index = 2 * (double)i / (double)(dim->extent - 1) - 1;
  if (dim->size == NULL) return index;
  const double low = log_size(dim->size, 0), high = log_size(dim->size, dim->extent - 1);
  return high > low ? (2 * log_size(dim->size, i) - low - high) / (high - low) : index;
}

/* With knots at 0, 1, ..., K-1: the two hats around u. */
static void add_hats(const ent_cost_dim *dim, int64_t i, ent_cost_features *features) {
  const double u = (double)i * (dim->knots - 1) / (double)(dim->extent - 1);
  const int below = (int)u < dim->knots - 1 ? (int)u : dim->knots - 2;
  add_term(features, dim->first + 1 + below, below + 1 - u);
  add_term(features, dim->first + 2 + below, u - below);
}

void ent_cost_space_at(const ent_cost_space *space, int64_t cell, ent_cost_features *features) {
  features->count = 0;
  add_term(features, 0, 1);
  for (int k = space->n_dims - 1; k >= 0; k--) {
    const ent_cost_dim *dim = &space->dims[k];
    const int64_t i = cell % dim->extent;
    cell /= dim->extent;
    add_term(features, dim->first, line_at(dim, i));
    add_hats(dim, i, features);
  }
}

bool ent_cost_space_is_hat(const ent_cost_space *space, int index) {
  for (int k = 0; k < space->n_dims; k++)
    if (space->dims[k].first == index) return false;
  return index > 0;
}
