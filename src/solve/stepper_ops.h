#ifndef ENTRAIN_SOLVE_STEPPER_OPS_H
#define ENTRAIN_SOLVE_STEPPER_OPS_H

/*
 * What a kind of stepper does in its own way: PETSc's Runge-Kutta steps for models with a drift
 * (stepper_rk), the model's own steps for maps and stochastic schemes (stepper_map). Users ask through
 * solve/stepper.h. All slots are REQUIRED.
 */

#include "entrain/solve/stepper.h"

typedef struct ent_stepper_ops {
  /* arrays as long as the state that one has; ent_stepper_arrays without the first argument */
  int (*arrays)(ent_state_kind kind, int scheme, size_t *count);
  int (*create)(ent_system *system, int scheme, ent_stepper **stepper);
  void (*destroy)(ent_stepper *stepper);
  int (*start)(ent_stepper *stepper, const double *x, double rtol, double atol);
  int (*save)(ent_stepper *stepper, ent_checkpoint *checkpoint);
  int (*restore)(ent_stepper *stepper, const ent_checkpoint *checkpoint, double rtol, double atol);
  int (*step)(ent_stepper *stepper, ent_step *step);
  int (*inside)(ent_stepper *stepper, double t, double *x); /* t0 < t < t1 */
  int (*end)(ent_stepper *stepper, double *x);              /* the state at t1 */
  double (*speed)(ent_stepper *stepper, double t, const double *x);
} ent_stepper_ops;

/* What all steppers have; the first member of each kind's own struct. */
struct ent_stepper {
  const ent_stepper_ops *ops;
  ent_system *system;
  double *before; /* [size]: state at the start of the last step */
  double t0, t1;  /* the last step */
  bool can_save;  /* nothing but what save gives decides on the next step */
  ent_step_counts counts;
};

extern const ent_stepper_ops ent_stepper_rk, ent_stepper_map;

/* Makes the counters those of a checkpoint, and writes them into one. */
void ent_stepper_take_counts(ent_stepper *stepper, const ent_checkpoint *checkpoint);
void ent_stepper_give_counts(const ent_stepper *stepper, ent_checkpoint *checkpoint);

#endif
