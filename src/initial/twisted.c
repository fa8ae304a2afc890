#include "entrain/initial/initial.h"
#include "entrain/initial/planted.h"
#include "entrain/math/sphere.h"

enum { WINDING, NOISE };

static const ent_parameter parameters[] = {
  [WINDING] = {.name = "winding",
               .kind = ENT_PARAM_INTEGER,
               .default_value = 1,
               .min = -1e6,
               .max = 1e6,
               .unit = "1",
               .summary = "turns that the angles make from the first to the last particle"},
  [NOISE] = ENT_INITIAL_NOISE_PARAMETER,
  {0},
};

static bool check(const ent_point *point, ent_refusal *refusal) {
  if (point->d == 2) return true;
  return ent_refuse(refusal, "initial.kind", "twisted start in dimension d = %lld, needs d = 2",
                    (long long)point->d);
}

static int draw(const ent_point *point, const ent_start_table *table, double *x) {
  (void)table;
  const ent_value *values = point->values[ENT_GROUP_INITIAL];
  for (int64_t i = 0; i < point->n; i++) {
    const double turns = values[WINDING].number * (double)i / (double)point->n;
    ent_planted_place_angle(point->d, ENT_TWO_PI * turns, x + i * point->d);
  }
  ent_planted_perturb(point, values[NOISE].number, x);
  return ENT_OK;
}

const ent_initial ent_initial_twisted = {
  .name = "twisted",
  .summary = "twisted state on the circle, theta_i = 2 pi winding i / n, plus noise",
  .source = "doi:10.1063/1.2165594",
  .parameters = parameters,
  .check = check,
  .draw = draw,
};
