#ifndef ENTRAIN_SRC_KERNEL_LANE_SUMS_H
#define ENTRAIN_SRC_KERNEL_LANE_SUMS_H

/* Sums of many vectors of eight lanes at once, in one fixed order; for files named *_simd.c. */

#include "entrain/math/simd.h"

typedef double ent_v4 __attribute__((vector_size(32), aligned(32), may_alias));

/*
 * sums[k] = ((v0 + v4) + (v1 + v5)) + ((v2 + v6) + (v3 + v7)) of the lanes v of vector k. [in] lanes
 * [count, ENT_LANES], [out] sums [count], both aligned to 64 bytes; count is a multiple of four.
 */
ENT_SIMD_INLINE void ent_lanes_sum(size_t count, const double *lanes, double *sums) {
  const ent_v4 *half = (const ent_v4 *)lanes;
  for (size_t k = 0; k < count; k += 4, half += 8) {
    const ent_v4 a = half[0] + half[1], b = half[2] + half[3], c = half[4] + half[5], d = half[6] + half[7];
    const ent_v4 ab = __builtin_shufflevector(a, b, 0, 4, 2, 6) + __builtin_shufflevector(a, b, 1, 5, 3, 7);
    const ent_v4 cd = __builtin_shufflevector(c, d, 0, 4, 2, 6) + __builtin_shufflevector(c, d, 1, 5, 3, 7);
    ((ent_v4 *)sums)[k / 4] =
      __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
  }
}

#endif
