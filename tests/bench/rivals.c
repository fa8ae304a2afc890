/* BENCH libs=sundials_arkode,sundials_cvode,sundials_nvecserial,sundials_sunnonlinsolfixedpoint */

/*
 * Work against precision: rivals FOLDER integrates attention to t = 5 with our stepper and with those of
 * SUNDIALS (ARKODE's explicit Runge-Kutta, CVODE's Adams with a fixed-point solver) at many tolerances, all
 * with the direct pair sums. It prints `point PROBLEM SOLVER TOLERANCE ERROR SECONDS EVALUATIONS` for each
 * and leaves starts and reference states in the folder, for rivals in other languages.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arkode/arkode_erkstep.h>
#include <cvode/cvode.h>
#include <mpi.h>
#include <nvector/nvector_serial.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

#include "entrain/base/clock.h"
#include "entrain/math/vec.h"
#include "entrain/solve/session.h"
#include "entrain/solve/stepper.h"

#include "bench.h"

#define END 5.0
#define REFERENCE_TOLERANCE 1e-14
#define LEAST_SECONDS 0.02 /* of one timing */

enum { MAX_STEPS = 1000000, ROUNDS = 2 };

#define JOB                                                                                                  \
  "model: attention\n"                                                                                       \
  "sweep: {d: [%d], n: [%d], beta: [%d], seed: {count: 1}}\n"                                                \
  "time: {horizon: 5}\n"

typedef struct problem {
  char name[32];
  ent_bench_job job;
  ent_model model; /* the job's, with the direct pair sums whatever error a step could bear */
  double *reference;
  ent_stepper *stepper; /* kept from one integration to the next, as a sweep does */
  const char *scheme;   /* its own */
  double evaluations;   /* of the last integration */
} problem;

/* Something that integrates: ours by `scheme`, an ARKODE method of `order`, or CVODE. */
typedef struct rival rival;
struct rival {
  const char *name;
  void (*integrate)(const rival *way, problem *at, double tolerance, double *x); /* x [size] at END */
  const char *scheme;
  int order;
};

static void (*true_drift)(ent_system *system, double t, const double *x, double *dxdt);

/* What our stepper could bear is no matter here: all have the same right-hand side. */
static void direct_drift(ent_system *system, double t, const double *x, double *dxdt) {
  system->slack = 0;
  true_drift(system, t, x, dxdt);
}

static int scheme_number(const char *name) {
  return ent_parameter_choice(&ent_solver_parameters[ENT_SOLVER_SCHEME], name, strlen(name));
}

static void integrate_ours(const rival *way, problem *at, double tolerance, double *x) {
  ent_step step = {0};
  if (at->scheme != way->scheme) {
    ent_stepper_destroy(&at->stepper);
    at->scheme = way->scheme;
    ent_bench_need(ent_stepper_create(at->job.system, scheme_number(way->scheme), &at->stepper));
  }
  ent_stepper *stepper = at->stepper;
  ent_bench_need(ent_stepper_start(stepper, at->job.x, tolerance, 0));
  while (step.t1 < END && step.error == ENT_JOB_OK) ent_bench_need(ent_stepper_step(stepper, &step));
  ent_bench_need(ent_stepper_interpolate(stepper, END, x));
  at->evaluations = (double)ent_stepper_counts(stepper).rhs_evals;
}

static int right_hand_side(double t, N_Vector x, N_Vector dxdt, void *context) {
  problem *at = context;
  at->model.drift(at->job.system, t, N_VGetArrayPointer(x), N_VGetArrayPointer(dxdt));
  at->evaluations++;
  return 0;
}

static void need_sundials(int status) {
  if (status >= 0) return;
  fprintf(stderr, "rivals: SUNDIALS returned %d\n", status);
  exit(1);
}

static SUNContext sundials(void) {
  static SUNContext context;
  if (context == NULL) need_sundials(SUNContext_Create(NULL, &context));
  return context;
}

static N_Vector state_at_start(const problem *at) {
  N_Vector state = N_VNew_Serial((sunindextype)at->job.system->size, sundials());
  memcpy(N_VGetArrayPointer(state), at->job.x, at->job.system->size * sizeof(double));
  return state;
}

static void integrate_arkode(const rival *way, problem *at, double tolerance, double *x) {
  double reached = 0;
  N_Vector state = state_at_start(at);
  void *memory = ERKStepCreate(right_hand_side, 0, state, sundials());
  at->evaluations = 0;
  need_sundials(ERKStepSetUserData(memory, at));
  need_sundials(ERKStepSetOrder(memory, way->order));
  need_sundials(ERKStepSStolerances(memory, 0, tolerance));
  need_sundials(ERKStepSetMaxNumSteps(memory, MAX_STEPS));
  need_sundials(ERKStepSetStopTime(memory, END));
  need_sundials(ERKStepEvolve(memory, END, state, &reached, ARK_NORMAL));
  memcpy(x, N_VGetArrayPointer(state), at->job.system->size * sizeof(*x));
  ERKStepFree(&memory);
  N_VDestroy(state);
}

static void integrate_cvode(const rival *way, problem *at, double tolerance, double *x) {
  double reached = 0;
  N_Vector state = state_at_start(at);
  SUNNonlinearSolver fixed_point = SUNNonlinSol_FixedPoint(state, 0, sundials());
  void *memory = CVodeCreate(CV_ADAMS, sundials());
  (void)way;
  at->evaluations = 0;
  need_sundials(CVodeInit(memory, right_hand_side, 0, state));
  need_sundials(CVodeSetUserData(memory, at));
  need_sundials(CVodeSStolerances(memory, 0, tolerance));
  need_sundials(CVodeSetNonlinearSolver(memory, fixed_point));
  need_sundials(CVodeSetMaxNumSteps(memory, MAX_STEPS));
  need_sundials(CVodeSetStopTime(memory, END));
  need_sundials(CVode(memory, END, state, &reached, CV_NORMAL));
  memcpy(x, N_VGetArrayPointer(state), at->job.system->size * sizeof(*x));
  CVodeFree(&memory);
  SUNNonlinSolFree(fixed_point);
  N_VDestroy(state);
}

static const rival ways[] = {
  {.name = "entrain-5dp", .integrate = integrate_ours, .scheme = "5dp"},
  {.name = "entrain-5bs", .integrate = integrate_ours, .scheme = "5bs"},
  {.name = "entrain-6vr", .integrate = integrate_ours, .scheme = "6vr"},
  {.name = "entrain-7vr", .integrate = integrate_ours, .scheme = "7vr"},
  {.name = "entrain-8vr", .integrate = integrate_ours, .scheme = "8vr"},
  {.name = "arkode-4", .integrate = integrate_arkode, .order = 4},
  {.name = "arkode-5", .integrate = integrate_arkode, .order = 5},
  {.name = "arkode-8", .integrate = integrate_arkode, .order = 8},
  {.name = "cvode-adams", .integrate = integrate_cvode},
  {0},
};

/* The largest distance of a particle from where the reference has it. */
static double error_of(const problem *at, const double *x) {
  const ent_system *system = at->job.system;
  const size_t per_particle = system->kind == ENT_STATE_VECTORS ? system->d : 1;
  double largest = 0;
  for (size_t k = 0; k < system->size; k += per_particle)
    largest = fmax(largest, ent_vec_half_distance2(per_particle, x + k, at->reference + k));
  return sqrt(2 * largest);
}

static double time_once(const rival *way, problem *at, double tolerance, double *x) {
  const double least = ent_bench_is_quick() ? 0 : LEAST_SECONDS;
  const double began = ent_clock_worked();
  int count = 0;
  do {
    way->integrate(way, at, tolerance, x);
    count++;
  } while (ent_clock_worked() - began < least);
  return (ent_clock_worked() - began) / count;
}

/* All solvers in turn at one tolerance; the least time of each. */
static void run_all(problem *at, double tolerance) {
  double *x = ent_bench_doubles(at->job.system->size);
  double seconds[sizeof(ways) / sizeof(*ways)];
  for (int round = 0; round < (ent_bench_is_quick() ? 1 : ROUNDS); round++) {
    for (size_t i = 0; ways[i].name; i++) {
      const double took = time_once(&ways[i], at, tolerance, x);
      seconds[i] = round > 0 ? fmin(seconds[i], took) : took;
    }
  }
  for (size_t i = 0; ways[i].name; i++) {
    ways[i].integrate(&ways[i], at, tolerance, x);
    printf("point %s %s %g %.3e %.6e %.0f\n", at->name, ways[i].name, tolerance, error_of(at, x), seconds[i],
           at->evaluations);
  }
  fflush(stdout);
  free(x);
}

static void keep_state(const char *folder, const char *what, const problem *at, const double *x) {
  char path[4096];
  snprintf(path, sizeof(path), "%s/%s-%s.txt", folder, what, at->name);
  FILE *file = fopen(path, "w");
  if (file == NULL) exit(1);
  for (size_t k = 0; k < at->job.system->size; k++) fprintf(file, "%.17g\n", x[k]);
  if (fclose(file) != 0) exit(1);
}

static void run_problem(const char *folder, int n, int d, int beta) {
  ent_spec *spec = ent_bench_spec(JOB, d, n, beta);
  problem at = {.job = ent_bench_job_at(spec, 0), .model = *spec->model};
  const rival truth = {.scheme = "8vr"};
  snprintf(at.name, sizeof(at.name), "n%d-d%d-b%d", n, d, beta);
  true_drift = spec->model->drift;
  at.model.drift = direct_drift;
  at.job.system->model = &at.model;
  at.reference = ent_bench_doubles(at.job.system->size);
  integrate_ours(&truth, &at, REFERENCE_TOLERANCE, at.reference);
  keep_state(folder, "start", &at, at.job.x);
  keep_state(folder, "reference", &at, at.reference);
  for (int digit = 4; digit <= (ent_bench_is_quick() ? 4 : 11); digit++) run_all(&at, pow(10, -digit));
  ent_stepper_destroy(&at.stepper);
  at.job.system->model = spec->model;
  ent_bench_job_fini(&at.job);
  free(at.reference);
  ent_spec_destroy(&spec);
}

int main(int argc, char **argv) {
  static const int betas[] = {1, 4, 9};
  if (argc != 2 || MPI_Init(NULL, NULL) != MPI_SUCCESS) return 2;
  ent_bench_need(ent_session_start(""));
  for (size_t i = 0; i < sizeof(betas) / sizeof(*betas); i++) run_problem(argv[1], 32, 2, betas[i]);
  for (size_t i = 0; i < sizeof(betas) / sizeof(*betas); i++) run_problem(argv[1], 512, 3, betas[i]);
  MPI_Finalize();
  return 0;
}
