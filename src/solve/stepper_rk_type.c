#include <math.h>
#include <stdint.h>
#include <string.h>

#include <petsc/private/tsimpl.h>

#include "entrain/solve/petsc_try.h"

#include "stepper_rk.h"

#define TYPE_NAME "entrain"

bool ent_rk_slope(ent_rk *rk, double t, const double *x, double *dxdt) {
  rk->base.system->model->drift(rk->base.system, t, x, dxdt);
  rk->base.counts.rhs_evals++;
  return !ent_stepper_is_stopped(&rk->base) && ent_blend_is_finite(rk->padded, dxdt);
}

/* h times a row of the tableau over the stages that have a slope. */
static void weigh(const ent_rk *rk, double h, const PetscReal *row, PetscInt count, ent_blend *blend) {
  blend->count = 0;
  for (PetscInt j = 0; j < count; j++) {
    if (row[j] == 0) continue;
    blend->weights[blend->count] = h * row[j];
    blend->terms[blend->count++] = rk->stage_slopes[j];
  }
}

/* Where the slope of a stage lies that is neither the first nor at the step's end. */
static double *place_of(const ent_rk *rk, PetscInt stage) {
  if (stage == 1) return rk->older->x;
  return stage == 2 ? rk->older->slope : rk->slopes + (size_t)(stage - ENT_RK_HOUSED) * rk->padded;
}

/* The slopes of the stages after the first one; where the last is at the step's end, its state is that. */
static bool make_stages(ent_rk *rk, const ent_rk_knot *from, double h, double *x, double *last) {
  const ent_rk_tableau *tableau = &rk->tableau;
  ent_blend blend;
  rk->stage_slopes[0] = from->slope;
  for (PetscInt i = 1; i < tableau->stages; i++) {
    const bool ends = tableau->ends_with_slope && i == tableau->stages - 1;
    double *dxdt = ends ? last : place_of(rk, i);
    weigh(rk, h, tableau->a + i * tableau->stages, i, &blend);
    ent_blend_add(&blend, rk->padded, from->x, x);
    rk->stage_slopes[i] = dxdt;
    if (ends && last == NULL) break;
    if (!ent_rk_slope(rk, from->t + h * tableau->c[i], x, dxdt)) return false;
  }
  return true;
}

bool ent_rk_go(ent_rk *rk, const ent_rk_knot *from, double h, double *x, double *last) {
  ent_blend blend;
  if (!make_stages(rk, from, h, x, last)) return false;
  if (rk->tableau.ends_with_slope) return true;
  weigh(rk, h, rk->tableau.b, rk->tableau.stages, &blend);
  ent_blend_add(&blend, rk->padded, from->x, x);
  return ent_blend_is_finite(rk->padded, x);
}

/* The error that the embedded formula finds in the last attempt. */
static bool estimate_error(ent_rk *rk, double h) {
  const ent_rk_tableau *tableau = &rk->tableau;
  PetscReal row[ENT_BLEND_TERMS];
  ent_blend blend;
  rk->error = rk->older->x; /* element by element in place of the second stage's slope */
  for (PetscInt j = 0; j < tableau->stages; j++) row[j] = tableau->b[j] - tableau->embedded[j];
  weigh(rk, h, row, tableau->stages, &blend);
  rk->largest_error = ent_blend_sum(&blend, rk->padded, rk->error);
  return ent_blend_is_finite(rk->padded, rk->error);
}

/* Tries a step of length h into `next`; false if it leaves the domain of the drift. */
static bool attempt(ent_rk *rk, double h) {
  ent_rk_knot *from = rk->after, *to = rk->next;
  rk->base.system->slack = ENT_DRIFT_SHARE * rk->tolerance / h;
  if (rk->restarts) {
    if (!ent_rk_slope(rk, from->t, from->x, from->slope)) return false;
    from->has_slope = true;
    rk->restarts = false;
  }
  to->t = from->t + h;
  to->has_slope = rk->tableau.ends_with_slope;
  return ent_rk_go(rk, from, h, to->x, to->slope) && estimate_error(rk, h);
}

/*
 * A step's length with 29 bits: the adaptor takes a root by the system's library, whose last bit is not the
 * same on every processor.
 */
static double shorten(double h) {
  const uint64_t kept = ~(((uint64_t)1 << 24) - 1);
  uint64_t bits = 0;
  memcpy(&bits, &h, sizeof(bits));
  bits &= kept;
  memcpy(&h, &bits, sizeof(h));
  return h;
}

/* Attempts until the adaptor accepts one; what it knows of a step is its error. */
static PetscErrorCode step(TS ts) {
  ent_rk *rk = ts->data;
  PetscBool accepts = PETSC_TRUE;
  for (PetscInt rejections = 0; ts->reason == TS_CONVERGED_ITERATING;) {
    const PetscReal h = ts->time_step;
    PetscReal next = h;
    if (attempt(rk, h)) {
      PetscCall(TSAdaptChoose(ts->adapt, ts, h, NULL, &next, &accepts));
    } else if (ent_stepper_is_stopped(&rk->base)) {
      ts->reason = TS_DIVERGED_STEP_REJECTED;
      return 0;
    } else {
      rk->left_domain = true;
      accepts = PETSC_FALSE;
      PetscCall(TSAdaptGetScaleSolveFailed(ts->adapt, &next));
      next *= h;
    }
    ts->time_step = shorten(next);
    if (accepts) {
      ts->ptime = rk->next->t;
      return 0;
    }
    ts->reject++;
    if (++rejections > ts->max_reject && ts->max_reject >= 0) ts->reason = TS_DIVERGED_STEP_REJECTED;
  }
  return 0;
}

/* The adaptor's question; positions have size 1, and the norm is the largest component's. */
static PetscErrorCode tell_error(TS ts, NormType norm, PetscInt *order, PetscReal *error) {
  const ent_rk *rk = ts->data;
  (void)norm;
  *order = rk->tableau.order;
  *error = rk->largest_error / rk->tolerance;
  return 0;
}

static PetscErrorCode make_type(TS ts) {
  ts->ops->step = step;
  ts->ops->evaluatewlte = tell_error;
  ts->usessnes = PETSC_FALSE;
  ts->default_adapt_type = TSADAPTBASIC;
  return 0;
}

PetscErrorCode ent_rk_make_ts(ent_rk *rk, TS *ts) {
  PetscCall(TSRegister(TYPE_NAME, make_type));
  PetscCall(TSCreate(PETSC_COMM_SELF, ts));
  PetscCall(TSSetProblemType(*ts, TS_NONLINEAR));
  PetscCall(TSSetType(*ts, TYPE_NAME));
  (*ts)->data = rk;
  return 0;
}
