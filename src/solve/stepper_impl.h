#ifndef ENTRAIN_SOLVE_STEPPER_IMPL_H
#define ENTRAIN_SOLVE_STEPPER_IMPL_H

/*
 * The inside of a stepper: stepper.c makes steps, stepper_inside.c answers for times inside the last one.
 */

#include "entrain/solve/stepper.h"

struct ent_stepper {
  ent_system *system;
  TS ts;
  Vec state, embedded;
  TS inner; /* other schemes than 5dp: steps from the step's start to a time inside it */
  Vec inner_state;
  double *before; /* [size]: state at the start of the last step */
  double *dxdt;   /* [size] */
  /* Slopes at the start of the last step and at its end, and for 5dp two more, which ent_quintic_fit needs:
   * [2 or 4, size]; NULL for schemes whose last stage is not at the step's end. */
  double *slopes;
  double tolerance, t0, t1;
  PetscInt stage, last_stage; /* of the step that is tried */
  PetscInt rejections_seen;   /* of all jobs so far, PETSc's count */
  bool overflowed;            /* the right-hand side gave something that is not finite */
  bool left_domain;           /* it did so in the attempts at the current step */
  bool has_quintic;           /* 5dp */
  bool is_fitted;             /* the quintic of the last step */
  bool can_save;              /* nothing but what ent_stepper_save gives decides on the next step */
  bool restarts;              /* PETSc computes the first stage of the next step anew */
  bool knows_slope;           /* it would, but is given the one of a checkpoint */
  ent_step_counts counts;
};

/* Makes a TS forget what it did before and stand at (t, h) with the state that its vector holds. */
ENT_MUST_CHECK int ent_stepper_restart(TS ts, double t, double h);

/* Copies x [size] into a vector, and back. */
ENT_MUST_CHECK int ent_stepper_set_vector(Vec vector, size_t size, const double *x);
ENT_MUST_CHECK int ent_stepper_get_vector(Vec vector, size_t size, double *x);

#endif
