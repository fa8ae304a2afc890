#ifndef ENTRAIN_MATH_DENSITY_H
#define ENTRAIN_MATH_DENSITY_H

/*
 * Probability densities on the circle, given by a few numbers: their Fourier modes, and their quantiles, at
 * which particles stand for the density far better than independent draws do. The same bits on every machine.
 *
 *     Fourier     rho(t) = (1 + sum_k a_k cos(k t) + b_k sin(k t)) / (2 pi), k = 1, 2, ...
 *     von Mises   rho(t) = sum_p m_p e^{w_p cos(t - c_p)} / (2 pi I_0(w_p))
 *     arcs        rho(t) = sum_p m_p / (2 w_p) where |t - c_p| <= w_p
 */

#include <stddef.h>

#include "entrain/base/error.h"

typedef enum { ENT_DENSITY_FOURIER, ENT_DENSITY_VON_MISES, ENT_DENSITY_ARCS } ent_density_kind;

/* A density; it owns nothing. */
typedef struct ent_density {
  ent_density_kind kind;
  size_t n_cosines, n_sines;
  const double *cosines, *sines; /* FOURIER: a [n_cosines], b [n_sines], from k = 1 on */
  size_t n_parts;                /* of a mixture, at least 1 */
  const double *centres;         /* [n_parts] */
  const double *widths;          /* [n_parts]: concentrations >= 0, or half widths in (0, pi] */
  const double *masses;          /* [n_parts], divided by their sum; NULL: all equal */
} ent_density;

/*
 * z_k = <e^{i k t}>, k = 1 ... count. Not collective.
 * [in] scratch [count + 1]  [out] z [2 count]: real and imaginary part of z_1, z_2, ...
 */
void ent_density_modes(const ent_density *density, size_t count, double *scratch, double *z);

/* 2 pi times the smallest value of a FOURIER density on a fine grid; negative: it is none. Not collective. */
double ent_density_least(const ent_density *density);

/*
 * The angles in [-pi, pi] with the mass (i + 1/2)/n between -pi and them, i = 0 ... n-1: ascending.
 * [out] angles [n]. Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_density_quantiles(const ent_density *density, size_t n, double *angles);

#endif
