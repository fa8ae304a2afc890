#include <math.h>
#include <string.h>

#include "entrain/math/vec.h"

#include "check.h"
#include "observe_fixture.h"

static double span(int64_t n, int64_t d, const double *x) {
  const ent_view view = {.n = n, .d = d, .x = x};
  return ent_view_value("span_dimension", &view);
}

static void vectors_in_a_plane_span_two_dimensions(void) {
  double x[7 * 5] = {0};
  for (int i = 0; i < 7; i++) { /* a plane askew in R^5 */
    for (int k = 0; k < 5; k++) x[5 * i + k] = cos(i) * (k - 2) + sin(i) * (k % 2);
    ent_vec_normalize(5, x + 5 * i);
  }
  CHECK_REAL(span(7, 5, x), 2, 0);
  CHECK_REAL(span(3, 5, x), 2, 0); /* fewer vectors than dimensions: the other Gram matrix */
  CHECK_REAL(span(1, 5, x), 1, 0);
}

static void orthogonal_vectors_span_as_many(void) {
  double x[4 * 6] = {0};
  for (int i = 0; i < 4; i++) x[6 * i + i] = 1;
  CHECK_REAL(span(4, 6, x), 4, 0);
  CHECK_REAL(span(3, 6, x), 3, 0);
}

/* Two vectors at a small angle e: eigenvalues 1 + cos e and 1 - cos e, of ratio e^2/4. */
static void the_threshold_is_a_millionth_of_the_largest(void) {
  for (int64_t d = 2; d < 5; d++) {
    for (int side = -1; side <= 1; side += 2) {
      const double e = 2e-3 * (1 + 0.05 * side), angles[] = {1, 1 + e};
      double vectors[2 * 5] = {0};
      vectors[0] = 1;
      vectors[d] = cos(e);
      vectors[d + 1] = sin(e);
      CHECK_REAL(span(2, d, d == 2 ? angles : vectors), side > 0 ? 2 : 1, 0);
    }
  }
}

static void on_the_circle_it_is_one_or_two(void) {
  const double line[] = {0.3, 0.3 - M_PI, 0.3 + M_PI, 0.3}, plane[] = {0.3, 0.3, 0.3, 0.4};
  CHECK_REAL(span(4, 2, line), 1, 0);
  CHECK_REAL(span(4, 2, plane), 2, 0);
}

/* rho = 0: all n; rho near 1: one; the least overlap -1/(n-1), a simplex: n - 1. */
static void equal_overlaps_have_two_eigenvalues(void) {
  const ent_model *model = ent_model_find("equiangular", strlen("equiangular"));
  const ent_observable *span_dimension = ent_observable_find("span_dimension", strlen("span_dimension"));
  const double states[] = {0, 40, -40}, expected[] = {1000, 1, 999};
  ent_system *system = NULL;
  ent_point point = {.n = 1000, .d = 7};
  CHECK_OK(ent_system_create(model, &point, &system));
  CHECK_OK(ent_system_configure(system, &point, 0));
  for (int k = 0; k < 3; k++) {
    double value[ENT_MAX_WIDTH];
    ent_observe_system(span_dimension, system, &states[k], value);
    CHECK_REAL(value[0], expected[k], 0);
  }
  ent_system_destroy(&system);
}

static const ent_test tests[] = {
  {"vectors in a plane span two dimensions", vectors_in_a_plane_span_two_dimensions},
  {"orthogonal vectors span as many dimensions as they are", orthogonal_vectors_span_as_many},
  {"the threshold is a millionth of the largest eigenvalue", the_threshold_is_a_millionth_of_the_largest},
  {"on the circle the span is a line or the plane", on_the_circle_it_is_one_or_two},
  {"equal overlaps have two eigenvalues", equal_overlaps_have_two_eigenvalues},
  {0},
};

ENT_TEST_MAIN("observe/span_dimension", tests)
