/* TEST np=1 */
#include <math.h>

#include "entrain/solve/quintic.h"

#include "check.h"

enum { DEGREE = 5 };

/* Value and slope at t of a polynomial of degree 5. */
static double value(const double *c, double t) {
  double sum = 0;
  for (int i = DEGREE; i >= 0; i--) sum = sum * t + c[i];
  return sum;
}

static double slope(const double *c, double t) {
  double sum = 0;
  for (int i = DEGREE; i > 0; i--) sum = sum * t + i * c[i];
  return sum;
}

static void degree_five_is_exact(void) {
  const double c[2][DEGREE + 1] = {{1, -2, 0.5, 3, -1.5, 0.7}, {0, 0, 0, 0, 0, 1}}, t0 = 0.4, h = 0.6;
  double x0[2], x1[2], dxdt0[2], dxdt1[2], a[2], b[2], x[2];
  for (int k = 0; k < 2; k++) {
    x0[k] = value(c[k], t0);
    x1[k] = value(c[k], t0 + h);
    dxdt0[k] = slope(c[k], t0);
    dxdt1[k] = slope(c[k], t0 + h);
    a[k] = slope(c[k], t0 + h / 3);
    b[k] = slope(c[k], t0 + 2 * h / 3);
  }
  const ent_quintic quintic = {2, h, x0, x1, dxdt0, dxdt1, a, b};
  ent_quintic_fit(&quintic);
  for (double part = 0; part <= 1; part += 0.0625) {
    ent_quintic_evaluate(&quintic, part, x);
    for (int k = 0; k < 2; k++) CHECK_REAL(x[k], value(c[k], t0 + part * h), 3e-15);
  }
}

static void step_before_is_exact(void) {
  const double c[DEGREE + 1] = {1, -2, 0.5, 3, -1.5, 0.7}, t0 = 0.4, h = 0.6;
  for (double back = 0.12; back <= 3; back *= 1.5) {
    const double x0 = value(c, t0), x1 = value(c, t0 + h), dxdt0 = slope(c, t0), dxdt1 = slope(c, t0 + h);
    const double older = value(c, t0 - back), slope_older = slope(c, t0 - back);
    double a = 0, b = 0, x = 0;
    const ent_quintic quintic = {1, h, &x0, &x1, &dxdt0, &dxdt1, &a, &b};
    ent_quintic_fit_back(&quintic, back, &older, &slope_older);
    for (double part = 0; part <= 1; part += 0.0625) {
      ent_quintic_evaluate(&quintic, part, &x);
      CHECK_REAL(x, value(c, t0 + part * h), 2e-14);
    }
  }
}

static void rest_is_rest(void) {
  const double x0 = 2, still = 0;
  double a = 0, b = 0, x = 0;
  const ent_quintic quintic = {1, 1e9, &x0, &x0, &still, &still, &a, &b};
  ent_quintic_fit(&quintic);
  ent_quintic_evaluate(&quintic, 0.3, &x);
  CHECK_REAL(x, 2, 0);
}

static const ent_test tests[] = {
  {"polynomials of degree 5 are exact", degree_five_is_exact},
  {"they are too with a time before the step instead of its inside", step_before_is_exact},
  {"what stands still stays where it is", rest_is_rest},
  {0},
};

ENT_TEST_MPI_MAIN("solve/quintic", tests)
