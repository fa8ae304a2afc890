#include "entrain/observe/observe.h"

enum { LARGEST = 8 };

static void measure(const ent_system *system, const double *x, const ent_observing *observing,
                    double *values) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  ent_cloud_cluster_masses(&cloud, observing->delta[0], LARGEST, values);
}

const ent_observable ent_observable_cluster_masses = {
  .name = "cluster_masses",
  .unit = "1",
  .summary = "masses of the 8 largest clusters by single linkage at the first delta, zero for no cluster",
  .source = "arXiv:2410.06833",
  .flags = ENT_OBSERVE_PARTICLES,
  .min = 0,
  .max = 1,
  .parts =
    (const char *const[]){"cluster_mass_1", "cluster_mass_2", "cluster_mass_3", "cluster_mass_4",
                          "cluster_mass_5", "cluster_mass_6", "cluster_mass_7", "cluster_mass_8", NULL},
  .measure = measure,
};
