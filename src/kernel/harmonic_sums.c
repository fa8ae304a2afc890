#include <string.h>

#include "entrain/math/shares.h"

#include "harmonic_ops.h"

enum { D = 3 };

/* Particles first ... end - 1 of a state. */
static ent_harmonic_state stretch(const ent_harmonic_state *state, size_t first, size_t end) {
  return (ent_harmonic_state){.n = end - first,
                              .masses = state->masses ? state->masses + first : NULL,
                              .x = state->x + first,
                              .y = state->y + first,
                              .z = state->z + first};
}

static ent_harmonic_state load(const ent_harmonic_parts *of, size_t first, size_t end) {
  ent_harmonic_state loaded = stretch(&of->state, first, end);
  of->ops->load(of->vectors + D * first, &loaded);
  return loaded;
}

/* Sends a part to its helper, which begins with its moments. */
static void ask_moments(const ent_harmonic_parts *of, size_t part, size_t degree) {
  const ent_help_plan *plan = &of->plan;
  const size_t first = ent_help_first(plan, part), count = ent_help_first(plan, part + 1) - first;
  const double *masses = of->state.masses;
  const double question[ENT_HELP_NUMBERS] = {[ENT_HELP_KIND] = ENT_HELP_SPHERE_MOMENTS,
                                             [ENT_HELP_N] = (double)of->state.n,
                                             [ENT_HELP_FIRST_SHARE] = (double)plan->share[part],
                                             [ENT_HELP_LAST_SHARE] = (double)plan->share[part + 1],
                                             [ENT_HELP_MASSES] = masses ? 1 : 0,
                                             [ENT_HELP_TERMS] = (double)degree};
  if (!ent_help_send(of->helpers, plan, part, ENT_HELP_NUMBERS, question)) return;
  if (!ent_help_send(of->helpers, plan, part, D * count, of->vectors + D * first)) return;
  if (masses) (void)ent_help_send(of->helpers, plan, part, count, masses + first);
}

void ent_harmonic_sum_moments(ent_harmonic_parts *of, size_t degree, double *moments) {
  const size_t n = of->state.n, count = 2 * ent_harmonic_entries(degree);
  ent_help_divide(of->helpers, n, &of->plan);
  for (size_t part = 1; part < of->plan.parts; part++) ask_moments(of, part, degree);
  memset(moments, 0, count * sizeof(*moments));
  for (size_t part = 0; part < of->plan.parts; part++) {
    for (size_t share = of->plan.share[part]; share < of->plan.share[part + 1]; share++) {
      if (part == 0 || !ent_help_receive(of->helpers, &of->plan, part, count, of->answer)) {
        const ent_harmonic_state own = load(of, ent_shares_first(n, share), ent_shares_first(n, share + 1));
        of->ops->moments(&own, degree, of->steps, of->lanes, of->answer);
      }
      for (size_t k = 0; k < count; k++) moments[k] += of->answer[k];
    }
  }
}

static void ask_evaluation(const ent_harmonic_parts *of, size_t part, const ent_harmonic_sum *sum) {
  const double question[ENT_HELP_NUMBERS] = {
    [ENT_HELP_KIND] = ENT_HELP_SPHERE_DRIFT, [ENT_HELP_TERMS] = (double)sum->degree,
    [ENT_HELP_TOTAL] = sum->total,           [ENT_HELP_BETA] = sum->beta,
    [ENT_HELP_QUOTIENT] = sum->quotient,     [ENT_HELP_FACTOR] = sum->factor};
  if (ent_help_send(of->helpers, &of->plan, part, ENT_HELP_NUMBERS, question))
    (void)ent_help_send(of->helpers, &of->plan, part, 4 * ent_harmonic_entries(sum->degree),
                        sum->coefficients);
}

double ent_harmonic_evaluate(ent_harmonic_parts *of, const ent_harmonic_sum *sum, double *dxdt) {
  const ent_harmonic_state own = stretch(&of->state, 0, ent_help_first(&of->plan, 1));
  for (size_t part = 1; part < of->plan.parts; part++) ask_evaluation(of, part, sum);
  double least = of->ops->evaluate(&own, sum, dxdt);
  for (size_t part = 1; part < of->plan.parts; part++) {
    const size_t first = ent_help_first(&of->plan, part), end = ent_help_first(&of->plan, part + 1);
    double *to = dxdt + D * first, found = 0;
    if (!ent_help_receive(of->helpers, &of->plan, part, 1, &found) ||
        !ent_help_receive(of->helpers, &of->plan, part, D * (end - first), to)) {
      const ent_harmonic_state lost = load(of, first, end);
      found = of->ops->evaluate(&lost, sum, to);
    }
    if (found < least) least = found;
  }
  return least;
}
