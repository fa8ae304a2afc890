#include <math.h>
#include <string.h>

#include "entrain/math/shares.h"
#include "entrain/math/simd.h"

#include "fourier_ops.h"
#include "series.h"

/*
 * The first K with a negligible I_K(b) beside I_0(b), from
 * I_{k+1}/I_k <= b / (k + 1/2 + sqrt(b^2 + (k + 1/2)^2)) (Amos 1974, doi:10.1090/S0025-5718-1974-0333287-7).
 */
static size_t last_coefficient(double b) {
  size_t k = 0;
  for (double bound = 1; bound > ENT_SERIES_NEGLIGIBLE && k < ENT_FOURIER_MOST; k++) {
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
  c[last] = ENT_SERIES_NEGLIGIBLE;
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

static ent_fourier_state stretch(const ent_fourier_state *state, size_t first, size_t end) {
  return (ent_fourier_state){end - first, state->x + first, state->masses ? state->masses + first : NULL};
}

/* Sends a part to its helper, which begins with its moments. */
static void ask_moments(const ent_fourier_parts *of, size_t part, size_t terms) {
  const ent_help_plan *plan = &of->plan;
  const size_t first = ent_help_first(plan, part), end = ent_help_first(plan, part + 1);
  const ent_fourier_state state = stretch(&of->state, first, end);
  const double question[ENT_HELP_NUMBERS] = {
    [ENT_HELP_KIND] = ENT_HELP_CIRCLE_MOMENTS,          [ENT_HELP_N] = (double)of->state.n,
    [ENT_HELP_FIRST_SHARE] = (double)plan->share[part], [ENT_HELP_LAST_SHARE] = (double)plan->share[part + 1],
    [ENT_HELP_MASSES] = state.masses ? 1 : 0,           [ENT_HELP_TERMS] = (double)terms};
  if (!ent_help_send(of->helpers, plan, part, ENT_HELP_NUMBERS, question)) return;
  if (!ent_help_send(of->helpers, plan, part, state.n, state.x)) return;
  if (state.masses) (void)ent_help_send(of->helpers, plan, part, state.n, state.masses);
}

void ent_fourier_share(const ent_fourier_ops *ops, const ent_fourier_state *share, size_t terms,
                       ent_fourier_scratch *scratch, double *answer) {
  answer[2 * terms + 1] = ops->moments(share, terms, scratch, answer, &answer[2 * terms]);
}

bool ent_fourier_moments(ent_fourier_parts *of, size_t terms, double *moments, double *total) {
  const ent_fourier_state *state = &of->state;
  double *answer = of->scratch->share;
  bool inside = true;
  of->plan.parts = 1;
  if (ent_shares_count(state->n) == 1) return of->ops->moments(state, terms, of->scratch, moments, total);
  ent_help_divide(of->helpers, state->n, &of->plan);
  for (size_t part = 1; part < of->plan.parts; part++) ask_moments(of, part, terms);
  memset(moments, 0, 2 * terms * sizeof(*moments));
  *total = 0;
  for (size_t part = 0; part < of->plan.parts; part++) {
    for (size_t share = of->plan.share[part]; share < of->plan.share[part + 1]; share++) {
      const ent_fourier_state own =
        stretch(state, ent_shares_first(state->n, share), ent_shares_first(state->n, share + 1));
      if (part == 0 || !ent_help_receive(of->helpers, &of->plan, part, 2 * terms + 2, answer))
        ent_fourier_share(of->ops, &own, terms, of->scratch, answer);
      for (size_t k = 0; k < 2 * terms; k++) moments[k] += answer[k];
      *total += answer[2 * terms];
      inside = inside && answer[2 * terms + 1] > 0;
    }
  }
  return inside;
}

static void ask_evaluation(const ent_fourier_parts *of, size_t part, const ent_fourier_polynomials *p) {
  const double question[ENT_HELP_NUMBERS] = {[ENT_HELP_KIND] = ENT_HELP_CIRCLE_DRIFT,
                                             [ENT_HELP_TERMS] = (double)p->terms,
                                             [ENT_HELP_TOTAL] = p->total,
                                             [ENT_HELP_QUOTIENT] = p->quotient,
                                             [ENT_HELP_FACTOR] = p->factor};
  if (ent_help_send(of->helpers, &of->plan, part, ENT_HELP_NUMBERS, question))
    (void)ent_help_send(of->helpers, &of->plan, part, 4 * p->terms, p->coefficients);
}

/* A short part is evaluated from cosines and sines that its moments have left, which may be others' now. */
static double evaluate_part(const ent_fourier_parts *of, size_t part, const ent_fourier_polynomials *p,
                            double *y) {
  const size_t first = ent_help_first(&of->plan, part), end = ent_help_first(&of->plan, part + 1);
  const ent_fourier_state state = stretch(&of->state, first, end);
  if (state.n <= ENT_FOURIER_BLOCK && of->plan.parts > 1)
    ent_fourier_share(of->ops, &state, 2, of->scratch, of->scratch->share);
  return of->ops->evaluate(&state, p, of->scratch, y + first);
}

double ent_fourier_evaluate(const ent_fourier_parts *of, const ent_fourier_polynomials *p, double *y) {
  if (of->plan.parts == 1) return of->ops->evaluate(&of->state, p, of->scratch, y);
  for (size_t part = 1; part < of->plan.parts; part++) ask_evaluation(of, part, p);
  double least = evaluate_part(of, 0, p, y);
  for (size_t part = 1; part < of->plan.parts; part++) {
    const size_t first = ent_help_first(&of->plan, part), count = ent_help_first(&of->plan, part + 1) - first;
    double found = 0;
    if (!ent_help_receive(of->helpers, &of->plan, part, 1, &found) ||
        !ent_help_receive(of->helpers, &of->plan, part, count, y + first))
      found = evaluate_part(of, part, p, y);
    if (found < least) least = found;
  }
  return least;
}
