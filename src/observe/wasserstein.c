#include <math.h>
#include <stddef.h>

#include "entrain/model/measure_flow.h"
#include "entrain/observe/observe.h"

enum { LARGEST, MEAN };

static bool check(const ent_model *model, const ent_point *point, ent_refusal *refusal) {
  if (!ent_model_is_measure_flow(model))
    return ent_refuse(refusal, "observe", "'wasserstein' for model '%s', must be model 'measure_flow'",
                      model->name);
  if (!ent_measure_flow_has_targets(point))
    return ent_refuse(refusal, "observe", "'wasserstein' without 'parameters.targets', must have them");
  return true;
}

static void measure(const ent_system *system, const double *x, const ent_observing *observing,
                    double *values) {
  const size_t count = ent_measure_flow_measures(system);
  (void)observing;
  values[LARGEST] = values[MEAN] = 0;
  for (size_t k = 0; k < count; k++) {
    const double distance = ent_measure_flow_wasserstein(system, x, k);
    values[LARGEST] = fmax(values[LARGEST], distance);
    values[MEAN] += distance / (double)count;
  }
  if (isnan(values[MEAN])) values[LARGEST] = NAN;
}

const ent_observable ent_observable_wasserstein = {
  .name = "wasserstein",
  .unit = "1",
  .summary = "Wasserstein-2 distance of the measures to their targets: the largest, and the mean",
  .source = "arXiv:2411.04551",
  .min = 0,
  .max = 3.2,
  .parts = (const char *const[]){"wasserstein_max", "wasserstein_mean", NULL},
  .check = check,
  .measure = measure,
};
