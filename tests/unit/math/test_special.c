/* TEST np=1 libs=gsl */
#include <math.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_bessel.h>

#include "entrain/math/special.h"

#include "check.h"

enum { MOST = 400 };

/* Its functions of any order are 1e-11 off at x = 1e4 and 1e-8 at x = 1e-8. */
static void bessel_functions_are_those_of_gsl(void) {
  const double places[] = {0.01, 0.0999, 0.1, 0.5, 1, 4, 10, 30};
  double values[MOST];
  int compared = 0;
  gsl_set_error_handler_off();
  for (size_t p = 0; p < sizeof(places) / sizeof(*places); p++) {
    ent_special_bessel_i(places[p], MOST, values);
    for (int k = 0; k < MOST; k++) {
      gsl_sf_result expected;
      const int status = gsl_sf_bessel_In_scaled_e(k, places[p], &expected);
      if (status == GSL_SUCCESS && expected.val > 1e-280) CHECK_REAL(values[k] / expected.val, 1, 1e-13);
      compared += status == GSL_SUCCESS && expected.val > 1e-280;
    }
  }
  CHECK(compared > 1000);
  for (double x = 0.01; x < 2e6; x *= 3) {
    ent_special_bessel_i(x, MOST, values);
    CHECK_REAL(values[0] / gsl_sf_bessel_I0_scaled(x), 1, 1e-14);
    CHECK_REAL(values[1] / gsl_sf_bessel_I1_scaled(x), 1, 1e-14);
  }
}

/* Where GSL is not accurate: digits of mpmath. */
static void bessel_functions_have_their_digits(void) {
  static const struct {
    double x;
    int k;
    double value;
  } cases[] = {
    {1e-8, 1, 4.99999995000000009e-9},    {100, 1, 0.0397441530251302563},
    {100, 300, 2.16257355120037943e-145}, {1e3, 1, 0.0126109302569286305},
    {1e3, 300, 4.9103801083448402e-22},   {1e4, 1, 0.00398927319598366224},
    {1e4, 300, 0.0000443240236722814993}, {1e6, 1, 0.000398942130798030775},
    {1e6, 300, 0.000381387854681510528},
  };
  double values[MOST];
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    ent_special_bessel_i(cases[i].x, MOST, values);
    CHECK_REAL(values[cases[i].k] / cases[i].value, 1, 1e-14);
  }
  ent_special_bessel_i(0, MOST, values);
  for (int k = 0; k < MOST; k++) CHECK_REAL(values[k], k == 0, 0);
}

/* The number that is asked for does not change the values, but for rounding. */
static void few_are_the_first_of_many(void) {
  double many[MOST], few[3];
  for (double x = 0.05; x < 1e5; x *= 3) {
    ent_special_bessel_i(x, MOST, many);
    ent_special_bessel_i(x, 3, few);
    for (int k = 0; k < 3; k++) CHECK_REAL(few[k] / many[k], 1, 1e-14);
    ent_special_bessel_i(x, 1, few);
    CHECK_REAL(few[0] / many[0], 1, 1e-14);
  }
}

/* sum over all orders of the generating function: e^{x cos t} = I_0 + 2 sum_k I_k cos(k t). */
static void they_are_the_fourier_coefficients(void) {
  double values[MOST];
  for (double x = 0.02; x < 300; x *= 2.7) {
    ent_special_bessel_i(x, MOST, values);
    for (double t = 0; t < 3.2; t += 0.4) {
      double sum = values[0];
      for (int k = 1; k < MOST; k++) sum += 2 * values[k] * cos(k * t);
      CHECK_REAL(sum, exp(x * (cos(t) - 1)), 3e-15);
    }
  }
}

static const ent_test tests[] = {
  {"Bessel functions are those of GSL", bessel_functions_are_those_of_gsl},
  {"where GSL is not accurate they have their digits", bessel_functions_have_their_digits},
  {"a few are the first of many", few_are_the_first_of_many},
  {"they are the Fourier coefficients of e^{x cos t}", they_are_the_fourier_coefficients},
  {0},
};

ENT_TEST_MAIN("math/special", tests)
