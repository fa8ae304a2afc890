#ifndef ENTRAIN_SWEEP_COSTS_H
#define ENTRAIN_SWEEP_COSTS_H

/*
 * What a job costs in each block of a sweep, learned from what was reported. Cells of a block are neighbours;
 * mostly a block is one cell. Not a model of the integrator: it needs none.
 *
 * Seconds of a job in block b have the mean exp(mu_b), with
 *   mu_b = z_b . w + u_b,   u_b ~ N(0, tau^2):
 * a regression on the features z_b of the block's middle cell (sweep/cost_space) and an effect of its own. Of
 * m jobs with the mean y is known
 *   l = log y + v(m) / 2 = mu_b + noise of variance v(m),   v(m) = log(1 + c / m),
 * which is exact in mean and variance to first order for log-normal seconds with the squared coefficient of
 * variation c; half of v takes the mean of a logarithm to the logarithm of the mean. Then
 *   E[mu_b | l] = k l + (1 - k) z_b . w,   k = tau^2 / (tau^2 + v(m)),
 * and the prediction is exp(E[mu_b | l] + (1 - k) tau^2 / 2): where little is known that of the regression,
 * where much is known the plain mean. This is the estimator of small areas by Fay and Herriot, J. Am. Stat.
 * Assoc. 74, 269 (1979), an empirical Bayes form of James and Stein's.
 *
 * w is a ridge regression of l on z with weights 1 / (tau^2 + v), those of residuals beyond three deviations
 * made smaller as Huber's; tau^2 and c follow from the residuals of blocks, and of the reports of one block,
 * by their second moments. All of it is done again when the reports have become a quarter more, so that an
 * event costs O(1) on average; in between a report changes what is known of its own block.
 *
 * Where blocks have several cells, which may be unlike, it is reports that the regression sees, each with the
 * features of its first cell; the seconds of a block are those that its middle cell would have taken.
 */

#include "entrain/sweep/cost_space.h"

typedef struct ent_costs {
  ent_cost_space space;
  int32_t n_blocks;
  int64_t block_cells;    /* cells in each block, fewer in the last one */
  double *seconds;        /* [n_blocks] reported, owned */
  int64_t *jobs;          /* [n_blocks] they were spent on, owned */
  double *predicted;      /* [n_blocks] seconds of a job, owned */
  double *weights;        /* [size] w, owned */
  double *matrix, *right; /* [size, size], [size] of reports, where blocks have several cells; owned */
  double variance;        /* tau^2 */
  double scatter_sum, scatter_weight; /* of reports about one block: squared differences, and 1/m + 1/m' */
  int64_t reports, next_fit;          /* until now; at which w is made anew */
} ent_costs;

/*
 * Makes costs of which nothing is known.
 * [in]  grid  as in ent_cost_space_init
 * [in]  cells  of the sweep, in blocks of `block_cells`
 * Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_costs_init(ent_costs *costs, const ent_grid *grid, int64_t cells, int64_t block_cells);

/* Frees what it owns and empties it; accepts an empty one. Not collective. */
void ent_costs_fini(ent_costs *costs);

/*
 * Learns that `jobs` >= 1 jobs of a cell, or of cells like it behind it in its block, took so many seconds.
 * Returns true when the predictions of all blocks have changed, otherwise only that of its block may have.
 * Not collective.
 */
bool ent_costs_add(ent_costs *costs, int64_t cell, int64_t jobs, double seconds);

/* Whether there was a report. Not collective. */
bool ent_costs_is_known(const ent_costs *costs);

/* Predicted seconds of a job of block b; infinity before the first report. Not collective. */
double ent_costs_predict(const ent_costs *costs, int32_t b);

/* The same of a job of one cell of a block. Not collective. */
double ent_costs_predict_cell(const ent_costs *costs, int64_t cell);

/* Predicted seconds of jobs [n_blocks] in all blocks; NaN before the first report. Not collective. */
double ent_costs_predict_all(const ent_costs *costs, const int64_t *jobs);

#endif
