#ifndef ENTRAIN_MATH_SIMD_WIDE_H
#define ENTRAIN_MATH_SIMD_WIDE_H

/* Sixteen numbers of 32 bits at a time, for counts and what is compared as whole numbers (math/simd.h). */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "entrain/math/simd.h"

enum { ENT_WIDE = 16 };

typedef uint32_t ent_w16 __attribute__((vector_size(64), aligned(64), may_alias));

/* Lane by lane the smaller one; written so that compilers find the instruction. */
ENT_SIMD_INLINE ent_w16 ent_w16_lesser(ent_w16 a, ent_w16 b) {
  uint32_t least[ENT_WIDE], other[ENT_WIDE];
  memcpy(least, &a, sizeof(a));
  memcpy(other, &b, sizeof(b));
  for (int k = 0; k < ENT_WIDE; k++) least[k] = least[k] < other[k] ? least[k] : other[k];
  memcpy(&a, least, sizeof(a));
  return a;
}

/* The smallest of all lanes. */
ENT_SIMD_INLINE uint32_t ent_w16_least(ent_w16 v) {
  v = ent_w16_lesser(v, __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  v = ent_w16_lesser(v, __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3));
  v = ent_w16_lesser(v, __builtin_shufflevector(v, v, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1));
  return v[0] < v[1] ? v[0] : v[1];
}

/* The sum of all lanes, modulo 2^32. */
ENT_SIMD_INLINE size_t ent_w16_sum(ent_w16 v) {
  v += __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  v += __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3);
  v += __builtin_shufflevector(v, v, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1);
  return v[0] + v[1];
}

#endif
