#include "entrain/solve/measure.h"

#include <math.h>

size_t ent_measure_work(const ent_spec *spec, const ent_system *system) {
  size_t most = 0;
  for (size_t i = 0; i < spec->n_observe; i++) {
    const size_t need = spec->observe[i]->work ? spec->observe[i]->work(system) : 0;
    if (need > most) most = need;
  }
  return most;
}

static size_t memory_of(const ent_observable *observable, size_t n_delta, const ent_system *system) {
  return observable->memory ? n_delta * observable->memory(system) : 0;
}

size_t ent_measure_memory(const ent_spec *spec, const ent_system *system) {
  size_t whole = 0;
  for (size_t i = 0; i < spec->n_observe; i++) whole += memory_of(spec->observe[i], spec->n_delta, system);
  return whole;
}

void ent_measure_series(const ent_spec *spec, const ent_system *system, const double *x, double *work,
                        double *memory, float *series) {
  double values[ENT_MAX_WIDTH];
  ent_observing observing = {.n_delta = spec->n_delta, .delta = spec->delta, .work = work, .memory = memory};
  for (size_t i = 0; i < spec->n_observe; i++) {
    const ent_observable *observable = spec->observe[i];
    if (observable->flags & ENT_OBSERVE_ROW_ONLY) continue;
    observable->measure(system, x, &observing, values);
    const size_t width = ent_observable_width(observable, spec->n_delta);
    for (size_t k = 0; k < width; k++, series += spec->n_record) *series = (float)values[k];
    observing.memory += memory_of(observable, spec->n_delta, system);
  }
}

static void measure_extras(const ent_spec *spec, const ent_system *system, const double *x, double *work,
                           ent_extra *extras) {
  double values[ENT_MAX_WIDTH];
  const ent_observing observing = {.n_delta = spec->n_delta, .delta = spec->delta, .work = work};
  for (size_t i = 0; i < spec->n_observe; i++) {
    const ent_observable *observable = spec->observe[i];
    if (observable->flags & ENT_OBSERVE_IN_EVERY_ROW) continue;
    observable->measure(system, x, &observing, values);
    const size_t width = ent_observable_width(observable, spec->n_delta);
    for (size_t k = 0; k < width; k++, extras++) {
      if (observable->labels)
        extras->label = (int32_t)values[k];
      else
        extras->number = values[k];
    }
  }
}

void ent_measure_row(const ent_spec *spec, const ent_system *system, const double *x, double *work,
                     ent_result *result) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  result->order_parameter = ent_system_order_parameter(system, x);
  result->energy = ent_system_energy(system, x);
  result->clusters = (int32_t)fmin(ent_cloud_clusters(&cloud, spec->delta[0]), INT32_MAX);
  measure_extras(spec, system, x, work, result->extras);
}
