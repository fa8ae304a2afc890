#include <math.h>
#include <string.h>

#include "entrain/math/shares.h"
#include "entrain/math/simd.h"

#include "fourier_ops.h"

#define NEGLIGIBLE 1e-30 /* coefficients below are taken as zero */

/*
 * The first K with I_K(b) below NEGLIGIBLE I_0(b), from
 * I_{k+1}/I_k <= b / (k + 1/2 + sqrt(b^2 + (k + 1/2)^2)) (Amos 1974, doi:10.1090/S0025-5718-1974-0333287-7).
 */
static size_t last_coefficient(double b) {
  size_t k = 0;
  for (double bound = 1; bound > NEGLIGIBLE && k < ENT_FOURIER_MOST; k++) {
    const double half = (double)k + 0.5;
    bound *= b / (half + sqrt(b * b + half * half));
  }
  return k;
}

/*
 * I_k(b) e^{-b} for k <= last by Miller's algorithm (DLMF 3.6): I_{k-1} = I_{k+1} + (2k/b) I_k from any small
 * I_last, then scaled to sum 1. All terms are positive, so each step adds three roundings; the start errs by
 * less than I_last.
 */
static void fill_coefficients(double b, size_t last, double *c) {
  double sum = 0;
  c[last + 1] = 0;
  c[last] = NEGLIGIBLE;
  for (size_t k = last; k > 0; k--) {
    c[k - 1] = c[k + 1] + 2.0 * (double)k / b * c[k];
    sum += c[k];
  }
  const double scale = 1.0 / (2 * sum + c[0]);
  for (size_t k = 0; k <= last; k++) c[k] *= scale;
}

size_t ent_fourier_coefficients(double b, double *c) {
  const size_t last = last_coefficient(b);
  if (b == 0) {
    c[0] = 1;
    c[1] = c[2] = 0;
  } else if (last < ENT_FOURIER_MOST) {
    fill_coefficients(b, last, c);
  }
  return last;
}

/* Those of one share: blocks, then the blocks' sums, then lanes. */
static double additions_in(size_t n) {
  const double count = (double)n;
  return n < ENT_FOURIER_BLOCK ? count / ENT_LANES + 4
                               : (double)ENT_FOURIER_BLOCK / ENT_LANES + count / ENT_FOURIER_BLOCK + 4;
}

double ent_fourier_additions(size_t n) {
  const size_t shares = ent_shares_count(n);
  return additions_in((n + shares - 1) / shares + ENT_SHARES_STEP * (shares > 1)) + (double)(shares - 1);
}

bool ent_fourier_moments(const ent_fourier_ops *ops, const ent_fourier_state *state, size_t terms,
                         ent_fourier_scratch *scratch, double *moments, double *total) {
  const size_t n = state->n, shares = ent_shares_count(n);
  bool inside = true;
  if (shares == 1) return ops->moments(state, terms, scratch, moments, total);
  memset(moments, 0, 2 * terms * sizeof(*moments));
  *total = 0;
  for (size_t share = 0; share < shares; share++) {
    const size_t first = ent_shares_first(n, share);
    const double *masses = state->masses ? state->masses + first : NULL;
    const ent_fourier_state part = {ent_shares_first(n, share + 1) - first, state->x + first, masses};
    double mass = 0;
    inside = ops->moments(&part, terms, scratch, scratch->share, &mass) && inside;
    for (size_t k = 0; k < 2 * terms; k++) moments[k] += scratch->share[k];
    *total += mass;
  }
  return inside;
}
