#include "entrain/observe/observe.h"

static void measure(const ent_system *system, const double *x, const ent_observing *observing,
                    double *values) {
  (void)observing;
  values[0] = ent_system_order_parameter(system, x);
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
