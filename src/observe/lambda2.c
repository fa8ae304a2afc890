#include "entrain/model/oversmoothing.h"
#include "entrain/observe/observe.h"

static bool check(const ent_model *model, const ent_point *point, ent_refusal *refusal) {
  (void)point;
  if (ent_model_is_oversmoothing(model)) return true;
  return ent_refuse(refusal, "observe", "'lambda2' for model '%s', must be model 'oversmoothing'",
                    model->name);
}

static void measure(const ent_system *system, const double *x, const ent_observing *observing,
                    double *values) {
  (void)x, (void)observing;
  values[0] = ent_oversmoothing_lambda2(system);
}

const ent_observable ent_observable_lambda2 = {
  .name = "lambda2",
  .unit = "1",
  .summary = "largest modulus of an eigenvalue of the graph's P but for the first, which is 1",
  .source = "arXiv:2501.00762",
  .flags = ENT_OBSERVE_ROW_ONLY,
  .min = 0,
  .max = 1,
  .check = check,
  .measure = measure,
};
