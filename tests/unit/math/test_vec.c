#include <math.h>
#include <string.h>

#include "entrain/math/vec.h"

#include "check.h"

enum { MOST = 40 };

static void fill(size_t d, double phase, double *x) {
  for (size_t k = 0; k < d; k++) x[k] = sin(phase + 1.7 * (double)k);
}

static void dot_has_every_term(void) {
  double x[MOST], y[MOST];
  for (size_t d = 0; d <= MOST; d++) {
    long double exact = 0, size = 0;
    fill(d, 0.3, x);
    fill(d, 1.1, y);
    for (size_t k = 0; k < d; k++) {
      exact += (long double)x[k] * y[k];
      size += fabsl((long double)x[k] * y[k]);
    }
    CHECK_REAL(ent_vec_dot(d, x, y), (double)exact, 1e-15 * (double)size);
    CHECK_REAL(ent_vec_norm(d, x), sqrt(ent_vec_dot(d, x, x)), 0);
  }
}

/* 1 - <x, y> of vectors 1e-9 apart: nothing is left of it in double precision, half the distance has it all.
 */
static void half_distance_keeps_small_gaps(void) {
  double x[MOST], y[MOST];
  for (size_t d = 2; d <= MOST; d++) {
    long double exact = 0;
    fill(d, 0.3, x);
    memcpy(y, x, sizeof(x));
    y[d / 2] += 1e-9;
    y[d - 1] -= 2e-9;
    for (size_t k = 0; k < d; k++) exact += ((long double)x[k] - y[k]) * ((long double)x[k] - y[k]);
    CHECK_REAL(ent_vec_half_distance2(d, x, y), (double)(0.5L * exact), 1e-15 * (double)exact);
    CHECK_REAL(ent_vec_half_distance2(d, x, x), 0, 0);
  }
}

static void order_of_arguments_is_no_matter(void) {
  double x[MOST], y[MOST];
  fill(MOST, 0.3, x);
  fill(MOST, 2.9, y);
  CHECK_REAL(ent_vec_dot(MOST, x, y), ent_vec_dot(MOST, y, x), 0);
  CHECK_REAL(ent_vec_half_distance2(MOST, x, y), ent_vec_half_distance2(MOST, y, x), 0);
}

static void axpy_adds(void) {
  double x[3] = {1, 2, 3}, y[4] = {10, 20, 30, 40};
  ent_vec_axpy(3, -2, x, y);
  CHECK_REAL(y[0], 8, 0);
  CHECK_REAL(y[1], 16, 0);
  CHECK_REAL(y[2], 24, 0);
  CHECK_REAL(y[3], 40, 0);
}

static void normalize_returns_old_norm(void) {
  double x[2] = {3, -4}, zero[2] = {0, 0};
  CHECK_REAL(ent_vec_normalize(2, x), 5, 0);
  CHECK_REAL(x[0], 0.6, 2e-16);
  CHECK_REAL(x[1], -0.8, 2e-16);
  CHECK_REAL(ent_vec_normalize(2, zero), 0, 0);
  CHECK(isnan(zero[0]));
}

static const ent_test tests[] = {
  {"a dot product has every term for any length", dot_has_every_term},
  {"half the squared distance is accurate relative to itself", half_distance_keeps_small_gaps},
  {"the order of arguments is no matter to a bit", order_of_arguments_is_no_matter},
  {"axpy adds and touches nothing else", axpy_adds},
  {"normalize returns the norm there was, a zero vector becomes not-a-number", normalize_returns_old_norm},
  {0},
};

ENT_TEST_MAIN("math/vec", tests)
