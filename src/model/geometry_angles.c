#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sleef.h>

#include "entrain/math/sphere.h"
#include "entrain/model/geometry_ops.h"

static size_t size(size_t n, size_t d) {
  (void)d;
  return n;
}

static void add_up(const ent_cloud *cloud, double total[2]) {
  total[0] = total[1] = 0;
  for (size_t i = 0; i < cloud->n; i++) {
    const Sleef_double_2 sine_cosine = Sleef_cinz_sincosd1_u10purec(cloud->x[i]);
    total[0] += ent_cloud_mass(cloud, i) * sine_cosine.y;
    total[1] += ent_cloud_mass(cloud, i) * sine_cosine.x;
  }
}

static double order_parameter(const ent_cloud *cloud) {
  double total[2];
  add_up(cloud, total);
  return sqrt(total[0] * total[0] + total[1] * total[1]);
}

static double gap(const ent_cloud *cloud, size_t i, size_t j) {
  const double half = Sleef_cinz_sind1_u10purec(0.5 * (cloud->x[i] - cloud->x[j]));
  return 2 * half * half;
}

static int compare_reals(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Angles reduced to one turn and sorted, into work [n], then the first ones again, one turn on, [n]. */
static const double *sort_angles(const ent_cloud *cloud) {
  double *sorted = cloud->work;
  for (size_t i = 0; i < cloud->n; i++) sorted[i] = ent_sphere_wrap(cloud->x[i]);
  qsort(sorted, cloud->n, sizeof(*sorted), compare_reals);
  for (size_t i = 0; i < cloud->n; i++) sorted[cloud->n + i] = sorted[i] + ENT_TWO_PI;
  return sorted;
}

/* The angle between unit vectors at which 1 - <x, y> = gap; pi for every gap >= 2. */
static double angle_of_gap(double gap) {
  return gap >= 2 ? ENT_TWO_PI / 2 : 2 * Sleef_cinz_asind1_u10purec(sqrt(gap / 2));
}

/* The farthest partner of each particle is one of the two next to its antipode. */
static double largest_gap(const ent_cloud *cloud) {
  const double *sorted = sort_angles(cloud);
  double widest = 0;
  for (size_t i = 0, j = 0; i < cloud->n; i++) {
    while (j + 1 < i + cloud->n && sorted[j + 1] - sorted[i] <= ENT_TWO_PI / 2) j++;
    widest = fmax(widest, sorted[j] - sorted[i]);
  }
  const double half = Sleef_cinz_sind1_u10purec(0.5 * widest);
  return 2 * half * half;
}

static double pair_overlap(const ent_cloud *cloud, double delta) {
  if (delta >= 2) return 1;
  const double *sorted = sort_angles(cloud), reach = angle_of_gap(delta);
  size_t close = 0;
  for (size_t i = 0, j = 0; i < cloud->n; i++) {
    if (j < i) j = i;
    while (j + 1 < i + cloud->n && sorted[j + 1] - sorted[i] <= reach) j++;
    close += j - i;
  }
  return (double)close / (0.5 * (double)cloud->n * (double)(cloud->n - 1));
}

/* By angle; at equal angles by mass, so that sums have one order. */
static int compare_pairs(const void *a, const void *b) {
  const int by_angle = compare_reals(a, b);
  return by_angle ? by_angle : compare_reals((const double *)a + 1, (const double *)b + 1);
}

const double *ent_cloud_sort_turn(const ent_cloud *cloud) {
  double *pairs = cloud->work;
  for (size_t i = 0; i < cloud->n; i++) {
    pairs[2 * i] = ent_sphere_wrap(cloud->x[i]);
    pairs[2 * i + 1] = ent_cloud_mass(cloud, i);
  }
  qsort(pairs, cloud->n, 2 * sizeof(*pairs), compare_pairs);
  return pairs;
}

/* Clusters lie between two gaps wider than `reach`; counting begins behind the first of them. */
static void rank_masses(const ent_cloud *cloud, double reach, size_t most, double *masses) {
  const double *pairs = ent_cloud_sort_turn(cloud);
  const size_t n = cloud->n;
  size_t first = 0;
  double mass = 0;
  while (first + 1 < n && pairs[2 * (first + 1)] - pairs[2 * first] <= reach) first++;
  for (size_t k = 1; k <= n; k++) {
    const size_t i = (first + k) % n, next = (i + 1) % n;
    const double turn = next == 0 ? ENT_TWO_PI : 0;
    mass += pairs[2 * i + 1];
    if (k < n && pairs[2 * next] + turn - pairs[2 * i] <= reach) continue;
    ent_cloud_rank_mass(mass, most, masses);
    mass = 0;
  }
}

static double clusters(const ent_cloud *cloud, double delta, size_t most, double *masses) {
  const double reach = angle_of_gap(delta);
  if (most > 0) rank_masses(cloud, reach, most, masses);
  const double *sorted = sort_angles(cloud);
  size_t breaks = 0;
  for (size_t i = 0; i < cloud->n; i++) breaks += sorted[i + 1] - sorted[i] > reach;
  return breaks == 0 ? 1 : (double)breaks;
}

/* The mean first; when it fails, the exact answer: all lie in an arc of 2 pi minus the largest gap. */
static double hemisphere_margin(const ent_cloud *cloud) {
  double total[2], least = 1, widest = 0;
  add_up(cloud, total);
  const double direction = Sleef_cinz_atan2d1_u10purec(total[1], total[0]);
  if (isnan(direction)) return -1; /* a state that is none proves nothing */
  for (size_t i = 0; i < cloud->n; i++)
    least = fmin(least, Sleef_cinz_cosd1_u10purec(cloud->x[i] - direction));
  if (least > 0) return least;
  const double *sorted = sort_angles(cloud);
  for (size_t i = 0; i < cloud->n; i++) widest = fmax(widest, sorted[i + 1] - sorted[i]);
  return Sleef_cinz_cosd1_u10purec(ENT_TWO_PI / 2 - 0.5 * widest);
}

static double speed(const ent_cloud *cloud, const double *dxdt) {
  double sum = 0;
  for (size_t i = 0; i < cloud->n; i++) sum += dxdt[i] * dxdt[i];
  return sqrt(sum / (double)cloud->n);
}

/* Angles cannot leave the circle. */
static double retract(size_t n, size_t d, double *x) {
  (void)n, (void)d, (void)x;
  return 0;
}

static void from_vectors(size_t n, size_t d, const double *vectors, double *x) {
  for (size_t i = 0; i < n; i++) x[i] = Sleef_cinz_atan2d1_u10purec(vectors[i * d + 1], vectors[i * d]);
}

static void to_vectors(size_t n, size_t d, const double *x, double *vectors) {
  for (size_t i = 0; i < n; i++) {
    const Sleef_double_2 sine_cosine = Sleef_cinz_sincosd1_u10purec(x[i]);
    vectors[i * d] = sine_cosine.y;
    vectors[i * d + 1] = sine_cosine.x;
  }
}

const ent_geometry_ops ent_geometry_angles = {
  .size = size,
  .order_parameter = order_parameter,
  .gap = gap,
  .largest_gap = largest_gap,
  .pair_overlap = pair_overlap,
  .clusters = clusters,
  .hemisphere_margin = hemisphere_margin,
  .speed = speed,
  .retract = retract,
  .from_vectors = from_vectors,
  .to_vectors = to_vectors,
};
