/* TEST np=1 timeout=300 */
#include <math.h>

#include "entrain/math/vec.h"

#include "check.h"
#include "job_fixture.h"

/* How the largest gap 1 - <x_i, x_j> vanishes at late times, as fitted slopes: docs/models/attention.md. */

enum { TIMES = 21 };

#define BETA 0.7
#define ALPHA 1.5

/* Least squares of log(gap) against a function of time. */
typedef struct fit {
  double (*clock)(double t);
  int count, d;
  double first_gap, last_gap;
  double sum_x, sum_y, sum_xx, sum_xy;
} fit;

static double as_it_is(double t) {
  return t;
}

static double root(double t) {
  return sqrt(t + 1);
}

static int see(void *context, double t, const double *vectors) {
  fit *of = context;
  const size_t d = (size_t)of->d;
  double gap = 0;
  for (size_t i = 0; i < 3; i++)
    for (size_t j = 0; j < i; j++)
      gap = fmax(gap, ent_vec_half_distance2(d, vectors + i * d, vectors + j * d));
  const double x = of->clock(t), y = log(gap);
  if (of->count++ == 0) of->first_gap = gap;
  of->last_gap = gap;
  of->sum_x += x;
  of->sum_y += y;
  of->sum_xx += x * x;
  of->sum_xy += x * y;
  return ENT_OK;
}

/* The slope of three particles on a great circle, with these parameters and weights, in [from, to]. */
static double slope(int d, const char *parameters, double (*clock)(double), double from, double to) {
  ent_job_fixture job;
  fit of = {.clock = clock, .d = d};
  const ent_watcher watcher = {.sees = see, .context = &of};
  const char *spacing = clock == log ? "logspace" : "linspace";
  ent_fixture_open(&job,
                   "model: attention\nparameters: {%s}\n"
                   "sweep: {beta: [%g], n: [3], d: [%d], seed: {count: 1}}\n"
                   "initial: {kind: clusters, positions: [0, 0.4, 1.1]}\n"
                   "time: {horizon: %.17g, record: {%s: [%.17g, %.17g, %d]}}\n"
                   "detect: {stop: horizon}\nobserve: [order_parameter]\n"
                   "solver: {rtol: 1.0e-12, atol: 1.0e-13}\n",
                   parameters, BETA, d, to, spacing, from, to, TIMES);
  const ent_output output = ent_fixture_run(&job, 0, &watcher);
  CHECK_INT(output.result.status, ENT_STATUS_DONE);
  CHECK_INT(output.result.outcome, ENT_OUTCOME_SYNC);
  ent_fixture_close(&job);
  CHECK_INT(of.count, TIMES);
  CHECK(of.first_gap < 1e-2);
  CHECK(of.last_gap < 0.05 * of.first_gap && of.last_gap > 1e-16);
  return (of.count * of.sum_xy - of.sum_x * of.sum_y) / (of.count * of.sum_xx - of.sum_x * of.sum_x);
}

static void check_slope(const char *parameters, double (*clock)(double), double from, double to, double law) {
  for (int d = 2; d <= 3; d++) CHECK_REAL(slope(d, parameters, clock, from, to) / law, 1, 0.01);
}

static void post_is_exponential(void) {
  check_slope("norm: post", as_it_is, 5, 10, -2);
  check_slope("norm: post, weights: mean", as_it_is, 2.5, 5, -2 * exp(BETA));
}

static void radii_make_it_algebraic(void) {
  check_slope("norm: pre", log, 1e3, 1e4, -2);
  check_slope("norm: peri", log, 1e3, 1e4, -2);
  check_slope("norm: mix, tau: 1.25", log, 1e3, 1e4, -2);
  check_slope("norm: pre, weights: mean", log, 1e3, 1e4, -2);
}

static void sqrt_slows_down(void) {
  check_slope("norm: sqrt", root, 8, 30, -4);
}

static void ngpt_moves_at_its_speed(void) {
  check_slope("norm: ngpt, alpha: 1.5", as_it_is, 3, 6, -2 * ALPHA);
  check_slope("norm: ngpt, alpha: 1.5, weights: mean", as_it_is, 3, 6, -2 * ALPHA);
}

static void hinge_moves_at_its_weight(void) {
  double law = -2 / (1 + exp(-2.0));
  ent_job_fixture job;
  fit of = {.clock = as_it_is, .d = 2};
  const ent_watcher watcher = {.sees = see, .context = &of};
  ent_fixture_open(&job, "model: attention\nparameters: {kernel: hinge, kappa: 2, weights: mean}\n"
                         "sweep: {n: [3], d: [2], seed: {count: 1}}\n"
                         "initial: {kind: clusters, positions: [0, 0.4, 1.1]}\n"
                         "time: {horizon: 10, record: {linspace: [5, 10, 21]}}\n"
                         "detect: {stop: horizon}\nobserve: [order_parameter]\n"
                         "solver: {rtol: 1.0e-12, atol: 1.0e-13}\n");
  CHECK_INT(ent_fixture_run(&job, 0, &watcher).result.outcome, ENT_OUTCOME_SYNC);
  ent_fixture_close(&job);
  const double found =
    (of.count * of.sum_xy - of.sum_x * of.sum_y) / (of.count * of.sum_xx - of.sum_x * of.sum_x);
  CHECK_REAL(found / law, 1, 0.01);
}

static const ent_test tests[] = {
  {"post: e^{-2t} for softmax, e^{-2 e^beta t} for mean weights", post_is_exponential},
  {"pre, mix and peri: t^{-2}", radii_make_it_algebraic},
  {"sqrt: e^{-4 sqrt(t+1)}", sqrt_slows_down},
  {"ngpt: e^{-2 alpha t}, whatever the weights", ngpt_moves_at_its_speed},
  {"hinge: e^{-2 t/(1+e^{-kappa})} for mean weights", hinge_moves_at_its_weight},
  {0},
};

ENT_TEST_MPI_MAIN("solve/late_time", tests)
