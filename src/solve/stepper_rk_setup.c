#include <math.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/math/simd.h"
#include "entrain/solve/petsc_try.h"

#include "stepper_rk.h"

#define SAFETY 0.8       /* of the step at which the error would be the tolerance */
#define LEAST_GROWTH 0.1 /* of a step from one to the next */
#define MOST_GROWTH 20.0

/* A TSRK shows the tableau of its scheme, which outlives it. */
static int get_tableau(const char *scheme, ent_rk_tableau *tableau) {
  int code = ENT_OK;
  TS ts = NULL;
  ent_rk_tableau t = {0};
  ENT_GOTO_PETSC(TSCreate(PETSC_COMM_SELF, &ts));
  ENT_GOTO_PETSC(TSSetType(ts, TSRK));
  ENT_GOTO_PETSC(TSRKSetType(ts, scheme));
  ENT_GOTO_PETSC(TSRKGetOrder(ts, &t.order));
  ENT_GOTO_PETSC(
    TSRKGetTableau(ts, &t.stages, &t.a, &t.b, &t.c, &t.embedded, &t.degree, &t.inside, &t.ends_with_slope));
  ENT_CHECK_GOTO(t.stages <= ENT_BLEND_TERMS && t.embedded, ENT_ERR_INTERNAL,
                 "scheme '%s' has %d stages, must have %d at most and an error estimate", scheme,
                 (int)t.stages, (int)ENT_BLEND_TERMS);
  *tableau = t;
done:
  (void)TSDestroy(&ts); /* fails only for corrupted objects */
  return code;
}

/* An adaptor that controls the error: verdicts need it. The basic one looks at the step alone, dsp back. */
static int check_adaptor(ent_rk *rk, TSAdapt adapt) {
  TSAdaptType type = NULL;
  ENT_TRY_PETSC(TSAdaptGetType(adapt, &type));
  rk->base.can_save = strcmp(type, TSADAPTBASIC) == 0;
  ENT_CHECK(rk->base.can_save || strcmp(type, TSADAPTDSP) == 0, ENT_ERR_ARGUMENT,
            "PETSc option '-ts_adapt_type %s', must be basic or dsp: verdicts need error control", type);
  return ENT_OK;
}

/*
 * What PETSc's adaptor does unless an option says otherwise. Its own safety, 0.9, has one step in ten
 * rejected, and needs more right-hand sides for the same error (docs/performance.md).
 */
static int set_up_adaptor(TSAdapt adapt) {
  PetscReal safety = 0, after_rejection = 0;
  ENT_TRY_PETSC(TSAdaptGetSafety(adapt, &safety, &after_rejection));
  ENT_TRY_PETSC(TSAdaptSetSafety(adapt, SAFETY, after_rejection));
  ENT_TRY_PETSC(TSAdaptSetClip(adapt, LEAST_GROWTH, MOST_GROWTH));
  ENT_TRY_PETSC(TSAdaptSetStepLimits(adapt, PETSC_MACHINE_EPSILON * 1e-280, PETSC_MAX_REAL / 4));
  return ENT_OK;
}

static int make_ts(ent_rk *rk, const char *scheme) {
  TSAdapt adapt = NULL;
  const ent_rk_tableau *tableau = &rk->tableau;
  ENT_TRY_PETSC(VecCreateSeq(PETSC_COMM_SELF, 1, &rk->nothing));
  ENT_TRY_PETSC(ent_rk_make_ts(rk, &rk->ts));
  ENT_TRY_PETSC(TSSetSolution(rk->ts, rk->nothing));
  ENT_TRY_PETSC(TSSetApplicationContext(rk->ts, rk->base.system)); /* for who looks at a TS from outside */
  ENT_TRY_PETSC(TSSetMaxTime(rk->ts, PETSC_MAX_REAL / 2));
  ENT_TRY_PETSC(TSSetMaxSteps(rk->ts, PETSC_MAX_INT));
  ENT_TRY_PETSC(TSSetExactFinalTime(rk->ts, TS_EXACTFINALTIME_STEPOVER));
  ENT_TRY_PETSC(TSSetErrorIfStepFails(rk->ts, PETSC_FALSE));
  ENT_TRY_PETSC(TSSetMaxStepRejections(rk->ts, 100));
  ENT_TRY_PETSC(TSGetAdapt(rk->ts, &adapt));
  ENT_TRY(set_up_adaptor(adapt));
  ENT_TRY_PETSC(
    TSAdaptCandidateAdd(adapt, scheme, tableau->order, 1, 1, (PetscReal)tableau->stages, PETSC_TRUE));
  ENT_TRY_PETSC(TSSetFromOptions(rk->ts));
  ENT_TRY_PETSC(TSSetUp(rk->ts));
  ENT_TRY(check_adaptor(rk, adapt));
  return ENT_OK;
}

/* Slopes of stages for which knots have no room. */
static size_t count_slopes(const ent_rk_tableau *tableau) {
  const PetscInt count = tableau->stages - (PetscInt)ENT_RK_HOUSED - (tableau->ends_with_slope ? 1 : 0);
  return count > 0 ? (size_t)count : 0;
}

static int make_arrays(ent_rk *rk) {
  const size_t size = rk->base.system->size, padded = ent_simd_pad(size);
  rk->padded = padded;
  for (int k = 0; k < ENT_RK_KNOTS; k++) {
    ENT_TRY(ent_mem_alloc(padded, sizeof(double), &rk->knots[k].x));
    ENT_TRY(ent_mem_alloc(padded, sizeof(double), &rk->knots[k].slope));
  }
  rk->older = &rk->knots[0];
  rk->before = &rk->knots[1];
  rk->after = &rk->knots[2];
  rk->next = &rk->knots[3];
  ENT_TRY(ent_mem_alloc(count_slopes(&rk->tableau) * padded, sizeof(double), &rk->slopes));
  if (rk->base.system->kind == ENT_STATE_VECTORS)
    ENT_TRY(ent_mem_alloc(size, sizeof(double), &rk->on_manifold));
  return ENT_OK;
}

static const char *name_of(int scheme) {
  return ent_solver_parameters[ENT_SOLVER_SCHEME].choices[scheme];
}

int ent_rk_arrays(ent_state_kind kind, int scheme, size_t *count) {
  ent_rk_tableau tableau = {0};
  ENT_TRY(get_tableau(name_of(scheme), &tableau));
  *count = (size_t)ENT_RK_KNOTS * 2 + count_slopes(&tableau) + (kind == ENT_STATE_VECTORS ? 1 : 0);
  return ENT_OK;
}

int ent_rk_set_up(ent_rk *rk, int scheme) {
  const char *name = name_of(scheme);
  ENT_TRY(get_tableau(name, &rk->tableau));
  rk->has_interpolant = strcmp(name, TSRK5DP) == 0;
  if (rk->has_interpolant) ent_rk_weigh_inside(&rk->tableau, ENT_RK_MIDDLE, rk->middle);
  ENT_TRY(make_arrays(rk));
  ENT_TRY(make_ts(rk, name));
  return ENT_OK;
}
