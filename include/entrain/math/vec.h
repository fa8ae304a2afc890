#ifndef ENTRAIN_MATH_VEC_H
#define ENTRAIN_MATH_VEC_H

/* Vectors of R^d as plain arrays [d]. Sums are taken in a fixed order, from d = 8 on of eight lanes: the same
 * bits everywhere. */

#include <stddef.h>

/* <x, y>. x, y [d]. */
double ent_vec_dot(size_t d, const double *x, const double *y);

/* |x|. x [d]. */
double ent_vec_norm(size_t d, const double *x);

/* |x - y|^2 / 2; for unit vectors 1 - <x, y>, accurate relative to itself. x, y [d]. */
double ent_vec_half_distance2(size_t d, const double *x, const double *y);

/* y += a x. x, y [d]. */
void ent_vec_axpy(size_t d, double a, const double *x, double *y);

/* Divides x [d] by its norm and returns the norm it had; a zero vector becomes not-a-number. */
double ent_vec_normalize(size_t d, double *x);

#endif
