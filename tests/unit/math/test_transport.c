#include <math.h>
#include <string.h>

#include "entrain/math/assignment.h"
#include "entrain/math/transport.h"
#include "entrain/math/vec.h"

#include "check.h"

enum { MOST = 60, FEW = 6, ROUNDS = 30 };

static double number(void) {
  static uint64_t state = 3;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return 2 * (double)(state >> 11) * 0x1p-53 - 1;
}

static void draw(size_t n, size_t d, double *x) {
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < d; k++) x[i * d + k] = number();
    ent_vec_normalize(d, x + i * d);
  }
}

static void to_angles(size_t n, const double *x, double *angles) {
  for (size_t i = 0; i < n; i++) angles[i] = atan2(x[2 * i + 1], x[2 * i]) + 4 * acos(-1.0) * (double)(i % 2);
}

static double squared_arc(size_t d, const double *a, const double *b) {
  double overlap = 0;
  for (size_t k = 0; k < d; k++) overlap += a[k] * b[k];
  const double arc = acos(fmin(1, fmax(-1, overlap)));
  return arc * arc;
}

/* The least sum of squared arcs over all ways to give the atoms from `first` on those of b that are free. */
static double least(size_t n, size_t d, const double *a, const double *b, size_t first, unsigned taken) {
  double best = INFINITY;
  if (first == n) return 0;
  for (size_t j = 0; j < n; j++) {
    if (taken & (1U << j)) continue;
    const double rest = least(n, d, a, b, first + 1, taken | (1U << j));
    best = fmin(best, rest + squared_arc(d, a + first * d, b + j * d));
  }
  return best;
}

static void agree_with_all_permutations(void) {
  for (int round = 0; round < ROUNDS; round++) {
    const size_t n = 1 + (size_t)round % FEW, d = 2 + (size_t)round % 4;
    double a[FEW * 5], b[FEW * 5], left[FEW], right[FEW];
    size_t partners[FEW];
    draw(n, d, a);
    draw(n, d, b);
    const double expected = sqrt(least(n, d, a, b, 0, 0) / (double)n);
    CHECK_REAL(ent_transport_sphere(n, d, a, b, partners), expected, 1e-7);
    if (d > 2) continue;
    to_angles(n, a, left);
    to_angles(n, b, right);
    CHECK_REAL(ent_transport_circle(n, left, right), expected, 1e-7);
  }
}

static void circle_agrees_with_the_assignment(void) {
  for (int round = 0; round < ROUNDS; round++) {
    const size_t n = 7 + (size_t)(round * 53 / ROUNDS);
    double a[MOST * 2], b[MOST * 2], left[MOST], right[MOST];
    size_t partners[MOST];
    draw(n, 2, a);
    draw(n, 2, b);
    for (size_t i = 0; round % 3 == 0 && i < n; i++) { /* narrow against wide */
      a[2 * i] = 1;
      a[2 * i + 1] *= 0.1;
      ent_vec_normalize(2, a + 2 * i);
    }
    to_angles(n, a, left);
    to_angles(n, b, right);
    CHECK_REAL(ent_transport_circle(n, left, right), ent_transport_sphere(n, 2, a, b, partners), 1e-9);
  }
}

static void partners_are_a_permutation(void) {
  double a[MOST * 3], b[MOST * 3];
  size_t partners[MOST];
  bool taken[MOST] = {false};
  draw(MOST, 3, a);
  for (size_t i = 0; i < MOST; i++) memcpy(b + (7 * i + 3) % MOST * 3, a + i * 3, 3 * sizeof(*a));
  CHECK_REAL(ent_transport_sphere(MOST, 3, a, b, partners), 0, 1e-12);
  for (size_t i = 0; i < MOST; i++) {
    CHECK_INT(partners[i], (7 * i + 3) % MOST);
    taken[partners[i]] = true;
  }
  for (size_t i = 0; i < MOST; i++) CHECK(taken[i]);
}

static void arcs_are_lengths(void) {
  double north[] = {0, 0, 1}, south[] = {0, 0, -1}, east[] = {1, 0, 0}, left[] = {0.1}, right[] = {-0.2};
  size_t partner = 0;
  CHECK_REAL(ent_transport_sphere(1, 3, north, south, &partner), acos(-1.0), 1e-15);
  CHECK_REAL(ent_transport_sphere(1, 3, north, east, &partner), acos(0.0), 1e-15);
  CHECK_REAL(ent_transport_circle(1, left, right), 0.3, 1e-15);
}

static const ent_test tests[] = {
  {"distances are the least over all permutations", agree_with_all_permutations},
  {"on the circle they agree with the assignment solver", circle_agrees_with_the_assignment},
  {"a renamed measure is found again", partners_are_a_permutation},
  {"distances are lengths of arcs", arcs_are_lengths},
  {0},
};

ENT_TEST_MAIN("math/transport", tests)
