#include "entrain/kernel/fourier.h"

#include <math.h>
#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/math/simd.h"

#include "fourier_ops.h"
#include "series.h"

#define MARGIN 1.125 /* for second order terms of rounding errors and errors of the bound itself */

/* The series of one beta: coefficients and what follows of its errors, [0] for N, [1] for N and Z. */
typedef struct series {
  double beta;
  bool is_known, is_short; /* of beta; short enough for the arrays */
  double mass;             /* that of every particle is multiplied by */
  double c[ENT_FOURIER_MOST + 2];
  double factors[ENT_FOURIER_MOST][4];  /* of moments in the coefficients of N, N, Z and Z */
  double tail[2][ENT_FOURIER_MOST + 1]; /* what ending after k terms errs by */
  double rounding[2];                   /* all roundings, but those of sums over particles */
  double size[2];                       /* sum of the coefficients' sizes */
} series;

struct ent_fourier {
  size_t n;
  size_t most_terms;
  ent_series_plan plan;
  series series;
  ent_fourier_scratch scratch;
  ent_fourier_parts parts; /* of the last sum; here because to clear it each time takes long */
  double *moments;         /* [ENT_FOURIER_MOST, 2] */
  double *coefficients;    /* [ENT_FOURIER_MOST, 4] */
};

static const ent_fourier_ops *const tables[ENT_ISA_COUNT] = ENT_ISA_TABLES(ent_fourier_ops);

int ent_fourier_create(size_t n, ent_isa isa, ent_fourier **fourier) {
  int code = ENT_OK;
  ent_fourier *made = NULL;
  const size_t lanes = (size_t)ENT_FOURIER_MOST * 2 * ENT_LANES;
  const size_t block = n < ENT_FOURIER_BLOCK ? ent_simd_pad(n) : ENT_FOURIER_BLOCK;
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  made->n = n;
  made->most_terms = ENT_FOURIER_MOST;
  made->parts.ops = tables[isa];
  made->parts.scratch = &made->scratch;
  ENT_GOTO(ent_mem_alloc(block, sizeof(double), &made->scratch.cosines));
  ENT_GOTO(ent_mem_alloc(block, sizeof(double), &made->scratch.sines));
  ENT_GOTO(ent_mem_alloc(lanes, sizeof(double), &made->scratch.block));
  ENT_GOTO(ent_mem_alloc(lanes, sizeof(double), &made->scratch.all));
  ENT_GOTO(ent_mem_alloc(ENT_FOURIER_SHARE, sizeof(double), &made->scratch.share));
  ENT_GOTO(ent_mem_alloc((size_t)ENT_FOURIER_MOST * 2, sizeof(double), &made->moments));
  ENT_GOTO(ent_mem_alloc((size_t)ENT_FOURIER_MOST * 4, sizeof(double), &made->coefficients));
  *fourier = made;
  made = NULL;
done:
  ent_fourier_destroy(&made);
  return code;
}

void ent_fourier_destroy(ent_fourier **fourier) {
  if (*fourier == NULL) return;
  free((*fourier)->scratch.cosines);
  free((*fourier)->scratch.sines);
  free((*fourier)->scratch.block);
  free((*fourier)->scratch.all);
  free((*fourier)->scratch.share);
  free((*fourier)->moments);
  free((*fourier)->coefficients);
  free(*fourier);
  *fourier = NULL;
}

/* What cos kx_j, sin kx_j, coefficient and Clenshaw's recurrence err by, in units, see the header. */
static double term_rounding(size_t k, size_t last) {
  const double order = (double)k, shifted = order + 3;
  return 12 * order * order + 4 * (double)last + 8 + shifted * shifted * shifted;
}

static void bound_errors(series *s, size_t last) {
  double rest = 0;
  for (int q = 0; q < 2; q++) s->rounding[q] = s->size[q] = 0;
  for (size_t k = ENT_FOURIER_MOST; k > 0; k--) {
    if (k > last) s->c[k + 1] = 0;
    const double one = k > last ? 0 : s->c[k], drift = k > last ? 0 : s->c[k - 1] - s->c[k + 1];
    s->tail[0][k] = one + s->c[k + 1];
    s->tail[1][k] = s->tail[0][k] + 2 * rest;
    rest += one;
    s->size[0] += drift;
    s->size[1] += drift + 2 * one;
    s->rounding[0] += drift * term_rounding(k, last);
    s->rounding[1] += (drift + 2 * one) * term_rounding(k, last);
  }
  s->rounding[1] += s->c[0] * term_rounding(0, last);
  s->size[1] += s->c[0];
}

static void fill_factors(series *s) {
  for (size_t k = 1; k <= ENT_FOURIER_MOST; k++) {
    const double drift = s->mass * (s->c[k - 1] - s->c[k + 1]), weight = 2 * s->mass * s->c[k];
    double *factors = s->factors[k - 1];
    factors[0] = drift;
    factors[1] = -drift;
    factors[2] = factors[3] = weight;
  }
}

static void prepare(series *s, double beta, double mass) {
  if (s->is_known && s->beta == beta && s->mass == mass) return;
  const size_t last = ent_fourier_coefficients(fabs(beta), s->c);
  s->beta = beta;
  s->mass = mass;
  s->is_known = true;
  s->is_short = last < ENT_FOURIER_MOST;
  if (!s->is_short) return;
  bound_errors(s, last);
  if (beta < 0)
    for (size_t k = 1; k <= last; k += 2) s->c[k] = -s->c[k];
  fill_factors(s);
}

/* The least even count of terms after which ending errs by at most `error`; more than there are if none. */
static size_t count_terms(const series *s, bool quotient, double error) {
  size_t terms = 2;
  while (terms <= ENT_FOURIER_MOST && s->tail[quotient][terms] > error) terms += 2;
  return terms;
}

void ent_fourier_limit(ent_fourier *fourier, size_t most_terms) {
  fourier->most_terms = most_terms < ENT_FOURIER_MOST ? most_terms : ENT_FOURIER_MOST;
}

static double rounding(const ent_fourier *fourier, bool quotient) {
  const series *s = &fourier->series;
  const double additions = ent_fourier_additions(fourier->n);
  return MARGIN * M_SQRT2 * ENT_SERIES_UNIT * (s->rounding[quotient] + s->size[quotient] * additions);
}

/* Coefficients of N and Z in cos kx and sin kx; made two by two, so that compilers need not fear aliases. */
static void fill_polynomials(ent_fourier *fourier, size_t terms) {
  const double *moment = fourier->moments;
  double *to = fourier->coefficients;
  for (size_t k = 0; k < terms; k++, moment += 2, to += 4) {
    const double *factors = fourier->series.factors[k], cosine = moment[0], sine = moment[1];
    const double drift[2] = {factors[0] * sine, factors[1] * cosine};
    const double weight[2] = {factors[2] * cosine, factors[3] * sine};
    to[0] = drift[0], to[1] = drift[1];
    to[2] = weight[0], to[3] = weight[1];
  }
}

/* One evaluation: what it is given, and what came of it. */
typedef struct attempt {
  const double *x;
  double *dxdt;
  double factor;
  double least, bound; /* least Z, 1 without it; bound of the error */
} attempt;

static void evaluate(ent_fourier *fourier, const ent_pair_law *law, size_t terms, attempt *made) {
  const series *s = &fourier->series;
  ent_fourier_parts *parts = &fourier->parts;
  double total = 0;
  made->bound = INFINITY;
  parts->state = (ent_fourier_state){fourier->n, made->x, law->masses};
  parts->helpers = law->helpers;
  if (!ent_fourier_moments(parts, terms, fourier->moments, &total)) return;
  fill_polynomials(fourier, terms);
  const ent_fourier_polynomials polynomials = {.terms = terms,
                                               .total = s->c[0] * (s->mass * total),
                                               .coefficients = fourier->coefficients,
                                               .quotient = law->softmax,
                                               .factor = made->factor};
  made->least = ent_fourier_evaluate(parts, &polynomials, made->dxdt);
  if (made->least > 0)
    made->bound =
      made->factor * (s->tail[law->softmax][terms] + rounding(fourier, law->softmax)) / made->least;
}

/* Terms that keep to the slack when Z is at least `least`; 0 where roundings or all terms do not. */
static size_t need_terms(const ent_fourier *fourier, const ent_pair_law *law, double factor, double least) {
  const double allowed = law->slack * least / factor;
  if (!fourier->series.is_short) return 0;
  if (!(rounding(fourier, law->softmax) <= (1 - ENT_SERIES_TRUNCATION) * allowed)) return 0;
  const size_t terms = count_terms(&fourier->series, law->softmax, ENT_SERIES_TRUNCATION * allowed);
  return terms > ENT_FOURIER_MOST ? 0 : terms;
}

/* Plans for another law than before. Not inlined, so that what is asked each time saves no registers. */
__attribute__((noinline)) static void plan_anew(ent_fourier *fourier, const ent_pair_law *law) {
  ent_series_plan *p = &fourier->plan;
  prepare(&fourier->series, law->beta, law->masses ? 1.0 : 1.0 / (double)fourier->n);
  *p = ent_series_begin(law, fourier->n, fourier->series.c[0]);
  p->length = need_terms(fourier, law, p->factor, p->least);
}

static const ent_series_plan *make_plan(ent_fourier *fourier, const ent_pair_law *law) {
  if (!ent_series_is_for(&fourier->plan, law)) plan_anew(fourier, law);
  return &fourier->plan;
}

size_t ent_fourier_terms(ent_fourier *fourier, const ent_pair_law *law) {
  return make_plan(fourier, law)->length;
}

/* With as many terms as planned, or, where Z was smaller than hoped, as it needs. */
__attribute__((noinline)) static bool sum_series(ent_fourier *fourier, const ent_pair_law *law, attempt *made,
                                                 double *bound) {
  size_t terms = fourier->plan.length;
  for (int tries = 0; tries < 2; tries++) {
    if (terms == 0 || terms > fourier->most_terms) return false;
    evaluate(fourier, law, terms, made);
    if (bound) *bound = made->bound;
    if (made->bound <= law->slack) return true;
    if (!law->softmax || made->bound == INFINITY) return false;
    terms = need_terms(fourier, law, made->factor, made->least);
  }
  return false;
}

bool ent_fourier_drift(ent_fourier *fourier, const ent_pair_law *law, const double *x, double *dxdt,
                       double *bound) {
  const ent_series_plan *planned = make_plan(fourier, law);
  if (planned->length == 0 || planned->length > fourier->most_terms) return false;
  attempt made = {.x = x, .dxdt = dxdt, .factor = planned->factor};
  return sum_series(fourier, law, &made, bound);
}
