#include "entrain/math/transport.h"

#include <math.h>
#include <stdlib.h>

#include <sleef.h>

#include "entrain/math/assignment.h"
#include "entrain/math/sphere.h"
#include "entrain/math/vec.h"

static int compare(const void *left, const void *right) {
  const double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static void sort(size_t n, double *angles) {
  for (size_t i = 0; i < n; i++) angles[i] = ent_sphere_wrap(angles[i]);
  qsort(angles, n, sizeof(*angles), compare);
}

double ent_transport_circle(size_t n, double *a, double *b) {
  double least = INFINITY;
  sort(n, a);
  sort(n, b);
  for (size_t shift = 0; shift < n; shift++) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
      const double arc = ent_sphere_wrap(a[i] - b[(i + shift) % n]);
      sum += arc * arc;
    }
    least = fmin(least, sum);
  }
  return sqrt(least / (double)n);
}

/* Two sets of unit vectors [n, d]. */
typedef struct pair_of_sets {
  size_t d;
  const double *a, *b;
} pair_of_sets;

/* The square of the arc between two atoms, by its chord. */
static double squared_arc(const void *context, size_t i, size_t j) {
  const pair_of_sets *sets = context;
  const double half = ent_vec_half_distance2(sets->d, sets->a + i * sets->d, sets->b + j * sets->d);
  const double arc = 2 * Sleef_cinz_asind1_u10purec(fmin(1, sqrt(0.5 * half)));
  return arc * arc;
}

double ent_transport_sphere(size_t n, size_t d, const double *a, const double *b, size_t *partners) {
  const pair_of_sets sets = {.d = d, .a = a, .b = b};
  double sum = 0;
  if (ent_assignment_solve(n, squared_arc, &sets, partners) != ENT_OK) {
    ent_error_clear();
    return NAN;
  }
  for (size_t i = 0; i < n; i++) sum += squared_arc(&sets, i, partners[i]);
  return sqrt(sum / (double)n);
}
