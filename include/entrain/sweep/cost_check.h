#ifndef ENTRAIN_SWEEP_COST_CHECK_H
#define ENTRAIN_SWEEP_COST_CHECK_H

/*
 * What sweep/costs predicts, held against what jobs took, from finished rows alone: every other position in
 * dispatch order teaches, and the others are predicted. So half of a cell's seeds predict the other half, and
 * in a sweep of one seed half of the cells predict the others; nothing predicts itself.
 */

#include "entrain/sweep/costs.h"

typedef struct ent_cost_check {
  const ent_grid *grid;
  int64_t n_cells;
  ent_costs costs;
  int64_t *jobs;   /* [n_cells] that do not teach, owned */
  double *seconds; /* [n_cells] that they took, owned */
} ent_cost_check;

/* How well predictions and truth agree. */
typedef struct ent_cost_score {
  int64_t cells, jobs;        /* jobs that do not teach, and their cells */
  double predicted, measured; /* seconds of those jobs; predicted is NaN when nothing teaches */
  double
    factor; /* by which a cell's prediction is off: exp of the root mean square of log(predicted / measured),
                    a cell counts by its jobs; NaN when there is none */
} ent_cost_score;

/* Cells of the largest grid that is held against its rows. */
enum { ENT_COST_CHECK_CELLS = 1 << 20 };

/*
 * Makes an empty check of a grid that outlives it.
 * Errors: ENT_ERR_ARGUMENT when it has more than ENT_COST_CHECK_CELLS cells; ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_cost_check_init(ent_cost_check *check, const ent_grid *grid);
void ent_cost_check_fini(ent_cost_check *check);

/* Adds a finished row and the seconds it took. Not collective. */
void ent_cost_check_add(ent_cost_check *check, int64_t row, double seconds);

/* Mean seconds of a cell's jobs: predicted, and of those that do not teach, NaN if there are none. */
double ent_cost_check_predicted(const ent_cost_check *check, int64_t cell);
double ent_cost_check_measured(const ent_cost_check *check, int64_t cell);

ent_cost_score ent_cost_check_score(const ent_cost_check *check);

#endif
