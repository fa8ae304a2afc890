#include <string.h>

#include "entrain/solve/petsc_try.h"
#include "entrain/solve/quintic.h"

#include "stepper_rk.h"

/* Lengths of the step before, in those of this one, with which both make a polynomial. */
#define SHORTEST_BEFORE 0.2
#define LONGEST_BEFORE 5.0

/* The free polynomial is taken where it and PETSc's interpolant agree to this share of the tolerance. */
#define AGREEMENT 0.5

enum { LOW_ORDER = 3 }; /* steps of such schemes are short: the free polynomial is better than they are */

/* The slope at the end of the last step; where the drift does not jump there, it is the next first stage. */
static bool know_end(ent_rk *rk) {
  ent_rk_knot *at = rk->after;
  if (at->has_slope) return true;
  if (!ent_rk_slope(rk, at->t, at->x, at->slope)) return false;
  at->has_slope = true;
  rk->restarts = !rk->joins;
  return true;
}

void ent_rk_weigh_inside(const ent_rk_tableau *tableau, double part, double *weights) {
  for (PetscInt j = 0; j < tableau->stages; j++) {
    weights[j] = 0;
    for (PetscInt k = tableau->degree; k-- > 0;)
      weights[j] = (weights[j] + tableau->inside[j * tableau->degree + k]) * part;
  }
}

/* What PETSc's interpolant adds to the start of the last step, by the weights of a place inside. */
static ent_blend blend_of(const ent_rk *rk, const double *weights) {
  const double h = rk->after->t - rk->before->t;
  ent_blend blend = {.count = 0};
  for (PetscInt j = 0; j < rk->tableau.stages; j++) {
    if (weights[j] == 0) continue;
    blend.weights[blend.count] = h * weights[j];
    blend.terms[blend.count++] = rk->stage_slopes[j];
  }
  return blend;
}

/* Slope there; false if it is not finite. */
static bool estimate_slope(ent_rk *rk, double part, double *dxdt) {
  double weights[ENT_BLEND_TERMS], *x = rk->next->x; /* free between two steps */
  ent_rk_weigh_inside(&rk->tableau, part, weights);
  const ent_blend blend = blend_of(rk, weights);
  ent_blend_add(&blend, rk->padded, rk->before->x, x);
  return ent_rk_slope(rk, rk->before->t + part * (rk->after->t - rk->before->t), x, dxdt);
}

static ent_quintic quintic_of(const ent_rk *rk) {
  return (ent_quintic){.size = rk->base.system->size,
                       .h = rk->after->t - rk->before->t,
                       .x0 = rk->before->x,
                       .x1 = rk->after->x,
                       .dxdt0 = rk->before->slope,
                       .dxdt1 = rk->after->slope,
                       .a = rk->older->x,
                       .b = rk->older->slope};
}

/* Whether a quintic and PETSc's interpolant agree in the middle of the step, where both are worst. */
static bool agrees(const ent_rk *rk, const ent_quintic *quintic) {
  const ent_blend blend = blend_of(rk, rk->middle);
  return ent_quintic_distance(quintic, ENT_RK_MIDDLE, &blend) <= AGREEMENT * rk->tolerance;
}

/* Fits the quintic with nothing but what the last step and the one before know; false if it is too bad. */
static bool fit_free(ent_rk *rk) {
  const ent_quintic quintic = quintic_of(rk);
  const double back = rk->before->t - rk->older->t;
  const bool is_near = back >= SHORTEST_BEFORE * quintic.h && back <= LONGEST_BEFORE * quintic.h;
  if (!rk->has_older || !is_near) return false;
  ent_quintic_fit_back(&quintic, back, rk->older->x, rk->older->slope); /* in place */
  return rk->tableau.order <= LOW_ORDER || agrees(rk, &quintic);
}

/* Fits the quintic of the last step when it is first asked for; false where there is none. */
static bool fit(ent_rk *rk) {
  if (rk->is_fitted || rk->has_no_fit) return rk->is_fitted;
  if (!(rk->has_interpolant || rk->tableau.order <= LOW_ORDER) || !know_end(rk)) return false;
  if (!fit_free(rk)) {
    const ent_quintic quintic = quintic_of(rk);
    if (!rk->has_interpolant) return false;
    if (!estimate_slope(rk, 1.0 / 3, quintic.a) || !estimate_slope(rk, 2.0 / 3, quintic.b)) return false;
    ent_quintic_fit(&quintic);
  }
  rk->is_fitted = true;
  return true;
}

/*
 * What stands for a step that the drift does not let through, where that of the whole length went through:
 * Hermite's cubic of both ends, or the line between them where the drift has no slope at the second either.
 */
static void bridge(ent_rk *rk, double t, double *x) {
  const ent_quintic cubic = quintic_of(rk);
  const double part = (t - rk->before->t) / cubic.h;
  if (know_end(rk)) {
    memset(cubic.a, 0, rk->padded * sizeof(*cubic.a));
    memset(cubic.b, 0, rk->padded * sizeof(*cubic.b));
    ent_quintic_evaluate(&cubic, part, x);
    return;
  }
  for (size_t k = 0; k < cubic.size; k++) x[k] = cubic.x0[k] + part * (cubic.x1[k] - cubic.x0[k]);
}

int ent_rk_inside(ent_stepper *stepper, double t, double *x) {
  ent_rk *rk = ent_rk_of(stepper);
  if (fit(rk)) {
    const ent_quintic quintic = quintic_of(rk);
    ent_quintic_evaluate(&quintic, (t - rk->before->t) / quintic.h, x);
    return ENT_OK;
  }
  /* a step of the same scheme from the start of the last step, over the stages of that */
  rk->has_no_fit = true;
  if (ent_rk_go(rk, rk->before, t - rk->before->t, rk->next->x, NULL))
    memcpy(x, rk->next->x, stepper->system->size * sizeof(*x));
  else
    bridge(rk, t, x);
  return ENT_OK;
}
