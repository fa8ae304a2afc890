#include "entrain/kernel/harmonic.h"

#include <math.h>
#include <stdlib.h>

#include <sleef.h>

#include "entrain/base/mem.h"
#include "entrain/math/simd.h"

#include "harmonic_ops.h"
#include "series.h"

/* Degrees at which coefficients are computed, beyond those that are summed. */
enum { MOST_COEFFICIENTS = 4 * ENT_HARMONIC_MOST };

/* The series of one beta: coefficients and what follows of its errors, [0] for N, [1] for N and Z. */
typedef struct series {
  double beta;
  bool is_known, is_short;
  double first; /* a_0 */
  double f[MOST_COEFFICIENTS + 2];
  double tail[2][ENT_HARMONIC_MOST + 1]; /* what ending after degree l errs by */
  double rounding[2];                    /* all roundings, but those of sums over particles */
  double size[2];                        /* sum of the coefficients' sizes */
} series;

struct ent_harmonic {
  size_t most_degree;
  ent_series_plan plan;
  const ent_harmonic_ops *ops;
  series series;
  ent_harmonic_state state;
  double steps[ENT_HARMONIC_ROW][ENT_HARMONIC_ROW];  /* A_m,i, see harmonic_ops.h */
  double values[ENT_HARMONIC_ROW][ENT_HARMONIC_ROW]; /* (m, i): what the addition theorem puts at T_lm T_lm */
  double slopes[ENT_HARMONIC_ROW][ENT_HARMONIC_ROW]; /* at T_l,m-1 T_lm: of the derivative of T_l,m-1 */
  double *lanes, *share, *moments, *coefficients;    /* by (l, m): 4 ENT_LANES, 2, 2, 4 */
};

static const ent_harmonic_ops *const tables[ENT_ISA_COUNT] = ENT_ISA_TABLES(ent_harmonic_ops);

/*
 * Q_lm = sqrt((l-m)! / (l+m)!) d^m P_l / dz^m has Q_{l+1} = alpha z Q_l - beta Q_{l-1} with
 * alpha = (2l+1) / sqrt((l+1)^2 - m^2) and beta = sqrt((l^2 - m^2) / ((l+1)^2 - m^2)); T = tau Q with tau
 * such that T_mm = 1 and beta becomes 1. [out] tau, one row.
 */
static void fill_row(ent_harmonic *harmonic, size_t m, double first, double *tau) {
  tau[0] = tau[1] = first;
  for (size_t i = 0; i + 1 < ENT_HARMONIC_ROW - m; i++) {
    const double l = (double)(m + i), order = (double)m, above = (l + 1) * (l + 1) - order * order;
    if (i > 0) tau[i + 1] = tau[i - 1] * sqrt(above / (l * l - order * order));
    harmonic->steps[m][i] = (2 * l + 1) / sqrt(above) * (tau[i + 1] / tau[i]);
  }
}

/* Q_mm = sqrt((2m-1) / (2m)) Q_{m-1,m-1}; dQ_lm/dz = sqrt((l-m) (l+m+1)) Q_l,m+1. */
static void fill_factors(ent_harmonic *harmonic) {
  double tau[2][ENT_HARMONIC_ROW];
  double first = 1;
  for (size_t m = 0; m <= ENT_HARMONIC_MOST; m++) {
    double *own = tau[m % 2];
    const double *before = tau[(m + 1) % 2];
    if (m > 0) first /= sqrt((2 * (double)m - 1) / (2 * (double)m));
    fill_row(harmonic, m, first, own);
    for (size_t i = 0; i < ENT_HARMONIC_ROW - m; i++) {
      const double l = (double)(m + i), order = (double)m;
      harmonic->values[m][i] = (m > 0 ? 2 : 1) / (own[i] * own[i]);
      if (m > 0)
        harmonic->slopes[m][i] =
          (m > 1 ? 2 : 1) * sqrt((l - order + 1) * (l + order)) / (before[i + 1] * own[i]);
    }
  }
}

int ent_harmonic_create(size_t n, ent_isa isa, ent_harmonic **harmonic) {
  int code = ENT_OK;
  ent_harmonic *made = NULL;
  const size_t padded = ent_harmonic_pad(n), entries = ent_harmonic_entries(ENT_HARMONIC_MOST);
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  made->ops = tables[isa];
  made->state.n = n;
  made->most_degree = ENT_HARMONIC_MOST;
  ENT_GOTO(ent_mem_alloc(padded, sizeof(double), &made->state.x));
  ENT_GOTO(ent_mem_alloc(padded, sizeof(double), &made->state.y));
  ENT_GOTO(ent_mem_alloc(padded, sizeof(double), &made->state.z));
  ENT_GOTO(ent_mem_alloc(entries * 4 * ENT_LANES, sizeof(double), &made->lanes));
  ENT_GOTO(ent_mem_alloc(entries * 2, sizeof(double), &made->share));
  ENT_GOTO(ent_mem_alloc(entries * 2, sizeof(double), &made->moments));
  ENT_GOTO(ent_mem_alloc(entries * 4, sizeof(double), &made->coefficients));
  fill_factors(made);
  *harmonic = made;
  made = NULL;
done:
  ent_harmonic_destroy(&made);
  return code;
}

void ent_harmonic_destroy(ent_harmonic **harmonic) {
  if (*harmonic == NULL) return;
  free((*harmonic)->state.x);
  free((*harmonic)->state.y);
  free((*harmonic)->state.z);
  free((*harmonic)->lanes);
  free((*harmonic)->share);
  free((*harmonic)->moments);
  free((*harmonic)->coefficients);
  free(*harmonic);
  *harmonic = NULL;
}

/* The first K with a negligible i_K(b) beside i_0(b): the bound of kernel/fourier at orders l + 1/2. */
static size_t last_coefficient(double b) {
  size_t l = 0;
  for (double bound = 1; bound > ENT_SERIES_NEGLIGIBLE && l < MOST_COEFFICIENTS; l++) {
    const double next = (double)l + 1;
    bound *= b / (next + sqrt(b * b + next * next));
  }
  return l;
}

/* i_l(b) e^{-b} for l <= last: i_{l-1} = i_{l+1} + ((2l+1)/b) i_l downwards, then sum_l (2l+1) i_l = e^b. */
static void fill_bessel(double b, size_t last, double *i) {
  double sum = 0;
  i[last + 1] = 0;
  i[last] = ENT_SERIES_NEGLIGIBLE;
  for (size_t l = last; l > 0; l--) {
    i[l - 1] = i[l + 1] + (2.0 * (double)l + 1) / b * i[l];
    sum += (2.0 * (double)l + 1) * i[l];
  }
  const double scale = 1.0 / (sum + i[0]);
  for (size_t l = 0; l <= last; l++) i[l] *= scale;
}

/* Sizes, tails and roundings of coefficients f of N and a of Z at degree l; the tails are sums so far. */
static void bound_degree(series *s, size_t l, size_t last, double f, double a, double rest[2]) {
  const double degree = (double)l, shifted = degree + 3;
  const double size[2] = {f * (degree + 1) * M_SQRT1_2, f * (degree + 1) * M_SQRT1_2 + a};
  for (int q = 0; q < 2; q++) {
    if (l <= ENT_HARMONIC_MOST) s->tail[q][l] = rest[q];
    rest[q] += size[q];
    s->size[q] += size[q];
    s->rounding[q] += size[q] * (shifted * shifted * shifted + 4 * (double)last + 8);
  }
}

static void prepare(series *s, double beta) {
  double bessel[MOST_COEFFICIENTS + 2] = {1}, rest[2] = {0}; /* right for b = 0 */
  if (s->is_known && s->beta == beta) return;
  const double b = fabs(beta);
  const size_t last = last_coefficient(b);
  *s = (series){.beta = beta, .is_known = true, .is_short = last < MOST_COEFFICIENTS};
  if (!s->is_short) return;
  if (b > 0) fill_bessel(b, last, bessel);
  for (size_t l = last + 1; l <= ENT_HARMONIC_MOST; l++) bound_degree(s, l, last, 0, 0, (double[2]){0});
  for (size_t l = last + 1; l > 0; l--) {
    const double f = bessel[l - 1] - (l > last ? 0 : bessel[l + 1]);
    const double a = l > last ? 0 : (2 * (double)l + 1) * bessel[l];
    s->f[l] = beta < 0 && l % 2 == 0 ? -f : f;
    bound_degree(s, l, last, f, a, rest);
  }
  bound_degree(s, 0, last, 0, bessel[0], rest);
  s->first = bessel[0];
}

/* Coefficients of V and of its derivative by z, by (l, m). */
static void fill_sums(ent_harmonic *harmonic, double mass, size_t degree) {
  const double *moment = harmonic->moments, *before = NULL;
  double *to = harmonic->coefficients;
  for (size_t m = 0; m <= degree; m++) {
    const size_t count = ent_harmonic_row(degree, m);
    for (size_t i = 0; i < count; i++, to += 4) {
      const bool is_in = m + i <= degree;
      const double f = is_in ? mass * harmonic->series.f[m + i] : 0, value = f * harmonic->values[m][i];
      const double slope = m > 0 && is_in ? f * harmonic->slopes[m][i] : 0;
      to[0] = value * moment[2 * i];
      to[1] = value * moment[2 * i + 1];
      to[2] = m > 0 ? slope * before[2 * (i + 1)] : 0;
      to[3] = m > 0 ? slope * before[2 * (i + 1) + 1] : 0;
    }
    before = moment;
    moment += 2 * count;
  }
}

/* Returns the least Z. */
static double evaluate(ent_harmonic *harmonic, ent_harmonic_parts *parts, ent_harmonic_sum *sum,
                       double *dxdt) {
  const double mass = parts->state.masses ? 1.0 : 1.0 / (double)harmonic->state.n;
  ent_harmonic_sum_moments(parts, sum->degree, harmonic->moments);
  fill_sums(harmonic, mass, sum->degree);
  sum->total = harmonic->series.first * (mass * harmonic->moments[0]);
  return ent_harmonic_evaluate(parts, sum, dxdt);
}

/* The particles at x, nothing of which is computed yet. */
static ent_harmonic_parts divide(const ent_harmonic *harmonic, const ent_pair_law *law, const double *x) {
  ent_harmonic_parts parts = {.ops = harmonic->ops,
                              .steps = ent_harmonic_steps_of(harmonic),
                              .vectors = x,
                              .state = harmonic->state,
                              .lanes = harmonic->lanes,
                              .answer = harmonic->share,
                              .helpers = law->helpers};
  parts.state.masses = law->masses;
  return parts;
}

ent_harmonic_steps ent_harmonic_steps_of(const ent_harmonic *harmonic) {
  return (ent_harmonic_steps)harmonic->steps;
}

void ent_harmonic_limit(ent_harmonic *harmonic, size_t most_degree) {
  harmonic->most_degree = most_degree < ENT_HARMONIC_MOST ? most_degree : ENT_HARMONIC_MOST;
}

/* Roundings of the coefficients' functions, and in the sums of moments: blocks, their sums, lanes. */
static double rounding(const ent_harmonic *harmonic, bool quotient) {
  const series *s = &harmonic->series;
  const size_t n = harmonic->state.n, block = n < ENT_HARMONIC_BLOCK ? n : ENT_HARMONIC_BLOCK;
  const double additions = (double)block / ENT_LANES + (double)n / ENT_HARMONIC_BLOCK + 4;
  return ENT_SERIES_UNIT * (s->rounding[quotient] + s->size[quotient] * additions);
}

/* The degree that keeps to the slack when the computed Z is at least `least`; 0 where none does. */
static size_t need_degree(const ent_harmonic *harmonic, const ent_pair_law *law, double factor,
                          double least) {
  const double allowed = law->slack * least / factor;
  size_t degree = 1;
  if (!harmonic->series.is_short) return 0;
  if (!(rounding(harmonic, law->softmax) <= (1 - ENT_SERIES_TRUNCATION) * allowed)) return 0;
  while (harmonic->series.tail[law->softmax][degree] > ENT_SERIES_TRUNCATION * allowed)
    if (++degree > ENT_HARMONIC_MOST) return 0;
  return degree;
}

static const ent_series_plan *make_plan(ent_harmonic *harmonic, const ent_pair_law *law) {
  ent_series_plan *p = &harmonic->plan;
  if (ent_series_is_for(p, law)) return p;
  prepare(&harmonic->series, law->beta);
  *p = ent_series_begin(law, harmonic->state.n, harmonic->series.first);
  p->length = need_degree(harmonic, law, p->factor, p->least);
  return p;
}

size_t ent_harmonic_degree(ent_harmonic *harmonic, const ent_pair_law *law) {
  return make_plan(harmonic, law)->length;
}

bool ent_harmonic_takes(ent_harmonic *harmonic, const ent_pair_law *law) {
  const size_t degree = ent_harmonic_degree(harmonic, law);
  return degree > 0 && degree <= harmonic->most_degree;
}

bool ent_harmonic_drift(ent_harmonic *harmonic, const ent_pair_law *law, const double *x, double *dxdt,
                        double *bound) {
  if (!ent_harmonic_takes(harmonic, law)) return false;
  const ent_series_plan *planned = make_plan(harmonic, law);
  const series *s = &harmonic->series;
  size_t degree = planned->length;
  ent_harmonic_parts parts = divide(harmonic, law, x);
  ent_harmonic_sum sum = {.steps = parts.steps,
                          .coefficients = harmonic->coefficients,
                          .beta = law->beta,
                          .quotient = law->softmax,
                          .factor = planned->factor};
  for (int tries = 0; tries < 2 && degree > 0; tries++) {
    sum.degree = degree;
    const double least = evaluate(harmonic, &parts, &sum, dxdt);
    const double error = s->tail[law->softmax][degree] + rounding(harmonic, law->softmax);
    const double most = least > 0 ? planned->factor * error / least : INFINITY;
    if (bound) *bound = most;
    if (most <= law->slack) return true;
    degree = least > 0 ? need_degree(harmonic, law, planned->factor, least) : 0;
  }
  return false;
}

/* (a_0 - e^{-|b|}) / (2b) with a_0 = (1 - e^{-2|b|}) / (2|b|), by its power series where that cancels. */
static double constant_energy(double beta, double a_0) {
  const double b = fabs(beta), small = Sleef_cinz_expd1_u10purec(-b);
  double term = 1, sum = 0;
  if (b >= 1) return (a_0 - small) / (2 * beta);
  if (b == 0) return 0;
  for (int m = 1; term > ENT_SERIES_UNIT * sum; m++) {
    term *= b * b / (2.0 * m * (2.0 * m + 1));
    sum += term;
  }
  return small * sum / (2 * beta);
}

/* sum_{l>0} f_l sum_ij m_i m_j P_l. */
static double sum_squares(const ent_harmonic *harmonic, double mass, size_t degree) {
  const double *moment = harmonic->moments;
  double sum = 0;
  for (size_t m = 0; m <= degree; m++) {
    for (size_t i = m == 0; m + i <= degree; i++) {
      const double real = mass * moment[2 * i], imaginary = mass * moment[2 * i + 1];
      sum += harmonic->series.f[m + i] * harmonic->values[m][i] * (real * real + imaginary * imaginary);
    }
    moment += 2 * ent_harmonic_row(degree, m);
  }
  return sum;
}

bool ent_harmonic_energy(ent_harmonic *harmonic, double beta, const double *masses, const double *x,
                         double *energy) {
  const ent_pair_law law = {.beta = beta, .masses = masses};
  const series *s = &harmonic->series;
  size_t degree = 1;
  prepare(&harmonic->series, beta);
  if (!s->is_short || 2 * rounding(harmonic, false) > (1 - ENT_SERIES_TRUNCATION) * ENT_HARMONIC_ENERGY_ERROR)
    return false;
  while (s->tail[0][degree] > ENT_SERIES_TRUNCATION * ENT_HARMONIC_ENERGY_ERROR)
    if (++degree > ENT_HARMONIC_MOST) return false;
  ent_harmonic_parts parts = divide(harmonic, &law, x);
  ent_harmonic_sum_moments(&parts, degree, harmonic->moments);
  const double mass = masses ? 1.0 : 1.0 / (double)harmonic->state.n;
  *energy = constant_energy(beta, s->first) + 0.5 * sum_squares(harmonic, mass, degree);
  return true;
}
