#ifndef ENTRAIN_SRC_SOLVE_BLEND_LANES_H
#define ENTRAIN_SRC_SOLVE_BLEND_LANES_H

/* Eight elements of a blend at a time, for loops over whole vectors. */

#include "entrain/math/simd.h"
#include "entrain/solve/blend.h"

/* sum_j w_j k_j of eight elements. */
ENT_SIMD_INLINE ent_v8 ent_blend_sum_of(const ent_blend *blend, size_t v) {
  ent_v8 sum = blend->weights[0] * ((const ent_v8 *)blend->terms[0])[v];
  for (size_t j = 1; j < blend->count; j++) sum += blend->weights[j] * ((const ent_v8 *)blend->terms[j])[v];
  return sum;
}

#endif
