#ifndef ENTRAIN_SOLVE_STEPPER_RK_H
#define ENTRAIN_SOLVE_STEPPER_RK_H

/*
 * Runge-Kutta steps as a TS type of our own: tableaus are PETSc's (TSRKGetTableau), and so is who chooses the
 * length of a step (TSAdapt); between the two lie plain arrays, which PETSc never sees. stepper_rk_setup.c
 * makes the TS, stepper_rk_type.c an attempt at a step, stepper_rk.c the steps of a job, stepper_rk_inside.c
 * answers for times inside the last one.
 *
 * States of many particles are what a job takes memory for, so arrays of knots serve twice. During an attempt
 * nobody will ask for `older` again: the slopes of the second and the third stage lie there, and in place of
 * the former, at last, the error estimate; PETSc's interpolant has no use for it. States of stages lie where
 * the step will end, `next`. The attempt's `older` then is `next`, whose state is free between two steps; the
 * slope is the third stage's until the next attempt. What is known of the step before is needed only until
 * the quintic is made, whose coefficients take its place.
 */

#include <petscts.h>

#include "entrain/solve/blend.h"

#include "stepper_ops.h"

/* Share of a step's tolerance that the errors of the drift may add up to. */
#define ENT_DRIFT_SHARE 0.01

#define ENT_RK_MIDDLE 0.5 /* of a step: where two interpolants are compared */

/* A point of the solution. */
typedef struct ent_rk_knot {
  double t;
  double *x, *slope; /* [padded] */
  bool has_slope;
} ent_rk_knot;

enum {
  ENT_RK_KNOTS = 4,
  ENT_RK_HOUSED = 3 /* stages whose slopes knots have room for: the first ones */
};

/* PETSc's: its registry of schemes has the arrays, until PETSc ends. */
typedef struct ent_rk_tableau {
  PetscInt stages, order;
  const PetscReal *a, *b, *c, *embedded; /* [stages, stages], [stages] each */
  PetscInt degree;
  const PetscReal *inside;   /* [stages, degree]: of the interpolant */
  PetscBool ends_with_slope; /* the last stage is at the step's end, and the first one of the next step */
} ent_rk_tableau;

typedef struct ent_rk {
  ent_stepper base;
  TS ts;
  Vec nothing; /* a TS has a vector; the state is not in it */
  ent_rk_tableau tableau;
  size_t padded; /* the state's size, to whole vectors */
  ent_rk_knot knots[ENT_RK_KNOTS];
  /* The ends of the last step, the start of the one before it, and where the next one comes to. */
  ent_rk_knot *older, *before, *after, *next;
  double *slopes;                              /* [stages - 3, padded], one less if the last is a knot's */
  const double *stage_slopes[ENT_BLEND_TERMS]; /* of the last attempt, wherever they lie */
  double *error;                               /* [padded]: estimate of the last attempt, where a slope was */
  double *on_manifold;            /* [size]: `after` put on its manifold; NULL where it cannot leave it */
  double middle[ENT_BLEND_TERMS]; /* weights of PETSc's interpolant at ENT_RK_MIDDLE of a step */
  double largest_error;           /* in `error` */
  double tolerance;
  PetscInt rejections_seen; /* of all jobs so far, PETSc's count */
  bool left_domain;         /* an attempt at the current step gave something that is not finite */
  bool restarts;            /* the first stage of the next step is not after->slope */
  bool joins;               /* the next step goes on where the last one ends: no jump of the drift between */
  bool has_older;           /* so did the last one */
  bool is_fitted;           /* the quintic of the last step */
  bool has_no_fit;          /* it has none, and its stages are overwritten */
  bool has_interpolant;     /* PETSc's is of order 4: 5dp */
  double next_break;        /* when the drift jumps next; steps end there */
} ent_rk;

/* The Runge-Kutta stepper that a stepper is. */
ent_rk *ent_rk_of(ent_stepper *stepper);

/* The slot `arrays` of its table. Errors: ENT_ERR_PETSC. */
ENT_MUST_CHECK int ent_rk_arrays(ent_state_kind kind, int scheme, size_t *count);

/* Makes its TS and arrays; the system is set. Errors: ENT_ERR_PETSC, ENT_ERR_MEMORY, and ENT_ERR_ARGUMENT
 * when PETSc's options contradict the job file. */
ENT_MUST_CHECK int ent_rk_set_up(ent_rk *rk, int scheme);

/* Registers the TS type, and makes a TS of it that asks `rk`. */
PetscErrorCode ent_rk_make_ts(ent_rk *rk, TS *ts);

/* Slope dxdt [padded] at (t, x); false if it is not finite, or the system's brake was pulled. */
bool ent_rk_slope(ent_rk *rk, double t, const double *x, double *dxdt);

/*
 * The state x [padded] that a step of length h from a knot with a slope comes to; false if a slope on the way
 * is not finite. `last` takes the slope of the last stage.
 */
bool ent_rk_go(ent_rk *rk, const ent_rk_knot *from, double h, double *x, double *last);

/* Weights [stages] of the slopes, for a step of length 1, of PETSc's interpolant at a part of a step. */
void ent_rk_weigh_inside(const ent_rk_tableau *tableau, double part, double *weights);

/* The slot `inside` of its table. */
ENT_MUST_CHECK int ent_rk_inside(ent_stepper *stepper, double t, double *x);

#endif
