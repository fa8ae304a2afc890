#ifndef ENTRAIN_MATH_TRANSPORT_H
#define ENTRAIN_MATH_TRANSPORT_H

/*
 * Wasserstein-2 distances of two measures of n equal atoms each: the root of the least mean square of the
 * arcs by which atoms are moved.
 */

#include <stddef.h>

/*
 * On the circle: for a cost that is convex in the arc, the best way is one of the n that keep the cyclic
 * order (Delon, Salomon & Sobolevski 2010, doi:10.1137/090772708). O(n^2).
 * [in,out] a, b  [n]: angles, which are wrapped to [-pi, pi] and sorted
 * Not collective.
 */
double ent_transport_circle(size_t n, double *a, double *b);

/*
 * On the sphere, by an assignment problem (math/assignment), for a few hundred atoms.
 * [in]  a, b  [n, d]: unit vectors
 * [out] partners  [n]: which atom of b takes that of a
 * Returns not-a-number when the solver gives up. Not collective.
 */
double ent_transport_sphere(size_t n, size_t d, const double *a, const double *b, size_t *partners);

#endif
