#ifndef ENTRAIN_SWEEP_COST_SPACE_H
#define ENTRAIN_SWEEP_COST_SPACE_H

/*
 * The cells of a sweep as a regression sees them (sweep/costs): a cell is a point of the grid without its
 * seeds, and becomes a few numbers. Along every dimension the logarithm of the cost may be any piecewise
 * linear function: a straight line, in log n or log d where the dimension has them, and hat functions on at
 * most six knots, evenly spaced over the axis as the user has written it (so each value of a choice or of a
 * short list has a knot of its own). The functions of the dimensions add up, after Hastie and Tibshirani,
 * Generalized Additive Models, 1990.
 */

#include "entrain/sweep/grid.h"

enum {
  ENT_COST_KNOTS = 6,                                     /* of a dimension at most */
  ENT_COST_TERMS = 1 + 3 * ENT_MAX_AXES,                  /* not zero in one cell at most */
  ENT_COST_SIZE = 1 + (1 + ENT_COST_KNOTS) * ENT_MAX_AXES /* of a regression at most */
};

/* One dimension of cells. */
typedef struct ent_cost_dim {
  int64_t extent;
  int knots;            /* 1..ENT_COST_KNOTS */
  int first;            /* index of its straight line; the hats stand behind it */
  const ent_axis *size; /* n or d, whose logarithm makes the straight line; NULL: the index does */
} ent_cost_dim;

typedef struct ent_cost_space {
  int64_t cells;
  int n_dims;
  ent_cost_dim dims[ENT_MAX_AXES]; /* dimensions with more than one point, without the seeds' */
  int size;                        /* coefficients of a regression: 1..ENT_COST_SIZE */
} ent_cost_space;

/* A cell: values of those functions that are not zero there, a constant 1 first. */
typedef struct ent_cost_features {
  int count;
  int index[ENT_COST_TERMS]; /* [count] below the space's size */
  double value[ENT_COST_TERMS];
} ent_cost_features;

/*
 * Makes the space of so many cells.
 * [in]  grid  outlives it; NULL: all that is known is that neighbours are alike
 */
void ent_cost_space_init(ent_cost_space *space, const ent_grid *grid, int64_t cells);

/* The features of a cell, 0 <= cell < cells, numbered as in ent_grid_cell. */
void ent_cost_space_at(const ent_cost_space *space, int64_t cell, ent_cost_features *features);

/* Whether a coefficient is that of a hat function, not of a straight line or the constant. */
bool ent_cost_space_is_hat(const ent_cost_space *space, int index);

#endif
