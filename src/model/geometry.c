#include "entrain/model/geometry.h"

#include <math.h>

#include <sleef.h>

#include "entrain/math/vec.h"
#include "entrain/model/geometry_ops.h"

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
  const bool is_small = kind == ENT_STATE_EQUIANGULAR || kind == ENT_STATE_FREE;
  return is_small ? 1 : 2 * n + d; /* a sorted turn and the next, or a sum and an order */
}

double ent_cloud_order_parameter(const ent_cloud *cloud) {
  return kinds[cloud->kind]->order_parameter(cloud);
}

double ent_cloud_largest_gap(const ent_cloud *cloud) {
  return is_alone(cloud) ? 0 : kinds[cloud->kind]->largest_gap(cloud);
}

bool ent_cloud_may_be_synchronized(const ent_cloud *cloud, double delta) {
  const double slack = 1e-9; /* far above rounding, far below what would cost a useless test often */
  double self = cloud->n > 0 ? 1.0 / (double)cloud->n : 0;
  if (cloud->masses) self = ent_vec_dot(cloud->n, cloud->masses, cloud->masses);
  const double r = ent_cloud_order_parameter(cloud);
  return r * r + slack >= 1 - delta * (1 - self);
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

/* e^{-|b|} (e^{b c} - 1) / b with c = 1 - gap. */
static double pair_energy(double b, double gap) {
  if (b == 0) return 1 - gap;
  if (fabs(b) < 1)
    return Sleef_cinz_expd1_u10purec(-fabs(b)) * Sleef_cinz_expm1d1_u10purec(b * (1 - gap)) / b;
  const double shift = b > 0 ? 0 : 2 * b; /* b c - |b| = -b gap + (b - |b|) */
  return (Sleef_cinz_expd1_u10purec(shift - b * gap) - Sleef_cinz_expd1_u10purec(-fabs(b))) / b;
}

double ent_cloud_energy(const ent_cloud *cloud, double b) {
  const double n = (double)cloud->n;
  if (cloud->kind == ENT_STATE_FREE) return NAN;
  if (cloud->kind == ENT_STATE_EQUIANGULAR) {
    if (cloud->n == 0) return 0.5 * pair_energy(b, kinds[cloud->kind]->gap(cloud, 0, 1));
    return (pair_energy(b, 0) + (n - 1) * pair_energy(b, kinds[cloud->kind]->gap(cloud, 0, 1))) / (2 * n);
  }
  double energy = 0;
  for (size_t i = 0; i < cloud->n; i++) {
    double row = 0.5 * ent_cloud_mass(cloud, i) * pair_energy(b, 0);
    for (size_t j = 0; j < i; j++)
      row += ent_cloud_mass(cloud, j) * pair_energy(b, kinds[cloud->kind]->gap(cloud, i, j));
    energy += ent_cloud_mass(cloud, i) * row;
  }
  return energy;
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
