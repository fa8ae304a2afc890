#include <math.h>

#include <sleef.h>

#include "entrain/math/sphere.h"
#include "entrain/observe/observe.h"

/*
 * The density sum_j m_j e^{beta (cos(t - theta_j) - 1)} on a grid of the circle: a mode is where its
 * derivative goes from + to -. Particles beyond `reach`, where the kernel has fallen to 1e-17 of its top, are
 * left out: every mode lies within the inflection points of some particle's kernel, where that one counts.
 */
typedef struct density {
  double beta, reach;
  size_t n;
  const double *pairs; /* [n, 2]: angle, mass, ascending */
  ent_brake *brake;
} density;

#define POINTS_PER_WIDTH 16.0 /* the kernel's width being beta^{-1/2} */
#define FALL 40.0             /* e^{-40} is nothing beside 1 */
#define FLATNESS 1e-12        /* a derivative smaller than this share of its terms is rounding */

#define TERM_WORK 100.0 /* of a particle at a point, in the unit of brakes: sine, cosine and exp */

enum { LEAST_POINTS = 256 };

static bool check(const ent_model *model, const ent_point *point, ent_refusal *refusal) {
  const ent_state_kind kind = model->shape(point).kind;
  if (kind != ENT_STATE_ANGLES && !(kind == ENT_STATE_VECTORS && point->d == 2))
    return ent_refuse(refusal, "observe", "'kde_modes' off the circle, must be particles at d = 2");
  if (!model->beta)
    return ent_refuse(refusal, "observe", "'kde_modes' needs a beta, model '%s' has none", model->name);
  if (!(model->beta(point) > 0))
    return ent_refuse(refusal, "observe", "'kde_modes' at beta = %g, must be above 0 and act on the weights",
                      model->beta(point));
  return true;
}

/* The angles of vectors. */
static size_t work(const ent_system *system) {
  return system->kind == ENT_STATE_VECTORS ? system->n : 0;
}

static ent_cloud cloud_of(const ent_system *system, const double *x, double *angles) {
  ent_cloud cloud = ent_system_cloud(system, x);
  if (cloud.kind == ENT_STATE_ANGLES) return cloud;
  ent_cloud_from_vectors(ENT_STATE_ANGLES, cloud.n, cloud.d, x, angles);
  cloud.kind = ENT_STATE_ANGLES;
  cloud.x = angles;
  return cloud;
}

static density prepare(const ent_cloud *cloud, double beta) {
  density it = {.beta = beta,
                .reach = ENT_TWO_PI / 2,
                .n = cloud->n,
                .pairs = ent_cloud_sort_turn(cloud),
                .brake = cloud->brake};
  if (FALL < 2 * beta) it.reach = 2 * Sleef_cinz_asind1_u10purec(sqrt(FALL / (2 * beta)));
  return it;
}

/* The k-th particle counted from a turn before the first one. */
static double angle(const density *it, size_t k) {
  const size_t turn = k / it->n;
  return it->pairs[2 * (k % it->n)] + ENT_TWO_PI * ((double)turn - 1);
}

/* Sign of the derivative at t, 0 where it is flat; particles before `first` are out of reach. */
static int slope(const density *it, double t, size_t first) {
  double sum = 0, size = 0;
  size_t k = first;
  for (; k < first + it->n && angle(it, k) <= t + it->reach; k++) {
    const Sleef_double_2 half = Sleef_cinz_sincosd1_u10purec(0.5 * (angle(it, k) - t));
    const double weight =
      it->pairs[2 * (k % it->n) + 1] * Sleef_cinz_expd1_u10purec(-2 * it->beta * half.x * half.x);
    sum += weight * half.x * half.y;
    size += weight * fabs(half.x * half.y);
  }
  ent_brake_after(it->brake, TERM_WORK * (double)(k - first));
  return (sum > FLATNESS * size) - (sum < -FLATNESS * size);
}

static double count_modes(const density *it) {
  const double least = ENT_TWO_PI * POINTS_PER_WIDTH * sqrt(it->beta);
  const size_t points = least > LEAST_POINTS ? (size_t)ceil(least) : LEAST_POINTS;
  int earliest = 0, latest = 0;
  size_t first = 0, modes = 0;
  for (size_t i = 0; i < points; i++) {
    const double t = ENT_TWO_PI * ((double)i / (double)points - 0.5);
    while (angle(it, first) < t - it->reach) first++;
    const int sign = slope(it, t, first);
    if (it->brake && it->brake->is_pulled) break;
    if (sign == 0) continue;
    modes += latest > 0 && sign < 0;
    if (earliest == 0) earliest = sign;
    latest = sign;
  }
  return (double)(modes + (latest > 0 && earliest < 0));
}

static void measure(const ent_system *system, const double *x, const ent_observing *observing,
                    double *values) {
  const ent_cloud cloud = cloud_of(system, x, observing->work);
  const density it = prepare(&cloud, system->beta);
  values[0] = count_modes(&it);
}

const ent_observable ent_observable_kde_modes = {
  .name = "kde_modes",
  .unit = "1",
  .summary = "modes of the density sum_j m_j e^{beta cos(t - theta_j)} on the circle",
  .source = "arXiv:2412.09080",
  .flags = ENT_OBSERVE_PARTICLES,
  .min = 0,
  .max = 1e9,
  .check = check,
  .work = work,
  .measure = measure,
};
