#include "stepper_rk.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/math/points.h"
#include "entrain/solve/petsc_try.h"
#include "entrain/solve/stepper.h"

enum { MANY = 4096 }; /* particles */

#define SPEED_ERROR 1e-9 /* of that many, if the tolerance is less */

static void destroy(ent_stepper *stepper) {
  ent_rk *old = ent_rk_of(stepper);
  /* destruction fails only for corrupted objects; there is nothing left to do about it */
  (void)TSDestroy(&old->ts);
  (void)VecDestroy(&old->nothing);
  for (int k = 0; k < ENT_RK_KNOTS; k++) {
    free(old->knots[k].x);
    free(old->knots[k].slope);
  }
  free(old->slopes);
  free(old->on_manifold);
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

/* Lets a knot stand at (t, x), with a slope where it is known. x, slope [size]. */
static void set_knot(const ent_rk *rk, double t, const double *x, const double *slope, ent_rk_knot *knot) {
  const size_t bytes = rk->base.system->size * sizeof(double);
  knot->t = t;
  knot->has_slope = slope != NULL;
  memcpy(knot->x, x, bytes);
  if (slope) memcpy(knot->slope, slope, bytes);
}

/*
 * First step: a root of the tolerance over the fastest rate, times in which O(1) changes happen being at
 * most 1. Too long a guess is rejected, too short a one grows tenfold a step. The slope is that of the first
 * stage; it may err as in the longest first step.
 */
static double first_step(ent_rk *rk) {
  ent_rk_knot *at = rk->after;
  const double longest = 0.5 * sqrt(sqrt(rk->tolerance));
  double fastest = 1;
  rk->base.system->slack = ENT_DRIFT_SHARE * rk->tolerance / longest;
  rk->restarts = !ent_rk_slope(rk, at->t, at->x, at->slope);
  if (rk->restarts) return DBL_MIN;
  at->has_slope = true;
  for (size_t k = 0; k < rk->base.system->size; k++) fastest = fmax(fastest, fabs(at->slope[k]));
  return longest / fastest;
}

/* The drift is that of the times from t on. */
static void enter(ent_rk *rk, double t) {
  const ent_model *model = rk->base.system->model;
  if (model->next_break == NULL) return;
  model->enter(rk->base.system, t);
  rk->next_break = model->next_break(rk->base.system, t);
}

/* What is known of the last step's end, put on its manifold; returns how far it was from there. */
static double look_at_end(ent_rk *rk) {
  const ent_system *system = rk->base.system;
  if (rk->on_manifold == NULL) return 0;
  memcpy(rk->on_manifold, rk->after->x, system->size * sizeof(double));
  return ent_cloud_retract(system->kind, system->n, system->d, rk->on_manifold);
}

/* Makes a TS forget what it did before and stand at (t, h), where `after` is. */
static int stand_at(ent_rk *rk, double t, double h) {
  TSAdapt adapt = NULL;
  rk->base.t0 = rk->base.t1 = t;
  rk->base.before = rk->before->x;
  rk->is_fitted = rk->has_no_fit = rk->has_older = false;
  look_at_end(rk);
  ENT_TRY_PETSC(TSGetAdapt(rk->ts, &adapt));
  ENT_TRY_PETSC(TSAdaptReset(adapt));
  ENT_TRY_PETSC(TSSetTime(rk->ts, t));
  ENT_TRY_PETSC(TSSetStepNumber(rk->ts, 0));
  ENT_TRY_PETSC(TSSetTimeStep(rk->ts, h));
  ENT_TRY_PETSC(TSRestartStep(rk->ts));
  ENT_TRY_PETSC(TSGetStepRejections(rk->ts, &rk->rejections_seen));
  return ENT_OK;
}

static int start(ent_stepper *stepper, const double *x, double rtol, double atol) {
  ent_rk *rk = ent_rk_of(stepper);
  rk->tolerance = atol + rtol;
  enter(rk, 0);
  set_knot(rk, 0, x, NULL, rk->after);
  rk->joins = false;
  ENT_TRY(stand_at(rk, 0, first_step(rk)));
  return ENT_OK;
}

static int save(ent_stepper *stepper, ent_checkpoint *checkpoint) {
  ent_rk *rk = ent_rk_of(stepper);
  ENT_TRY_PETSC(TSGetTimeStep(rk->ts, &checkpoint->next_step));
  checkpoint->x = rk->after->x;
  checkpoint->slope = rk->after->has_slope && !rk->restarts ? rk->after->slope : NULL;
  checkpoint->t_before = rk->before->t;
  checkpoint->x_before = rk->joins ? rk->before->x : NULL;
  checkpoint->slope_before = rk->joins ? rk->before->slope : NULL;
  return ENT_OK;
}

static int restore(ent_stepper *stepper, const ent_checkpoint *from, double rtol, double atol) {
  ent_rk *rk = ent_rk_of(stepper);
  rk->tolerance = atol + rtol;
  rk->restarts = from->slope == NULL;
  rk->joins = from->x_before != NULL;
  set_knot(rk, from->t, from->x, from->slope, rk->after);
  if (rk->joins) set_knot(rk, from->t_before, from->x_before, from->slope_before, rk->before);
  enter(rk, from->t);
  ENT_TRY(stand_at(rk, from->t, from->next_step));
  return ENT_OK;
}

/* The largest error of a particle in the last step. */
static double particle_error(const ent_rk *rk) {
  const ent_system *system = rk->base.system;
  const size_t d = system->kind == ENT_STATE_VECTORS ? system->d : 1;
  const size_t positions = system->size - system->extras;
  if (d == 1 && system->extras == 0) return rk->largest_error;
  return sqrt(ent_points_largest_square(positions / d, d, rk->error));
}

/* Puts the state back on the sphere where it has drifted; the next step then computes its first stage anew.
 */
static int retract(ent_rk *rk) {
  const ent_system *system = rk->base.system;
  const double drift = look_at_end(rk);
  if (rk->on_manifold == NULL) return ENT_OK;
  rk->base.counts.drift = fmax(rk->base.counts.drift, drift);
  if (drift <= rk->tolerance) return ENT_OK;
  memcpy(rk->after->x, rk->on_manifold, system->size * sizeof(double));
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
  if (failure == PETSC_ERR_FP) {
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
  rk->base.t1 = rk->after->t = rk->next_break;
  ENT_TRY_PETSC(TSSetTime(rk->ts, rk->next_break));
  ENT_TRY_PETSC(TSSetTimeStep(rk->ts, fmax(h, wanted)));
  ENT_TRY_PETSC(TSRestartStep(rk->ts));
  rk->restarts = true;
  rk->joins = false;
  return ENT_OK;
}

/* What was the end of a step becomes its start. */
static void move_on(ent_rk *rk) {
  ent_rk_knot *oldest = rk->older;
  rk->older = rk->before;
  rk->before = rk->after;
  rk->after = rk->next;
  rk->next = oldest;
  rk->has_older = rk->joins;
  rk->joins = true;
  rk->restarts = !rk->after->has_slope;
  rk->is_fitted = rk->has_no_fit = false;
  rk->base.before = rk->before->x;
  rk->base.t0 = rk->before->t;
  rk->base.t1 = rk->after->t;
  rk->base.counts.steps++;
}

/* Makes the step from the last one's end; `made` stays the last one's where there is none. */
static int make_step(ent_rk *rk, ent_step *made) {
  PetscInt rejected = 0;
  ENT_TRY(try_step(rk, &made->error));
  ENT_TRY_PETSC(TSGetStepRejections(rk->ts, &rejected));
  rk->base.counts.rejected += rejected - rk->rejections_seen;
  rk->rejections_seen = rejected;
  if (made->error != ENT_JOB_OK) return ENT_OK;
  if (rk->next->t - rk->after->t <= 16 * DBL_EPSILON * rk->next->t)
    made->error = why_collapsed(rk);
  else
    move_on(rk);
  return ENT_OK;
}

/* What a step that is given up changes, and a checkpoint has. */
typedef struct footing {
  ent_step_counts counts;
  PetscReal h;
  bool restarts;
} footing;

/* Goes back to before a step that was given up. */
static int go_back(ent_rk *rk, const footing *before) {
  rk->base.counts = before->counts;
  rk->restarts = before->restarts;
  ENT_TRY_PETSC(TSSetTimeStep(rk->ts, before->h));
  return ENT_OK;
}

static int step(ent_stepper *stepper, ent_step *made) {
  ent_rk *rk = ent_rk_of(stepper);
  const bool has_breaks = stepper->system->model->next_break != NULL;
  footing before = {.counts = stepper->counts, .restarts = rk->restarts};
  double wanted = 0;
  ENT_TRY_PETSC(TSGetTimeStep(rk->ts, &before.h));
  if (has_breaks) ENT_TRY(meet_break(rk, &wanted));
  ENT_TRY(make_step(rk, made));
  if (made->error != ENT_JOB_OK) return ent_stepper_is_stopped(stepper) ? go_back(rk, &before) : ENT_OK;
  if (has_breaks) ENT_TRY(leave_piece(rk, wanted));
  made->t0 = stepper->t0;
  made->t1 = stepper->t1;
  stepper->counts.error_estimate += particle_error(rk);
  ENT_TRY(retract(rk));
  return ENT_OK;
}

static int end(ent_stepper *stepper, double *x) {
  const ent_rk *rk = ent_rk_of(stepper);
  memcpy(x, rk->on_manifold ? rk->on_manifold : rk->after->x, stepper->system->size * sizeof(*x));
  return ENT_OK;
}

/*
 * Near rest a speed is far below any tolerance, so no error is allowed; only where all pairs are too many, as
 * one sum over them takes minutes, it may be the tolerance.
 */
static double speed(ent_stepper *stepper, double t, const double *x) {
  ent_rk *rk = ent_rk_of(stepper);
  double *dxdt = rk->next->x; /* free between two steps */
  stepper->system->slack = stepper->system->n > MANY ? fmax(rk->tolerance, SPEED_ERROR) : 0;
  stepper->system->model->drift(stepper->system, t, x, dxdt);
  stepper->counts.rhs_evals++;
  return ent_system_speed(stepper->system, x, dxdt);
}

const ent_stepper_ops ent_stepper_rk = {
  .arrays = ent_rk_arrays,
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
