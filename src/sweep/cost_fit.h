#ifndef ENTRAIN_SWEEP_COST_FIT_H
#define ENTRAIN_SWEEP_COST_FIT_H

/* The regression of sweep/costs; for costs.c only. */

#include "entrain/sweep/costs.h"

/* What the reports say of the mean of a block that has some: l and its variance v. */
typedef struct ent_cost_datum {
  double log_mean, variance;
} ent_cost_datum;

ent_cost_datum ent_cost_datum_of(const ent_costs *costs, double seconds, int64_t jobs);

/* The middle cell of a block, which stands for it. */
int64_t ent_cost_middle(const ent_costs *costs, int32_t b);

/* z . w of a cell. */
double ent_cost_line(const ent_costs *costs, int64_t cell);

/* Adds a report to the normal equations that blocks of several cells have. */
void ent_cost_note(ent_costs *costs, int64_t cell, const ent_cost_datum *datum);

/* Makes weights and variance from all blocks with reports; leaves them alone when there is no memory. */
void ent_cost_fit(ent_costs *costs);

#endif
