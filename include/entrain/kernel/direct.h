#ifndef ENTRAIN_KERNEL_DIRECT_H
#define ENTRAIN_KERNEL_DIRECT_H

/*
 * Pair sums term by term, in O(n^2 d): of the kernels behind kernel/pairs the one that is right for every
 * n, d and beta, with no error beyond rounding. Differences x_j - x_i are summed and exponents are
 * -b |x_i - x_j|^2 / 2, so that self and coincident terms vanish exactly.
 */

#include <stddef.h>

#include "entrain/base/error.h"
#include "entrain/base/isa.h"
#include "entrain/kernel/pairs.h"

typedef struct ent_direct ent_direct; /* scratch for given n, d */

/* Allocates scratch for n particles in dimension d, d = 2 meaning angles, and takes an available instruction
 * set's functions. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_direct_create(size_t n, size_t d, ent_isa isa, ent_direct **direct);
void ent_direct_destroy(ent_direct **direct);

/* Numbers of that scratch, small tiles aside. Not collective. */
size_t ent_direct_numbers(size_t n, size_t d);

/*
 * Divides sums in other pieces than those that n asks for (src/kernel/direct_pieces.h), 1 for none, at most
 * one for each begun 128 particles; for tests with few particles. Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_direct_divide(ent_direct *direct, size_t pieces);

/*
 * The drift, and with it the radial part of the attention mean, see kernel/pairs.
 * [in] x, [out] dxdt  [n] angles or [n, d] unit vectors; [out] radial [n], or NULL. Not collective.
 */
void ent_direct_sum(ent_direct *direct, const ent_pair_law *law, const double *x, double *dxdt,
                    double *radial);

/* Exponentials that a call takes: n (n + 8) / 2 where the two rows of a pair share a weight, otherwise n^2,
 * both with n rounded up to a multiple of 8. Not collective. */
double ent_direct_exps(size_t n, const ent_pair_law *law);

#endif
