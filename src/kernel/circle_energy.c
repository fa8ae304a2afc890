#include "entrain/kernel/circle_energy.h"

#include <math.h>

#include <sleef.h>

#include "entrain/base/isa.h"
#include "entrain/math/shares.h"
#include "entrain/math/simd.h"

#include "fourier_ops.h"

#define UNIT 0x1p-53
#define MARGIN 1.125   /* for second order terms of rounding errors */
#define TRUNCATION 0.5 /* share of the error allowed that the end of the series may have */

static const ent_fourier_ops *const tables[ENT_ISA_COUNT] = ENT_ISA_TABLES(ent_fourier_ops);

/* What the scratch holds. */
typedef struct rooms {
  ent_fourier_scratch scratch;
  double *moments, *c; /* [ENT_FOURIER_MOST, 2], [ENT_FOURIER_MOST + 2] */
} rooms;

static rooms divide(double *work) {
  const size_t lanes = (size_t)ENT_FOURIER_MOST * 2 * ENT_LANES;
  rooms made = {.scratch = {.cosines = work, .sines = work + ENT_FOURIER_BLOCK}};
  made.scratch.block = made.scratch.sines + ENT_FOURIER_BLOCK;
  made.scratch.all = made.scratch.block + lanes;
  made.scratch.share = made.scratch.all + lanes;
  made.moments = made.scratch.share + ENT_FOURIER_SHARE;
  made.c = made.moments + 2 * (size_t)ENT_FOURIER_MOST;
  return made;
}

/* The least even count of terms after which ending errs by at most `error`. [out] rest  what it errs by */
static size_t count_terms(const double *c, size_t last, double error, double *rest) {
  size_t terms = last + last % 2;
  *rest = 0;
  while (terms > 2) {
    const double more = *rest + (terms <= last ? c[terms] : 0) + c[terms - 1];
    if (more > error) break;
    *rest = more;
    terms -= 2;
  }
  return terms;
}

/* (c_0 - e^{-b}) = e^{-b} (I_0(b) - 1) for b >= 0, by the power series where the difference cancels. */
static double constant_term(double b, double c_0) {
  const double small = Sleef_cinz_expd1_u10purec(-b);
  double term = 1, sum = 0;
  if (b >= 1) return c_0 - small;
  for (int m = 1; term > UNIT * sum && term > 0; m++) {
    term *= 0.25 * b * b / ((double)m * (double)m);
    sum += term;
  }
  return small * sum;
}

/* 7 sqrt(2) k^2 units and one for each addition err the moments by, twice that their squares. */
static double bound_rounding(size_t n, const double *c, size_t terms, size_t last) {
  const double additions = ent_fourier_additions(n);
  double sum = 0;
  for (size_t k = 1; k <= terms; k++) {
    const double moment = M_SQRT2 * (7 * (double)k * (double)k + 3 + additions);
    sum += c[k] * (2 * moment + 4 * (double)last + 8);
  }
  return MARGIN * UNIT * sum;
}

/* sum_{k>0} sign^k c_k |M_k|^2 */
static double sum_series(const double *c, double sign, size_t terms, const double *moments, double mass) {
  double sum = 0;
  for (size_t k = terms; k > 0; k--) {
    const double cosine = mass * moments[2 * k - 2], sine = mass * moments[2 * k - 1];
    sum += (k % 2 ? sign : 1) * c[k] * (cosine * cosine + sine * sine);
  }
  return sum;
}

bool ent_circle_energy(size_t n, const double *x, const double *masses, double b, double *work,
                       double *energy) {
  rooms at = divide(work);
  ent_fourier_parts all = {.ops = tables[ent_isa_current()], .state = {n, x, masses}, .scratch = &at.scratch};
  const double size = fabs(b), sign = b < 0 ? -1 : 1, unit = size > 0 ? size : 1;
  double rest = 0, total = 0;
  const size_t last = ent_fourier_coefficients(size, at.c);
  if (last >= ENT_FOURIER_MOST) return false;
  if (size == 0) at.c[1] = 0.5; /* c_1 / b */
  const size_t terms = count_terms(at.c, last, TRUNCATION * ENT_CIRCLE_ENERGY_ERROR * unit, &rest);
  const double error = rest + bound_rounding(n, at.c, terms, last);
  if (!(error <= ENT_CIRCLE_ENERGY_ERROR * unit)) return false;
  if (!ent_fourier_moments(&all, terms, at.moments, &total)) return false;
  const double constant = constant_term(size, at.c[0]);
  const double series = sum_series(at.c, sign, terms, at.moments, masses ? 1 : 1.0 / (double)n);
  *energy = sign * (0.5 * constant + series) / unit;
  return true;
}
