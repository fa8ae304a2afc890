#include "entrain/solve/blend.h"

#include <math.h>

#include "blend_lanes.h"

ENT_SIMD void ent_blend_add(const ent_blend *blend, size_t padded, const double *x, double *y) {
  for (size_t v = 0; v < padded / ENT_LANES; v++)
    ((ent_v8 *)y)[v] = ((const ent_v8 *)x)[v] + ent_blend_sum_of(blend, v);
}

ENT_SIMD double ent_blend_sum(const ent_blend *blend, size_t padded, double *y) {
  ent_v8 largest = {0};
  for (size_t v = 0; v < padded / ENT_LANES; v++) {
    const ent_v8 sum = ent_blend_sum_of(blend, v);
    largest = ent_v8_max(ent_v8_max(sum, -sum), largest);
    ((ent_v8 *)y)[v] = sum;
  }
  return ent_v8_largest(largest);
}

ENT_SIMD bool ent_blend_is_finite(size_t padded, const double *x) {
  ent_v8 sum = {0};
  for (size_t v = 0; v < padded / ENT_LANES; v++) sum += ((const ent_v8 *)x)[v] * 0.0;
  return ent_v8_sum(sum) == 0;
}
