#include "entrain/math/gaussian.h"

#include <math.h>

#include <sleef.h>

#define SQRT_HALF 0.70710678118654752440
#define INVERSE_SQRT_TWO_PI 0.39894228040143267794
#define FAR 38.0 /* standard deviations: the density is below 1e-300 there */

double ent_gaussian_activate(ent_activation activation, double z) {
  if (activation == ENT_ACTIVATION_RELU) return z > 0 ? z : 0;
  return Sleef_cinz_erfd1_u10purec(z * SQRT_HALF);
}

/* The normal density with mean 0 and standard deviation s at x = q s. */
static double density(double q, double s) {
  return INVERSE_SQRT_TWO_PI / s * Sleef_cinz_expd1_u10purec(-0.5 * q * q);
}

static ent_gaussian_moments expect_erf(double mean, double variance) {
  const double v = 1 + variance, s = sqrt(v), q = mean / s, first = 2 * density(q, s);
  return (ent_gaussian_moments){.value = Sleef_cinz_erfd1_u10purec(q * SQRT_HALF),
                                .first = first,
                                .second = -mean / v * first,
                                .third = (q * q - 1) / v * first};
}

static ent_gaussian_moments expect_relu(double mean, double variance) {
  const double s = sqrt(variance), q = mean / s;
  if (variance == 0 || fabs(q) > FAR)
    return (ent_gaussian_moments){.value = mean > 0 ? mean : 0, .first = mean > 0};
  const double g = density(q, s), p = 0.5 * Sleef_cinz_erfcd1_u15purec(-q * SQRT_HALF);
  return (ent_gaussian_moments){
    .value = mean * p + variance * g, .first = p, .second = g, .third = -q / s * g};
}

ent_gaussian_moments ent_gaussian_expect(ent_activation activation, double mean, double variance) {
  return activation == ENT_ACTIVATION_RELU ? expect_relu(mean, variance) : expect_erf(mean, variance);
}
