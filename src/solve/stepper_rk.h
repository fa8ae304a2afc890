#ifndef ENTRAIN_SOLVE_STEPPER_RK_H
#define ENTRAIN_SOLVE_STEPPER_RK_H

/*
 * PETSc's Runge-Kutta steps: stepper_rk_setup.c makes the TS, stepper_rk.c the steps, stepper_rk_inside.c
 * answers for times inside the last one.
 */

#include <petscts.h>

#include "stepper_ops.h"

typedef struct ent_rk {
  ent_stepper base;
  TS ts;
  Vec state, embedded;
  TS inner; /* other schemes than 5dp: steps from the step's start to a time inside it */
  Vec inner_state;
  double *dxdt; /* [size] */
  /* Slopes at the start of the last step and at its end, and for 5dp two more, which ent_quintic_fit needs:
   * [2 or 4, size]; NULL for schemes whose last stage is not at the step's end. */
  double *slopes;
  double tolerance;
  PetscInt stage, last_stage; /* of the step that is tried */
  PetscInt rejections_seen;   /* of all jobs so far, PETSc's count */
  bool overflowed;            /* the right-hand side gave something that is not finite */
  bool left_domain;           /* it did so in the attempts at the current step */
  bool has_quintic;           /* 5dp */
  bool is_fitted;             /* the quintic of the last step */
  bool restarts;              /* PETSc computes the first stage of the next step anew */
  bool knows_slope;           /* it would, but is given the one of a checkpoint */
  double next_break;          /* when the drift jumps next; steps end there */
} ent_rk;

/* The Runge-Kutta stepper that a stepper is. */
ent_rk *ent_rk_of(ent_stepper *stepper);

/* Makes its TS and what belongs to it; the system is set. Errors: ENT_ERR_PETSC, ENT_ERR_MEMORY, and
 * ENT_ERR_ARGUMENT when PETSc's options contradict the job file. */
ENT_MUST_CHECK int ent_rk_set_up(ent_rk *rk, int scheme);

/* The slot `inside` of its table. */
ENT_MUST_CHECK int ent_rk_inside(ent_stepper *stepper, double t, double *x);

/* Makes a TS forget what it did before and stand at (t, h) with the state that its vector holds. */
ENT_MUST_CHECK int ent_rk_restart(TS ts, double t, double h);

/* Copies x [size] into a vector, and back. */
ENT_MUST_CHECK int ent_rk_set_vector(Vec vector, size_t size, const double *x);
ENT_MUST_CHECK int ent_rk_get_vector(Vec vector, size_t size, double *x);

#endif
