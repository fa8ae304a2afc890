#include <math.h>

#include <sleef.h>

#include "entrain/model/geometry_ops.h"

static size_t size(size_t n, size_t d) {
  (void)n, (void)d;
  return 1;
}

/* In the limit of large n: sqrt(rho) = tanh(x). */
static double limit_root(const ent_cloud *cloud) {
  const double q = Sleef_cinz_expd1_u10purec(-2 * cloud->x[0]);
  return -Sleef_cinz_expm1d1_u10purec(-2 * cloud->x[0]) / (1 + q);
}

/* And 1 - rho = 1/cosh(x)^2. */
static double limit_gap(const ent_cloud *cloud) {
  const double q = Sleef_cinz_expd1_u10purec(-2 * cloud->x[0]);
  return 4 * q / ((1 + q) * (1 + q));
}

/* With q = e^{-x}: 1 - rho = n q / (1 + (n-1) q), 1 + (n-1) rho = n / (1 + (n-1) q). */
static double share(const ent_cloud *cloud) {
  if (cloud->n == 0) return limit_root(cloud) * limit_root(cloud);
  return 1 / (1 + ((double)cloud->n - 1) * Sleef_cinz_expd1_u10purec(-cloud->x[0]));
}

static double gap(const ent_cloud *cloud, size_t i, size_t j) {
  if (i != j && cloud->n == 0) return limit_gap(cloud);
  return i == j ? 0 : (double)cloud->n * Sleef_cinz_expd1_u10purec(-cloud->x[0]) * share(cloud);
}

static double rho(const ent_cloud *cloud) {
  if (cloud->n == 0) return share(cloud);
  return -Sleef_cinz_expm1d1_u10purec(-cloud->x[0]) * share(cloud);
}

static double order_parameter(const ent_cloud *cloud) {
  return sqrt(share(cloud));
}

static double largest_gap(const ent_cloud *cloud) {
  return gap(cloud, 0, 1);
}

static double pair_overlap(const ent_cloud *cloud, double delta) {
  return gap(cloud, 0, 1) <= delta;
}

static double clusters(const ent_cloud *cloud, double delta, size_t most, double *masses) {
  const bool is_one = gap(cloud, 0, 1) <= delta;
  for (size_t k = 0; k < most && k < (is_one ? 1 : cloud->n); k++)
    masses[k] = is_one ? 1 : ent_cloud_mass(cloud, k);
  return is_one ? 1 : (double)cloud->n;
}

/*
 * |x_i'| = (rho'/2) sqrt((n-1) / ((1-rho)(1+(n-1)rho))) by symmetry, rho' = (1-rho)(1+(n-1)rho) dxdt/n; in
 * the limit rho' = 2 tanh(x) (1-rho) dxdt.
 */
static double speed(const ent_cloud *cloud, const double *dxdt) {
  if (cloud->n == 0) return fabs(dxdt[0]) * sqrt(limit_gap(cloud));
  const double n = (double)cloud->n;
  return 0.5 * fabs(dxdt[0]) * sqrt((n - 1) / n * gap(cloud, 0, 1) * share(cloud));
}

static bool may_be(const ent_cloud *cloud, double delta) {
  (void)cloud, (void)delta;
  return true;
}

static double retract(size_t n, size_t d, double *x) {
  (void)n, (void)d, (void)x;
  return 0;
}

/* The overlap of the first two particles stands for all. */
static void from_vectors(size_t n, size_t d, const double *vectors, double *x) {
  double overlap = 0;
  for (size_t k = 0; n > 1 && k < d; k++) overlap += vectors[k] * vectors[d + k];
  x[0] = Sleef_cinz_log1pd1_u10purec(((double)n - 1) * overlap) - Sleef_cinz_log1pd1_u10purec(-overlap);
}

/* x_i = a e_i + c (e_1 + ... + e_n) with a^2 = 1 - rho and (a + n c)^2 = 1 + (n - 1) rho. */
static void to_vectors(size_t n, size_t d, const double *x, double *vectors) {
  const ent_cloud cloud = {.kind = ENT_STATE_EQUIANGULAR, .n = n, .d = d, .x = x};
  const double a = sqrt(gap(&cloud, 0, 1)), sum = sqrt((double)n * share(&cloud));
  const double c = (sum - a) / (double)n;
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < d; k++) vectors[i * d + k] = d < n ? NAN : (k < n) * c + (k == i) * a;
  }
}

const ent_geometry_ops ent_geometry_equiangular = {
  .size = size,
  .work = size,
  .order_parameter = order_parameter,
  .gap = gap,
  .largest_gap = largest_gap,
  .may_be_within = may_be,
  .pair_overlap = pair_overlap,
  .clusters = clusters,
  .hemisphere_margin = rho,
  .speed = speed,
  .retract = retract,
  .from_vectors = from_vectors,
  .to_vectors = to_vectors,
};
