#include <string.h>

#include "entrain/solve/petsc_try.h"
#include "entrain/solve/quintic.h"

#include "stepper_impl.h"

/* Slope at a part of the last step, from PETSc's interpolant, which is of one order less than the step. */
static int estimate_slope(ent_stepper *stepper, double part, double *dxdt) {
  const ent_system *system = stepper->system;
  const double t = stepper->t0 + part * (stepper->t1 - stepper->t0);
  ENT_TRY_PETSC(TSInterpolate(stepper->ts, t, stepper->embedded));
  ENT_TRY(ent_stepper_get_vector(stepper->embedded, system->size, stepper->dxdt));
  system->model->drift(stepper->system, t, stepper->dxdt, dxdt);
  stepper->counts.rhs_evals++;
  return ENT_OK;
}

/* For 5dp: the quintic of the last step, fitted when it is first asked for. */
static int evaluate_quintic(ent_stepper *stepper, double t, double *x) {
  const PetscScalar *after = NULL;
  const size_t size = stepper->system->size;
  const double h = stepper->t1 - stepper->t0;
  double *slopes = stepper->slopes;
  if (!stepper->is_fitted) {
    ENT_TRY(estimate_slope(stepper, 1.0 / 3, slopes + 2 * size));
    ENT_TRY(estimate_slope(stepper, 2.0 / 3, slopes + 3 * size));
  }
  ENT_TRY_PETSC(VecGetArrayRead(stepper->state, &after));
  const ent_quintic quintic = {
    size, h, stepper->before, after, slopes, slopes + size, slopes + 2 * size, slopes + 3 * size};
  if (!stepper->is_fitted) ent_quintic_fit(&quintic);
  stepper->is_fitted = true;
  ent_quintic_evaluate(&quintic, (t - stepper->t0) / h, x);
  ENT_TRY_PETSC(VecRestoreArrayRead(stepper->state, &after));
  return ENT_OK;
}

/* For other schemes: a step of the same scheme from the start of the last step. */
static int step_inside(ent_stepper *stepper, double t, double *x) {
  PetscReal reached = 0;
  ENT_TRY(ent_stepper_set_vector(stepper->inner_state, stepper->system->size, stepper->before));
  ENT_TRY(ent_stepper_restart(stepper->inner, stepper->t0, t - stepper->t0));
  ENT_TRY_PETSC(TSStep(stepper->inner));
  ENT_TRY_PETSC(TSGetTime(stepper->inner, &reached));
  ENT_CHECK(reached == stepper->t0 + (t - stepper->t0), ENT_ERR_INTERNAL,
            "a step to t = %.17g ended at %.17g", t, (double)reached);
  stepper->overflowed = false; /* it is the outer step that is judged */
  ENT_TRY(ent_stepper_get_vector(stepper->inner_state, stepper->system->size, x));
  return ENT_OK;
}

int ent_stepper_interpolate(ent_stepper *stepper, double t, double *x) {
  const ent_system *system = stepper->system;
  if (t == stepper->t1) {
    ENT_TRY(ent_stepper_get_vector(stepper->state, system->size, x));
  } else if (t == stepper->t0) {
    memcpy(x, stepper->before, system->size * sizeof(*x));
  } else if (stepper->has_quintic) {
    ENT_TRY(evaluate_quintic(stepper, t, x));
  } else {
    ENT_TRY(step_inside(stepper, t, x));
  }
  ent_cloud_retract(system->kind, system->n, system->d, x);
  return ENT_OK;
}
