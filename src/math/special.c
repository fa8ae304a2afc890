#include "entrain/math/special.h"

#include <math.h>

#include <sleef.h>

#define SERIES_BELOW 0.1
#define HUGE_VALUE 1e200 /* what grows beyond is divided by it */

enum { TERMS = 8, GUARD = 40 };

/* I_k(x) = (x/2)^k / k! sum_m (x^2/4)^m / (m! (k+1) ... (k+m)). */
static void by_series(double x, size_t count, double *values) {
  double first = Sleef_cinz_expd1_u10purec(-x);
  for (size_t k = 0; k < count; k++) {
    double term = 1, sum = 1;
    for (int m = 1; m < TERMS; m++) {
      term *= 0.25 * x * x / ((double)m * (double)(k + (size_t)m));
      sum += term;
    }
    values[k] = first * sum;
    first *= 0.5 * x / (double)(k + 1);
  }
}

/* The order at which the recurrence begins: I there is nothing beside those that are asked for. */
static size_t first_order(double x, size_t count) {
  const double last = fmax((double)count, 9 * sqrt(x)), guard = sqrt(GUARD * (last + 1));
  return 2 * (size_t)(last + guard) + GUARD;
}

/* I_{k-1} = I_{k+1} + (2k/x) I_k, from an arbitrary end. */
static void by_recurrence(double x, size_t count, double *values) {
  double above = 0, here = 1 / HUGE_VALUE, sum = 0;
  for (size_t k = first_order(x, count); k > 0; k--) {
    if (k < count) values[k] = here;
    sum += 2 * here;
    const double below = above + 2 * (double)k / x * here;
    above = here;
    here = below;
    if (here < HUGE_VALUE) continue;
    above /= HUGE_VALUE;
    here /= HUGE_VALUE;
    sum /= HUGE_VALUE;
    for (size_t i = k; i < count; i++) values[i] /= HUGE_VALUE;
  }
  values[0] = here;
  sum += here;
  for (size_t k = 0; k < count; k++) values[k] /= sum;
}

void ent_special_bessel_i(double x, size_t count, double *values) {
  if (count == 0) return;
  if (x < SERIES_BELOW)
    by_series(x, count, values);
  else
    by_recurrence(x, count, values);
}
