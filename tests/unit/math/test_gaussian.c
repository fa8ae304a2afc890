/* TEST np=1 libs=gsl */
#include <math.h>

#include <gsl/gsl_integration.h>

#include "entrain/math/gaussian.h"

#include "check.h"

enum { PANELS = 64 };

static const double means[] = {-3, -0.4, 0, 0.7, 2.5}, variances[] = {1e-4, 0.3, 1, 9};

/* A function under a normal density. */
typedef struct under {
  ent_activation activation;
  double mean, variance;
} under;

static double weighted(double z, void *context) {
  const under *at = context;
  const double s = at->activation == ENT_ACTIVATION_RELU ? fmax(z, 0) : erf(z / sqrt(2));
  const double q = (z - at->mean) * (z - at->mean) / at->variance;
  return s * exp(-0.5 * q) / sqrt(2 * acos(-1.0) * at->variance);
}

/* E s(z) by quadrature on both sides of the kink. */
static double integral(const under *at) {
  double sum = 0, error = 0;
  const double reach = 12 * sqrt(at->variance), from = at->mean - reach, to = at->mean + reach;
  const double kink = fmin(fmax(0, from), to);
  gsl_integration_workspace *work = gsl_integration_workspace_alloc(1000);
  gsl_function function = {.function = weighted, .params = (void *)(uintptr_t)at};
  for (int k = 0; k < PANELS; k++) {
    double part = 0;
    const double ends[] = {from, kink, to};
    const double h = (ends[k % 2 + 1] - ends[k % 2]) / (PANELS / 2.0), a = ends[k % 2] + h * (k / 2);
    gsl_integration_qag(&function, a, a + h, 1e-14, 1e-12, 1000, GSL_INTEG_GAUSS31, work, &part, &error);
    sum += part;
  }
  gsl_integration_workspace_free(work);
  return sum;
}

static double value_at(ent_activation activation, double mean, double variance) {
  return ent_gaussian_expect(activation, mean, variance).value;
}

static void check_all(void (*check)(ent_activation activation, double mean, double variance)) {
  for (int k = 0; k < 5 * 4 * 2; k++) {
    check(k % 2 ? ENT_ACTIVATION_RELU : ENT_ACTIVATION_ERF, means[k / 2 % 5], variances[k / 10]);
  }
}

static void check_value(ent_activation activation, double mean, double variance) {
  const under at = {activation, mean, variance};
  CHECK_REAL(value_at(activation, mean, variance), integral(&at), 1e-11);
}

static void values_are_integrals(void) {
  check_all(check_value);
}

/* Derivatives by the mean are expectations of derivatives; that by the variance is half the second. */
static void check_derivatives(ent_activation activation, double mean, double variance) {
  const double h = 1e-4 * sqrt(variance), scale = 1 / sqrt(variance);
  const ent_gaussian_moments at = ent_gaussian_expect(activation, mean, variance);
  const ent_gaussian_moments up = ent_gaussian_expect(activation, mean + h, variance);
  const ent_gaussian_moments down = ent_gaussian_expect(activation, mean - h, variance);
  const double wide = value_at(activation, mean, variance * 1.0001);
  const double narrow = value_at(activation, mean, variance * 0.9999);
  CHECK_REAL(at.first, (up.value - down.value) / (2 * h), 1e-7);
  CHECK_REAL(at.second, (up.first - down.first) / (2 * h), 1e-7 * (1 + scale));
  CHECK_REAL(at.third, (up.second - down.second) / (2 * h), 1e-7 * (1 + scale * scale));
  CHECK_REAL(0.5 * at.second * variance, (wide - narrow) / 2e-4, 1e-7);
}

static void derivatives_belong_together(void) {
  check_all(check_derivatives);
}

static void no_variance_is_the_activation(void) {
  for (int k = 0; k < 5; k++) {
    const ent_gaussian_moments relu = ent_gaussian_expect(ENT_ACTIVATION_RELU, means[k], 0);
    const ent_gaussian_moments smooth = ent_gaussian_expect(ENT_ACTIVATION_ERF, means[k], 0);
    CHECK_REAL(relu.value, fmax(means[k], 0), 0);
    CHECK_REAL(relu.first, means[k] > 0, 0);
    CHECK_REAL(relu.second + relu.third, 0, 0);
    CHECK_REAL(smooth.value, erf(means[k] / sqrt(2)), 1e-15);
    CHECK_REAL(ent_gaussian_activate(ENT_ACTIVATION_ERF, means[k]), smooth.value, 1e-15);
    CHECK_REAL(ent_gaussian_activate(ENT_ACTIVATION_RELU, means[k]), relu.value, 0);
  }
}

/* Almost no variance: the formulas stay finite. */
static void tiny_variances_are_borne(void) {
  for (int k = 0; k < 5; k++) {
    const ent_gaussian_moments relu = ent_gaussian_expect(ENT_ACTIVATION_RELU, means[k], 1e-300);
    CHECK_REAL(relu.value, fmax(means[k], 0), 1e-15);
    CHECK(isfinite(relu.second) && isfinite(relu.third));
  }
}

static const ent_test tests[] = {
  {"expectations are integrals", values_are_integrals},
  {"derivatives belong together", derivatives_belong_together},
  {"without variance there is the activation", no_variance_is_the_activation},
  {"tiny variances are borne", tiny_variances_are_borne},
  {0},
};

ENT_TEST_MAIN("math/gaussian", tests)
