#ifndef ENTRAIN_KERNEL_ROWS_H
#define ENTRAIN_KERNEL_ROWS_H

/*
 * The attention mean of every particle for any composition of scores, mask, weights and value matrix:
 *
 *     A_i = sum_j w_ij V x_j,   w_ij = m_j g(s_ij) / Z_i,   s_ij = <x_i, B x_j>
 *
 * row by row in stages: scores -> mask -> weights -> totals -> sums. B = Q^T K and V are the identity where
 * they are not given; Z_i = sum_j m_j g(s_ij) over the tokens that i sees (softmax) or 1 (mean). Frozen
 * centres are further tokens that do not move and are in the sum, but not in Z_i. For the plain composition
 * kernel/pairs is faster.
 *
 * For V = identity differences x_j - x_i are summed, so that self and coincident terms vanish exactly;
 * exponents are shifted by each row's maximum over the tokens that are seen.
 *
 * Sources: 2312.10794 (B, V), 2405.18273 and 2507.22857 (g), 2411.04990 (causal, centres), 2602.11534 (topk,
 * cutoff), 2512.01868 (hardmax).
 */

#include <stdbool.h>
#include <stddef.h>

#include "entrain/base/brake.h"
#include "entrain/base/error.h"

/* The weight g as a function of the score s. */
typedef enum {
  ENT_WEIGH_EXP,        /* e^{beta s} */
  ENT_WEIGH_HINGE,      /* 1 / (1 + e^{-kappa s}) */
  ENT_WEIGH_POLYNOMIAL, /* sum_k c_k s^k, k = 0, 1, ... */
  ENT_WEIGH_FOURIER,    /* sum_k c_k sin(k u) / sin(u), s = cos(u), k = 1, 2, ... */
} ent_weighing;

/* Whom i sees. */
typedef enum {
  ENT_SEES_ALL,
  ENT_SEES_EARLIER, /* j <= i */
  ENT_SEES_NEAREST, /* i itself and the k - 1 others of highest score; of equal ones the first */
  ENT_SEES_WITHIN,  /* <x_i, x_j> >= cos_cutoff */
  ENT_SEES_ONE,     /* the other token of highest score; of equal ones the first */
} ent_row_sight;

enum { ENT_ROWS_CENTRES = 64 }; /* at most so many frozen centres */

typedef struct ent_row_law {
  ent_weighing weighing;
  double beta, kappa;
  const double *coefficients; /* [n_coefficients]: of the polynomial from k = 0, of the series from k = 1 */
  size_t n_coefficients;
  ent_row_sight sight;
  size_t k;
  double cos_cutoff;
  bool softmax;
  const double *masses; /* [n], sum 1; NULL: all 1/n */
  const double *score;  /* B [d, d], row-major; NULL: identity. Only for vectors */
  const double *value;  /* V [d, d], row-major; NULL: identity. Only for vectors */
  size_t n_centres;
  const double *centres;       /* as the state: [n_centres] angles or [n_centres, d] unit vectors */
  const double *centre_masses; /* [n_centres] */
  double log_scale;            /* the mean is multiplied by e^{log_scale}, in the log domain */
  ent_brake *brake;            /* ends a long sum, whose result is then undefined; NULL: nothing does */
} ent_row_law;

typedef struct ent_rows ent_rows; /* scratch for given n, d */

/* Allocates scratch for n particles, as angles or as unit vectors of R^d. Errors: ENT_ERR_MEMORY. Not
 * collective. */
ENT_MUST_CHECK int ent_rows_create(size_t n, size_t d, bool angles, ent_rows **rows);
void ent_rows_destroy(ent_rows **rows);

/*
 * The mean of each particle in two parts: A_i = tangent_i + radial_i x_i, <tangent_i, x_i> = 0. A particle
 * that sees nobody has none.
 * [in] x  angles [n] or unit vectors [n, d]
 * [out] tangent  as long as x, for angles along the circle; radial [n]
 * Not collective.
 */
void ent_rows_mean(ent_rows *rows, const ent_row_law *law, const double *x, double *tangent, double *radial);

#endif
