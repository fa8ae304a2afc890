#ifndef ENTRAIN_KERNEL_HARMONIC_H
#define ENTRAIN_KERNEL_HARMONIC_H

/*
 * Pair sums on the sphere S^2 by spherical harmonics: what kernel/pairs computes for unit vectors of d = 3,
 * in O(n L^2) instead of O(n^2), with an error that is known. The circle's counterpart is kernel/fourier.
 *
 * With a_l = (2l+1) i_l(|b|) e^{-|b|} sign(b)^l, i_l the modified spherical Bessel functions, (DLMF 10.60.8)
 *
 *     e^{b c - |b|} = sum_l a_l P_l(c),    sum_l |a_l| = 1,
 *
 * which is the derivative of F(c) = sum_{l>0} f_l P_l(c) with f_l = a_l / b, for b > 0 the same as
 * (i_{l-1}(b) - i_{l+1}(b)) e^{-b} (DLMF 10.51.4). So, with
 *
 *     V(x) = sum_j m_j F(<x, x_j>),
 *     N_i = sum_j m_j e^{b <x_i,x_j> - |b|} P_{x_i} x_j = P_{x_i} grad V(x_i),
 *     Z_i = sum_j m_j e^{b <x_i,x_j> - |b|} = a_0 sum_j m_j + b V(x_i).
 *
 * The addition theorem (DLMF 14.30.9) makes V a sum over products of harmonics, in Cartesian form: with Q_lm
 * the normalized m-th derivative of P_l, harmonics are Q_lm(z) (x + iy)^m, without a singular point; the
 * derivative of Q_lm is a multiple of Q_l,m+1. Their moments are taken by the recurrence in l, sums of them
 * by Clenshaw's. As sum_m |grad Y_lm|^2 = l (l+1) (2l+1) / (4 pi), |grad P_l(<x, y>)| <= sqrt(l (l+1) / 2),
 * so that ending after degree L errs by at most sum_{l>L} |f_l| (l+1) / sqrt 2 in N and sum_{l>L} |a_l| in
 * Z. Rounding is taken as (l+3)^3 units of 2^-53 for a harmonic of degree l, as for the circle, beside one
 * for each addition over particles.
 *
 * The quotient errs by at most the sum of both errors over the least computed Z_i, as on the circle: the
 * degree is chosen for a guess of Z, and the bound is known afterwards; where it is missed, the state is
 * summed once more to the degree that its Z takes.
 *
 * What is computed is the drift at x_i / |x_i|. Direct sums continue it differently off the sphere, where
 * Runge-Kutta stages are; each is a smooth field, but the stages of a step must not mix them. So whether a
 * law takes harmonics is asked without a state (ent_harmonic_takes), and a state for which they will not do
 * is for direct sums at the directions.
 */

#include <stdbool.h>
#include <stddef.h>

#include "entrain/base/error.h"
#include "entrain/base/isa.h"
#include "entrain/kernel/pairs.h"

typedef struct ent_harmonic ent_harmonic; /* scratch for given n, and the series of the last beta */

/* Allocates for n particles and an available instruction set. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_harmonic_create(size_t n, ent_isa isa, ent_harmonic **harmonic);

/* Frees all; accepts NULL, sets NULL. */
void ent_harmonic_destroy(ent_harmonic **harmonic);

/* Refuses series of a higher degree from now on: who has something faster says so. Not collective. */
void ent_harmonic_limit(ent_harmonic *harmonic, size_t most_degree);

/* The degree that the law's slack takes for a state not far from even; 0: no series will do. Not
 * collective. */
size_t ent_harmonic_degree(ent_harmonic *harmonic, const ent_pair_law *law);

/* Whether that degree is there and within the limit. Not collective. */
bool ent_harmonic_takes(ent_harmonic *harmonic, const ent_pair_law *law);

/*
 * The drift of particles on S^2, at their directions. Returns whether its error is at most law->slack;
 * otherwise dxdt means nothing.
 * [in]  x [n, 3], not zero
 * [out] dxdt [n, 3], tangent at the directions
 * [out] bound  what the error of each particle's drift, as a vector, is below; may be NULL
 * Not collective.
 */
bool ent_harmonic_drift(ent_harmonic *harmonic, const ent_pair_law *law, const double *x, double *dxdt,
                        double *bound);

/* The absolute error that an energy by harmonics has at most; energies are below 1. */
#define ENT_HARMONIC_ENERGY_ERROR 1e-11

/*
 * The energy of kernel/circle_energy of particles on S^2, by the same moments: with b = beta and unit mass
 *
 *     E = (a_0 - e^{-|b|}) / (2b) + (1/2) sum_{l>0} f_l sum_ij m_i m_j P_l(<x_i, x_j>)
 *
 * where the inner sum is one over squares of moments by the addition theorem. Returns whether its error is
 * below ENT_HARMONIC_ENERGY_ERROR.
 * [in]  x [n, 3], unit vectors; masses [n] of sum 1, NULL: all 1/n
 * [out] energy  untouched otherwise
 * Not collective.
 */
bool ent_harmonic_energy(ent_harmonic *harmonic, double beta, const double *masses, const double *x,
                         double *energy);

#endif
