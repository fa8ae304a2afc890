#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sleef.h>

#include "entrain/kernel/circle_energy.h"
#include "entrain/math/angles.h"
#include "entrain/math/sphere.h"
#include "entrain/model/geometry_ops.h"

enum {
  MOST_INSERTIONS = 64, /* above, sorting by insertion is slower */
  MOST_COUNTED = 512,   /* above, sorting is faster than comparing all pairs */
};

static size_t size(size_t n, size_t d) {
  (void)d;
  return n;
}

/* Sorted angles one turn and the next, pairs of angle and mass, or what counting or a series needs. */
static size_t work(size_t n, size_t d) {
  const size_t pairs = 2 * n, counting = ent_angles_work(n), most = pairs > counting ? pairs : counting;
  (void)d;
  return n >= ENT_CIRCLE_ENERGY_FROM && most < ENT_CIRCLE_ENERGY_WORK ? ENT_CIRCLE_ENERGY_WORK : most;
}

static size_t memory(size_t n, size_t d) {
  (void)d;
  return ent_angles_memory(n);
}

static double order_parameter(const ent_cloud *cloud) {
  double mean[2];
  ent_angles_mean(cloud->n, cloud->x, cloud->masses, mean);
  return sqrt(mean[0] * mean[0] + mean[1] * mean[1]);
}

static double gap_of_angle(double angle) {
  const double half = Sleef_cinz_sind1_u10purec(0.5 * angle);
  return 2 * half * half;
}

static double gap(const ent_cloud *cloud, size_t i, size_t j) {
  return gap_of_angle(cloud->x[i] - cloud->x[j]);
}

static int compare_reals(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void sort(size_t n, double *x) {
  if (n > MOST_INSERTIONS) {
    qsort(x, n, sizeof(*x), compare_reals);
    return;
  }
  for (size_t i = 1; i < n; i++) {
    const double inserted = x[i];
    size_t at = i;
    for (; at > 0 && x[at - 1] > inserted; at--) x[at] = x[at - 1];
    x[at] = inserted;
  }
}

/* Angles reduced to one turn and sorted, into work [n], then the first ones again, one turn on, [n]. */
static const double *sort_angles(const ent_cloud *cloud) {
  double *sorted = cloud->work;
  for (size_t i = 0; i < cloud->n; i++) sorted[i] = ent_sphere_wrap(cloud->x[i]);
  sort(cloud->n, sorted);
  for (size_t i = 0; i < cloud->n; i++) sorted[cloud->n + i] = sorted[i] + ENT_TWO_PI;
  return sorted;
}

/* The angle between unit vectors at which 1 - <x, y> = gap; pi for every gap >= 2. */
static double angle_of_gap(double gap) {
  return gap >= 2 ? ENT_TWO_PI / 2 : 2 * Sleef_cinz_asind1_u10purec(sqrt(gap / 2));
}

/* 1 - cos(x) >= 2 x^2/pi^2; what no half circle holds has three particles 120 degrees apart, or more. */
static bool may_be_within(const ent_cloud *cloud, double delta) {
  const double half = ENT_TWO_PI / 2, extent = ent_angles_extent(cloud->n, cloud->x);
  return extent < half ? 2 * extent * extent <= delta * half * half : delta >= 1.4;
}

/* On half a turn the outermost; elsewhere each particle's farthest is one of the two next to its antipode. */
static double largest_gap(const ent_cloud *cloud) {
  const double extent = ent_angles_extent(cloud->n, cloud->x);
  if (extent < ENT_TWO_PI / 2) return gap_of_angle(extent);
  const double *sorted = sort_angles(cloud);
  double widest = 0;
  for (size_t i = 0, j = 0; i < cloud->n; i++) {
    while (j + 1 < i + cloud->n && sorted[j + 1] - sorted[i] <= ENT_TWO_PI / 2) j++;
    widest = fmax(widest, sorted[j] - sorted[i]);
  }
  return gap_of_angle(widest);
}

static size_t count_sorted(const ent_cloud *cloud, double reach) {
  const double *sorted = sort_angles(cloud);
  size_t close = 0;
  for (size_t i = 0, j = 0; i < cloud->n; i++) {
    if (j < i) j = i;
    while (j + 1 < i + cloud->n && sorted[j + 1] - sorted[i] <= reach) j++;
    close += j - i;
  }
  return close;
}

/* angle_of_gap to 1e-11: the series of the arc sine in q = gap/2, whose next term is 0.023 q^5. */
static double estimate_angle(double gap) {
  const double q = 0.5 * gap;
  if (q > 0.01) return angle_of_gap(gap);
  return 2 * sqrt(q) * (1 + q * (1.0 / 6 + q * (3.0 / 40 + q * (5.0 / 112 + q * (35.0 / 1152)))));
}

static size_t count_close(const ent_cloud *cloud, double delta) {
  size_t close = 0;
  if (cloud->n > MOST_COUNTED) return count_sorted(cloud, angle_of_gap(delta));
  if (ent_angles_count_clear(cloud->n, cloud->x, estimate_angle(delta), cloud->memory, &close)) return close;
  return ent_angles_close_pairs(cloud->n, cloud->x, angle_of_gap(delta), cloud->work);
}

static double pair_overlap(const ent_cloud *cloud, double delta) {
  if (delta >= 2) return 1;
  return (double)count_close(cloud, delta) / (0.5 * (double)cloud->n * (double)(cloud->n - 1));
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

/* All lie in an open half circle exactly if they lie on an arc that is shorter, and its middle is deepest. */
static double hemisphere_margin(const ent_cloud *cloud) {
  const double extent = ent_angles_extent(cloud->n, cloud->x);
  if (!(extent < ENT_TWO_PI / 2)) return -1; /* not-a-number too: a state that is none proves nothing */
  return Sleef_cinz_cosd1_u10purec(0.5 * extent);
}

static double pair_sum(const ent_cloud *cloud, const ent_pair_energy *energy) {
  return ent_angles_pair_sum(energy, cloud->n, cloud->x, cloud->masses, cloud->brake);
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
  .work = work,
  .memory = memory,
  .order_parameter = order_parameter,
  .gap = gap,
  .largest_gap = largest_gap,
  .may_be_within = may_be_within,
  .pair_overlap = pair_overlap,
  .clusters = clusters,
  .hemisphere_margin = hemisphere_margin,
  .pair_sum = pair_sum,
  .speed = speed,
  .retract = retract,
  .from_vectors = from_vectors,
  .to_vectors = to_vectors,
};
