#include "entrain/solve/stepper.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/math/vec.h"
#include "entrain/solve/petsc_try.h"
#include "entrain/solve/quintic.h"

struct ent_stepper {
  ent_system *system;
  TS ts;
  Vec state, embedded;
  TS inner; /* other schemes than 5dp: steps from the step's start to a time inside it */
  Vec inner_state;
  double *before; /* [size]: state at the start of the last step */
  double *dxdt;   /* [size] */
  double
    *slopes; /* 5dp: [4, size], at the start of the last step, at its end, and what ent_quintic_fit needs */
  double tolerance, t0, t1;
  PetscInt rejected_before;
  bool overflowed;  /* the right-hand side gave something that is not finite */
  bool left_domain; /* it did so in the attempts at the current step */
  bool has_quintic; /* 5dp */
  bool is_fitted;   /* the quintic of the last step */
  ent_step_counts counts;
};

/* The first stage of a step starts it; the last one, which is at its end, is the first stage of the next. */
static void keep_slopes(ent_stepper *stepper, double t, const double *dxdt) {
  const size_t size = stepper->system->size;
  if (!stepper->has_quintic) return;
  memcpy(stepper->slopes + (t == stepper->t1 ? 0 : size), dxdt, size * sizeof(*dxdt));
}

static PetscErrorCode right_hand_side(TS ts, PetscReal t, Vec x, Vec f, void *context) {
  ent_stepper *stepper = context;
  const PetscScalar *state = NULL;
  PetscScalar *dxdt = NULL;
  double sum = 0;
  (void)ts;
  PetscCall(VecGetArrayRead(x, &state));
  PetscCall(VecGetArray(f, &dxdt));
  stepper->system->model->drift(stepper->system, t, state, dxdt);
  for (size_t k = 0; k < stepper->system->size; k++) sum += dxdt[k];
  stepper->overflowed |= !isfinite(sum);
  stepper->counts.rhs_evals++;
  keep_slopes(stepper, t, dxdt);
  PetscCall(VecRestoreArray(f, &dxdt));
  PetscCall(VecRestoreArrayRead(x, &state));
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

/* An adaptor that controls the error: verdicts need it. */
static int check_adaptor(const ent_stepper *stepper) {
  TSAdapt adapt = NULL;
  TSAdaptType type = NULL;
  ENT_TRY_PETSC(TSGetAdapt(stepper->ts, &adapt));
  ENT_TRY_PETSC(TSAdaptGetType(adapt, &type));
  ENT_CHECK(strcmp(type, TSADAPTBASIC) == 0 || strcmp(type, TSADAPTDSP) == 0, ENT_ERR_ARGUMENT,
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
  ENT_TRY_PETSC(TSGetAdapt(stepper->ts, &adapt));
  ENT_TRY_PETSC(TSAdaptSetStepLimits(adapt, PETSC_MACHINE_EPSILON * 1e-280, PETSC_MAX_REAL / 4));
  ENT_TRY_PETSC(TSSetFromOptions(stepper->ts));
  ENT_TRY_PETSC(TSSetUp(stepper->ts));
  ENT_TRY(check_adaptor(stepper));
  stepper->has_quintic = strcmp(ent_solver_parameters[ENT_SOLVER_SCHEME].choices[scheme], TSRK5DP) == 0;
  if (stepper->has_quintic) {
    ENT_TRY(ent_mem_alloc(4 * size, sizeof(double), &stepper->slopes));
  } else {
    ENT_TRY(create_inner(stepper, scheme));
  }
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

/* Makes a TS forget what it did before and stand at (t, h) with the state that its vector holds. */
static int restart(TS ts, double t, double h) {
  ENT_TRY_PETSC(TSSetTime(ts, t));
  ENT_TRY_PETSC(TSSetStepNumber(ts, 0));
  ENT_TRY_PETSC(TSSetTimeStep(ts, h));
  ENT_TRY_PETSC(TSRestartStep(ts));
  return ENT_OK;
}

static int set_state(Vec vector, size_t size, const double *x) {
  PetscScalar *values = NULL;
  ENT_TRY_PETSC(VecGetArray(vector, &values));
  memcpy(values, x, size * sizeof(*values));
  ENT_TRY_PETSC(VecRestoreArray(vector, &values));
  return ENT_OK;
}

static int get_state(Vec vector, size_t size, double *x) {
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

int ent_stepper_start(ent_stepper *stepper, const double *x, double rtol, double atol) {
  TSAdapt adapt = NULL;
  stepper->counts = (ent_step_counts){0};
  stepper->tolerance = atol + rtol;
  stepper->t0 = stepper->t1 = 0;
  stepper->overflowed = false;
  ENT_TRY_PETSC(TSSetTolerances(stepper->ts, stepper->tolerance, NULL, 0, NULL));
  ENT_TRY_PETSC(TSGetAdapt(stepper->ts, &adapt));
  ENT_TRY_PETSC(TSAdaptReset(adapt));
  ENT_TRY(set_state(stepper->state, stepper->system->size, x));
  ENT_TRY(restart(stepper->ts, 0, first_step(stepper, x)));
  ENT_TRY_PETSC(TSGetStepRejections(stepper->ts, &stepper->rejected_before));
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
  ENT_TRY(get_state(stepper->state, system->size, stepper->dxdt));
  drift = ent_cloud_retract(system->kind, system->n, system->d, stepper->dxdt);
  stepper->counts.drift = fmax(stepper->counts.drift, drift);
  if (drift <= 0.1 * stepper->tolerance) return ENT_OK;
  ENT_TRY_PETSC(VecGetArray(stepper->state, &x));
  memcpy(x, stepper->dxdt, system->size * sizeof(*x));
  ENT_TRY_PETSC(VecRestoreArray(stepper->state, &x));
  ENT_TRY_PETSC(TSRestartStep(stepper->ts));
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
  ENT_TRY(get_state(stepper->state, size, stepper->before));
  if (stepper->has_quintic) memcpy(stepper->slopes, stepper->slopes + size, size * sizeof(*stepper->slopes));
  stepper->is_fitted = false;
  ENT_TRY_PETSC(TSGetTime(stepper->ts, &t0));
  ENT_TRY(try_step(stepper, &step->error));
  ENT_TRY_PETSC(TSGetStepRejections(stepper->ts, &rejected));
  stepper->counts.rejected = rejected - stepper->rejected_before;
  if (step->error != ENT_JOB_OK) return ENT_OK;
  ENT_TRY_PETSC(TSGetTime(stepper->ts, &t1));
  if (t1 - t0 <= 16 * DBL_EPSILON * t1) {
    step->error = why_collapsed(stepper);
    return ENT_OK;
  }
  stepper->t0 = step->t0 = t0;
  stepper->t1 = step->t1 = t1;
  stepper->counts.steps++;
  ENT_TRY(add_error(stepper));
  ENT_TRY(retract(stepper));
  return ENT_OK;
}

/* Slope at a part of the last step, from PETSc's interpolant, which is of one order less than the step. */
static int estimate_slope(ent_stepper *stepper, double part, double *dxdt) {
  const ent_system *system = stepper->system;
  const double t = stepper->t0 + part * (stepper->t1 - stepper->t0);
  ENT_TRY_PETSC(TSInterpolate(stepper->ts, t, stepper->embedded));
  ENT_TRY(get_state(stepper->embedded, system->size, stepper->dxdt));
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
  ENT_TRY(set_state(stepper->inner_state, stepper->system->size, stepper->before));
  ENT_TRY(restart(stepper->inner, stepper->t0, t - stepper->t0));
  ENT_TRY_PETSC(TSStep(stepper->inner));
  ENT_TRY_PETSC(TSGetTime(stepper->inner, &reached));
  ENT_CHECK(reached == stepper->t0 + (t - stepper->t0), ENT_ERR_INTERNAL,
            "a step to t = %.17g ended at %.17g", t, (double)reached);
  stepper->overflowed = false; /* it is the outer step that is judged */
  ENT_TRY(get_state(stepper->inner_state, stepper->system->size, x));
  return ENT_OK;
}

int ent_stepper_interpolate(ent_stepper *stepper, double t, double *x) {
  const ent_system *system = stepper->system;
  if (t == stepper->t1) {
    ENT_TRY(get_state(stepper->state, system->size, x));
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

double ent_stepper_speed(ent_stepper *stepper, double t, const double *x) {
  const ent_cloud cloud = ent_system_cloud(stepper->system, x);
  stepper->system->model->drift(stepper->system, t, x, stepper->dxdt);
  stepper->counts.rhs_evals++;
  return ent_cloud_speed(&cloud, stepper->dxdt);
}

ent_step_counts ent_stepper_counts(const ent_stepper *stepper) {
  return stepper->counts;
}
