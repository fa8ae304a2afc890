#ifndef ENTRAIN_SOLVE_SETUP_H
#define ENTRAIN_SOLVE_SETUP_H

/*
 * What is kept from job to job for one (n, d, shape of the state, scheme): the system, its stepper and
 * buffers. Sizes follow one another in dispatch order, so that few are in use at a time, and the one that was
 * longest without a job makes room for another. All of them make room for one of many particles.
 */

#include "entrain/solve/stepper.h"
#include "entrain/sweep/spec.h"

enum { ENT_SETUPS = 8 };

typedef struct ent_setup {
  int64_t last_job; /* number of the last job that used it */
  int scheme;
  ent_system *system;
  ent_stepper *stepper;
  double *x, *work; /* [size]: state, scratch */
  double *scratch;  /* of the observables */
  double *memory;   /* what they keep from state to state */
  /* [n, d]: start, recorded and final states, in the system's scratch; NULL for models without them */
  double *vectors;
} ent_setup;

/* All zero before the first use. */
typedef struct ent_setups {
  ent_setup setups[ENT_SETUPS]; /* those with a system are in use */
  int64_t n_jobs;               /* so far: the age of a setup */
} ent_setups;

/*
 * Bytes that the job of a point comes to at its peak, but for what every process has: stepper, state, what
 * measures it, sums over pairs as its size usually has them, and a checkpoint where the specification has
 * any. Scratch of observables, series and final states on their way to the file are not in it. PETSc runs.
 * Errors: ENT_ERR_PETSC. Not collective.
 */
ENT_MUST_CHECK int ent_setup_bytes(const ent_spec *spec, const ent_point *point, double *bytes);

/*
 * The setup of a point with its stepper, which is made when there is none yet or a job has broken it. Errors:
 * ENT_ERR_MEMORY, ENT_ERR_PETSC, ENT_ERR_ARGUMENT (PETSc options that contradict the job file). Not
 * collective.
 */
ENT_MUST_CHECK int ent_setups_ready(ent_setups *setups, const ent_spec *spec, const ent_point *point,
                                    ent_setup **setup);

/*
 * Draws a point's start into setup->x, not-a-number where none can be made. [in] table  the starts of `kind:
 * file`, otherwise NULL. Returns whether there is one. Not collective.
 */
bool ent_setup_draw_start(ent_setup *setup, const ent_spec *spec, const ent_point *point,
                          const ent_start_table *table);

/* Frees what the setups hold. Not collective. */
void ent_setups_fini(ent_setups *setups);

#endif
