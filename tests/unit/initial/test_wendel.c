#include <math.h>

#include "entrain/initial/initial.h"
#include "entrain/model/geometry.h"

#include "check.h"

/*
 * Wendel 1962 (doi:10.7146/math.scand.a-10655): n independent uniform points of S^{d-1} lie in an open half
 * space with probability 2^{-(n-1)} sum_{k<d} C(n-1, k). Each frequency is that of 1e5 starts of the
 * registered initial condition, and must be within four standard deviations.
 */

extern const ent_initial ent_initial_uniform;

enum { STARTS = 100000, MOST = 16 };

static double wendel(int n, int d) {
  double sum = 0, choose = 1;
  for (int k = 0; k < d && k < n; k++) {
    sum += choose;
    choose *= (double)(n - 1 - k) / (k + 1);
  }
  return sum * ldexp(1, 1 - n);
}

/* Counts starts that `is_inside` finds in an open half space and compares with Wendel. */
static void check_frequency(int n, int d, bool (*is_inside)(int n, int d, const double *x)) {
  double x[MOST * MOST];
  int inside = 0;
  for (int seed = 0; seed < STARTS; seed++) {
    const ent_point point = {.n = n, .d = d, .seed = seed};
    CHECK_OK(ent_initial_uniform.draw(&point, NULL, x));
    inside += is_inside(n, d, x);
  }
  const double p = wendel(n, d);
  CHECK_REAL((double)inside / STARTS, p, 4 * sqrt(p * (1 - p) / STARTS));
}

static bool inside_by_gap(int n, int d, const double *x) {
  double angles[MOST], work[8 * MOST];
  ent_cloud_from_vectors(ENT_STATE_ANGLES, (size_t)n, (size_t)d, x, angles);
  const ent_cloud cloud = {ENT_STATE_ANGLES, (size_t)n, 2, NULL, angles, work, NULL, NULL};
  return ent_cloud_hemisphere_margin(&cloud) > 0;
}

static void on_the_circle(void) {
  check_frequency(2, 2, inside_by_gap);
  check_frequency(3, 2, inside_by_gap);
  check_frequency(5, 2, inside_by_gap);
  check_frequency(9, 2, inside_by_gap);
}

static double triple(const double *a, const double *b, const double *c) {
  return a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) +
         a[2] * (b[0] * c[1] - b[1] * c[0]);
}

/* True if all others lie strictly on one side of the plane through points i and j. */
static bool is_facet(int n, const double *x, int i, int j) {
  int above = 0, below = 0;
  for (int k = 0; k < n; k++) {
    if (k == i || k == j) continue;
    const double side = triple(x + 3 * i, x + 3 * j, x + 3 * k);
    above += side > 0;
    below += side < 0;
  }
  return above == 0 || below == 0;
}

/*
 * In three dimensions points in general position span a pointed cone iff two of them span one of its
 * facets.
 */
static bool inside_by_planes(int n, int d, const double *x) {
  double work[8 * MOST];
  bool is_pointed = false;
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < i; j++) is_pointed = is_pointed || is_facet(n, x, i, j);
  }
  const ent_cloud cloud = {ENT_STATE_VECTORS, (size_t)n, (size_t)d, NULL, x, work, NULL, NULL};
  if (!is_pointed) CHECK(ent_cloud_hemisphere_margin(&cloud) <= 0); /* no certificate without a half space */
  return is_pointed;
}

static void on_the_sphere(void) {
  check_frequency(4, 3, inside_by_planes);
  check_frequency(6, 3, inside_by_planes);
  check_frequency(9, 3, inside_by_planes);
}

/* Gauss-Jordan elimination of [d, d + 1]: afterwards the last column holds the solution. */
static void solve(int d, double rows[MOST][MOST]) {
  for (int c = 0; c < d; c++) {
    int pivot = c;
    for (int r = c; r < d; r++) pivot = fabs(rows[r][c]) > fabs(rows[pivot][c]) ? r : pivot;
    for (int k = 0; k <= d; k++) {
      const double swapped = rows[pivot][k];
      rows[pivot][k] = rows[c][k];
      rows[c][k] = swapped;
    }
    for (int r = 0; r < d; r++) {
      const double factor = r == c ? 0 : rows[r][c] / rows[c][c];
      for (int k = c; k <= d; k++) rows[r][k] -= factor * rows[c][k];
    }
  }
  for (int r = 0; r < d; r++) rows[r][d] /= rows[r][r];
}

/* d + 1 points lie in no half space iff minus the last is a positive combination of the others. */
static bool inside_by_combination(int n, int d, const double *x) {
  double rows[MOST][MOST];
  for (int r = 0; r < d; r++) {
    for (int k = 0; k < d; k++) rows[r][k] = x[k * d + r];
    rows[r][d] = -x[(n - 1) * d + r];
  }
  solve(d, rows);
  bool all_positive = true;
  for (int r = 0; r < d; r++) all_positive = all_positive && rows[r][d] > 0;
  return !all_positive;
}

static void simplices_in_any_dimension(void) {
  check_frequency(4, 3, inside_by_combination);
  check_frequency(6, 5, inside_by_combination);
  check_frequency(9, 8, inside_by_combination);
}

static const ent_test tests[] = {
  {"uniform starts on the circle are in a half plane as often as Wendel says", on_the_circle},
  {"uniform starts on the sphere are in a half space as often as Wendel says", on_the_sphere},
  {"d + 1 uniform starts miss every half space as often as Wendel says", simplices_in_any_dimension},
  {0},
};

ENT_TEST_MAIN("initial/wendel", tests)
