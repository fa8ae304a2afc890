#include <math.h>

#include <sleef.h>

#include "entrain/math/sphere.h"
#include "entrain/observe/observe.h"

/* delta = SEPARATION beta^{-1/2}, the number in figure 2 of the source. */
#define SEPARATION 4.0

static bool check(const ent_model *model, const ent_point *point, ent_refusal *refusal) {
  if (!model->beta)
    return ent_refuse(refusal, "observe", "Renyi centres need a beta, model '%s' has none", model->name);
  if (!(model->beta(point) > 0))
    return ent_refuse(refusal, "observe",
                      "Renyi centres at beta = %g, must be above 0 and act on the weights",
                      model->beta(point));
  return true;
}

/* 1 - cos(delta): particles are farther apart than delta when their gap is larger; 2 from delta = pi on. */
static double gap_of(double beta) {
  const double delta = SEPARATION / sqrt(beta);
  const double half = Sleef_cinz_sind1_u10purec(0.5 * fmin(delta, ENT_TWO_PI / 2));
  return 2 * half * half;
}

/* Whether particle i is farther than `gap` from all of these; the centre of a centre is itself. */
static bool is_apart(const ent_cloud *cloud, size_t i, const double *others, size_t count, double gap) {
  for (size_t k = 0; k < count; k++) {
    const size_t j = others ? (size_t)others[k] : k;
    if (!(ent_cloud_gap(cloud, i, j) > gap)) return false;
  }
  return true;
}

static double count_centres(const ent_system *system, const double *x, bool is_strong) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  const double gap = gap_of(system->beta);
  double *centres = cloud.work; /* their indices; n of them have room there */
  size_t count = 0;
  if (cloud.kind == ENT_STATE_EQUIANGULAR)
    return cloud.n > 1 && ent_cloud_gap(&cloud, 0, 1) > gap ? (double)cloud.n : 1;
  for (size_t i = 0; i < cloud.n; i++) {
    if (ent_brake_after(cloud.brake, (double)(is_strong ? i : count) * (double)cloud.d)) break;
    const bool is_centre =
      is_strong ? is_apart(&cloud, i, NULL, i, gap) : is_apart(&cloud, i, centres, count, gap);
    if (is_centre && !is_strong) centres[count] = (double)i;
    count += is_centre;
  }
  return (double)count;
}

static void measure(const ent_system *system, const double *x, const ent_observing *observing,
                    double *values) {
  (void)observing;
  values[0] = count_centres(system, x, false);
}

static void measure_strong(const ent_system *system, const double *x, const ent_observing *observing,
                           double *values) {
  (void)observing;
  values[0] = count_centres(system, x, true);
}

const ent_observable ent_observable_renyi_centres = {
  .name = "renyi_centres",
  .unit = "1",
  .summary = "particles farther than 4 beta^{-1/2} (angle) from all Renyi centres before them",
  .source = "arXiv:2411.04990, section 5",
  .flags = ENT_OBSERVE_PARTICLES,
  .min = 1,
  .max = 1e9,
  .check = check,
  .measure = measure,
};

const ent_observable ent_observable_strong_renyi_centres = {
  .name = "strong_renyi_centres",
  .unit = "1",
  .summary = "particles farther than 4 beta^{-1/2} (angle) from all particles before them",
  .source = "arXiv:2411.04990, section 5",
  .flags = ENT_OBSERVE_PARTICLES,
  .min = 1,
  .max = 1e9,
  .check = check,
  .measure = measure_strong,
};
