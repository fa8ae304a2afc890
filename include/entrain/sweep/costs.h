#ifndef ENTRAIN_SWEEP_COSTS_H
#define ENTRAIN_SWEEP_COSTS_H

/*
 * What a job costs in each block of a sweep, learned from what was reported: the mean over the block's jobs,
 * or that of the nearest block with a report (the lower one of two). Not a model of the integrator: it needs
 * none.
 */

#include <stdint.h>

#include "entrain/base/error.h"

typedef struct ent_costs {
  int32_t n_blocks;
  double *seconds;   /* [n_blocks] reported, owned */
  int64_t *jobs;     /* [n_blocks] they were spent on, owned */
  uint64_t *sampled; /* one bit for each block: has a report, owned */
} ent_costs;

/* Makes costs of which nothing is known. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_costs_init(ent_costs *costs, int32_t n_blocks);

/* Frees what it owns and empties it; accepts an empty one. Not collective. */
void ent_costs_fini(ent_costs *costs);

/* Learns that `jobs` >= 1 jobs of a block took so many seconds. Not collective. */
void ent_costs_add(ent_costs *costs, int32_t b, int64_t jobs, double seconds);

/* Predicted seconds of a job of block b; infinity before the first report. Not collective. */
double ent_costs_predict(const ent_costs *costs, int32_t b);

/* Predicted seconds of jobs [n_blocks] in all blocks; NaN before the first report. Not collective. */
double ent_costs_predict_all(const ent_costs *costs, const int64_t *jobs);

#endif
