#include "entrain/model/geometry.h"

#include <math.h>

#include <sleef.h>

#include "entrain/base/isa.h"
#include "entrain/kernel/circle_energy.h"
#include "entrain/kernel/harmonic.h"
#include "entrain/model/geometry_ops.h"

enum { MANY_ON_SPHERE = 4096 }; /* particles whose energy is summed by a series */

static const ent_geometry_ops *const kinds[] = {
  [ENT_STATE_ANGLES] = &ent_geometry_angles,
  [ENT_STATE_VECTORS] = &ent_geometry_vectors,
  [ENT_STATE_EQUIANGULAR] = &ent_geometry_equiangular,
  [ENT_STATE_FREE] = &ent_geometry_free,
};

/* One particle alone is together with itself. */
static bool is_alone(const ent_cloud *cloud) {
  return cloud->n == 1 && cloud->kind != ENT_STATE_FREE;
}

double ent_cloud_mass(const ent_cloud *cloud, size_t i) {
  return cloud->masses ? cloud->masses[i] : 1.0 / (double)cloud->n;
}

size_t ent_cloud_size(ent_state_kind kind, size_t n, size_t d) {
  return kinds[kind]->size(n, d);
}

size_t ent_cloud_work(ent_state_kind kind, size_t n, size_t d) {
  return kinds[kind]->work(n, d);
}

size_t ent_cloud_memory(ent_state_kind kind, size_t n, size_t d) {
  return kinds[kind]->memory ? kinds[kind]->memory(n, d) : 0;
}

double ent_cloud_order_parameter(const ent_cloud *cloud) {
  return kinds[cloud->kind]->order_parameter(cloud);
}

double ent_cloud_largest_gap(const ent_cloud *cloud) {
  return is_alone(cloud) ? 0 : kinds[cloud->kind]->largest_gap(cloud);
}

bool ent_cloud_is_within(const ent_cloud *cloud, double delta) {
  if (is_alone(cloud)) return delta >= 0;
  if (!kinds[cloud->kind]->may_be_within(cloud, delta)) return false;
  return ent_cloud_largest_gap(cloud) <= delta;
}

double ent_cloud_pair_overlap(const ent_cloud *cloud, double delta) {
  return is_alone(cloud) ? 1 : kinds[cloud->kind]->pair_overlap(cloud, delta);
}

double ent_cloud_clusters(const ent_cloud *cloud, double delta) {
  return ent_cloud_cluster_masses(cloud, delta, 0, NULL);
}

void ent_cloud_rank_mass(double mass, size_t most, double *masses) {
  for (size_t k = 0; k < most; k++) {
    if (masses[k] >= mass) continue;
    const double smaller = masses[k];
    masses[k] = mass;
    mass = smaller;
  }
}

double ent_cloud_cluster_masses(const ent_cloud *cloud, double delta, size_t most, double *masses) {
  for (size_t k = 0; k < most; k++) masses[k] = 0;
  if (!is_alone(cloud)) return kinds[cloud->kind]->clusters(cloud, delta, most, masses);
  ent_cloud_rank_mass(1, most, masses);
  return 1;
}

double ent_cloud_gap(const ent_cloud *cloud, size_t i, size_t j) {
  return i == j ? 0 : kinds[cloud->kind]->gap(cloud, i, j);
}

double ent_cloud_hemisphere_margin(const ent_cloud *cloud) {
  return is_alone(cloud) ? 1 : kinds[cloud->kind]->hemisphere_margin(cloud);
}

/* Sum of all masses squared and of all squares of masses. */
static void square_masses(const ent_cloud *cloud, double *whole, double *squares) {
  double sum = 0;
  *squares = 0;
  for (size_t i = 0; i < cloud->n; i++) {
    const double mass = cloud->masses ? cloud->masses[i] : 1;
    sum += mass;
    *squares += mass * mass;
  }
  *whole = sum * sum;
}

/* All pairs have the same gap. */
static double equiangular_energy(const ent_cloud *cloud, const ent_pair_energy *pair) {
  const double n = (double)cloud->n, gap = kinds[cloud->kind]->gap(cloud, 0, 1);
  if (cloud->n == 0) return 0.5 * ent_pair_energy_at(pair, gap);
  return (ent_pair_energy_at(pair, 0) + (n - 1) * ent_pair_energy_at(pair, gap)) / (2 * n);
}

/* Many particles on S^2. The series has room of its own, which is nothing beside the sum. */
static bool sum_by_harmonics(const ent_cloud *cloud, double b, double *energy) {
  ent_harmonic *harmonic = NULL;
  if (ent_harmonic_create(cloud->n, ent_isa_current(), &harmonic) != ENT_OK) {
    ent_error_clear();
    return false;
  }
  const bool is_known = ent_harmonic_energy(harmonic, b, cloud->masses, cloud->x, energy);
  ent_harmonic_destroy(&harmonic);
  return is_known;
}

/* Many particles on the circle or on S^2. */
static bool sum_by_series(const ent_cloud *cloud, double b, double *energy) {
  if (cloud->kind == ENT_STATE_VECTORS && cloud->d == 3 && cloud->n >= MANY_ON_SPHERE)
    return sum_by_harmonics(cloud, b, energy);
  if (cloud->kind != ENT_STATE_ANGLES || cloud->n < ENT_CIRCLE_ENERGY_FROM) return false;
  return ent_circle_energy(cloud->n, cloud->x, cloud->masses, b, cloud->work, energy);
}

double ent_cloud_energy(const ent_cloud *cloud, double b) {
  const ent_pair_energy pair = ent_pair_energy_of(b);
  double whole = 0, squares = 0, energy = 0;
  if (cloud->kind == ENT_STATE_FREE) return NAN;
  if (cloud->kind == ENT_STATE_EQUIANGULAR) return equiangular_energy(cloud, &pair);
  if (sum_by_series(cloud, b, &energy)) return energy;
  square_masses(cloud, &whole, &squares);
  const double self = 0.5 * squares * ent_pair_energy_at(&pair, 0);
  const double others = pair.scale * kinds[cloud->kind]->pair_sum(cloud, &pair);
  energy = self + (others - 0.5 * (whole - squares) * pair.offset);
  return cloud->masses ? energy : energy / ((double)cloud->n * (double)cloud->n);
}

double ent_cloud_speed(const ent_cloud *cloud, const double *dxdt) {
  return is_alone(cloud) ? 0 : kinds[cloud->kind]->speed(cloud, dxdt);
}

double ent_cloud_retract(ent_state_kind kind, size_t n, size_t d, double *x) {
  return kinds[kind]->retract(n, d, x);
}

void ent_cloud_from_vectors(ent_state_kind kind, size_t n, size_t d, const double *vectors, double *x) {
  kinds[kind]->from_vectors(n, d, vectors, x);
}

void ent_cloud_to_vectors(ent_state_kind kind, size_t n, size_t d, const double *x, double *vectors) {
  kinds[kind]->to_vectors(n, d, x, vectors);
}
