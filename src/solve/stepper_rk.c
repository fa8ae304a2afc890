#include "stepper_rk.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/math/vec.h"
#include "entrain/solve/petsc_try.h"
#include "entrain/solve/stepper.h"

static void destroy(ent_stepper *stepper) {
  ent_rk *old = ent_rk_of(stepper);
  /* destruction fails only for corrupted objects; there is nothing left to do about it */
  (void)TSDestroy(&old->ts);
  (void)TSDestroy(&old->inner);
  (void)VecDestroy(&old->state);
  (void)VecDestroy(&old->embedded);
  (void)VecDestroy(&old->inner_state);
  free(old->base.before);
  free(old->dxdt);
  free(old->slopes);
  free(old);
}

static int create(ent_system *system, int scheme, ent_stepper **stepper) {
  int code = ENT_OK;
  ent_rk *made = NULL;
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  made->base.ops = &ent_stepper_rk;
  made->base.system = system;
  ENT_GOTO(ent_rk_set_up(made, scheme));
  *stepper = &made->base;
  made = NULL;
done:
  if (made) destroy(&made->base);
  return code;
}

ent_rk *ent_rk_of(ent_stepper *stepper) {
  return (ent_rk *)stepper;
}

int ent_rk_restart(TS ts, double t, double h) {
  ENT_TRY_PETSC(TSSetTime(ts, t));
  ENT_TRY_PETSC(TSSetStepNumber(ts, 0));
  ENT_TRY_PETSC(TSSetTimeStep(ts, h));
  ENT_TRY_PETSC(TSRestartStep(ts));
  return ENT_OK;
}

int ent_rk_set_vector(Vec vector, size_t size, const double *x) {
  PetscScalar *values = NULL;
  ENT_TRY_PETSC(VecGetArray(vector, &values));
  memcpy(values, x, size * sizeof(*values));
  ENT_TRY_PETSC(VecRestoreArray(vector, &values));
  return ENT_OK;
}

int ent_rk_get_vector(Vec vector, size_t size, double *x) {
  const PetscScalar *values = NULL;
  ENT_TRY_PETSC(VecGetArrayRead(vector, &values));
  memcpy(x, values, size * sizeof(*values));
  ENT_TRY_PETSC(VecRestoreArrayRead(vector, &values));
  return ENT_OK;
}

/*
 * First step: a root of the tolerance over the fastest rate, times in which O(1) changes happen being at
 * most 1. Too long a guess is rejected, too short a one grows tenfold a step.
 */
static double first_step(ent_rk *rk, const double *x) {
  double fastest = 1;
  rk->base.system->model->drift(rk->base.system, 0, x, rk->dxdt);
  for (size_t k = 0; k < rk->base.system->size; k++) fastest = fmax(fastest, fabs(rk->dxdt[k]));
  rk->base.counts.rhs_evals++;
  return isfinite(fastest) ? 0.5 * sqrt(sqrt(rk->tolerance)) / fastest : DBL_MIN;
}

/* The drift is that of the times from t on. */
static void enter(ent_rk *rk, double t) {
  const ent_model *model = rk->base.system->model;
  if (model->next_break == NULL) return;
  model->enter(rk->base.system, t);
  rk->next_break = model->next_break(rk->base.system, t);
}

/* Puts the TS at (t, h) with state x, as if it had just been made. */
static int stand_at(ent_rk *rk, double t, double h, const double *x) {
  TSAdapt adapt = NULL;
  rk->base.t0 = rk->base.t1 = t;
  rk->overflowed = false;
  ENT_TRY_PETSC(TSSetTolerances(rk->ts, rk->tolerance, NULL, 0, NULL));
  ENT_TRY_PETSC(TSGetAdapt(rk->ts, &adapt));
  ENT_TRY_PETSC(TSAdaptReset(adapt));
  ENT_TRY(ent_rk_set_vector(rk->state, rk->base.system->size, x));
  ENT_TRY(ent_rk_restart(rk->ts, t, h));
  ENT_TRY_PETSC(TSGetStepRejections(rk->ts, &rk->rejections_seen));
  return ENT_OK;
}

static int start(ent_stepper *stepper, const double *x, double rtol, double atol) {
  ent_rk *rk = ent_rk_of(stepper);
  rk->tolerance = atol + rtol;
  rk->knows_slope = false;
  rk->restarts = true;
  enter(rk, 0);
  ENT_TRY(stand_at(rk, 0, first_step(rk, x), x));
  return ENT_OK;
}

static int save(ent_stepper *stepper, ent_checkpoint *checkpoint) {
  ent_rk *rk = ent_rk_of(stepper);
  const size_t size = stepper->system->size;
  const bool goes_on = rk->slopes != NULL && !rk->restarts;
  ENT_TRY(ent_rk_get_vector(rk->state, size, rk->dxdt));
  ENT_TRY_PETSC(TSGetTimeStep(rk->ts, &checkpoint->next_step));
  checkpoint->x = rk->dxdt;
  checkpoint->slope = goes_on ? rk->slopes + size : NULL;
  return ENT_OK;
}

static int restore(ent_stepper *stepper, const ent_checkpoint *checkpoint, double rtol, double atol) {
  ent_rk *rk = ent_rk_of(stepper);
  const size_t size = stepper->system->size;
  rk->tolerance = atol + rtol;
  rk->knows_slope = rk->slopes != NULL && checkpoint->slope != NULL;
  rk->restarts = !rk->knows_slope;
  if (rk->knows_slope) memcpy(rk->slopes + size, checkpoint->slope, size * sizeof(double));
  enter(rk, checkpoint->t);
  ENT_TRY(stand_at(rk, checkpoint->t, checkpoint->next_step, checkpoint->x));
  return ENT_OK;
}

/* Adds the last step's error, the largest over the particles, estimated by the embedded formula. */
static int add_error(ent_rk *rk) {
  const ent_system *system = rk->base.system;
  const size_t per_particle = system->kind == ENT_STATE_VECTORS ? system->d : 1;
  const size_t positions = system->size - system->extras;
  const PetscScalar *x = NULL, *y = NULL;
  PetscInt order = 0;
  double largest = 0;
  ENT_TRY_PETSC(TSRKGetOrder(rk->ts, &order));
  ENT_TRY_PETSC(TSEvaluateStep(rk->ts, order - 1, rk->embedded, NULL));
  ENT_TRY_PETSC(VecGetArrayRead(rk->state, &x));
  ENT_TRY_PETSC(VecGetArrayRead(rk->embedded, &y));
  for (size_t k = 0; k < positions; k += per_particle) {
    largest = fmax(largest, ent_vec_half_distance2(per_particle, x + k, y + k));
  }
  ENT_TRY_PETSC(VecRestoreArrayRead(rk->embedded, &y));
  ENT_TRY_PETSC(VecRestoreArrayRead(rk->state, &x));
  rk->base.counts.error_estimate += sqrt(2 * largest);
  return ENT_OK;
}

/* Puts the state back on the sphere where it has drifted; the next step then computes its first stage anew.
 */
static int retract(ent_rk *rk) {
  const ent_system *system = rk->base.system;
  if (system->kind != ENT_STATE_VECTORS) return ENT_OK;
  PetscScalar *x = NULL;
  double drift = 0;
  ENT_TRY(ent_rk_get_vector(rk->state, system->size, rk->dxdt));
  drift = ent_cloud_retract(system->kind, system->n, system->d, rk->dxdt);
  rk->base.counts.drift = fmax(rk->base.counts.drift, drift);
  if (drift <= 0.1 * rk->tolerance) return ENT_OK;
  ENT_TRY_PETSC(VecGetArray(rk->state, &x));
  memcpy(x, rk->dxdt, system->size * sizeof(*x));
  ENT_TRY_PETSC(VecRestoreArray(rk->state, &x));
  ENT_TRY_PETSC(TSRestartStep(rk->ts));
  rk->restarts = true;
  return ENT_OK;
}

static ent_job_error why_collapsed(const ent_rk *rk) {
  return rk->left_domain ? ENT_JOB_NOT_FINITE : ENT_JOB_STEP_COLLAPSE;
}

/* Tries a step; the answer is a job error, PETSc's own failures among them. */
static int try_step(ent_rk *rk, ent_job_error *error) {
  TSConvergedReason reason = TS_CONVERGED_ITERATING;
  rk->left_domain = false;
  const PetscErrorCode failure = TSStep(rk->ts);
  *error = ENT_JOB_OK;
  if (failure == PETSC_ERR_FP || (failure == 0 && rk->overflowed)) {
    *error = ENT_JOB_NOT_FINITE;
  } else if (failure == PETSC_ERR_NOT_CONVERGED || failure == PETSC_ERR_CONV_FAILED) {
    *error = ENT_JOB_INTEGRATOR;
  } else {
    ENT_TRY_PETSC(failure);
  }
  if (*error != ENT_JOB_OK) return ENT_OK;
  ENT_TRY_PETSC(TSGetConvergedReason(rk->ts, &reason));
  if (reason == TS_DIVERGED_STEP_REJECTED)
    *error = why_collapsed(rk);
  else if (reason < 0)
    *error = ENT_JOB_INTEGRATOR;
  return ENT_OK;
}

/*
 * Before a step: at a break the drift becomes the next one, and a step that would reach over a break is made
 * to end there. [out] wanted  the step size that was cut, 0 for none
 */
static int meet_break(ent_rk *rk, double *wanted) {
  PetscReal h = 0;
  *wanted = 0;
  if (rk->base.t1 == rk->next_break) enter(rk, rk->base.t1);
  ENT_TRY_PETSC(TSGetTimeStep(rk->ts, &h));
  if (rk->base.t1 + h <= rk->next_break) return ENT_OK;
  *wanted = h;
  ENT_TRY_PETSC(TSSetTimeStep(rk->ts, rk->next_break - rk->base.t1));
  return ENT_OK;
}

/* After a step that has come to a break, but for rounding: it ends there, and no slope goes on. */
static int leave_piece(ent_rk *rk, double wanted) {
  PetscReal h = 0;
  const double distance = fabs(rk->base.t1 - rk->next_break);
  if (isinf(rk->next_break) || distance > 4 * DBL_EPSILON * rk->next_break) return ENT_OK;
  ENT_TRY_PETSC(TSGetTimeStep(rk->ts, &h));
  rk->base.t1 = rk->next_break;
  ENT_TRY_PETSC(TSSetTime(rk->ts, rk->next_break));
  ENT_TRY_PETSC(TSSetTimeStep(rk->ts, fmax(h, wanted)));
  ENT_TRY_PETSC(TSRestartStep(rk->ts));
  rk->restarts = true;
  return ENT_OK;
}

/* Makes the step from the last one's end; `made` stays the last one's where there is none. */
static int make_step(ent_rk *rk, ent_step *made) {
  PetscReal t0 = 0, t1 = 0;
  PetscInt rejected = 0;
  ENT_TRY_PETSC(TSGetTime(rk->ts, &t0));
  ENT_TRY(try_step(rk, &made->error));
  ENT_TRY_PETSC(TSGetStepRejections(rk->ts, &rejected));
  rk->base.counts.rejected += rejected - rk->rejections_seen;
  rk->rejections_seen = rejected;
  if (made->error != ENT_JOB_OK) return ENT_OK;
  ENT_TRY_PETSC(TSGetTime(rk->ts, &t1));
  if (t1 - t0 <= 16 * DBL_EPSILON * t1) {
    made->error = why_collapsed(rk);
    return ENT_OK;
  }
  rk->base.t0 = t0;
  rk->base.t1 = t1;
  rk->base.counts.steps++;
  rk->knows_slope = rk->restarts = false;
  return ENT_OK;
}

static int step(ent_stepper *stepper, ent_step *made) {
  ent_rk *rk = ent_rk_of(stepper);
  const bool has_breaks = stepper->system->model->next_break != NULL;
  const size_t size = stepper->system->size;
  double wanted = 0;
  if (has_breaks) ENT_TRY(meet_break(rk, &wanted));
  ENT_TRY(ent_rk_get_vector(rk->state, size, stepper->before));
  if (rk->slopes) memcpy(rk->slopes, rk->slopes + size, size * sizeof(*rk->slopes));
  rk->is_fitted = false;
  ENT_TRY(make_step(rk, made));
  if (made->error != ENT_JOB_OK) return ENT_OK;
  if (has_breaks) ENT_TRY(leave_piece(rk, wanted));
  made->t0 = stepper->t0;
  made->t1 = stepper->t1;
  ENT_TRY(add_error(rk));
  ENT_TRY(retract(rk));
  return ENT_OK;
}

static int end(ent_stepper *stepper, double *x) {
  return ent_rk_get_vector(ent_rk_of(stepper)->state, stepper->system->size, x);
}

static double speed(ent_stepper *stepper, double t, const double *x) {
  ent_rk *rk = ent_rk_of(stepper);
  stepper->system->model->drift(stepper->system, t, x, rk->dxdt);
  stepper->counts.rhs_evals++;
  return ent_system_speed(stepper->system, x, rk->dxdt);
}

const ent_stepper_ops ent_stepper_rk = {
  .create = create,
  .destroy = destroy,
  .start = start,
  .save = save,
  .restore = restore,
  .step = step,
  .inside = ent_rk_inside,
  .end = end,
  .speed = speed,
};
