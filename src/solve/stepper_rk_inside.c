#include <string.h>

#include "entrain/solve/petsc_try.h"
#include "entrain/solve/quintic.h"

#include "stepper_rk.h"

/* Slope at a part of the last step, from PETSc's interpolant, which is of one order less than the step. */
static int estimate_slope(ent_rk *rk, double part, double *dxdt) {
  const ent_system *system = rk->base.system;
  const double t = rk->base.t0 + part * (rk->base.t1 - rk->base.t0);
  ENT_TRY_PETSC(TSInterpolate(rk->ts, t, rk->embedded));
  ENT_TRY(ent_rk_get_vector(rk->embedded, system->size, rk->dxdt));
  system->model->drift(rk->base.system, t, rk->dxdt, dxdt);
  rk->base.counts.rhs_evals++;
  return ENT_OK;
}

/* For 5dp: the quintic of the last step, fitted when it is first asked for. */
static int evaluate_quintic(ent_rk *rk, double t, double *x) {
  const PetscScalar *after = NULL;
  const size_t size = rk->base.system->size;
  const double h = rk->base.t1 - rk->base.t0;
  double *slopes = rk->slopes;
  if (!rk->is_fitted) {
    ENT_TRY(estimate_slope(rk, 1.0 / 3, slopes + 2 * size));
    ENT_TRY(estimate_slope(rk, 2.0 / 3, slopes + 3 * size));
  }
  ENT_TRY_PETSC(VecGetArrayRead(rk->state, &after));
  const ent_quintic quintic = {
    size, h, rk->base.before, after, slopes, slopes + size, slopes + 2 * size, slopes + 3 * size};
  if (!rk->is_fitted) ent_quintic_fit(&quintic);
  rk->is_fitted = true;
  ent_quintic_evaluate(&quintic, (t - rk->base.t0) / h, x);
  ENT_TRY_PETSC(VecRestoreArrayRead(rk->state, &after));
  return ENT_OK;
}

/* For other schemes: a step of the same scheme from the start of the last step. */
static int step_inside(ent_rk *rk, double t, double *x) {
  PetscReal reached = 0;
  ENT_TRY(ent_rk_set_vector(rk->inner_state, rk->base.system->size, rk->base.before));
  ENT_TRY(ent_rk_restart(rk->inner, rk->base.t0, t - rk->base.t0));
  ENT_TRY_PETSC(TSStep(rk->inner));
  ENT_TRY_PETSC(TSGetTime(rk->inner, &reached));
  ENT_CHECK(reached == rk->base.t0 + (t - rk->base.t0), ENT_ERR_INTERNAL,
            "a step to t = %.17g ended at %.17g", t, (double)reached);
  rk->overflowed = false; /* it is the outer step that is judged */
  ENT_TRY(ent_rk_get_vector(rk->inner_state, rk->base.system->size, x));
  return ENT_OK;
}

int ent_rk_inside(ent_stepper *stepper, double t, double *x) {
  ent_rk *rk = ent_rk_of(stepper);
  return rk->has_quintic ? evaluate_quintic(rk, t, x) : step_inside(rk, t, x);
}
