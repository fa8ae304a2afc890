#include "entrain/observe/observe.h"

static void measure(const ent_system *system, const double *x, const ent_observing *observing,
                    double *values) {
  (void)observing;
  values[0] = ent_system_energy(system, x);
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
