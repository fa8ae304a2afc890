#ifndef ENTRAIN_KERNEL_PAIRS_H
#define ENTRAIN_KERNEL_PAIRS_H

/*
 * Pair sums: the right-hand side of self-attention on the circle and on spheres,
 *
 *     x_i' = P_{x_i} ( sum_j w_ij (x_j - x_i) ),   w_ij = m_j e^{b <x_i,x_j>} / Z_i
 *
 * with Z_i = sum_j m_j e^{b <x_i,x_j>} (softmax, SA) or Z_i = 1 (mean, USA); the self term is in Z_i.
 * Differences are summed, so that self and coincident terms vanish exactly: sum_j w_ij x_j, projected, does
 * not do it. Exponents are -b (1 - <x_i,x_j>), so that |b| up to 1e4 works. The system is (SA) and (USA) of
 * 2312.10794, with masses as in 2504.14697.
 *
 * This is the one interface to all kernels that sum over pairs, kernel/direct, kernel/fourier and
 * kernel/harmonic; it chooses among them for every call, by a
 * fixed table (ent_pairs_longest), never by a timing: results must not depend on the load of a machine.
 */

#include <stdbool.h>
#include <stddef.h>

#include "entrain/base/brake.h"
#include "entrain/base/error.h"
#include "entrain/base/isa.h"
#include "entrain/kernel/help.h"

#define ENT_PAIRS_TABLE "8" /* names the table of choices, which is a part of what a row is */

typedef struct ent_pairs ent_pairs; /* kernels and their scratch for given n, d */

typedef struct ent_pair_law {
  double beta;
  bool softmax;         /* true: SA; false: USA */
  const double *masses; /* [n], sum 1; NULL: all 1/n */
  double log_scale;     /* the drift is multiplied by e^{log_scale}, in the log domain */
  double slack;         /* absolute error that the drift may have; 0: none beyond rounding */
  ent_helpers *helpers; /* who may compute a part of sums over many particles; NULL: nobody */
  ent_brake *brake;     /* ends long direct sums, whose result is then undefined; NULL: nothing does */
} ent_pair_law;

/*
 * How long a series may be for n particles in dimension d with this instruction set, longer ones being slower
 * than direct sums: terms for d = 2, the degree for d = 3; 0 where sums are always direct. A law is summed by
 * a series that is no longer and keeps to its slack; otherwise, which on the circle depends on the state, by
 * direct sums. Not collective.
 */
size_t ent_pairs_longest(size_t n, size_t d, ent_isa isa);

/* Allocates for n particles in dimension d and the current instruction set; d = 2 means angles. Errors:
 * ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_pairs_create(size_t n, size_t d, ent_pairs **pairs);
void ent_pairs_destroy(ent_pairs **pairs);

/*
 * Numbers of scratch that sums touch: of the series where there is one, direct sums being rare then, and
 * otherwise of direct sums. Not collective.
 */
size_t ent_pairs_numbers(size_t n, size_t d);

/* Angles. [in] x [n], [out] dxdt [n]. Not collective. */
void ent_pairs_drift_angles(ent_pairs *pairs, const ent_pair_law *law, const double *x, double *dxdt);

/* Unit vectors. [in] x [n, d], [out] dxdt [n, d]. Not collective. */
void ent_pairs_drift_vectors(ent_pairs *pairs, const ent_pair_law *law, const double *x, double *dxdt);

/*
 * The attention mean A_i = sum_j w_ij x_j, whole, always by direct sums: its tangent part, the same bits as
 * the drift without slack, and the radial part <x_i, A_i> = sum_j w_ij (1 - (1 - <x_i, x_j>)), scaled alike.
 * [out] radial [n]. Not collective.
 */
void ent_pairs_mean_angles(ent_pairs *pairs, const ent_pair_law *law, const double *x, double *dxdt,
                           double *radial);
void ent_pairs_mean_vectors(ent_pairs *pairs, const ent_pair_law *law, const double *x, double *dxdt,
                            double *radial);

#endif
