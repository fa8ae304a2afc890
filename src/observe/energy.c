#include "entrain/observe/observe.h"

static double measure(const ent_system *system, const double *x, double delta) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  (void)delta;
  return ent_cloud_energy(&cloud, system->beta);
}

const ent_observable ent_observable_energy = {
  .name = "energy",
  .unit = "1",
  .summary = "sum_ij m_i m_j e^{-|beta|} (e^{beta <x_i,x_j>} - 1)/(2 beta)",
  .source = "arXiv:2312.10794, energy without its constant, scaled to be finite for every beta",
  .flags = ENT_OBSERVE_IN_EVERY_ROW,
  .min = -1,
  .max = 1,
  .measure = measure,
};
