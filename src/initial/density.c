#include "entrain/initial/initial.h"
#include "entrain/initial/planted.h"

enum { COSINES, SINES, CENTRES, CONCENTRATIONS, MASSES, NOISE };

static const ent_parameter parameters[] = {
  [COSINES] = ENT_DENSITY_COSINES_PARAMETER,
  [SINES] = ENT_DENSITY_SINES_PARAMETER,
  [CENTRES] = ENT_DENSITY_CENTRES_PARAMETER,
  [CONCENTRATIONS] = ENT_DENSITY_CONCENTRATIONS_PARAMETER,
  [MASSES] = ENT_DENSITY_MASSES_PARAMETER,
  [NOISE] = ENT_INITIAL_NOISE_PARAMETER,
  {0},
};

static ent_density_values values_of(const ent_point *point) {
  const ent_value *values = point->values[ENT_GROUP_INITIAL];
  return (ent_density_values){.cosines = &values[COSINES],
                              .sines = &values[SINES],
                              .centres = &values[CENTRES],
                              .concentrations = &values[CONCENTRATIONS],
                              .masses = &values[MASSES]};
}

static bool check(const ent_point *point, ent_refusal *refusal) {
  const ent_density_values values = values_of(point);
  return ent_density_check(&values, "initial", refusal);
}

static int draw(const ent_point *point, const ent_start_table *table, double *x) {
  (void)table;
  const ent_density_values values = values_of(point);
  return ent_planted_draw_density(point, &values, point->values[ENT_GROUP_INITIAL][NOISE].number, x);
}

const ent_initial ent_initial_density = {
  .name = "density",
  .summary = "particles at the quantiles of a smooth density on a great circle (quiet start), plus noise",
  .source = "Fourier series: profiles of arXiv:2504.14697",
  .parameters = parameters,
  .check = check,
  .draw = draw,
};
