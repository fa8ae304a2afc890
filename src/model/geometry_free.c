#include <math.h>

#include "entrain/model/geometry_ops.h"

/* States that are no particles: there is nothing to measure and nothing to put back on a sphere. */

static size_t size(size_t n, size_t d) {
  (void)n, (void)d;
  return 0;
}

static double none(const ent_cloud *cloud) {
  (void)cloud;
  return NAN;
}

static double no_gap(const ent_cloud *cloud, size_t i, size_t j) {
  (void)cloud, (void)i, (void)j;
  return NAN;
}

static double no_overlap(const ent_cloud *cloud, double delta) {
  (void)cloud, (void)delta;
  return NAN;
}

static double no_clusters(const ent_cloud *cloud, double delta, size_t most, double *masses) {
  (void)cloud, (void)delta, (void)most, (void)masses;
  return 0;
}

static double no_margin(const ent_cloud *cloud) {
  (void)cloud;
  return -1;
}

static double no_speed(const ent_cloud *cloud, const double *dxdt) {
  (void)cloud, (void)dxdt;
  return NAN;
}

static bool may_be(const ent_cloud *cloud, double delta) {
  (void)cloud, (void)delta;
  return true;
}

static double retract(size_t n, size_t d, double *x) {
  (void)n, (void)d, (void)x;
  return 0;
}

static void convert(size_t n, size_t d, const double *from, double *to) {
  (void)n, (void)d, (void)from, (void)to;
}

const ent_geometry_ops ent_geometry_free = {
  .size = size,
  .work = size,
  .order_parameter = none,
  .gap = no_gap,
  .largest_gap = none,
  .may_be_within = may_be,
  .pair_overlap = no_overlap,
  .clusters = no_clusters,
  .hemisphere_margin = no_margin,
  .speed = no_speed,
  .retract = retract,
  .from_vectors = convert,
  .to_vectors = convert,
};
