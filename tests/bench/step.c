/*
 * What a step costs beside its right-hand sides: our stepper against PETSc's bare TSRK, both with a trivial
 * right-hand side, and whole jobs against the right-hand sides they have asked for, at the same states.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>
#include <petscts.h>

#include "entrain/solve/integrate.h"
#include "entrain/solve/petsc_try.h"
#include "entrain/solve/session.h"
#include "entrain/solve/stepper.h"

#include "bench.h"
#include "states.h"

#define TOLERANCE 1e-6

enum { ROUNDS = 21, STEPS = 64 };

/* Published diagram, or the same without its series. */
#define JOB                                                                                                  \
  "model: attention\n"                                                                                       \
  "sweep: {d: [%d], n: [%d], beta: {linspace: [1, 9, 5]}, seed: {count: %d}}\n"                              \
  "time: {horizon: 30%s}\n"                                                                                  \
  "detect: {delta: [1.0e-3], stop: sync}\n"                                                                  \
  "observe: [pair_overlap]\n"                                                                                \
  "solver: {type: rk, scheme: 5dp, rtol: 1.0e-6, atol: 1.0e-9}\n"

#define RECORD ", record: {linspace: [0, 30, 200]}"

/* Angles all turn with speed cos(t), vectors turn around the third axis: steps stay as long as they are. */
static void trivial(size_t size, size_t d, double t, const double *x, double *dxdt) {
  if (d == 2) {
    const double speed = cos(t);
    for (size_t k = 0; k < size; k++) dxdt[k] = speed;
    return;
  }
  for (size_t k = 0; k < size; k += d) {
    dxdt[k] = -x[k + 1];
    dxdt[k + 1] = x[k];
    dxdt[k + 2] = 0;
  }
}

static void trivial_drift(ent_system *system, double t, const double *x, double *dxdt) {
  trivial(system->size, system->d, t, x, dxdt);
}

static PetscErrorCode trivial_function(TS ts, PetscReal t, Vec x, Vec f, void *context) {
  const ent_system *system = context;
  const PetscScalar *state = NULL;
  PetscScalar *dxdt = NULL;
  (void)ts;
  PetscCall(VecGetArrayRead(x, &state));
  PetscCall(VecGetArray(f, &dxdt));
  trivial(system->size, system->d, t, state, dxdt);
  PetscCall(VecRestoreArray(f, &dxdt));
  PetscCall(VecRestoreArrayRead(x, &state));
  return 0;
}

static int make_bare(const ent_bench_job *job, TS *ts, Vec *state) {
  ent_system *system = job->system;
  PetscScalar *x = NULL;
  ENT_TRY_PETSC(VecCreateSeq(PETSC_COMM_SELF, (PetscInt)system->size, state));
  ENT_TRY_PETSC(VecGetArray(*state, &x));
  memcpy(x, job->x, system->size * sizeof(*x));
  ENT_TRY_PETSC(VecRestoreArray(*state, &x));
  ENT_TRY_PETSC(TSCreate(PETSC_COMM_SELF, ts));
  ENT_TRY_PETSC(TSSetProblemType(*ts, TS_NONLINEAR));
  ENT_TRY_PETSC(TSSetType(*ts, TSRK));
  ENT_TRY_PETSC(TSRKSetType(*ts, TSRK5DP));
  ENT_TRY_PETSC(TSSetRHSFunction(*ts, NULL, trivial_function, system));
  ENT_TRY_PETSC(TSSetSolution(*ts, *state));
  ENT_TRY_PETSC(TSSetTolerances(*ts, TOLERANCE, NULL, 0, NULL));
  ENT_TRY_PETSC(TSSetMaxTime(*ts, PETSC_MAX_REAL / 2));
  ENT_TRY_PETSC(TSSetMaxSteps(*ts, PETSC_MAX_INT));
  ENT_TRY_PETSC(TSSetTimeStep(*ts, 0.1));
  ENT_TRY_PETSC(TSSetFromOptions(*ts));
  ENT_TRY_PETSC(TSSetUp(*ts));
  return ENT_OK;
}

static int step_bare(TS ts) {
  for (int i = 0; i < STEPS; i++) ENT_TRY_PETSC(TSStep(ts));
  return ENT_OK;
}

static void run_bare(void *context) {
  ent_bench_need(step_bare(*(TS *)context));
}

static void run_ours(void *context) {
  ent_step step = {0};
  for (int i = 0; i < STEPS; i++) ent_bench_need(ent_stepper_step(context, &step));
}

/* Seconds of our step beyond PETSc's, with n particles in dimension d. */
static double compare_steps(int n, int d) {
  ent_spec *spec = ent_bench_spec(JOB, d, n, 1, "");
  ent_bench_job job = ent_bench_job_at(spec, 0);
  ent_model model = *spec->model;
  ent_stepper *stepper = NULL;
  TS ts = NULL;
  Vec state = NULL;
  model.drift = trivial_drift;
  job.system->model = &model;
  ent_bench_need(ent_stepper_create(
    job.system, (int)job.point.values[ENT_GROUP_SOLVER][ENT_SOLVER_SCHEME].number, &stepper));
  ent_bench_need(ent_stepper_start(stepper, job.x, TOLERANCE, 0));
  ent_bench_need(make_bare(&job, &ts, &state));
  const ent_bench_pair pair =
    ent_bench_compare((ent_bench_side){run_ours, stepper}, (ent_bench_side){run_bare, &ts}, ROUNDS);
  const size_t size = job.system->size;
  ent_bench_print(&(ent_bench_line){pair.ratio, pair.spread, "1", ENT_BENCH_LOWER, 0}, "step.%zu.over-petsc",
                  size);
  ent_bench_print(&(ent_bench_line){1e6 * pair.a / STEPS, 0, "us", ENT_BENCH_INFO, 0}, "step.%zu.ours", size);
  ent_bench_print(&(ent_bench_line){1e6 * pair.b / STEPS, 0, "us", ENT_BENCH_INFO, 0}, "step.%zu.petsc",
                  size);
  (void)TSDestroy(&ts);
  (void)VecDestroy(&state);
  ent_stepper_destroy(&stepper);
  job.system->model = spec->model;
  ent_bench_job_fini(&job);
  ent_spec_destroy(&spec);
  return (pair.a - pair.b) / STEPS;
}

/* Over the rows of a sweep: seconds of the jobs, of their right-hand sides, and accepted steps. */
typedef struct sums {
  double jobs, drifts;
  int64_t steps, evals;
} sums;

/* One pass over all rows, each once as a job and once as its right-hand sides. */
static sums pass(ent_spec *spec, ent_integrator *integrator, ent_bench_states *states) {
  sums sum = {0};
  for (int64_t row = 0; row < spec->grid.size; row++) {
    ent_bench_integration job = {.integrator = integrator, .row = row};
    ent_bench_states_note(states, spec, row);
    const ent_bench_pair pair = ent_bench_compare_once((ent_bench_side){ent_bench_integrate, &job},
                                                       (ent_bench_side){ent_bench_states_replay, states}, 5);
    sum.jobs += pair.a;
    sum.drifts += pair.b;
    sum.steps += job.output.result.steps;
    sum.evals += (int64_t)states->count;
  }
  return sum;
}

/* What bars there are for a size: share outside of right-hand sides, overhead of a step (0: none). */
typedef struct ent_goal {
  int n, d, seeds;
  double outside, overhead;
} ent_goal;

/* A way in which the jobs are computed; only what the first one gives is promised. */
typedef struct variant {
  const char *name, *record;
  bool is_direct; /* by direct sums, whatever error a step could bear */
} variant;

static const variant variants[] = {
  {"", RECORD, false}, {"-unrecorded", "", false}, {"-direct", RECORD, true}, {0}};

static void (*true_drift)(ent_system *system, double t, const double *x, double *dxdt);

static void direct_drift(ent_system *system, double t, const double *x, double *dxdt) {
  system->slack = 0;
  true_drift(system, t, x, dxdt);
}

static void share_outside(const ent_goal *goal, const variant *as, double overhead) {
  enum { PASSES = 5 };
  const int passes = ent_bench_is_quick() ? 1 : PASSES;
  const bool is_promised = as == variants;
  const char *name = as->name;
  double outside[PASSES], spread = 0;
  sums sum = {0};
  ent_spec *spec = ent_bench_spec(JOB, goal->d, goal->n, ent_bench_is_quick() ? 1 : goal->seeds, as->record);
  ent_model model = *spec->model;
  ent_integrator *integrator = NULL;
  ent_bench_states states = {0};
  true_drift = model.drift;
  if (as->is_direct) model.drift = direct_drift;
  spec->model = &model;
  ent_bench_need(ent_integrator_create(spec, NULL, &integrator));
  for (int i = 0; i < passes; i++) {
    sum = pass(spec, integrator, &states);
    outside[i] = 1 - sum.drifts / sum.jobs;
  }
  const double median = ent_bench_median((size_t)passes, outside, &spread);
  const double step = sum.jobs / (double)sum.steps;
  ent_bench_print(&(ent_bench_line){median, spread, "1", ENT_BENCH_LOWER, is_promised ? goal->outside : 0},
                  "step.n%d-d%d%s.outside", goal->n, goal->d, name);
  if (is_promised)
    ent_bench_print(&(ent_bench_line){overhead / step, 0, "1", ENT_BENCH_LOWER, goal->overhead},
                    "step.n%d-d%d%s.overhead", goal->n, goal->d, name);
  ent_bench_print(&(ent_bench_line){1e6 * step, 0, "us", ENT_BENCH_INFO, 0}, "step.n%d-d%d%s.us-per-step",
                  goal->n, goal->d, name);
  ent_bench_print(&(ent_bench_line){(double)sum.evals / (double)sum.steps, 0, "1", ENT_BENCH_LOWER, 0},
                  "step.n%d-d%d%s.evals-per-step", goal->n, goal->d, name);
  ent_integrator_destroy(&integrator);
  ent_spec_destroy(&spec);
  ent_bench_states_fini(&states);
}

int main(int argc, char **argv) {
  static const ent_goal goals[] = {{32, 2, 4, 0.35, 0.1}, {128, 3, 1, 0.05, 0}};
  if (MPI_Init(&argc, &argv) != MPI_SUCCESS) return 1;
  ent_bench_need(ent_session_start(""));
  compare_steps(8, 2);
  const double small = compare_steps(32, 2);
  compare_steps(32, 3);
  const double overheads[] = {small, compare_steps(128, 3)};
  compare_steps(1024, 2);
  for (size_t i = 0; i < sizeof(goals) / sizeof(*goals); i++) {
    for (const variant *as = variants; as->name; as++) share_outside(&goals[i], as, overheads[i]);
  }
  ent_session_end();
  MPI_Finalize();
  return 0;
}
