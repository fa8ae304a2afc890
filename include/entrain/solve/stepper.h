#ifndef ENTRAIN_SOLVE_STEPPER_H
#define ENTRAIN_SOLVE_STEPPER_H

/*
 * One PETSc TS for one (n, d, shape) and scheme, reused from job to job: it makes accepted steps one at a
 * time and answers for any time inside the last one. What is looked for along the way is integrate's
 * business. The TS is of a type of our own: tableaus and the choice of the step are PETSc's, the arithmetic
 * is on plain arrays. The steps of a map are the model's own: no TS, no tolerance, and between two of them
 * the state is the first.
 *
 * Where the drift jumps (ent_model.next_break), a step ends, and the next one begins as at the start.
 *
 * The error of a step is controlled in the maximum norm against atol + rtol * 1: positions on a sphere have
 * size 1, and a tolerance relative to a coordinate would not be rotation-invariant. Unit vectors are
 * renormalized when their drift exceeds that tolerance.
 *
 * States inside a step are as accurate as at its end. 3bs and 5dp have a polynomial of degree 5
 * (solve/quintic) through the ends of the last step and the start of the one before, which costs no slope;
 * 5dp takes it where it agrees with PETSc's own interpolant, which is of order 4, and otherwise another one
 * that costs two. For every other scheme, and for 3bs where there is no step before, a step of the same
 * scheme is made from the step's start to the wanted time.
 */

#include "entrain/sweep/checkpoint.h"

typedef struct ent_stepper ent_stepper;

/* What a step gave. */
typedef struct ent_step {
  double t0, t1;       /* the accepted step */
  ent_job_error error; /* ENT_JOB_OK, or why there is no step; t0, t1 are the last accepted step's then */
} ent_step;

/* Counters of one job. */
typedef struct ent_step_counts {
  int64_t steps, rejected, rhs_evals;
  double drift;          /* largest ||x|-1| before renormalizing */
  double error_estimate; /* sum over the steps of the largest local error of a particle */
} ent_step_counts;

/*
 * How many arrays as long as the state a stepper has, which is most of what a large job takes. Errors:
 * ENT_ERR_PETSC. Not collective.
 */
ENT_MUST_CHECK int ent_stepper_arrays(const ent_model *model, ent_state_kind kind, int scheme, size_t *count);

/*
 * Makes a stepper for a system and the point's solver parameters. The system is the caller's and must outlive
 * it. Errors: ENT_ERR_PETSC; ENT_ERR_ARGUMENT when PETSc's options contradict the job file. Not collective.
 */
ENT_MUST_CHECK int ent_stepper_create(ent_system *system, int scheme, ent_stepper **stepper);
void ent_stepper_destroy(ent_stepper **stepper);

/* Starts a job: state x [size] at t = 0, tolerances. Errors: ENT_ERR_PETSC. Not collective. */
ENT_MUST_CHECK int ent_stepper_start(ent_stepper *stepper, const double *x, double rtol, double atol);

/*
 * Whether the steps after ent_stepper_restore are those that would have come: not where PETSc's adaptor has
 * a memory of its own (dsp). Not collective.
 */
bool ent_stepper_can_save(const ent_stepper *stepper);

/*
 * Where a job stands after a step.
 * [out] checkpoint  t, next_step, the counters and estimates, size, x, slope and what was before the last
 * step are filled in; the arrays are the stepper's, valid until it is used again
 * Errors: ENT_ERR_PETSC. Not collective.
 */
ENT_MUST_CHECK int ent_stepper_save(ent_stepper *stepper, ent_checkpoint *checkpoint);

/*
 * Goes on with a job of a stepper of the same system and scheme: its steps, and what is between them, are the
 * same bits. There is no last step to look into until the next one is made. Errors: ENT_ERR_PETSC. Not
 * collective.
 */
ENT_MUST_CHECK int ent_stepper_restore(ent_stepper *stepper, const ent_checkpoint *checkpoint, double rtol,
                                       double atol);

/*
 * Makes one accepted step. A step that cannot be made is no failure of the call, see ent_step. One that the
 * system's brake ends is none at all: what ent_stepper_save gives is as before it, and the stepper is good
 * for nothing else. Not collective.
 */
ENT_MUST_CHECK int ent_stepper_step(ent_stepper *stepper, ent_step *step);

/* Whether the system's brake was pulled: what was computed since then is worth nothing. Not collective. */
bool ent_stepper_is_stopped(const ent_stepper *stepper);

/* Whether there is nothing between two states: the steps of a map. Not collective. */
bool ent_stepper_jumps(const ent_stepper *stepper);

/* The state at t0 <= t <= t1 of the last step, on its manifold. [out] x [size]. Not collective. */
ENT_MUST_CHECK int ent_stepper_interpolate(ent_stepper *stepper, double t, double *x);

/* Root mean square speed of the particles at (t, x). Not collective. */
double ent_stepper_speed(ent_stepper *stepper, double t, const double *x);

/* Counters since the start of the job. Not collective. */
ent_step_counts ent_stepper_counts(const ent_stepper *stepper);

#endif
