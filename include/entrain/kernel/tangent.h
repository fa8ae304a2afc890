#ifndef ENTRAIN_KERNEL_TANGENT_H
#define ENTRAIN_KERNEL_TANGENT_H

/*
 * Derivatives of the pair sums of kernel/pairs.h: the Jacobian of the drift, applied to a direction, in
 * O(n^2 d). What asks for it (equilibria, stability) is rare next to right-hand sides: this is plain code.
 *
 * With w_ij = m_j e^{-b |x_j - x_i|^2 / 2}, y_i = sum_j w_ij (x_j - x_i) and ' the derivative along v,
 *
 *     w_ij' = -b w_ij <x_j - x_i, v_j - v_i>,   y_i' = sum_j (w_ij' (x_j - x_i) + w_ij (v_j - v_i))
 *
 * On the circle: sum_j w_ij (cos u - b sin^2 u) (v_j - v_i), u = x_j - x_i, as in 2507.22857.
 */

#include "entrain/kernel/pairs.h"

/*
 * Angles. [in] x, v [n] [out] jv [n]: the derivative of ent_pairs_drift_angles at x along v. Not collective.
 */
void ent_tangent_angles(const ent_pair_law *law, size_t n, const double *x, const double *v, double *jv);

/*
 * Unit vectors. [in] x, v [n, d] [out] jv [n, d]: the derivative of ent_pairs_drift_vectors at x along v,
 * which need not be tangent to the sphere. Not collective.
 */
void ent_tangent_vectors(const ent_pair_law *law, size_t n, size_t d, const double *x, const double *v,
                         double *jv);

#endif
