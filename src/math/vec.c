#include "entrain/math/vec.h"

#include <math.h>
#include <string.h>

#include "entrain/math/simd.h"

/* x[first..first+7]; lanes beyond the end count as zero. */
ENT_SIMD_INLINE ent_v8 load(size_t d, size_t first, const double *x) {
  ent_v8 v = {0};
  if (first + ENT_LANES <= d) {
    memcpy(&v, x + first, sizeof(v));
  } else {
    for (size_t k = first; k < d; k++) v[k - first] = x[k];
  }
  return v;
}

ENT_SIMD double ent_vec_dot_lanes(size_t d, const double *x, const double *y) {
  ent_v8 sum = {0};
  for (size_t k = 0; k < d; k += ENT_LANES) sum += load(d, k, x) * load(d, k, y);
  return ent_v8_sum(sum);
}

double ent_vec_norm(size_t d, const double *x) {
  return sqrt(ent_vec_dot(d, x, x));
}

ENT_SIMD double ent_vec_distance2_lanes(size_t d, const double *x, const double *y) {
  ent_v8 sum = {0};
  for (size_t k = 0; k < d; k += ENT_LANES) {
    const ent_v8 difference = load(d, k, x) - load(d, k, y);
    sum += difference * difference;
  }
  return ent_v8_sum(sum);
}

double ent_vec_normalize(size_t d, double *x) {
  const double norm = ent_vec_norm(d, x), scale = 1 / norm;
  for (size_t k = 0; k < d; k++) x[k] *= scale;
  return norm;
}
