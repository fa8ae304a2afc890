#include "entrain/observe/observe.h"

static double measure(const ent_system *system, const double *x, double delta) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  (void)delta;
  return ent_cloud_order_parameter(&cloud);
}

const ent_observable ent_observable_order_parameter = {
  .name = "order_parameter",
  .unit = "1",
  .summary = "R = |sum_i m_i x_i|",
  .source = "arXiv:1906.10627",
  .flags = ENT_OBSERVE_IN_EVERY_ROW,
  .min = 0,
  .max = 1,
  .measure = measure,
};
