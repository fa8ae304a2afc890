#include "entrain/solve/measure.h"

#include <math.h>

/* Measures an observable of the specification. [out] values [ENT_MAX_WIDTH]; returns how many there are. */
static size_t observe(const ent_spec *spec, const ent_observable *observable, const ent_system *system,
                      const double *x, double *values) {
  const ent_observing observing = {.n_delta = spec->n_delta, .delta = spec->delta};
  observable->measure(system, x, &observing, values);
  return ent_observable_width(observable, spec->n_delta);
}

void ent_measure_series(const ent_spec *spec, const ent_system *system, const double *x, float *series) {
  double values[ENT_MAX_WIDTH];
  for (size_t i = 0; i < spec->n_observe; i++) {
    if (spec->observe[i]->flags & ENT_OBSERVE_ROW_ONLY) continue;
    const size_t width = observe(spec, spec->observe[i], system, x, values);
    for (size_t k = 0; k < width; k++, series += spec->n_record) *series = (float)values[k];
  }
}

static void measure_extras(const ent_spec *spec, const ent_system *system, const double *x,
                           ent_extra *extras) {
  double values[ENT_MAX_WIDTH];
  for (size_t i = 0; i < spec->n_observe; i++) {
    const ent_observable *observable = spec->observe[i];
    if (observable->flags & ENT_OBSERVE_IN_EVERY_ROW) continue;
    const size_t width = observe(spec, observable, system, x, values);
    for (size_t k = 0; k < width; k++, extras++) {
      if (observable->labels)
        extras->label = (int32_t)values[k];
      else
        extras->number = values[k];
    }
  }
}

void ent_measure_row(const ent_spec *spec, const ent_system *system, const double *x, ent_result *result) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  result->order_parameter = ent_system_order_parameter(system, x);
  result->energy = ent_system_energy(system, x);
  result->clusters = (int32_t)fmin(ent_cloud_clusters(&cloud, spec->delta[0]), INT32_MAX);
  measure_extras(spec, system, x, result->extras);
}
