#include "entrain/solve/stepper.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/math/vec.h"
#include "entrain/solve/petsc_try.h"

#include "stepper_impl.h"

enum { INNER_STAGE = -1 }; /* of the TS for steps inside a step */

/* The slopes at both ends of a step: its first stage, and where that is at its end its last. */
static void keep_slopes(ent_stepper *stepper, const double *dxdt) {
  const size_t size = stepper->system->size;
  if (stepper->slopes == NULL) return;
  if (stepper->stage == 0) memcpy(stepper->slopes, dxdt, size * sizeof(*dxdt));
  if (stepper->stage == stepper->last_stage) memcpy(stepper->slopes + size, dxdt, size * sizeof(*dxdt));
}

/* dx/dt, for the first stage after a checkpoint the slope that was kept: it is counted already. */
static void compute_slope(ent_stepper *stepper, double t, const double *x, double *dxdt) {
  const size_t size = stepper->system->size;
  if (stepper->knows_slope && stepper->stage == 0) {
    memcpy(dxdt, stepper->slopes, size * sizeof(*dxdt));
    return;
  }
  double sum = 0;
  stepper->system->model->drift(stepper->system, t, x, dxdt);
  for (size_t k = 0; k < size; k++) sum += dxdt[k];
  stepper->overflowed |= !isfinite(sum);
  stepper->counts.rhs_evals++;
}

static PetscErrorCode right_hand_side(TS ts, PetscReal t, Vec x, Vec f, void *context) {
  ent_stepper *stepper = context;
  const PetscScalar *state = NULL;
  PetscScalar *dxdt = NULL;
  if (ts != stepper->ts) stepper->stage = INNER_STAGE;
  PetscCall(VecGetArrayRead(x, &state));
  PetscCall(VecGetArray(f, &dxdt));
  compute_slope(stepper, t, state, dxdt);
  keep_slopes(stepper, dxdt);
  PetscCall(VecRestoreArray(f, &dxdt));
  PetscCall(VecRestoreArrayRead(x, &state));
  return 0;
}

/* Which stage the right-hand side is asked for next. */
static PetscErrorCode note_stage(TS ts, PetscReal stage_time, PetscInt stage, Vec *states) {
  ent_stepper *stepper = NULL;
  (void)stage_time, (void)states;
  PetscCall(TSGetApplicationContext(ts, &stepper));
  stepper->stage = stage;
  return 0;
}

/* A stage after an overflow is outside of the domain: PETSc then tries a shorter step. */
static PetscErrorCode is_in_domain(TS ts, PetscReal t, Vec x, PetscBool *accept) {
  ent_stepper *stepper = NULL;
  (void)t, (void)x;
  PetscCall(TSGetApplicationContext(ts, &stepper));
  *accept = stepper->overflowed ? PETSC_FALSE : PETSC_TRUE;
  stepper->left_domain |= stepper->overflowed;
  stepper->overflowed = false;
  return 0;
}

/*
 * Before the first stage of each attempt at a step the state is put back as it was: PETSc takes a rejected
 * attempt back by subtracting it, which leaves a rounding error of the size of the attempt.
 */
static PetscErrorCode restore_start(TS ts, PetscReal stage_time) {
  ent_stepper *stepper = NULL;
  PetscScalar *x = NULL;
  PetscCall(TSGetApplicationContext(ts, &stepper));
  if (stage_time != stepper->t1) return 0;
  PetscCall(VecGetArray(stepper->state, &x));
  memcpy(x, stepper->before, stepper->system->size * sizeof(*x));
  PetscCall(VecRestoreArray(stepper->state, &x));
  return 0;
}

static int create_ts(ent_stepper *stepper, int scheme, Vec state, TS *ts) {
  const char *name = ent_solver_parameters[ENT_SOLVER_SCHEME].choices[scheme];
  ENT_TRY_PETSC(TSCreate(PETSC_COMM_SELF, ts));
  ENT_TRY_PETSC(TSSetProblemType(*ts, TS_NONLINEAR));
  ENT_TRY_PETSC(TSSetType(*ts, TSRK));
  ENT_TRY_PETSC(TSRKSetType(*ts, name));
  ENT_TRY_PETSC(TSSetRHSFunction(*ts, NULL, right_hand_side, stepper));
  ENT_TRY_PETSC(TSSetApplicationContext(*ts, stepper));
  ENT_TRY_PETSC(TSSetSolution(*ts, state));
  ENT_TRY_PETSC(TSSetMaxTime(*ts, PETSC_MAX_REAL / 2));
  ENT_TRY_PETSC(TSSetMaxSteps(*ts, PETSC_MAX_INT));
  ENT_TRY_PETSC(TSSetExactFinalTime(*ts, TS_EXACTFINALTIME_STEPOVER));
  ENT_TRY_PETSC(TSSetErrorIfStepFails(*ts, PETSC_FALSE));
  ENT_TRY_PETSC(TSSetMaxStepRejections(*ts, 100));
  return ENT_OK;
}

/* An adaptor that controls the error: verdicts need it. The basic one looks at the step alone, dsp back. */
static int check_adaptor(ent_stepper *stepper) {
  TSAdapt adapt = NULL;
  TSAdaptType type = NULL;
  ENT_TRY_PETSC(TSGetAdapt(stepper->ts, &adapt));
  ENT_TRY_PETSC(TSAdaptGetType(adapt, &type));
  stepper->can_save = strcmp(type, TSADAPTBASIC) == 0;
  ENT_CHECK(stepper->can_save || strcmp(type, TSADAPTDSP) == 0, ENT_ERR_ARGUMENT,
            "PETSc option '-ts_adapt_type %s', must be basic or dsp: verdicts need error control", type);
  return ENT_OK;
}

static int create_inner(ent_stepper *stepper, int scheme) {
  TSAdapt adapt = NULL;
  ENT_TRY_PETSC(VecDuplicate(stepper->state, &stepper->inner_state));
  ENT_TRY(create_ts(stepper, scheme, stepper->inner_state, &stepper->inner));
  ENT_TRY_PETSC(TSGetAdapt(stepper->inner, &adapt));
  ENT_TRY_PETSC(TSAdaptSetType(adapt, TSADAPTNONE));
  ENT_TRY_PETSC(TSSetUp(stepper->inner));
  return ENT_OK;
}

/* Schemes whose last stage is the first one of the next step keep it; PETSc does not show its own. */
static int make_slopes(ent_stepper *stepper) {
  PetscInt stages = 0;
  PetscBool last_is_first = PETSC_FALSE;
  const size_t kept = stepper->has_quintic ? 4 : 2;
  ENT_TRY_PETSC(TSRKGetTableau(stepper->ts, &stages, NULL, NULL, NULL, NULL, NULL, NULL, &last_is_first));
  stepper->last_stage = stages - 1;
  if (!last_is_first) return ENT_OK;
  ENT_TRY(ent_mem_alloc(kept * stepper->system->size, sizeof(double), &stepper->slopes));
  return ENT_OK;
}

static int set_up(ent_stepper *stepper, int scheme) {
  const size_t size = stepper->system->size;
  TSAdapt adapt = NULL;
  ENT_TRY(ent_mem_alloc(size, sizeof(double), &stepper->before));
  ENT_TRY(ent_mem_alloc(size, sizeof(double), &stepper->dxdt));
  ENT_TRY_PETSC(VecCreateSeq(PETSC_COMM_SELF, (PetscInt)size, &stepper->state));
  ENT_TRY_PETSC(VecDuplicate(stepper->state, &stepper->embedded));
  ENT_TRY(create_ts(stepper, scheme, stepper->state, &stepper->ts));
  ENT_TRY_PETSC(TSSetFunctionDomainError(stepper->ts, is_in_domain));
  ENT_TRY_PETSC(TSSetPreStage(stepper->ts, restore_start));
  ENT_TRY_PETSC(
    TSSetPostStage(stepper->ts, note_stage)); /* PETSc calls it before the stage's slope is asked for */
  ENT_TRY_PETSC(TSGetAdapt(stepper->ts, &adapt));
  ENT_TRY_PETSC(TSAdaptSetStepLimits(adapt, PETSC_MACHINE_EPSILON * 1e-280, PETSC_MAX_REAL / 4));
  ENT_TRY_PETSC(TSSetFromOptions(stepper->ts));
  ENT_TRY_PETSC(TSSetUp(stepper->ts));
  ENT_TRY(check_adaptor(stepper));
  stepper->has_quintic = strcmp(ent_solver_parameters[ENT_SOLVER_SCHEME].choices[scheme], TSRK5DP) == 0;
  ENT_TRY(make_slopes(stepper));
  if (!stepper->has_quintic) ENT_TRY(create_inner(stepper, scheme));
  return ENT_OK;
}

int ent_stepper_create(ent_system *system, int scheme, ent_stepper **stepper) {
  int code = ENT_OK;
  ent_stepper *made = NULL;
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  made->system = system;
  ENT_GOTO(set_up(made, scheme));
  *stepper = made;
  made = NULL;
done:
  ent_stepper_destroy(&made);
  return code;
}

void ent_stepper_destroy(ent_stepper **stepper) {
  ent_stepper *old = *stepper;
  if (old == NULL) return;
  /* destruction fails only for corrupted objects; there is nothing left to do about it */
  (void)TSDestroy(&old->ts);
  (void)TSDestroy(&old->inner);
  (void)VecDestroy(&old->state);
  (void)VecDestroy(&old->embedded);
  (void)VecDestroy(&old->inner_state);
  free(old->before);
  free(old->dxdt);
  free(old->slopes);
  free(old);
  *stepper = NULL;
}

int ent_stepper_restart(TS ts, double t, double h) {
  ENT_TRY_PETSC(TSSetTime(ts, t));
  ENT_TRY_PETSC(TSSetStepNumber(ts, 0));
  ENT_TRY_PETSC(TSSetTimeStep(ts, h));
  ENT_TRY_PETSC(TSRestartStep(ts));
  return ENT_OK;
}

int ent_stepper_set_vector(Vec vector, size_t size, const double *x) {
  PetscScalar *values = NULL;
  ENT_TRY_PETSC(VecGetArray(vector, &values));
  memcpy(values, x, size * sizeof(*values));
  ENT_TRY_PETSC(VecRestoreArray(vector, &values));
  return ENT_OK;
}

int ent_stepper_get_vector(Vec vector, size_t size, double *x) {
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
static double first_step(ent_stepper *stepper, const double *x) {
  double fastest = 1;
  stepper->system->model->drift(stepper->system, 0, x, stepper->dxdt);
  for (size_t k = 0; k < stepper->system->size; k++) fastest = fmax(fastest, fabs(stepper->dxdt[k]));
  stepper->counts.rhs_evals++;
  return isfinite(fastest) ? 0.5 * sqrt(sqrt(stepper->tolerance)) / fastest : DBL_MIN;
}

/* Puts the TS at (t, h) with state x, as if it had just been made. */
static int stand_at(ent_stepper *stepper, double t, double h, const double *x) {
  TSAdapt adapt = NULL;
  stepper->t0 = stepper->t1 = t;
  stepper->overflowed = false;
  ENT_TRY_PETSC(TSSetTolerances(stepper->ts, stepper->tolerance, NULL, 0, NULL));
  ENT_TRY_PETSC(TSGetAdapt(stepper->ts, &adapt));
  ENT_TRY_PETSC(TSAdaptReset(adapt));
  ENT_TRY(ent_stepper_set_vector(stepper->state, stepper->system->size, x));
  ENT_TRY(ent_stepper_restart(stepper->ts, t, h));
  ENT_TRY_PETSC(TSGetStepRejections(stepper->ts, &stepper->rejections_seen));
  return ENT_OK;
}

int ent_stepper_start(ent_stepper *stepper, const double *x, double rtol, double atol) {
  stepper->counts = (ent_step_counts){0};
  stepper->tolerance = atol + rtol;
  stepper->knows_slope = false;
  stepper->restarts = true;
  ENT_TRY(stand_at(stepper, 0, first_step(stepper, x), x));
  return ENT_OK;
}

bool ent_stepper_can_save(const ent_stepper *stepper) {
  return stepper->can_save;
}

int ent_stepper_save(ent_stepper *stepper, ent_checkpoint *checkpoint) {
  const ent_step_counts *counts = &stepper->counts;
  const size_t size = stepper->system->size;
  const bool goes_on = stepper->slopes != NULL && !stepper->restarts;
  ENT_TRY(ent_stepper_get_vector(stepper->state, size, stepper->dxdt));
  ENT_TRY_PETSC(TSGetTimeStep(stepper->ts, &checkpoint->next_step));
  checkpoint->t = stepper->t1;
  checkpoint->steps = counts->steps;
  checkpoint->rejected = counts->rejected;
  checkpoint->rhs_evals = counts->rhs_evals;
  checkpoint->drift = counts->drift;
  checkpoint->error_estimate = counts->error_estimate;
  checkpoint->size = size;
  checkpoint->x = stepper->dxdt;
  checkpoint->slope = goes_on ? stepper->slopes + size : NULL;
  return ENT_OK;
}

int ent_stepper_restore(ent_stepper *stepper, const ent_checkpoint *checkpoint, double rtol, double atol) {
  const size_t size = stepper->system->size;
  stepper->counts = (ent_step_counts){.steps = checkpoint->steps,
                                      .rejected = checkpoint->rejected,
                                      .rhs_evals = checkpoint->rhs_evals,
                                      .drift = checkpoint->drift,
                                      .error_estimate = checkpoint->error_estimate};
  stepper->tolerance = atol + rtol;
  stepper->knows_slope = stepper->slopes != NULL && checkpoint->slope != NULL;
  stepper->restarts = !stepper->knows_slope;
  if (stepper->knows_slope) memcpy(stepper->slopes + size, checkpoint->slope, size * sizeof(double));
  ENT_TRY(stand_at(stepper, checkpoint->t, checkpoint->next_step, checkpoint->x));
  return ENT_OK;
}

/* Adds the last step's error, the largest over the particles, estimated by the embedded formula. */
static int add_error(ent_stepper *stepper) {
  const ent_system *system = stepper->system;
  const size_t per_particle = system->kind == ENT_STATE_VECTORS ? system->d : 1;
  const PetscScalar *x = NULL, *y = NULL;
  PetscInt order = 0;
  double largest = 0;
  ENT_TRY_PETSC(TSRKGetOrder(stepper->ts, &order));
  ENT_TRY_PETSC(TSEvaluateStep(stepper->ts, order - 1, stepper->embedded, NULL));
  ENT_TRY_PETSC(VecGetArrayRead(stepper->state, &x));
  ENT_TRY_PETSC(VecGetArrayRead(stepper->embedded, &y));
  for (size_t k = 0; k < system->size; k += per_particle) {
    largest = fmax(largest, ent_vec_half_distance2(per_particle, x + k, y + k));
  }
  ENT_TRY_PETSC(VecRestoreArrayRead(stepper->embedded, &y));
  ENT_TRY_PETSC(VecRestoreArrayRead(stepper->state, &x));
  stepper->counts.error_estimate += sqrt(2 * largest);
  return ENT_OK;
}

/* Puts the state back on the sphere where it has drifted; the next step then computes its first stage anew.
 */
static int retract(ent_stepper *stepper) {
  const ent_system *system = stepper->system;
  if (system->kind != ENT_STATE_VECTORS) return ENT_OK;
  PetscScalar *x = NULL;
  double drift = 0;
  ENT_TRY(ent_stepper_get_vector(stepper->state, system->size, stepper->dxdt));
  drift = ent_cloud_retract(system->kind, system->n, system->d, stepper->dxdt);
  stepper->counts.drift = fmax(stepper->counts.drift, drift);
  if (drift <= 0.1 * stepper->tolerance) return ENT_OK;
  ENT_TRY_PETSC(VecGetArray(stepper->state, &x));
  memcpy(x, stepper->dxdt, system->size * sizeof(*x));
  ENT_TRY_PETSC(VecRestoreArray(stepper->state, &x));
  ENT_TRY_PETSC(TSRestartStep(stepper->ts));
  stepper->restarts = true;
  return ENT_OK;
}

static ent_job_error why_collapsed(const ent_stepper *stepper) {
  return stepper->left_domain ? ENT_JOB_NOT_FINITE : ENT_JOB_STEP_COLLAPSE;
}

/* Tries a step; the answer is a job error, PETSc's own failures among them. */
static int try_step(ent_stepper *stepper, ent_job_error *error) {
  TSConvergedReason reason = TS_CONVERGED_ITERATING;
  stepper->left_domain = false;
  const PetscErrorCode failure = TSStep(stepper->ts);
  *error = ENT_JOB_OK;
  if (failure == PETSC_ERR_FP || (failure == 0 && stepper->overflowed)) {
    *error = ENT_JOB_NOT_FINITE;
  } else if (failure == PETSC_ERR_NOT_CONVERGED || failure == PETSC_ERR_CONV_FAILED) {
    *error = ENT_JOB_INTEGRATOR;
  } else {
    ENT_TRY_PETSC(failure);
  }
  if (*error != ENT_JOB_OK) return ENT_OK;
  ENT_TRY_PETSC(TSGetConvergedReason(stepper->ts, &reason));
  if (reason == TS_DIVERGED_STEP_REJECTED)
    *error = why_collapsed(stepper);
  else if (reason < 0)
    *error = ENT_JOB_INTEGRATOR;
  return ENT_OK;
}

int ent_stepper_step(ent_stepper *stepper, ent_step *step) {
  PetscReal t0 = 0, t1 = 0;
  PetscInt rejected = 0;
  const size_t size = stepper->system->size;
  *step = (ent_step){stepper->t0, stepper->t1, ENT_JOB_OK};
  ENT_TRY(ent_stepper_get_vector(stepper->state, size, stepper->before));
  if (stepper->slopes) memcpy(stepper->slopes, stepper->slopes + size, size * sizeof(*stepper->slopes));
  stepper->is_fitted = false;
  ENT_TRY_PETSC(TSGetTime(stepper->ts, &t0));
  ENT_TRY(try_step(stepper, &step->error));
  ENT_TRY_PETSC(TSGetStepRejections(stepper->ts, &rejected));
  stepper->counts.rejected += rejected - stepper->rejections_seen;
  stepper->rejections_seen = rejected;
  if (step->error != ENT_JOB_OK) return ENT_OK;
  ENT_TRY_PETSC(TSGetTime(stepper->ts, &t1));
  if (t1 - t0 <= 16 * DBL_EPSILON * t1) {
    step->error = why_collapsed(stepper);
    return ENT_OK;
  }
  stepper->t0 = step->t0 = t0;
  stepper->t1 = step->t1 = t1;
  stepper->knows_slope = stepper->restarts = false;
  stepper->counts.steps++;
  ENT_TRY(add_error(stepper));
  ENT_TRY(retract(stepper));
  return ENT_OK;
}

double ent_stepper_speed(ent_stepper *stepper, double t, const double *x) {
  const ent_cloud cloud = ent_system_cloud(stepper->system, x);
  stepper->system->model->drift(stepper->system, t, x, stepper->dxdt);
  stepper->counts.rhs_evals++;
  return ent_cloud_speed(&cloud, stepper->dxdt);
}

ent_step_counts ent_stepper_counts(const ent_stepper *stepper) {
  return stepper->counts;
}
