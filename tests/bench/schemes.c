/*
 * Work against precision: how many right-hand sides each scheme of PETSc's needs to reach an error of the
 * state at t = 5, relative to 5dp, over attention of all kinds. The state of 8vr at a tolerance of 1e-13 is
 * the truth. Arguments are PETSc options, so that other step controls can be compared:
 *
 *     build/release/tests/bench/schemes -ts_adapt_safety 0.8
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "entrain/base/text.h"
#include "entrain/solve/integrate.h"
#include "entrain/solve/session.h"

#include "bench.h"

#define JOB                                                                                                  \
  "model: attention\n"                                                                                       \
  "parameters: {weights: %s}\n"                                                                              \
  "sweep: {d: [%d], n: [%d], beta: [%g], seed: {count: %d}}\n"                                               \
  "time: {horizon: 5, unit: %s}\n"                                                                           \
  "detect: {delta: [1.0e-3], stop: horizon}\n"                                                               \
  "solver: {type: rk, scheme: %s, rtol: %g, atol: 1.0e-15}\n"

static const char *const schemes[] = {"5dp", "3bs", "5f", "5bs", "6vr", "7vr", "8vr"};
static const double tolerances[] = {1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11};
static const double targets[] = {1e-5, 1e-7, 1e-9};

enum {
  SCHEMES = sizeof(schemes) / sizeof(*schemes),
  TOLERANCES = sizeof(tolerances) / sizeof(*tolerances),
  TARGETS = sizeof(targets) / sizeof(*targets),
  MOST_SYSTEMS = 64
};

/* A kind of systems. */
typedef struct family {
  const char *weights;
  int d, n, seeds;
  double beta;
} family;

static const family families[] = {
  {"softmax", 2, 32, 3, 1},  {"softmax", 2, 32, 3, 4},  {"softmax", 2, 32, 3, 9}, {"mean", 2, 32, 3, 1},
  {"mean", 2, 32, 3, 4},     {"mean", 2, 32, 3, 9},     {"softmax", 8, 32, 2, 1}, {"softmax", 8, 32, 2, 4},
  {"softmax", 8, 32, 2, 9},  {"mean", 8, 32, 2, 4},     {"mean", 8, 32, 2, 9},    {"softmax", 3, 512, 1, 1},
  {"softmax", 3, 512, 1, 4}, {"softmax", 3, 512, 1, 9}, {"mean", 3, 512, 1, 4},
};

/* One point of a work-precision curve, in logarithms. */
typedef struct point {
  double error, evals;
} point;

static ent_result integrate(const family *of, int seed, const char *scheme, double tolerance, double *x) {
  const char *unit = strcmp(of->weights, "mean") == 0 ? "exp(-beta)" : "t";
  ent_spec *spec =
    ent_bench_spec(JOB, of->weights, of->d, of->n, of->beta, of->seeds, unit, scheme, tolerance);
  ent_integrator *integrator = NULL;
  ent_output output = {0};
  ent_bench_need(ent_integrator_create(spec, NULL, &integrator));
  ent_bench_need(ent_integrator_run(integrator, seed, NULL, NULL, &output));
  memcpy(x, output.final_state, (size_t)of->n * (size_t)of->d * sizeof(*x));
  ent_integrator_destroy(&integrator);
  ent_spec_destroy(&spec);
  return output.result;
}

static double distance(size_t size, const double *x, const double *y) {
  double largest = 0;
  for (size_t k = 0; k < size; k++) largest = fmax(largest, fabs(x[k] - y[k]));
  return largest;
}

/* Logarithm of the right-hand sides for an error, on the line through the two points about it. */
static double work_at(const point *curve, double target) {
  int k = 0;
  while (k + 2 < TOLERANCES && curve[k + 1].error > target) k++;
  const double span = curve[k].error - curve[k + 1].error;
  if (span <= 0) return curve[k + 1].evals;
  return curve[k].evals + (curve[k + 1].evals - curve[k].evals) * (curve[k].error - target) / span;
}

/* Logarithms of the right-hand sides of all schemes for all errors. */
static void measure(const family *of, int seed, double work[SCHEMES][TARGETS]) {
  const size_t size = (size_t)of->n * (size_t)of->d;
  double *truth = ent_bench_doubles(size), *x = ent_bench_doubles(size);
  integrate(of, seed, "8vr", 1e-13, truth);
  for (int s = 0; s < SCHEMES; s++) {
    point curve[TOLERANCES];
    for (int k = 0; k < TOLERANCES; k++) {
      const ent_result result = integrate(of, seed, schemes[s], tolerances[k], x);
      curve[k] = (point){log(fmax(distance(size, x, truth), 1e-15)), log((double)result.rhs_evals)};
    }
    for (int k = 0; k < TARGETS; k++) work[s][k] = work_at(curve, log(targets[k]));
  }
  free(truth);
  free(x);
}

static void print(int systems, double (*work)[SCHEMES][TARGETS]) {
  for (int s = 0; s < SCHEMES; s++) {
    for (int k = 0; k < TARGETS; k++) {
      double ratios[MOST_SYSTEMS], spread = 0, evals = 0;
      for (int i = 0; i < systems; i++) {
        ratios[i] = exp(work[i][s][k] - work[i][0][k]);
        evals += work[i][s][k] / systems;
      }
      const double ratio = ent_bench_median((size_t)systems, ratios, &spread);
      const ent_bench_line line = {ratio, spread, "1", ENT_BENCH_INFO, 0},
                           mean = {exp(evals), 0, "1", ENT_BENCH_INFO, 0};
      ent_bench_print(&line, "schemes.%s.error-%.0e.over-5dp", schemes[s], targets[k]);
      ent_bench_print(&mean, "schemes.%s.error-%.0e.evals", schemes[s], targets[k]);
    }
  }
}

int main(int argc, char **argv) {
  static double work[MOST_SYSTEMS][SCHEMES][TARGETS];
  const size_t n_families = ent_bench_is_quick() ? 1 : sizeof(families) / sizeof(*families);
  ent_text options = {0};
  int systems = 0;
  if (MPI_Init(&argc, &argv) != MPI_SUCCESS) return 1;
  for (int i = 1; i < argc; i++) ent_bench_need(ent_text_append(&options, "%s ", argv[i]));
  ent_bench_need(ent_session_start(options.data ? options.data : ""));
  for (size_t i = 0; i < n_families; i++) {
    for (int seed = 0; seed < families[i].seeds; seed++) measure(&families[i], seed, work[systems++]);
  }
  print(systems, work);
  ent_session_end();
  ent_text_fini(&options);
  MPI_Finalize();
  return 0;
}
