#include <sleef.h>

#include "entrain/math/simd.h"
#include "entrain/math/vec.h"

#include "direct_impl.h"

/* What a row of exponents becomes: weights e^{exponent - shift} m_j, their sum, and the shift. */
typedef struct row_sum {
  double total, shift;
} row_sum;

static void load_masses(ent_direct *direct, const double *masses) {
  for (size_t j = 0; j < direct->n; j++) direct->masses[j] = masses ? masses[j] : 1.0 / (double)direct->n;
}

/* Factor of a row's sum: 1/Z_i, or the true scale of the mean, put together in the log domain. */
static double row_factor(const ent_pair_law *law, row_sum row) {
  if (law->softmax)
    return law->log_scale == 0 ? 1.0 / row.total : Sleef_cinz_expd1_u10purec(law->log_scale) / row.total;
  const double exponent = row.shift + (law->beta + law->log_scale);
  return exponent == 0 ? 1.0 : Sleef_cinz_expd1_u10purec(exponent);
}

/* Turns the exponents of a row, whose largest is `shift` >= 0, into weights. */
ENT_SIMD_INLINE row_sum weigh(ent_direct *direct, double shift) {
  ent_v8 total = {0};
  ent_v8 *weights = (ent_v8 *)direct->weights;
  const ent_v8 *masses = (const ent_v8 *)direct->masses;
  for (size_t v = 0; v < direct->padded / ENT_LANES; v++) {
    weights[v] = masses[v] * ent_v8_exp(weights[v] - shift);
    total += weights[v];
  }
  return (row_sum){ent_v8_sum(total), shift};
}

/* sum_j w_j - sum_j w_j (1 - <x_i, x_j>). */
ENT_SIMD_INLINE double radial_part(const ent_direct *direct, row_sum row) {
  ent_v8 missing = {0};
  const ent_v8 *weights = (const ent_v8 *)direct->weights, *gaps = (const ent_v8 *)direct->gaps;
  for (size_t v = 0; v < direct->padded / ENT_LANES; v++) missing += weights[v] * gaps[v];
  return row.total - ent_v8_sum(missing);
}

/* The drift of an angle; `radial` is NULL where nobody asks for it. */
ENT_SIMD_INLINE double drift_angle(ent_direct *direct, const ent_pair_law *law, double angle,
                                   double *radial) {
  const ent_v8 *angles = (const ent_v8 *)direct->state;
  ent_v8 *sines = (ent_v8 *)direct->sines, *weights = (ent_v8 *)direct->weights;
  const size_t n_vectors = direct->padded / ENT_LANES;
  ent_v8 largest = {0}, sum = {0};
  for (size_t v = 0; v < n_vectors; v++) {
    ent_v8 versine;
    ent_v8_sin_versin(angles[v] - angle, &sines[v], &versine);
    if (radial) ((ent_v8 *)direct->gaps)[v] = versine;
    weights[v] = -law->beta * versine;
    largest = ent_v8_max(weights[v], largest);
  }
  const row_sum row = weigh(direct, law->beta < 0 ? ent_v8_largest(largest) : 0.0);
  for (size_t v = 0; v < n_vectors; v++) sum += weights[v] * sines[v];
  const double factor = row_factor(law, row);
  if (radial) *radial = factor * radial_part(direct, row);
  return ent_v8_sum(sum) * factor;
}

static void load_angles(ent_direct *direct, const ent_pair_law *law, const double *x) {
  load_masses(direct, law->masses);
  for (size_t j = 0; j < direct->padded; j++) direct->state[j] = x[j < direct->n ? j : 0];
}

static void sum_angles(ent_direct *direct, const ent_pair_law *law, const double *x, double *dxdt,
                       double *radial) {
  load_angles(direct, law, x);
  for (size_t i = 0; i < direct->n; i++) dxdt[i] = drift_angle(direct, law, x[i], radial ? &radial[i] : NULL);
}

/*
 * Exponents -b |x_j - x_i|^2 / 2 of row i into weights; returns the largest, at least the self term's 0.
 * `gaps` is NULL where nobody asks for them.
 */
ENT_SIMD_INLINE double row_exponents(ent_direct *direct, double beta, const double *x_i, ent_v8 *gaps) {
  ent_v8 *weights = (ent_v8 *)direct->weights;
  const size_t n_vectors = direct->padded / ENT_LANES;
  ent_v8 largest = {0};
  for (size_t v = 0; v < n_vectors; v++) {
    const ent_v8 *coordinate = (const ent_v8 *)direct->state + v;
    ent_v8 distance2 = {0};
    for (size_t k = 0; k < direct->d; k++, coordinate += n_vectors) {
      const ent_v8 difference = *coordinate - x_i[k];
      distance2 += difference * difference;
    }
    if (gaps) gaps[v] = 0.5 * distance2;
    weights[v] = (-0.5 * beta) * distance2;
    largest = ent_v8_max(weights[v], largest);
  }
  return beta < 0 ? ent_v8_largest(largest) : 0.0;
}

/* P_{x_i} (factor * sum_j w_j (x_j - x_i)) into y [d]. */
ENT_SIMD_INLINE void row_mean(const ent_direct *direct, const double *x_i, double factor, double *y) {
  const ent_v8 *coordinate = (const ent_v8 *)direct->state, *weights = (const ent_v8 *)direct->weights;
  for (size_t k = 0; k < direct->d; k++) {
    ent_v8 sum = {0};
    for (size_t v = 0; v < direct->padded / ENT_LANES; v++) sum += weights[v] * (*coordinate++ - x_i[k]);
    y[k] = factor * ent_v8_sum(sum);
  }
  ent_vec_axpy(direct->d, -ent_vec_dot(direct->d, x_i, y), x_i, y);
}

static void load_vectors(ent_direct *direct, const ent_pair_law *law, const double *x) {
  const size_t d = direct->d;
  load_masses(direct, law->masses);
  for (size_t j = 0; j < direct->padded; j++) {
    for (size_t k = 0; k < d; k++) direct->state[k * direct->padded + j] = x[(j < direct->n ? j : 0) * d + k];
  }
}

static void sum_vectors(ent_direct *direct, const ent_pair_law *law, const double *x, double *dxdt,
                        double *radial) {
  const size_t d = direct->d;
  load_vectors(direct, law, x);
  for (size_t i = 0; i < direct->n; i++) {
    ent_v8 *gaps = radial ? (ent_v8 *)direct->gaps : NULL;
    const row_sum row = weigh(direct, row_exponents(direct, law->beta, x + i * d, gaps));
    const double factor = row_factor(law, row);
    if (radial) radial[i] = factor * radial_part(direct, row);
    row_mean(direct, x + i * d, factor, dxdt + i * d);
  }
}

const ent_direct_ops ENT_ISA_NAME(ent_direct_ops) = {.sum_angles = sum_angles, .sum_vectors = sum_vectors};
