#include "entrain/observe/observe.h"

static void measure(const ent_system *system, const double *x, const ent_observing *observing,
                    double *values) {
  (void)observing;
  const ent_cloud cloud = ent_system_cloud(system, x);
  values[0] = 1 - ent_cloud_largest_gap(&cloud);
}

const ent_observable ent_observable_minimal_overlap = {
  .name = "minimal_overlap",
  .unit = "1",
  .summary = "min_{i<j} <x_i,x_j>; 1 for one particle",
  .source = "arXiv:2312.10794, the diameter of cone collapse",
  .flags = ENT_OBSERVE_PARTICLES,
  .min = -1,
  .max = 1,
  .measure = measure,
};
