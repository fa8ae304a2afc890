#include "entrain/initial/initial.h"
#include "entrain/initial/planted.h"

enum { CENTRES, HALF_WIDTHS, MASSES, NOISE };

static const ent_parameter parameters[] = {
  [CENTRES] = ENT_DENSITY_CENTRES_PARAMETER,
  [HALF_WIDTHS] = ENT_DENSITY_HALF_WIDTHS_PARAMETER,
  [MASSES] = ENT_DENSITY_MASSES_PARAMETER,
  [NOISE] = ENT_INITIAL_NOISE_PARAMETER,
  {0},
};

static ent_density_values values_of(const ent_point *point) {
  const ent_value *values = point->values[ENT_GROUP_INITIAL];
  return (ent_density_values){
    .centres = &values[CENTRES], .half_widths = &values[HALF_WIDTHS], .masses = &values[MASSES]};
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

const ent_initial ent_initial_arcs = {
  .name = "arcs",
  .summary = "particles at the quantiles of arcs of constant density on a great circle, plus noise",
  .source = "antipodal arcs: after arXiv:2504.14697",
  .parameters = parameters,
  .check = check,
  .draw = draw,
};
