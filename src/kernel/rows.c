#include "entrain/kernel/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sleef.h>

#include "entrain/base/mem.h"
#include "entrain/math/simd.h"
#include "entrain/math/vec.h"

#include "best.h"

struct ent_rows {
  size_t n, d;
  bool angles;
  size_t columns, padded; /* particles and centres of the law at hand; rounded up to whole vectors */
  double *state;          /* angles: [padded]; vectors: [d, padded], coordinate by coordinate */
  double *masses;         /* [padded], in the sum; zero beyond `columns` */
  double *counted;        /* [padded]: 1 for what counts in Z_i, particles, 0 for centres */
  double *seen;           /* [padded]: masses of what the current row sees, otherwise 0 */
  double *sines;          /* [padded]: angles only, sin(x_j - x_i) */
  double *gaps;           /* [padded]: 1 - <x_i, x_j> */
  double *scores;         /* [padded]: s_ij less `offset`, then the weights */
  double *query;          /* [d]: B^T x_i */
  ent_ranked *ranked;     /* [n] */
};

/* What the stages of a row hand on. */
typedef struct row_state {
  size_t i;
  const double *x_i; /* [d]; angles: [1] */
  double offset;     /* the score is scores[j] + offset: differences from 1 keep all their digits */
  double shift;      /* weights are multiplied by e^{-shift} */
  double sum, total; /* of all weights, and of those that count in Z_i */
} row_state;

int ent_rows_create(size_t n, size_t d, bool angles, ent_rows **rows) {
  int code = ENT_OK;
  ent_rows *made = NULL;
  const size_t most = ent_simd_pad(n + ENT_ROWS_CENTRES);
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  *made = (ent_rows){.n = n, .d = d, .angles = angles};
  ENT_GOTO(ent_mem_alloc(most, (angles ? 1 : d) * sizeof(double), &made->state));
  ENT_GOTO(ent_mem_alloc(most, sizeof(double), &made->masses));
  ENT_GOTO(ent_mem_alloc(most, sizeof(double), &made->counted));
  ENT_GOTO(ent_mem_alloc(most, sizeof(double), &made->seen));
  ENT_GOTO(ent_mem_alloc(angles ? most : 0, sizeof(double), &made->sines));
  ENT_GOTO(ent_mem_alloc(most, sizeof(double), &made->gaps));
  ENT_GOTO(ent_mem_alloc(most, sizeof(double), &made->scores));
  ENT_GOTO(ent_mem_alloc(d, sizeof(double), &made->query));
  ENT_GOTO(ent_mem_alloc(n, sizeof(*made->ranked), &made->ranked));
  *rows = made;
  made = NULL;
done:
  ent_rows_destroy(&made);
  return code;
}

void ent_rows_destroy(ent_rows **rows) {
  ent_rows *old = *rows;
  if (old == NULL) return;
  free(old->state);
  free(old->masses);
  free(old->counted);
  free(old->seen);
  free(old->sines);
  free(old->gaps);
  free(old->scores);
  free(old->query);
  free(old->ranked);
  free(old);
  *rows = NULL;
}

/* Column j: a particle, a centre, or what fills up the last vector. */
static const double *column(const ent_rows *rows, const ent_row_law *law, const double *x, size_t j) {
  const size_t width = rows->angles ? 1 : rows->d;
  if (j < rows->n) return x + j * width;
  return j < rows->columns ? law->centres + (j - rows->n) * width : x;
}

static double mass(const ent_rows *rows, const ent_row_law *law, size_t j) {
  if (j < rows->n) return law->masses ? law->masses[j] : 1.0 / (double)rows->n;
  return j < rows->columns ? law->centre_masses[j - rows->n] : 0;
}

static void load(ent_rows *rows, const ent_row_law *law, const double *x) {
  const size_t width = rows->angles ? 1 : rows->d;
  rows->columns = rows->n + law->n_centres;
  rows->padded = ent_simd_pad(rows->columns);
  for (size_t j = 0; j < rows->padded; j++) {
    const double *from = column(rows, law, x, j);
    for (size_t k = 0; k < width; k++) rows->state[k * rows->padded + j] = from[k];
    rows->masses[j] = mass(rows, law, j);
    rows->counted[j] = j < rows->n ? 1 : 0;
  }
}

/* Gaps 1 - <x_i, x_j>, and on the circle sines. */
ENT_SIMD_INLINE void look(ent_rows *rows, const row_state *row) {
  ent_v8 *gaps = (ent_v8 *)rows->gaps;
  const size_t n_vectors = rows->padded / ENT_LANES;
  for (size_t v = 0; v < n_vectors; v++) {
    const ent_v8 *coordinate = (const ent_v8 *)rows->state + v;
    if (rows->angles) {
      ent_v8_sin_versin(*coordinate - row->x_i[0], (ent_v8 *)rows->sines + v, &gaps[v]);
      continue;
    }
    ent_v8 distance2 = {0};
    for (size_t k = 0; k < rows->d; k++, coordinate += n_vectors) {
      const ent_v8 difference = *coordinate - row->x_i[k];
      distance2 += difference * difference;
    }
    gaps[v] = 0.5 * distance2;
  }
}

/* Scores <B^T x_i, x_j>, or for the identity 1 - gap, of which the 1 is set aside. */
ENT_SIMD_INLINE void score(ent_rows *rows, const ent_row_law *law, row_state *row) {
  ent_v8 *scores = (ent_v8 *)rows->scores;
  const ent_v8 *gaps = (const ent_v8 *)rows->gaps;
  const size_t n_vectors = rows->padded / ENT_LANES, d = rows->d;
  row->offset = law->score ? 0 : 1;
  if (law->score) {
    memset(rows->query, 0, d * sizeof(*rows->query));
    for (size_t k = 0; k < d; k++) ent_vec_axpy(d, row->x_i[k], law->score + k * d, rows->query);
  }
  for (size_t v = 0; v < n_vectors; v++) {
    const ent_v8 *coordinate = (const ent_v8 *)rows->state + v;
    ent_v8 product = {0};
    for (size_t k = 0; law->score && k < d; k++, coordinate += n_vectors)
      product += *coordinate * rows->query[k];
    scores[v] = law->score ? product : -gaps[v];
  }
}

/* Leaves in `seen` the row's own mass and those of the `count` others of highest score. */
static void see_best(ent_rows *rows, const row_state *row, size_t count, bool and_itself) {
  size_t others = 0;
  for (size_t j = 0; j < rows->n; j++) {
    if (j != row->i) rows->ranked[others++] = (ent_ranked){rows->scores[j], j};
  }
  if (count > others) count = others;
  ent_best_first(others, count, rows->ranked);
  memset(rows->seen, 0, rows->padded * sizeof(*rows->seen));
  for (size_t k = 0; k < count; k++) rows->seen[rows->ranked[k].index] = rows->masses[rows->ranked[k].index];
  if (and_itself) rows->seen[row->i] = rows->masses[row->i];
}

/* Masses of the tokens that the row sees. Centres are before everybody. */
static void mask(ent_rows *rows, const ent_row_law *law, const row_state *row) {
  memcpy(rows->seen, rows->masses, rows->padded * sizeof(*rows->seen));
  switch (law->sight) {
    case ENT_SEES_ALL: break;
    case ENT_SEES_EARLIER:
      for (size_t j = row->i + 1; j < rows->n; j++) rows->seen[j] = 0;
      break;
    case ENT_SEES_NEAREST: see_best(rows, row, law->k - 1, true); break;
    case ENT_SEES_WITHIN:
      for (size_t j = 0; j < rows->n; j++)
        if (rows->gaps[j] > 1 - law->cos_cutoff) rows->seen[j] = 0;
      break;
    case ENT_SEES_ONE: see_best(rows, row, 1, false); break;
  }
}

/* |x| */
ENT_SIMD_INLINE ent_v8 size_of(ent_v8 x) {
  return ent_v8_max(x, -x);
}

/* The exponent that a weight is made of: all of it for exp, the smaller side of the hinge. */
ENT_SIMD_INLINE ent_v8 exponent_of(const ent_row_law *law, const row_state *row, ent_v8 score) {
  if (law->weighing == ENT_WEIGH_EXP) return law->beta * score;
  const ent_v8 z = law->kappa * (score + row->offset);
  return -ent_v8_max(-z, ent_v8_set(0));
}

/* The largest exponent that is seen: the row's shift. */
ENT_SIMD_INLINE double largest_exponent(const ent_rows *rows, const ent_row_law *law, const row_state *row) {
  const ent_v8 *scores = (const ent_v8 *)rows->scores, *seen = (const ent_v8 *)rows->seen;
  ent_v8 largest = ent_v8_set(-INFINITY);
  for (size_t v = 0; v < rows->padded / ENT_LANES; v++) {
    const ent_v8 exponent = exponent_of(law, row, scores[v]);
    largest = ent_v8_max(ent_v8_select(seen[v] > 0.0, exponent, ent_v8_set(-INFINITY)), largest);
  }
  const double shift = ent_v8_largest(largest);
  return shift > -INFINITY ? shift : 0;
}

/* e^{exponent - shift}; the hinge is 1/(1+e^{-z}) = e^{min(z,0)} / (1 + e^{-|z|}). */
ENT_SIMD_INLINE void weigh_by_exp(ent_rows *rows, const ent_row_law *law, const row_state *row) {
  ent_v8 *scores = (ent_v8 *)rows->scores;
  const ent_v8 *seen = (const ent_v8 *)rows->seen;
  for (size_t v = 0; v < rows->padded / ENT_LANES; v++) {
    const ent_v8 exponent = exponent_of(law, row, scores[v]) - row->shift;
    const ent_v8 z = law->kappa * (scores[v] + row->offset);
    const ent_v8 weight = ent_v8_exp(ent_v8_select(seen[v] > 0.0, exponent, ent_v8_set(-INFINITY)));
    scores[v] = seen[v] * weight;
    if (law->weighing == ENT_WEIGH_HINGE) scores[v] /= 1.0 + ent_v8_exp(-size_of(z));
  }
}

/* sum_k c_k U_{k-1}(s) by Clenshaw's recurrence: U_{k-1}(cos u) = sin(k u)/sin(u). */
ENT_SIMD_INLINE ent_v8 sine_series(const ent_row_law *law, ent_v8 s) {
  ent_v8 next = {0}, after_next = {0};
  for (size_t k = law->n_coefficients; k-- > 0;) {
    const ent_v8 now = law->coefficients[k] + 2.0 * s * next - after_next;
    after_next = next;
    next = now;
  }
  return next;
}

ENT_SIMD_INLINE void weigh_by_series(ent_rows *rows, const ent_row_law *law, const row_state *row) {
  ent_v8 *scores = (ent_v8 *)rows->scores;
  const ent_v8 *seen = (const ent_v8 *)rows->seen;
  for (size_t v = 0; v < rows->padded / ENT_LANES; v++) {
    const ent_v8 s = scores[v] + row->offset;
    ent_v8 weight = {0};
    if (law->weighing == ENT_WEIGH_FOURIER)
      weight = sine_series(law, s);
    else if (law->n_coefficients > 0)
      weight = ent_v8_polynomial(s, (int)law->n_coefficients - 1, law->coefficients);
    scores[v] = seen[v] * weight;
  }
}

/* Turns scores into weights and adds them up. */
ENT_SIMD_INLINE void weigh(ent_rows *rows, const ent_row_law *law, row_state *row) {
  ent_v8 sum = {0}, total = {0};
  const ent_v8 *weights = (const ent_v8 *)rows->scores, *counted = (const ent_v8 *)rows->counted;
  const bool is_exponential = law->weighing == ENT_WEIGH_EXP || law->weighing == ENT_WEIGH_HINGE;
  row->shift = is_exponential ? largest_exponent(rows, law, row) : 0;
  if (is_exponential)
    weigh_by_exp(rows, law, row);
  else
    weigh_by_series(rows, law, row);
  for (size_t v = 0; v < rows->padded / ENT_LANES; v++) {
    sum += weights[v];
    total += weights[v] * counted[v];
  }
  row->sum = ent_v8_sum(sum);
  row->total = ent_v8_sum(total);
}

/* What makes the row's sums the mean: 1/Z_i, or the true scale, put together in the log domain. */
static double factor(const ent_row_law *law, const row_state *row) {
  if (law->softmax && row->sum == 0) return 0; /* nobody is seen */
  if (law->softmax) return Sleef_cinz_expd1_u10purec(law->log_scale) / row->total;
  const double set_aside = law->weighing == ENT_WEIGH_EXP ? law->beta * row->offset : 0;
  const double exponent = row->shift + (set_aside + law->log_scale);
  return exponent == 0 ? 1.0 : Sleef_cinz_expd1_u10purec(exponent);
}

/* sum_j w_ij <x_i, x_j> = sum_j w_ij - sum_j w_ij (1 - <x_i, x_j>). */
ENT_SIMD_INLINE double radial_part(const ent_rows *rows, const row_state *row) {
  const ent_v8 *weights = (const ent_v8 *)rows->scores, *gaps = (const ent_v8 *)rows->gaps;
  ent_v8 missing = {0};
  for (size_t v = 0; v < rows->padded / ENT_LANES; v++) missing += weights[v] * gaps[v];
  return row->sum - ent_v8_sum(missing);
}

ENT_SIMD_INLINE double sum_sines(const ent_rows *rows) {
  const ent_v8 *weights = (const ent_v8 *)rows->scores, *sines = (const ent_v8 *)rows->sines;
  ent_v8 sum = {0};
  for (size_t v = 0; v < rows->padded / ENT_LANES; v++) sum += weights[v] * sines[v];
  return ent_v8_sum(sum);
}

/* sum_j w_ij (x_j - x_i) into y [d]. */
ENT_SIMD_INLINE void sum_differences(const ent_rows *rows, const row_state *row, double *y) {
  const ent_v8 *coordinate = (const ent_v8 *)rows->state, *weights = (const ent_v8 *)rows->scores;
  for (size_t k = 0; k < rows->d; k++) {
    ent_v8 sum = {0};
    for (size_t v = 0; v < rows->padded / ENT_LANES; v++) sum += weights[v] * (*coordinate++ - row->x_i[k]);
    y[k] = ent_v8_sum(sum);
  }
}

/* y <- P_{x_i} V (y + sum x_i); returns the radial part. */
static double apply_value(const ent_rows *rows, const ent_row_law *law, const row_state *row, double *y) {
  const size_t d = rows->d;
  double *mean = rows->query; /* no longer needed for this row */
  memcpy(mean, y, d * sizeof(*mean));
  ent_vec_axpy(d, row->sum, row->x_i, mean);
  for (size_t k = 0; k < d; k++) y[k] = ent_vec_dot(d, law->value + k * d, mean);
  const double radial = ent_vec_dot(d, row->x_i, y);
  ent_vec_axpy(d, -radial, row->x_i, y);
  ent_vec_axpy(d, -ent_vec_dot(d, row->x_i, y), row->x_i, y); /* what rounding of a long mean has left */
  return radial;
}

ENT_SIMD_INLINE double mean_vector(ent_rows *rows, const ent_row_law *law, const row_state *row, double *y) {
  const size_t d = rows->d;
  const double scale = factor(law, row);
  double radial = 0;
  sum_differences(rows, row, y);
  if (law->value) {
    radial = apply_value(rows, law, row, y);
  } else {
    radial = radial_part(rows, row);
    ent_vec_axpy(d, -ent_vec_dot(d, row->x_i, y), row->x_i, y);
  }
  for (size_t k = 0; k < d; k++) y[k] *= scale;
  return scale * radial;
}

ENT_SIMD void ent_rows_mean(ent_rows *rows, const ent_row_law *law, const double *x, double *tangent,
                            double *radial) {
  const size_t width = rows->angles ? 1 : rows->d;
  load(rows, law, x);
  for (size_t i = 0; i < rows->n; i++) {
    row_state at = {.i = i, .x_i = x + i * width};
    if (ent_brake_after(law->brake, (double)rows->padded * (double)rows->d)) return;
    look(rows, &at);
    score(rows, law, &at);
    mask(rows, law, &at);
    weigh(rows, law, &at);
    if (rows->angles) {
      tangent[i] = factor(law, &at) * sum_sines(rows);
      radial[i] = factor(law, &at) * radial_part(rows, &at);
    } else {
      radial[i] = mean_vector(rows, law, &at, tangent + i * width);
    }
  }
}
