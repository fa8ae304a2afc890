#include <math.h>

#include "entrain/observe/observe.h"

static bool check(const ent_model *model, const ent_point *point, ent_refusal *refusal) {
  const ent_shape shape = model->shape(point);
  if (shape.kind != ENT_STATE_FREE && shape.extras > 0) return true;
  return ent_refuse(refusal, "observe",
                    "'radii' of model '%s', which has none at some points, must be norm pre, mix or peri",
                    model->name);
}

static void measure(const ent_system *system, const double *x, const ent_observing *observing,
                    double *values) {
  const double *radii = ent_system_radii(system, x);
  double least = radii[0], sum = 0, most = radii[0];
  (void)observing;
  for (size_t k = 0; k < system->extras; k++) {
    least = fmin(least, radii[k]);
    most = fmax(most, radii[k]);
    sum += radii[k];
  }
  values[0] = least;
  values[1] = sum / (double)system->extras;
  values[2] = most;
}

const ent_observable ent_observable_radii = {
  .name = "radii",
  .unit = "1",
  .summary = "least, mean and largest radius of the particles, which start at 1",
  .source = "arXiv:2510.22026",
  .flags = ENT_OBSERVE_PARTICLES,
  .min = 0,
  .max = 1e300,
  .parts = (const char *const[]){"radius_min", "radius_mean", "radius_max", NULL},
  .check = check,
  .measure = measure,
};
