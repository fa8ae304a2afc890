#include "entrain/observe/observe.h"

static size_t memory(const ent_system *system) {
  return ent_cloud_memory(system->kind, system->n, system->d);
}

static void measure(const ent_system *system, const double *x, const ent_observing *observing,
                    double *values) {
  ent_cloud cloud = ent_system_cloud(system, x);
  cloud.memory = observing->memory;
  for (size_t k = 0; k < observing->n_delta; k++) {
    values[k] = ent_cloud_pair_overlap(&cloud, observing->delta[k]);
    if (cloud.memory) cloud.memory += memory(system);
  }
}

const ent_observable ent_observable_pair_overlap = {
  .name = "pair_overlap",
  .unit = "1",
  .summary = "share of the pairs with overlap >= 1-delta",
  .source = "arXiv:2312.10794, phase diagrams",
  .flags = ENT_OBSERVE_PARTICLES | ENT_OBSERVE_PER_DELTA,
  .min = 0,
  .max = 1,
  .memory = memory,
  .measure = measure,
};
