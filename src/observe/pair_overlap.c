#include "entrain/observe/observe.h"

static void measure(const ent_system *system, const double *x, const ent_observing *observing,
                    double *values) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  for (size_t k = 0; k < observing->n_delta; k++)
    values[k] = ent_cloud_pair_overlap(&cloud, observing->delta[k]);
}

const ent_observable ent_observable_pair_overlap = {
  .name = "pair_overlap",
  .unit = "1",
  .summary = "share of the pairs with overlap >= 1-delta",
  .source = "arXiv:2312.10794, phase diagrams",
  .flags = ENT_OBSERVE_PARTICLES | ENT_OBSERVE_PER_DELTA,
  .min = 0,
  .max = 1,
  .measure = measure,
};
