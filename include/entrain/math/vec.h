#ifndef ENTRAIN_MATH_VEC_H
#define ENTRAIN_MATH_VEC_H

/*
 * Vectors of R^d as plain arrays [d]. Sums are taken in a fixed order, from d = 8 on of eight lanes: the same
 * bits everywhere. Short vectors are common and there are many of them, so their loops are here.
 */

#include <stddef.h>

enum { ENT_VEC_SHORT = 8 };

/* <x, y> and |x - y|^2 in eight lanes. x, y [d]. */
double ent_vec_dot_lanes(size_t d, const double *x, const double *y);
double ent_vec_distance2_lanes(size_t d, const double *x, const double *y);

/* <x, y>. x, y [d]. */
static inline double ent_vec_dot(size_t d, const double *x, const double *y) {
  double sum = 0;
  if (d >= ENT_VEC_SHORT) return ent_vec_dot_lanes(d, x, y);
  for (size_t k = 0; k < d; k++) sum += x[k] * y[k];
  return sum;
}

/* |x|. x [d]. */
double ent_vec_norm(size_t d, const double *x);

/* |x - y|^2 / 2; for unit vectors 1 - <x, y>, accurate relative to itself. x, y [d]. */
static inline double ent_vec_half_distance2(size_t d, const double *x, const double *y) {
  double sum = 0;
  if (d >= ENT_VEC_SHORT) return 0.5 * ent_vec_distance2_lanes(d, x, y);
  for (size_t k = 0; k < d; k++) sum += (x[k] - y[k]) * (x[k] - y[k]);
  return 0.5 * sum;
}

/* y += a x. x, y [d]. */
static inline void ent_vec_axpy(size_t d, double a, const double *x, double *y) {
  for (size_t k = 0; k < d; k++) y[k] += a * x[k];
}

/* Divides x [d] by its norm and returns the norm it had; a zero vector becomes not-a-number. */
double ent_vec_normalize(size_t d, double *x);

#endif
