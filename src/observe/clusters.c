#include "entrain/observe/observe.h"

static void measure(const ent_system *system, const double *x, const ent_observing *observing,
                    double *values) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  values[0] = ent_cloud_clusters(&cloud, observing->delta[0]);
}

const ent_observable ent_observable_clusters = {
  .name = "clusters",
  .unit = "1",
  .summary = "number of clusters by single linkage at the first delta",
  .source = "arXiv:2410.06833",
  .flags = ENT_OBSERVE_PARTICLES | ENT_OBSERVE_IN_EVERY_ROW,
  .min = 1,
  .max = 1e9,
  .measure = measure,
};
