#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "entrain/math/near_pairs.h"
#include "entrain/math/point_tree.h"
#include "entrain/math/points.h"
#include "entrain/math/vec.h"
#include "entrain/model/geometry_ops.h"

enum { MOST_TURNED = 64 }; /* coordinates: above, pairs are taken one by one */

static size_t size(size_t n, size_t d) {
  return n * d;
}

/* Many points of R^3 are better asked in a tree. */
static bool are_for_tree(size_t n, size_t d) {
  return d == 3 && n >= ENT_POINT_TREE_FROM && n <= UINT32_MAX;
}

/* A sum and an order of the particles, or their coordinates side by side, or a tree. */
static size_t work(size_t n, size_t d) {
  const size_t few = n + d, turned = d <= MOST_TURNED ? ent_points_size(n, d) : 0;
  const size_t tree = are_for_tree(n, d) ? ent_point_tree_work(n) : 0;
  const size_t most = few > turned ? few : turned;
  return tree > most ? tree : most;
}

static void add_up(const ent_cloud *cloud, double *sum) {
  memset(sum, 0, cloud->d * sizeof(*sum));
  for (size_t i = 0; i < cloud->n; i++)
    ent_vec_axpy(cloud->d, ent_cloud_mass(cloud, i), cloud->x + i * cloud->d, sum);
}

static double order_parameter(const ent_cloud *cloud) {
  add_up(cloud, cloud->work);
  return ent_vec_norm(cloud->d, cloud->work);
}

static double gap(const ent_cloud *cloud, size_t i, size_t j) {
  return ent_vec_half_distance2(cloud->d, cloud->x + i * cloud->d, cloud->x + j * cloud->d);
}

/* The coordinates side by side, in the scratch; NULL where there are many. */
static const double *turn(const ent_cloud *cloud) {
  if (cloud->d > MOST_TURNED) return NULL;
  ent_points_turn(cloud->n, cloud->d, cloud->x, cloud->work);
  return cloud->work;
}

static bool is_for_tree(const ent_cloud *cloud) {
  return are_for_tree(cloud->n, cloud->d);
}

static ent_point_tree make_tree(const ent_cloud *cloud) {
  return ent_point_tree_make(cloud->n, cloud->x, cloud->work);
}

static double largest_gap(const ent_cloud *cloud) {
  double largest = 0;
  if (is_for_tree(cloud)) {
    const ent_point_tree tree = make_tree(cloud);
    return ent_point_tree_largest_gap(&tree);
  }
  const double *columns = turn(cloud);
  if (columns) return ent_points_largest_gap(cloud->n, cloud->d, columns);
  for (size_t i = 0; i < cloud->n; i++) {
    if (ent_brake_after(cloud->brake, (double)i * (double)cloud->d)) break;
    for (size_t j = 0; j < i; j++) largest = fmax(largest, gap(cloud, i, j));
  }
  return largest;
}

/* The first particle that is far from particle 0 ends the search. */
static bool may_be_within(const ent_cloud *cloud, double delta) {
  for (size_t i = 1; i < cloud->n; i++)
    if (gap(cloud, 0, i) > delta) return false;
  return true;
}

/* Two particles are at most twice as far from each other as from the first, their gap at most four times. */
static bool are_all_close(const ent_cloud *cloud, double delta) {
  for (size_t i = 1; i < cloud->n; i++)
    if (!(gap(cloud, 0, i) < 0.2499 * delta)) return false;
  return true;
}

/* The same number in single precision, and only where it may have changed, if that is certain. */
static size_t count_close(const ent_cloud *cloud, const double *columns, double delta) {
  size_t close = 0;
  if (cloud->memory && ent_near_pairs_memory(cloud->n, cloud->d) > 0 &&
      ent_near_pairs_count(cloud->n, cloud->d, columns, delta, cloud->memory, &close))
    return close;
  return ent_points_close_pairs(cloud->n, cloud->d, columns, delta);
}

static double pair_overlap(const ent_cloud *cloud, double delta) {
  uint64_t close = 0;
  if (are_all_close(cloud, delta)) return 1;
  const double *columns = is_for_tree(cloud) ? NULL : turn(cloud);
  if (is_for_tree(cloud)) {
    const ent_point_tree tree = make_tree(cloud);
    close = ent_point_tree_close_pairs(&tree, delta);
  } else if (columns) {
    close = count_close(cloud, columns, delta);
  } else {
    for (size_t i = 0; i < cloud->n; i++) {
      if (ent_brake_after(cloud->brake, (double)i * (double)cloud->d)) break;
      for (size_t j = 0; j < i; j++) close += gap(cloud, i, j) <= delta;
    }
  }
  return (double)close / (0.5 * (double)cloud->n * (double)(cloud->n - 1));
}

static double pair_sum(const ent_cloud *cloud, const ent_pair_energy *energy) {
  const double *columns = turn(cloud), *masses = cloud->masses;
  double sum = 0;
  if (columns) return ent_points_pair_sum(energy, cloud->n, cloud->d, columns, masses, cloud->brake);
  for (size_t i = 0; i < cloud->n; i++) {
    double row = 0;
    if (ent_brake_after(cloud->brake, (double)i * (double)cloud->d)) break;
    for (size_t j = 0; j < i; j++)
      row += (masses ? masses[j] : 1) * ent_pair_energy_of_gap(energy, gap(cloud, i, j));
    sum += (masses ? masses[i] : 1) * row;
  }
  return sum;
}

/* The same by a tree; masses are added up in the order of the particles, where the points were. */
static double tree_clusters(const ent_cloud *cloud, double delta, size_t most, double *masses) {
  ent_point_tree tree = make_tree(cloud);
  const uint32_t *cluster = NULL;
  const size_t found = ent_point_tree_clusters(&tree, delta, &cluster);
  double *mass = tree.points;
  for (size_t k = 0; k < found; k++) mass[k] = 0;
  for (size_t i = 0; i < cloud->n; i++) mass[cluster[i]] += ent_cloud_mass(cloud, i);
  for (size_t k = 0; k < found; k++) ent_cloud_rank_mass(mass[k], most, masses);
  return (double)found;
}

/*
 * Single linkage by growing one cluster after the other over the particles not yet taken; labels are indices.
 */
static double clusters(const ent_cloud *cloud, double delta, size_t most, double *masses) {
  const size_t n = cloud->n, d = cloud->d;
  double *order = cloud->work, mass = 0; /* taken particles first */
  size_t taken = 0, found = 0;
  if (is_for_tree(cloud)) return tree_clusters(cloud, delta, most, masses);
  for (size_t i = 0; i < n; i++) order[i] = (double)i;
  for (size_t next = 0; next < n; next++) {
    if (next == taken) { /* everything reachable was visited: a new cluster starts here */
      if (found > 0) ent_cloud_rank_mass(mass, most, masses);
      mass = 0;
      found++;
      taken++;
    }
    mass += ent_cloud_mass(cloud, (size_t)order[next]);
    const double *x_next = cloud->x + (size_t)order[next] * d;
    if (ent_brake_after(cloud->brake, (double)(n - taken) * (double)d)) break;
    for (size_t k = taken; k < n; k++) {
      if (ent_vec_half_distance2(d, x_next, cloud->x + (size_t)order[k] * d) > delta) continue;
      const double reached = order[k];
      order[k] = order[taken];
      order[taken++] = reached;
    }
  }
  ent_cloud_rank_mass(mass, most, masses);
  return (double)found;
}

/* The mean's direction; the first particle that is not on its side ends the search. */
static double hemisphere_margin(const ent_cloud *cloud) {
  double *mean = cloud->work, least = 1;
  add_up(cloud, mean);
  if (!(ent_vec_normalize(cloud->d, mean) > 0)) return -1;
  for (size_t i = 0; i < cloud->n && least > 0; i++)
    least = fmin(least, ent_vec_dot(cloud->d, cloud->x + i * cloud->d, mean));
  return least;
}

static double speed(const ent_cloud *cloud, const double *dxdt) {
  return ent_vec_norm(cloud->n * cloud->d, dxdt) / sqrt((double)cloud->n);
}

static double retract(size_t n, size_t d, double *x) {
  double drift = 0;
  for (size_t first = 0; first < n; first += ENT_POINTS_FEW) {
    const size_t count = n - first < ENT_POINTS_FEW ? n - first : ENT_POINTS_FEW;
    double *few = x + first * d, here = 0;
    if (!ent_points_retract(count, d, few, &here)) {
      for (size_t i = 0; i < count; i++) here = fmax(here, fabs(ent_vec_normalize(d, few + i * d) - 1));
    }
    drift = fmax(drift, here);
  }
  return drift;
}

static void from_vectors(size_t n, size_t d, const double *vectors, double *x) {
  memcpy(x, vectors, n * d * sizeof(*x));
}

static void to_vectors(size_t n, size_t d, const double *x, double *vectors) {
  memcpy(vectors, x, n * d * sizeof(*x));
}

const ent_geometry_ops ent_geometry_vectors = {
  .size = size,
  .work = work,
  .memory = ent_near_pairs_memory,
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
