#include <math.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/solve/petsc_try.h"

#include "stepper_rk.h"

enum { INNER_STAGE = -1 }; /* of the TS for steps inside a step */

/* The slopes at both ends of a step: its first stage, and where that is at its end its last. */
static void keep_slopes(ent_rk *rk, const double *dxdt) {
  const size_t size = rk->base.system->size;
  if (rk->slopes == NULL) return;
  if (rk->stage == 0) memcpy(rk->slopes, dxdt, size * sizeof(*dxdt));
  if (rk->stage == rk->last_stage) memcpy(rk->slopes + size, dxdt, size * sizeof(*dxdt));
}

/* dx/dt, for the first stage after a checkpoint the slope that was kept: it is counted already. */
static void compute_slope(ent_rk *rk, double t, const double *x, double *dxdt) {
  const size_t size = rk->base.system->size;
  if (rk->knows_slope && rk->stage == 0) {
    memcpy(dxdt, rk->slopes, size * sizeof(*dxdt));
    return;
  }
  double sum = 0;
  rk->base.system->model->drift(rk->base.system, t, x, dxdt);
  for (size_t k = 0; k < size; k++) sum += dxdt[k];
  rk->overflowed |= !isfinite(sum);
  rk->base.counts.rhs_evals++;
}

static PetscErrorCode right_hand_side(TS ts, PetscReal t, Vec x, Vec f, void *context) {
  ent_rk *rk = context;
  const PetscScalar *state = NULL;
  PetscScalar *dxdt = NULL;
  if (ts != rk->ts) rk->stage = INNER_STAGE;
  PetscCall(VecGetArrayRead(x, &state));
  PetscCall(VecGetArray(f, &dxdt));
  compute_slope(rk, t, state, dxdt);
  keep_slopes(rk, dxdt);
  PetscCall(VecRestoreArray(f, &dxdt));
  PetscCall(VecRestoreArrayRead(x, &state));
  return 0;
}

/* Which stage the right-hand side is asked for next. */
static PetscErrorCode note_stage(TS ts, PetscReal stage_time, PetscInt stage, Vec *states) {
  ent_rk *rk = NULL;
  (void)stage_time, (void)states;
  PetscCall(TSGetApplicationContext(ts, &rk));
  rk->stage = stage;
  return 0;
}

/* A stage after an overflow is outside of the domain: PETSc then tries a shorter step. */
static PetscErrorCode is_in_domain(TS ts, PetscReal t, Vec x, PetscBool *accept) {
  ent_rk *rk = NULL;
  (void)t, (void)x;
  PetscCall(TSGetApplicationContext(ts, &rk));
  *accept = rk->overflowed ? PETSC_FALSE : PETSC_TRUE;
  rk->left_domain |= rk->overflowed;
  rk->overflowed = false;
  return 0;
}

/*
 * Before the first stage of each attempt at a step the state is put back as it was: PETSc takes a rejected
 * attempt back by subtracting it, which leaves a rounding error of the size of the attempt.
 */
static PetscErrorCode restore_start(TS ts, PetscReal stage_time) {
  ent_rk *rk = NULL;
  PetscScalar *x = NULL;
  PetscCall(TSGetApplicationContext(ts, &rk));
  if (stage_time != rk->base.t1) return 0;
  PetscCall(VecGetArray(rk->state, &x));
  memcpy(x, rk->base.before, rk->base.system->size * sizeof(*x));
  PetscCall(VecRestoreArray(rk->state, &x));
  return 0;
}

static int create_ts(ent_rk *rk, int scheme, Vec state, TS *ts) {
  const char *name = ent_solver_parameters[ENT_SOLVER_SCHEME].choices[scheme];
  ENT_TRY_PETSC(TSCreate(PETSC_COMM_SELF, ts));
  ENT_TRY_PETSC(TSSetProblemType(*ts, TS_NONLINEAR));
  ENT_TRY_PETSC(TSSetType(*ts, TSRK));
  ENT_TRY_PETSC(TSRKSetType(*ts, name));
  ENT_TRY_PETSC(TSSetRHSFunction(*ts, NULL, right_hand_side, rk));
  ENT_TRY_PETSC(TSSetApplicationContext(*ts, rk));
  ENT_TRY_PETSC(TSSetSolution(*ts, state));
  ENT_TRY_PETSC(TSSetMaxTime(*ts, PETSC_MAX_REAL / 2));
  ENT_TRY_PETSC(TSSetMaxSteps(*ts, PETSC_MAX_INT));
  ENT_TRY_PETSC(TSSetExactFinalTime(*ts, TS_EXACTFINALTIME_STEPOVER));
  ENT_TRY_PETSC(TSSetErrorIfStepFails(*ts, PETSC_FALSE));
  ENT_TRY_PETSC(TSSetMaxStepRejections(*ts, 100));
  return ENT_OK;
}

/* An adaptor that controls the error: verdicts need it. The basic one looks at the step alone, dsp back. */
static int check_adaptor(ent_rk *rk) {
  TSAdapt adapt = NULL;
  TSAdaptType type = NULL;
  ENT_TRY_PETSC(TSGetAdapt(rk->ts, &adapt));
  ENT_TRY_PETSC(TSAdaptGetType(adapt, &type));
  rk->base.can_save = strcmp(type, TSADAPTBASIC) == 0;
  ENT_CHECK(rk->base.can_save || strcmp(type, TSADAPTDSP) == 0, ENT_ERR_ARGUMENT,
            "PETSc option '-ts_adapt_type %s', must be basic or dsp: verdicts need error control", type);
  return ENT_OK;
}

static int create_inner(ent_rk *rk, int scheme) {
  TSAdapt adapt = NULL;
  ENT_TRY_PETSC(VecDuplicate(rk->state, &rk->inner_state));
  ENT_TRY(create_ts(rk, scheme, rk->inner_state, &rk->inner));
  ENT_TRY_PETSC(TSGetAdapt(rk->inner, &adapt));
  ENT_TRY_PETSC(TSAdaptSetType(adapt, TSADAPTNONE));
  ENT_TRY_PETSC(TSSetUp(rk->inner));
  return ENT_OK;
}

/* Schemes whose last stage is the first one of the next step keep it; PETSc does not show its own. */
static int make_slopes(ent_rk *rk) {
  PetscInt stages = 0;
  PetscBool last_is_first = PETSC_FALSE;
  const size_t kept = rk->has_quintic ? 4 : 2;
  ENT_TRY_PETSC(TSRKGetTableau(rk->ts, &stages, NULL, NULL, NULL, NULL, NULL, NULL, &last_is_first));
  rk->last_stage = stages - 1;
  if (!last_is_first) return ENT_OK;
  ENT_TRY(ent_mem_alloc(kept * rk->base.system->size, sizeof(double), &rk->slopes));
  return ENT_OK;
}

int ent_rk_set_up(ent_rk *rk, int scheme) {
  const size_t size = rk->base.system->size;
  TSAdapt adapt = NULL;
  ENT_TRY(ent_mem_alloc(size, sizeof(double), &rk->base.before));
  ENT_TRY(ent_mem_alloc(size, sizeof(double), &rk->dxdt));
  ENT_TRY_PETSC(VecCreateSeq(PETSC_COMM_SELF, (PetscInt)size, &rk->state));
  ENT_TRY_PETSC(VecDuplicate(rk->state, &rk->embedded));
  ENT_TRY(create_ts(rk, scheme, rk->state, &rk->ts));
  ENT_TRY_PETSC(TSSetFunctionDomainError(rk->ts, is_in_domain));
  ENT_TRY_PETSC(TSSetPreStage(rk->ts, restore_start));
  ENT_TRY_PETSC(
    TSSetPostStage(rk->ts, note_stage)); /* PETSc calls it before the stage's slope is asked for */
  ENT_TRY_PETSC(TSGetAdapt(rk->ts, &adapt));
  ENT_TRY_PETSC(TSAdaptSetStepLimits(adapt, PETSC_MACHINE_EPSILON * 1e-280, PETSC_MAX_REAL / 4));
  ENT_TRY_PETSC(TSSetFromOptions(rk->ts));
  ENT_TRY_PETSC(TSSetUp(rk->ts));
  ENT_TRY(check_adaptor(rk));
  rk->has_quintic = strcmp(ent_solver_parameters[ENT_SOLVER_SCHEME].choices[scheme], TSRK5DP) == 0;
  ENT_TRY(make_slopes(rk));
  if (!rk->has_quintic) ENT_TRY(create_inner(rk, scheme));
  return ENT_OK;
}
