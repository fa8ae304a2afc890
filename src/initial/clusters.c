#include <math.h>

#include "entrain/initial/initial.h"
#include "entrain/initial/planted.h"

enum { POSITIONS, MASSES, NOISE };

static const ent_parameter parameters[] = {
  [POSITIONS] = {.name = "positions",
                 .kind = ENT_PARAM_LIST,
                 .required = true,
                 .min = -1e3,
                 .max = 1e3,
                 .unit = "rad",
                 .summary = "angle of each cluster in the plane of the first two coordinates"},
  [MASSES] = {.name = "masses",
              .kind = ENT_PARAM_LIST,
              .open_min = true,
              .min = 0,
              .max = 1e300,
              .unit = "1",
              .summary = "share of the particles in each cluster, divided by their sum; default: all equal"},
  [NOISE] = ENT_INITIAL_NOISE_PARAMETER,
  {0},
};

static bool check(const ent_point *point, ent_refusal *refusal) {
  const ent_value *values = point->values[ENT_GROUP_INITIAL];
  const size_t count = values[POSITIONS].count;
  if ((int64_t)count > point->n) {
    return ent_refuse(refusal, "initial.positions",
                      "%zu clusters of n = %lld particles, must be at most as many", count,
                      (long long)point->n);
  }
  if (values[MASSES].list && values[MASSES].count != count) {
    return ent_refuse(refusal, "initial.masses", "%zu masses for %zu positions, must be as many",
                      values[MASSES].count, count);
  }
  return true;
}

/* Particles up to and including cluster q: the cumulated share of n, rounded. */
static int64_t last_of_cluster(const ent_value *values, int64_t n, size_t q) {
  const ent_value *masses = &values[MASSES];
  double sum = 0, upto = 0;
  for (size_t p = 0; p < values[POSITIONS].count; p++) {
    const double mass = masses->list ? masses->list[p] : 1;
    sum += mass;
    upto += p <= q ? mass : 0;
  }
  return llround((double)n * upto / sum);
}

static int draw(const ent_point *point, const ent_start_table *table, double *x) {
  (void)table;
  const ent_value *values = point->values[ENT_GROUP_INITIAL];
  int64_t i = 0;
  for (size_t q = 0; q < values[POSITIONS].count; q++) {
    const int64_t last = last_of_cluster(values, point->n, q);
    for (; i < last; i++) ent_planted_place_angle(point->d, values[POSITIONS].list[q], x + i * point->d);
  }
  ent_planted_perturb(point, values[NOISE].number, x);
  return ENT_OK;
}

const ent_initial ent_initial_clusters = {
  .name = "clusters",
  .summary = "clusters at given angles of a great circle with given shares of the particles, plus noise",
  .source = "two clusters: arXiv:2410.06833",
  .parameters = parameters,
  .check = check,
  .draw = draw,
};
