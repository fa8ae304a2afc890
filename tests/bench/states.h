#ifndef ENTRAIN_TESTS_BENCH_STATES_H
#define ENTRAIN_TESTS_BENCH_STATES_H

/*
 * The right-hand sides of a job alone: a row is computed once by a model that notes at which states it is
 * asked for its drift, and then the drift is computed at all of them again, with nothing between.
 */

#include "entrain/solve/integrate.h"

#include "bench.h"

enum { ENT_BENCH_MAX_STATES = 1 << 14 }; /* of a job; what a longer one asks for after them is not noted */

/* All zero before the first use. */
typedef struct ent_bench_states {
  ent_bench_job job; /* of the last row that was noted */
  size_t count;
  double *x, *t, *slack; /* [ENT_BENCH_MAX_STATES]: states, times, and what the drift might err */
} ent_bench_states;

/* Computes a row and notes its states, in place of those of the row before. */
void ent_bench_states_note(ent_bench_states *states, ent_spec *spec, int64_t row);
void ent_bench_states_fini(ent_bench_states *states);

/* Computes the drift at all states. The context are the states. */
void ent_bench_states_replay(void *context);

/* A row as a job. */
typedef struct ent_bench_integration {
  ent_integrator *integrator;
  int64_t row;
  ent_output output;
} ent_bench_integration;

/* Computes the row. The context is the integration. */
void ent_bench_integrate(void *context);

#endif
