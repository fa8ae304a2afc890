/* TEST np=1 libs=gsl */
#include <math.h>

#include <gsl/gsl_integration.h>

#include "entrain/solve/integrate.h"

#include "check.h"
#include "job_fixture.h"

/*
 * Orthogonal tokens stay equiangular, and the time at which rho crosses 1 - 1e-3 is an integral
 * (docs/models/equiangular.md): from the model `equiangular` for n up to 2e9, and from the particles
 * themselves.
 */

#define DELTA 1e-3

/* n = 32, b = 0, 1, ..., as printed in physics (2312.10794's phase diagrams tend to these). */
static const double printed_softmax[] = {5.1863, 5.2703, 5.4584, 5.8976, 6.9535, 9.5443, 15.9953, 32.2331};
static const double printed_mean[] = {5.18626, 2.89705, 1.88042, 1.39152, 1.13077, .97461};

static const double rtols[] = {1e-6, 1e-8, 1e-10};
enum { TOLERANCES = sizeof(rtols) / sizeof(*rtols) };

typedef struct law {
  bool softmax;
  double beta, n;
} law;

/* dt/dy with y = log(1 + (n-1) rho), in which the layer of width 1/n at rho = 0 is smooth. */
static double slowness(double y, void *context) {
  const law *own = context;
  const double m = own->n - 1, rho = expm1(y) / m;
  const double cost = own->softmax ? exp(own->beta * (1 - rho)) + m : own->n * exp(-own->beta * rho);
  return cost / (2 * (1 - rho) * m);
}

static double crossing_time(bool softmax, double beta, double n) {
  law own = {softmax, beta, n};
  gsl_integration_workspace *work = gsl_integration_workspace_alloc(1000);
  const gsl_function function = {.function = slowness, .params = &own};
  double time = 0, error = 0;
  CHECK_INT(
    gsl_integration_qags(&function, 0, log1p((n - 1) * (1 - DELTA)), 0, 1e-12, 1000, work, &time, &error), 0);
  gsl_integration_workspace_free(work);
  return time;
}

static void reference_is_the_printed_table(void) {
  for (int b = 0; b < 8; b++) CHECK_REAL(crossing_time(true, b, 32), printed_softmax[b], 5.1e-5);
  for (int b = 0; b < 6; b++) CHECK_REAL(crossing_time(false, b, 32), printed_mean[b], 5.1e-6);
}

static double equiangular_time(bool softmax, double beta, double n, double rtol) {
  const ent_result result = ent_fixture_result("model: equiangular\n"
                                               "parameters: {weights: %s}\n"
                                               "sweep: {beta: [%.17g], n: [%.0f], d: [2], seed: {count: 1}}\n"
                                               "time: {horizon: 1.0e6}\n"
                                               "solver: {rtol: %g, atol: %g}\n",
                                               softmax ? "softmax" : "mean", beta, n, rtol, rtol * 1e-2);
  CHECK_INT(result.outcome, ENT_OUTCOME_SYNC);
  CHECK(result.t_certain <= result.t_sync[0]);
  return result.t_sync[0];
}

static void one_equation(void) {
  const double counts[] = {2, 32, 1e5, 2e9};
  for (int b = -3; b <= 7; b++) {
    for (int k = 0; k < 8; k++) {
      const bool softmax = k % 2;
      const double n = counts[k / 2], exact = crossing_time(softmax, b, n);
      for (int t = 0; t < TOLERANCES; t++)
        CHECK_REAL(equiangular_time(softmax, b, n, rtols[t]) / exact, 1, 30 * rtols[t]);
    }
  }
}

static double particle_time(bool softmax, double beta, double rtol) {
  const ent_result result = ent_fixture_result("model: attention\n"
                                               "parameters: {weights: %s}\n"
                                               "sweep: {beta: [%.17g], n: [32], d: [32], seed: {count: 1}}\n"
                                               "initial: {kind: orthogonal}\n"
                                               "time: {horizon: 40}\n"
                                               "solver: {rtol: %g, atol: %g}\n",
                                               softmax ? "softmax" : "mean", beta, rtol, rtol * 1e-2);
  CHECK_INT(result.outcome, ENT_OUTCOME_SYNC);
  return result.t_sync[0];
}

static void particles_softmax(void) {
  for (int b = 0; b <= 7; b++) {
    const double exact = crossing_time(true, b, 32);
    for (int t = 0; t < TOLERANCES; t++)
      CHECK_REAL(particle_time(true, b, rtols[t]) / exact, 1, 30 * rtols[t]);
  }
}

static void particles_mean(void) {
  for (int b = 0; b <= 7; b++) {
    const double exact = crossing_time(false, b, 32);
    for (int t = 0; t < TOLERANCES; t++)
      CHECK_REAL(particle_time(false, b, rtols[t]) / exact, 1, 30 * rtols[t]);
  }
}

static const ent_test tests[] = {
  {"the reference is the printed table", reference_is_the_printed_table},
  {"the equation for rho crosses on time for n up to 2e9", one_equation},
  {"orthogonal particles synchronize on time (SA)", particles_softmax},
  {"orthogonal particles synchronize on time (USA)", particles_mean},
  {0},
};

ENT_TEST_MPI_MAIN("solve/orthogonal", tests)
