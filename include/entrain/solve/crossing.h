#ifndef ENTRAIN_SOLVE_CROSSING_H
#define ENTRAIN_SOLVE_CROSSING_H

/* When inside a step the particles come within delta of each other, or a state without any of its goal. */

#include "entrain/solve/stepper.h"

/* A stretch of the last step in which the particles come within delta. */
typedef struct ent_crossing {
  double from, to;         /* times */
  double gap_from, gap_to; /* largest gaps there, gap_from > delta >= gap_to */
  double delta;
} ent_crossing;

/*
 * The first time in (from, to] of the last step at which every overlap is >= 1-delta, to rounding: a
 * bracketed secant iteration (Illinois; Dowell & Jarratt 1971, doi:10.1007/BF01934364) on the logarithm of
 * the largest gap 1 - min <x_i, x_j>, which is nearly linear in t, or of the model's own distance.
 * [in]  work  [size of the state]
 * [out] t
 * Errors: ENT_ERR_PETSC. Not collective.
 */
ENT_MUST_CHECK int ent_crossing_find(ent_stepper *stepper, const ent_system *system,
                                     const ent_crossing *crossing, double *work, double *t);

#endif
