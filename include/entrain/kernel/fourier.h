#ifndef ENTRAIN_KERNEL_FOURIER_H
#define ENTRAIN_KERNEL_FOURIER_H

/*
 * Pair sums on the circle by Fourier series: what kernel/pairs computes for angles, in O(n J) instead of
 * O(n^2), with an error that is known. Not for who needs the last digits: those are direct sums.
 *
 * With c_k = I_|k|(|b|) e^{-|b|} sign(b)^k, the modified Bessel functions, (DLMF 10.35.2)
 *
 *     e^{b cos u - |b|} = sum_{k in Z} c_k e^{iku},    sum_k |c_k| = 1,
 *     sin u e^{b cos u - |b|} = sum_{k>0} s_k sin ku,  s_k = c_{k-1} - c_{k+1} = (2k/b) c_k (DLMF 10.29.1),
 *
 * so with the moments M_k = sum_j m_j e^{i k x_j} the sums at every x_i are trigonometric polynomials in x_i:
 *
 *     Z_i = sum_j m_j e^{b cos(x_j - x_i) - |b|} = c_0 M_0 + 2 sum_{k>0} c_k Re(M_k e^{-i k x_i})
 *     N_i = sum_j m_j e^{b cos(x_j - x_i) - |b|} sin(x_j - x_i) = sum_{k>0} s_k Im(M_k e^{-i k x_i})
 *
 * The drift is e^{log_scale} N_i / Z_i (softmax) or e^{|b| + log_scale} N_i (mean). Stopped after k = J, N_i
 * errs by at most sum_{k>J} |s_k| = |c_J| + |c_{J+1}|, Z_i by 2 sum_{k>J} |c_k|, because |M_k| <= 1; |c_k|
 * falls like e^{-k^2/(2|b|)} and then faster than (|b|/2)^k/k!. Rounding errors, in units u = 2^-53, to
 * first order: cos kx_j and sin kx_j by Chebyshev's recurrence 7 k^2 (from cosines and sines that err by 2.1
 * u at most), their sum over particles one for each addition, 4 K for the K coefficients that Miller's
 * recurrence gives, Clenshaw's recurrence (k+3)^3 + 5 k^2; each times the size of its coefficient, 2 |c_k|
 * or |s_k|, and sqrt 2 for a cosine beside a sine. As |N_i| <= Z_i, the quotient errs by at most the sum of
 * both errors over the computed Z_i, of which the least is taken. So J follows from the error allowed before
 * anything is computed, for a guess of Z, and the bound is known afterwards, from the state alone: no
 * history, no clock.
 *
 * |x_j| <= 1e6, |b| up to some 1800.
 */

#include <stdbool.h>
#include <stddef.h>

#include "entrain/base/error.h"
#include "entrain/base/isa.h"
#include "entrain/kernel/pairs.h"

typedef struct ent_fourier ent_fourier; /* scratch for given n, and the series of the last beta */

/* Allocates for n particles and an available instruction set. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_fourier_create(size_t n, ent_isa isa, ent_fourier **fourier);

/* Frees all; accepts NULL, sets NULL. */
void ent_fourier_destroy(ent_fourier **fourier);

/* Refuses series of more terms from now on: who has something faster than them says so. Not collective. */
void ent_fourier_limit(ent_fourier *fourier, size_t most_terms);

/* The terms that the law's slack takes for a state that is not far from even; 0: no series will do. Not
 * collective. */
size_t ent_fourier_terms(ent_fourier *fourier, const ent_pair_law *law);

/*
 * The drift of angles. Returns whether its error is at most law->slack; otherwise dxdt means nothing.
 * [in]  x [n], radians
 * [out] dxdt [n]
 * [out] bound  what the error of each component is below; may be NULL
 * Not collective.
 */
bool ent_fourier_drift(ent_fourier *fourier, const ent_pair_law *law, const double *x, double *dxdt,
                       double *bound);

#endif
