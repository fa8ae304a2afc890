#ifndef ENTRAIN_SWEEP_GRID_H
#define ENTRAIN_SWEEP_GRID_H

/*
 * The grid of a sweep: axes, the dimensions they run along (zipped axes share one), and the arithmetic
 * between a row number and its coordinates. Rows are numbered like nested loops in the order of the job file,
 * the last dimension fastest. No list of points is ever made.
 *
 * Work is handed out in another order, the dispatch order: the same points with the seed fastest, so that a
 * range of it is a set of seeds of one cell and costs about the same throughout.
 */

#include "entrain/base/error.h"
#include "entrain/model/parameter.h"

enum { ENT_MAX_AXES = 16 };

#define ENT_GRID_MAX (INT64_C(1) << 40) /* points of a grid */

typedef struct ent_axis {
  const char *name;               /* column name: "beta", "initial.noise", "solver.rtol" */
  ent_group group;                /* which parameter it sets: group */
  int slot;                       /* and index in the group's table */
  const ent_parameter *parameter; /* its description */
  int dim;                        /* grid dimension it runs along */
  int64_t count;                  /* number of values */
  int64_t first;                  /* values are first, first + 1, ... if values is NULL */
  const double *values;           /* [count] or NULL */
} ent_axis;

typedef struct ent_grid {
  size_t n_axes;
  ent_axis axes[ENT_MAX_AXES]; /* in the order of the job file */
  int n_dims;
  int64_t extent[ENT_MAX_AXES]; /* points along each dimension */
  int64_t size;                 /* product of the extents */
  int seed_dim;                 /* dimension of the seed axis */
} ent_grid;

/*
 * Fills in n_dims, extent, size and seed_dim from the axes and the dimensions they name. False if axes of one
 * dimension differ in length, or if the grid has more than ENT_GRID_MAX points; the grid is then not usable.
 */
bool ent_grid_complete(ent_grid *grid);

/* Value of an axis at an index along its dimension, 0 <= i < count. Not collective. */
double ent_axis_value(const ent_axis *axis, int64_t i);

/* The axis of that name, NULL if there is none. Not collective. */
const ent_axis *ent_grid_axis(const ent_grid *grid, const char *name);

/* Coordinates [n_dims] of a row, 0 <= row < size. Not collective. */
void ent_grid_coordinates(const ent_grid *grid, int64_t row, int64_t *coordinates);

/* Row of coordinates [n_dims]. Not collective. */
int64_t ent_grid_row(const ent_grid *grid, const int64_t *coordinates);

/* Row of a position in dispatch order, and back. Not collective. */
int64_t ent_grid_row_of_position(const ent_grid *grid, int64_t position);
int64_t ent_grid_position_of_row(const ent_grid *grid, int64_t row);

/* Cell of a row: the row number of the grid without the seed dimension, 0 <= cell < size / extent[seed_dim].
 */
int64_t ent_grid_cell(const ent_grid *grid, int64_t row);

/*
 * For rows grouped by (n, d): the number of rows with these n and d, and the number of them before `row` (any
 * 0 <= row <= size; with row = size both are equal). This is the place of a row in /final/<n>x<d>.
 */
int64_t ent_grid_group_rank(const ent_grid *grid, int64_t n, int64_t d, int64_t row);

/* Sets a point to a row: index, seed, n, d and every axis value; `base` supplies the rest. Not collective. */
void ent_grid_point(const ent_grid *grid, const ent_point *base, int64_t row, ent_point *point);

#endif
