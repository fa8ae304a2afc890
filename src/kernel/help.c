#include "entrain/kernel/help.h"

void ent_help_list(const ent_helpers *helpers, ent_help_plan *plan) {
  plan->parts = 1;
  for (size_t k = 0; helpers && k < helpers->count; k++)
    if (!helpers->is_lost[k]) plan->helper[plan->parts++] = (uint8_t)k;
}

/* Small sums come here most, thousands of times a millisecond: nothing is cleared or copied. */
void ent_help_divide(const ent_helpers *helpers, size_t n, ent_help_plan *plan) {
  const size_t shares = ent_shares_count(n);
  plan->n = n;
  plan->parts = 1;
  if (helpers && shares > 1) ent_help_list(helpers, plan);
  plan->share[0] = 0;
  plan->share[plan->parts] = (uint8_t)shares;
  for (size_t part = 1; part < plan->parts; part++)
    plan->share[part] = (uint8_t)(shares * part / plan->parts);
}

size_t ent_help_first(const ent_help_plan *plan, size_t part) {
  return ent_shares_first(plan->n, plan->share[part]);
}

bool ent_help_send(ent_helpers *helpers, const ent_help_plan *plan, size_t part, size_t count,
                   const double *numbers) {
  const size_t k = plan->helper[part];
  const ent_channel *channel = &helpers->channels[k];
  if (!helpers->is_lost[k] && !channel->send(channel->context, count, numbers)) helpers->is_lost[k] = true;
  return !helpers->is_lost[k];
}

bool ent_help_receive(ent_helpers *helpers, const ent_help_plan *plan, size_t part, size_t count,
                      double *numbers) {
  const size_t k = plan->helper[part];
  const ent_channel *channel = &helpers->channels[k];
  if (!helpers->is_lost[k] && !channel->receive(channel->context, count, numbers)) helpers->is_lost[k] = true;
  return !helpers->is_lost[k];
}
