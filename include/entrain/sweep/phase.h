#ifndef ENTRAIN_SWEEP_PHASE_H
#define ENTRAIN_SWEEP_PHASE_H

/*
 * The phase diagram: rows and series of a sweep, reduced over the seeds. A cell is the grid without the
 * dimension of the seed axis, numbered as ent_grid_cell does. What is kept while rows come in is one number
 * for each row and delta and one sum for each cell, series and time; no row and no series is.
 *
 * Rows that are done are counted: sync + nonsync + undecided + (finished or none) = count. Failed,
 * quarantined and pending rows are counted beside them.
 *
 *   p_sync       sync / (sync + nonsync), the share of the decided rows that synchronized; NaN without a
 *                decided row. An undecided row is no evidence for either side and never counts as
 *                unsynchronized.
 *   p_sync_low   lower Wilson 95 % limit of sync in sync + nonsync + open, where open = undecided + failed:
 *                every open row is nonsync. Who fails is no fair sample: `limits.steps` ends the slow rows.
 *   p_sync_high  upper Wilson 95 % limit of sync + open in the same: every open row is sync. Both NaN where
 *                no row is sync, nonsync or open. low <= p_sync <= high always holds.
 *   t_sync_*     Kaplan-Meier quantiles of t_sync, for each delta: a finite t_sync is an event whatever the
 *                outcome; a nonsync row never synchronizes (censored at infinity); every other row that is
 *                not pending is censored at its t_end, at 0 if it has none. NaN where the curve does not fall
 *                that far, and for `stop: certified`, which ends a row before its t_sync.
 *   mean         of a series at a time: only where every row of the cell is done and has a finite value
 *                there, NaN elsewhere. One row that is pending, failed or quarantined leaves its cell without
 *                means.
 */

#include "entrain/sweep/result.h"

typedef struct ent_phase {
  const ent_grid *grid;     /* of the specification, not owned */
  int64_t n_cells, n_seeds; /* n_cells * n_seeds = grid->size */
  size_t n_delta, n_series, n_times;
  bool certified; /* `stop: certified` */
  /* [n_cells] each */
  int64_t *count; /* rows that are done */
  int64_t *sync, *nonsync, *undecided;
  int64_t *failed; /* failed or quarantined */
  int64_t *pending;
  /* [n_cells] each, set by ent_phase_finish */
  double *p_sync, *p_sync_low, *p_sync_high;
  /* [n_delta, n_cells] each, set by ent_phase_finish: median, first and third quartile */
  double *t_sync_median, *t_sync_first, *t_sync_third;
  float *mean; /* [n_series, n_cells, n_times], set by ent_phase_finish */
  /* inside */
  double *times;    /* [n_delta, rows in cell order]: t, sign bit set when censored; NaN: pending */
  double *sums;     /* [n_series, n_cells, n_times] */
  ent_arena *arena; /* owns all of it */
} ent_phase;

/*
 * Makes an empty phase diagram; every row is pending. The specification must live as long as it.
 * Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_phase_create(const ent_spec *spec, ent_phase **phase);

/*
 * Adds rows first .. first+count-1, each once, in grid order. Not collective.
 * [in]  rows  [count, layout size]
 * [in]  finished  [count], 0 for rows to be taken as pending whatever they say; NULL: their status is
 *       trusted
 */
void ent_phase_add_rows(ent_phase *phase, const ent_layout *layout, int64_t first, int64_t count,
                        const unsigned char *rows, const unsigned char *finished);

/*
 * Adds series k of rows first .. first+count-1, in grid order, after these rows were added. Rows that are
 * not done are skipped. Sums are made in row order, so that they do not depend on how the rows are split.
 * Not collective.
 * [in]  values  [count, n_times]
 */
void ent_phase_add_series(ent_phase *phase, size_t k, int64_t first, int64_t count, const float *values);

/* Computes probabilities, quantiles and means from what was added. Once. Errors: ENT_ERR_MEMORY. Not
 * collective. */
ENT_MUST_CHECK int ent_phase_finish(ent_phase *phase);

/* Frees it; accepts NULL, sets NULL. Not collective. */
void ent_phase_destroy(ent_phase **phase);

/*
 * The dimensions of a cell number, in order: grid dimensions without the seed's. Not collective.
 * [out] dims  [ENT_MAX_AXES] grid dimension of each; returns how many there are
 */
int ent_phase_dims(const ent_grid *grid, int dims[ENT_MAX_AXES]);

/* Row of the cell's first seed: every axis but those along the seed's dimension has its value there. Not
 * collective. */
int64_t ent_phase_cell_row(const ent_grid *grid, int64_t cell);

/* Value of an axis in a cell; the axis does not run along the seed's dimension. Not collective. */
double ent_phase_cell_value(const ent_grid *grid, const ent_axis *axis, int64_t cell);

#endif
