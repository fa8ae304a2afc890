/* TEST np=1 libs=gsl */
#include <math.h>

#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_expint.h>

#include "entrain/solve/integrate.h"

#include "check.h"
#include "job_fixture.h"

/*
 * Times at which two groups of particles meet, against closed forms and quadratures of the one equation
 * that is left (docs/models/attention.md). Relative errors must be below 30 rtol at each of these
 * tolerances: below 1e-6 at rtol 1e-8, and shrinking as the tolerance does.
 */

#define START 2.5 /* angle between both groups at the start */
#define DELTA 1e-3

static const double rtols[] = {1e-6, 1e-8, 1e-10};
enum { TOLERANCES = sizeof(rtols) / sizeof(*rtols) };

static const double betas[] = {-5, -2, -0.5, 0, 0.5, 1, 3, 5, 10};
enum { BETAS = sizeof(betas) / sizeof(*betas) };

/* e^{2b} E1(b (1+u)) and Ei(b (1-u)) together; for b < 0, E1(x) = -Ei(-x). */
static double big_g(double b, double u) {
  const double e1 = b > 0 ? gsl_sf_expint_E1(b * (1 + u)) : -gsl_sf_expint_Ei(-b * (1 + u));
  return 0.5 * (-gsl_sf_expint_Ei(b * (1 - u)) - exp(2 * b) * e1);
}

/* Time from the angle START to the overlap 1 - DELTA for two particles. */
static double two_particles(bool softmax, double b) {
  const double from = cos(START), to = 1 - DELTA, free_time = atanh(to) - atanh(from);
  if (b == 0) return free_time;
  const double waiting = big_g(b, to) - big_g(b, from);
  return softmax ? 0.5 * (free_time + waiting) : exp(-b) * waiting;
}

typedef struct masses {
  double beta, m1, m2;
} masses;

/* dt/dw of two clusters: w' = -sin w (m2/(m2+m1 Y) + m1/(m1+m2 Y)), Y = e^{b (1-cos w)}. */
static double slowness(double w, void *context) {
  const masses *m = context;
  const double y = exp(m->beta * (1 - cos(w)));
  return 1 / (sin(w) * (m->m2 / (m->m2 + m->m1 * y) + m->m1 / (m->m1 + m->m2 * y)));
}

static double two_clusters(double b, double m1, double m2) {
  masses m = {b, m1, m2};
  gsl_integration_workspace *work = gsl_integration_workspace_alloc(1000);
  const gsl_function function = {.function = slowness, .params = &m};
  double time = 0, error = 0;
  CHECK_INT(gsl_integration_qags(&function, acos(1 - DELTA), START, 0, 1e-12, 1000, work, &time, &error), 0);
  gsl_integration_workspace_free(work);
  return time;
}

/* Two particles in dimension d meet after... */
static double meet(int d, bool softmax, double b, double rtol) {
  const ent_result result =
    ent_fixture_result("model: attention\n"
                       "parameters: {weights: %s}\n"
                       "sweep: {beta: [%.17g], n: [2], d: [%d], seed: {count: 1}}\n"
                       "initial: {kind: clusters, positions: [0.3, %.17g]}\n"
                       "time: {horizon: 1.0e12}\n"
                       "detect: {delta: [1.0e-3]}\n"
                       "solver: {rtol: %g, atol: %g}\n",
                       softmax ? "softmax" : "mean", b, d, 0.3 + START, rtol, rtol * 1e-2);
  CHECK_INT(result.error, ENT_JOB_OK);
  CHECK_INT(result.outcome, ENT_OUTCOME_SYNC);
  return result.t_sync[0];
}

static void check_two_particles(int d, bool softmax) {
  for (int k = 0; k < BETAS; k++) {
    const double exact = two_particles(softmax, betas[k]);
    for (int t = 0; t < TOLERANCES; t++)
      CHECK_REAL(meet(d, softmax, betas[k], rtols[t]) / exact, 1, 30 * rtols[t]);
  }
}

static void two_particles_softmax(void) {
  check_two_particles(2, true);
  check_two_particles(3, true);
}

static void two_particles_mean(void) {
  check_two_particles(2, false);
  check_two_particles(3, false);
}

/* Clusters of 3 and 7 of n = 10 equal particles. */
static double clusters_meet(int d, double b, double rtol) {
  const ent_result result =
    ent_fixture_result("model: attention\n"
                       "sweep: {beta: [%.17g], n: [10], d: [%d], seed: {count: 1}}\n"
                       "initial: {kind: clusters, positions: [0, %.17g], masses: [3, 7]}\n"
                       "time: {horizon: 1.0e12}\n"
                       "solver: {rtol: %g, atol: %g}\n",
                       b, d, START, rtol, rtol * 1e-2);
  CHECK_INT(result.outcome, ENT_OUTCOME_SYNC);
  return result.t_sync[0];
}

/* Two particles that weigh 0.3 and 0.7. */
static double weights_meet(int d, double b, double rtol) {
  const ent_result result = ent_fixture_result("model: attention\n"
                                               "parameters: {masses: [0.3, 0.7]}\n"
                                               "sweep: {beta: [%.17g], n: [2], d: [%d], seed: {count: 1}}\n"
                                               "initial: {kind: clusters, positions: [0, %.17g]}\n"
                                               "time: {horizon: 1.0e12}\n"
                                               "solver: {rtol: %g, atol: %g}\n",
                                               b, d, START, rtol, rtol * 1e-2);
  CHECK_INT(result.outcome, ENT_OUTCOME_SYNC);
  return result.t_sync[0];
}

static void check_two_clusters(int d, double (*times)(int d, double b, double rtol)) {
  for (int k = 0; k < BETAS; k++) {
    const double exact = two_clusters(betas[k], 0.3, 0.7);
    for (int t = 0; t < TOLERANCES; t++) CHECK_REAL(times(d, betas[k], rtols[t]) / exact, 1, 30 * rtols[t]);
  }
}

static void clusters_of_particles(void) {
  check_two_clusters(2, clusters_meet);
  check_two_clusters(3, clusters_meet);
}

static void weighted_particles(void) {
  check_two_clusters(2, weights_meet);
  check_two_clusters(3, weights_meet);
}

/* The references agree with each other where both are known. */
static void references_agree(void) {
  for (int k = 0; k < BETAS; k++) {
    const double closed = two_particles(true, betas[k]);
    CHECK_REAL(two_clusters(betas[k], 0.5, 0.5), closed, 1e-10 * closed);
  }
}

/* At beta = 0, from orthogonal tokens: rho = (e^{2t}-1)/(e^{2t}+n-1), seen as R^2 = (1 + (n-1) rho)/n. */
static double order_at(double t, double rtol) {
  const ent_result result = ent_fixture_result("model: attention\n"
                                               "sweep: {beta: [0], n: [8], d: [8], seed: {count: 1}}\n"
                                               "initial: {kind: orthogonal}\n"
                                               "time: {horizon: %.17g}\n"
                                               "detect: {stop: horizon}\n"
                                               "solver: {rtol: %g, atol: %g}\n",
                                               t, rtol, rtol * 1e-2);
  CHECK_REAL(result.t_end, t, 0);
  return result.order_parameter;
}

static void free_tokens(void) {
  for (double t = 0.25; t < 5; t *= 2) {
    const double rho = expm1(2 * t) / (exp(2 * t) + 7), exact = sqrt((1 + 7 * rho) / 8);
    for (int k = 0; k < TOLERANCES; k++) CHECK_REAL(order_at(t, rtols[k]) / exact, 1, 30 * rtols[k]);
  }
}

static const ent_test tests[] = {
  {"the references agree with each other", references_agree},
  {"two particles meet on time (SA)", two_particles_softmax},
  {"two particles meet on time (USA)", two_particles_mean},
  {"two clusters of unequal size meet on time", clusters_of_particles},
  {"two particles of unequal mass meet on time", weighted_particles},
  {"orthogonal tokens at beta = 0 follow their closed form", free_tokens},
  {0},
};

ENT_TEST_MPI_MAIN("solve/exact", tests)
