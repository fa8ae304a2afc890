#include "entrain/model/density_parameters.h"

#include <stdio.h>

#define LEAST_DENSITY -1e-12 /* rounding of a density that touches zero */

static size_t count_of(const ent_value *value) {
  return value && value->list ? value->count : 0;
}

static const double *list_of(const ent_value *value) {
  return value ? value->list : NULL;
}

/* Refuses at "section.name". */
static bool refuse(ent_refusal *refusal, const char *section, const char *name, const char *why) {
  char key[sizeof(refusal->key)];
  snprintf(key, sizeof(key), "%s.%s", section, name);
  return ent_refuse(refusal, key, "%s", why);
}

static bool check_count(const char *section, const char *name, size_t count, size_t n_centres,
                        ent_refusal *refusal) {
  char why[sizeof(refusal->why)];
  if (count == n_centres) return true;
  snprintf(why, sizeof(why), "%zu %s for %zu centres, must be as many", count, name, n_centres);
  return refuse(refusal, section, name, why);
}

static bool check_mixture(const ent_density_values *values, const char *section, ent_refusal *refusal) {
  const size_t n = count_of(values->centres), n_concentrations = count_of(values->concentrations);
  const size_t n_half_widths = count_of(values->half_widths), n_masses = count_of(values->masses);
  if (n_concentrations > 0 && n_half_widths > 0)
    return refuse(refusal, section, "half_widths",
                  "'half_widths' beside 'concentrations', must be one of both");
  if (n_masses > 0 && !check_count(section, "masses", n_masses, n, refusal)) return false;
  if (n_half_widths > 0 || values->concentrations == NULL)
    return check_count(section, "half_widths", n_half_widths, n, refusal);
  return check_count(section, "concentrations", n_concentrations, n, refusal);
}

static bool check_series(const ent_density_values *values, const char *section, ent_refusal *refusal) {
  const ent_density density = ent_density_of(values);
  const bool has_cosines = count_of(values->cosines) > 0;
  const bool has_mixture = count_of(values->centres) + count_of(values->concentrations) +
                             count_of(values->half_widths) + count_of(values->masses) >
                           0;
  if (has_mixture)
    return refuse(refusal, section, has_cosines ? "cosines" : "sines",
                  "a Fourier series beside a mixture, must be one of both");
  if (ent_density_least(&density) >= LEAST_DENSITY) return true;
  return refuse(refusal, section, has_cosines ? "cosines" : "sines",
                "the density is negative somewhere, must be nowhere");
}

bool ent_density_check(const ent_density_values *values, const char *section, ent_refusal *refusal) {
  if (count_of(values->cosines) + count_of(values->sines) > 0) return check_series(values, section, refusal);
  return check_mixture(values, section, refusal);
}

ent_density ent_density_of(const ent_density_values *values) {
  const ent_density series = {.kind = ENT_DENSITY_FOURIER,
                              .n_cosines = count_of(values->cosines),
                              .n_sines = count_of(values->sines),
                              .cosines = list_of(values->cosines),
                              .sines = list_of(values->sines)};
  const bool has_arcs = count_of(values->half_widths) > 0;
  if (series.n_cosines + series.n_sines > 0 || count_of(values->centres) == 0) return series;
  return (ent_density){.kind = has_arcs ? ENT_DENSITY_ARCS : ENT_DENSITY_VON_MISES,
                       .n_parts = count_of(values->centres),
                       .centres = list_of(values->centres),
                       .widths = list_of(has_arcs ? values->half_widths : values->concentrations),
                       .masses = list_of(values->masses)};
}
