#include "entrain/kernel/pairs.h"

#include <stdlib.h>

#include <sleef.h>

#include "entrain/base/mem.h"
#include "entrain/math/simd.h"
#include "entrain/math/vec.h"

struct ent_pairs {
  size_t n, d, padded;
  double *state;   /* angles: [padded]; vectors: [d, padded], coordinate by coordinate */
  double *masses;  /* [padded], zero beyond n */
  double *sines;   /* [padded]: angles only, sin(x_j - x_i) of the current row */
  double *weights; /* [padded]: first exponents, then weights of the current row */
  double *gaps;    /* [padded]: 1 - <x_i, x_j> of the current row, where its radial part is asked for */
};

/* What a row of exponents becomes: weights e^{exponent - shift} m_j, their sum, and the shift. */
typedef struct row_sum {
  double total, shift;
} row_sum;

int ent_pairs_create(size_t n, size_t d, ent_pairs **pairs) {
  int code = ENT_OK;
  ent_pairs *made = NULL;
  const size_t padded = ent_simd_pad(n);
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  *made = (ent_pairs){.n = n, .d = d, .padded = padded};
  ENT_GOTO(ent_mem_alloc(padded * (d == 2 ? 1 : d), sizeof(double), &made->state));
  ENT_GOTO(ent_mem_alloc(padded, sizeof(double), &made->masses));
  ENT_GOTO(ent_mem_alloc(d == 2 ? padded : 0, sizeof(double), &made->sines));
  ENT_GOTO(ent_mem_alloc(padded, sizeof(double), &made->weights));
  ENT_GOTO(ent_mem_alloc(padded, sizeof(double), &made->gaps));
  *pairs = made;
  made = NULL;
done:
  ent_pairs_destroy(&made);
  return code;
}

void ent_pairs_destroy(ent_pairs **pairs) {
  if (*pairs == NULL) return;
  free((*pairs)->state);
  free((*pairs)->masses);
  free((*pairs)->sines);
  free((*pairs)->weights);
  free((*pairs)->gaps);
  free(*pairs);
  *pairs = NULL;
}

static void load_masses(ent_pairs *pairs, const double *masses) {
  for (size_t j = 0; j < pairs->n; j++) pairs->masses[j] = masses ? masses[j] : 1.0 / (double)pairs->n;
}

/* Factor of a row's sum: 1/Z_i, or the true scale of the mean, put together in the log domain. */
static double row_factor(const ent_pair_law *law, row_sum row) {
  if (law->softmax)
    return law->log_scale == 0 ? 1.0 / row.total : Sleef_cinz_expd1_u10purec(law->log_scale) / row.total;
  const double exponent = row.shift + (law->beta + law->log_scale);
  return exponent == 0 ? 1.0 : Sleef_cinz_expd1_u10purec(exponent);
}

/* Turns the exponents of a row, whose largest is `shift` >= 0, into weights. */
ENT_SIMD_INLINE row_sum weigh(ent_pairs *pairs, double shift) {
  ent_v8 total = {0};
  ent_v8 *weights = (ent_v8 *)pairs->weights;
  const ent_v8 *masses = (const ent_v8 *)pairs->masses;
  for (size_t v = 0; v < pairs->padded / ENT_LANES; v++) {
    weights[v] = masses[v] * ent_v8_exp(weights[v] - shift);
    total += weights[v];
  }
  return (row_sum){ent_v8_sum(total), shift};
}

/* sum_j w_j - sum_j w_j (1 - <x_i, x_j>). */
ENT_SIMD_INLINE double radial_part(const ent_pairs *pairs, row_sum row) {
  ent_v8 missing = {0};
  const ent_v8 *weights = (const ent_v8 *)pairs->weights, *gaps = (const ent_v8 *)pairs->gaps;
  for (size_t v = 0; v < pairs->padded / ENT_LANES; v++) missing += weights[v] * gaps[v];
  return row.total - ent_v8_sum(missing);
}

/* The drift of an angle; `radial` is NULL where nobody asks for it. */
ENT_SIMD_INLINE double drift_angle(ent_pairs *pairs, const ent_pair_law *law, double angle, double *radial) {
  const ent_v8 *angles = (const ent_v8 *)pairs->state;
  ent_v8 *sines = (ent_v8 *)pairs->sines, *weights = (ent_v8 *)pairs->weights;
  const size_t n_vectors = pairs->padded / ENT_LANES;
  ent_v8 largest = {0}, sum = {0};
  for (size_t v = 0; v < n_vectors; v++) {
    ent_v8 versine;
    ent_v8_sin_versin(angles[v] - angle, &sines[v], &versine);
    if (radial) ((ent_v8 *)pairs->gaps)[v] = versine;
    weights[v] = -law->beta * versine;
    largest = ent_v8_max(weights[v], largest);
  }
  const row_sum row = weigh(pairs, law->beta < 0 ? ent_v8_largest(largest) : 0.0);
  for (size_t v = 0; v < n_vectors; v++) sum += weights[v] * sines[v];
  const double factor = row_factor(law, row);
  if (radial) *radial = factor * radial_part(pairs, row);
  return ent_v8_sum(sum) * factor;
}

static void load_angles(ent_pairs *pairs, const ent_pair_law *law, const double *x) {
  load_masses(pairs, law->masses);
  for (size_t j = 0; j < pairs->padded; j++) pairs->state[j] = x[j < pairs->n ? j : 0];
}

ENT_SIMD void ent_pairs_drift_angles(ent_pairs *pairs, const ent_pair_law *law, const double *x,
                                     double *dxdt) {
  load_angles(pairs, law, x);
  for (size_t i = 0; i < pairs->n; i++) dxdt[i] = drift_angle(pairs, law, x[i], NULL);
}

ENT_SIMD void ent_pairs_mean_angles(ent_pairs *pairs, const ent_pair_law *law, const double *x, double *dxdt,
                                    double *radial) {
  load_angles(pairs, law, x);
  for (size_t i = 0; i < pairs->n; i++) dxdt[i] = drift_angle(pairs, law, x[i], &radial[i]);
}

/*
 * Exponents -b |x_j - x_i|^2 / 2 of row i into weights; returns the largest, at least the self term's 0.
 * `gaps` is NULL where nobody asks for them.
 */
ENT_SIMD_INLINE double row_exponents(ent_pairs *pairs, double beta, const double *x_i, ent_v8 *gaps) {
  ent_v8 *weights = (ent_v8 *)pairs->weights;
  const size_t n_vectors = pairs->padded / ENT_LANES;
  ent_v8 largest = {0};
  for (size_t v = 0; v < n_vectors; v++) {
    const ent_v8 *coordinate = (const ent_v8 *)pairs->state + v;
    ent_v8 distance2 = {0};
    for (size_t k = 0; k < pairs->d; k++, coordinate += n_vectors) {
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
ENT_SIMD_INLINE void row_mean(const ent_pairs *pairs, const double *x_i, double factor, double *y) {
  const ent_v8 *coordinate = (const ent_v8 *)pairs->state, *weights = (const ent_v8 *)pairs->weights;
  for (size_t k = 0; k < pairs->d; k++) {
    ent_v8 sum = {0};
    for (size_t v = 0; v < pairs->padded / ENT_LANES; v++) sum += weights[v] * (*coordinate++ - x_i[k]);
    y[k] = factor * ent_v8_sum(sum);
  }
  ent_vec_axpy(pairs->d, -ent_vec_dot(pairs->d, x_i, y), x_i, y);
}

static void load_vectors(ent_pairs *pairs, const ent_pair_law *law, const double *x) {
  const size_t d = pairs->d;
  load_masses(pairs, law->masses);
  for (size_t j = 0; j < pairs->padded; j++) {
    for (size_t k = 0; k < d; k++) pairs->state[k * pairs->padded + j] = x[(j < pairs->n ? j : 0) * d + k];
  }
}

ENT_SIMD void ent_pairs_drift_vectors(ent_pairs *pairs, const ent_pair_law *law, const double *x,
                                      double *dxdt) {
  const size_t d = pairs->d;
  load_vectors(pairs, law, x);
  for (size_t i = 0; i < pairs->n; i++) {
    const double shift = row_exponents(pairs, law->beta, x + i * d, NULL);
    row_mean(pairs, x + i * d, row_factor(law, weigh(pairs, shift)), dxdt + i * d);
  }
}

ENT_SIMD void ent_pairs_mean_vectors(ent_pairs *pairs, const ent_pair_law *law, const double *x, double *dxdt,
                                     double *radial) {
  const size_t d = pairs->d;
  load_vectors(pairs, law, x);
  for (size_t i = 0; i < pairs->n; i++) {
    const row_sum row = weigh(pairs, row_exponents(pairs, law->beta, x + i * d, (ent_v8 *)pairs->gaps));
    const double factor = row_factor(law, row);
    radial[i] = factor * radial_part(pairs, row);
    row_mean(pairs, x + i * d, factor, dxdt + i * d);
  }
}
