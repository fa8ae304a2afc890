#include "entrain/model/attention_parameters.h"

#include <sleef.h>

bool ent_attention_check_beta(const ent_value *beta, const ent_value *gamma, ent_refusal *refusal) {
  if (isnan(beta->number) && isnan(gamma->number))
    return ent_refuse(refusal, "sweep.beta",
                      "missing key 'sweep.beta', must be an axis: " ENT_MODEL_BETA_SUMMARY
                      "; or 'sweep.gamma'");
  if (!isnan(beta->number) && !isnan(gamma->number))
    return ent_refuse(refusal, "sweep.gamma",
                      "'sweep.gamma' is given besides 'sweep.beta', must be one of them");
  return true;
}

double ent_attention_beta(const ent_value *beta, const ent_value *gamma, int64_t n) {
  if (!isnan(beta->number)) return beta->number;
  return gamma->number * Sleef_cinz_logd1_u10purec((double)n);
}
