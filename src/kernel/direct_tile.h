#ifndef ENTRAIN_SRC_KERNEL_DIRECT_TILE_H
#define ENTRAIN_SRC_KERNEL_DIRECT_TILE_H

/*
 * Distances and weights of pairs of blocks. A pair of blocks (I, J) is eight vectors, one for each row of I,
 * with the particles of J in its lanes. |x_i - x_j|^2 is the same number for both orders of a pair, so that
 * the weights of (J, I) are those of (I, J) transposed, to the last bit.
 *
 * How many rows are taken at once follows the number of registers; results do not.
 */

#include <stdbool.h>

#include "entrain/math/simd.h"
#include "entrain/math/simd_lanes.h"

#include "direct_impl.h"

#define ENT_UNROLL _Pragma("GCC unroll 16")
#define ENT_ROLLED _Pragma("GCC unroll 1")

enum {
  WEIGHED = 8, /* vectors whose weights are taken at once */
#if defined(__AVX512F__)
  GAP_ROWS = 8 /* rows whose distances are taken at once */
#else
  GAP_ROWS = 4
#endif
};

/* Coordinate k of block J. */
ENT_SIMD_INLINE size_t place(const ent_direct *direct, size_t J, size_t k) {
  return (((k / ENT_PANEL) * (direct->blocks + 1) + J) * ENT_PANEL + k % ENT_PANEL) * ENT_LANES;
}

ENT_SIMD_INLINE ent_v8 *vectors(double *values) {
  return (ent_v8 *)values;
}

/* Adds (x_j[k] - x_i[k])^2 of `width` coordinates from `at_i` and `at_j` on to `gaps`. */
ENT_SIMD_INLINE void add_squares(int width, const double *x_i, const double *x_j, ent_v8 *gaps) {
  ENT_UNROLL for (int k = 0; k < width; k++) {
    const ent_v8 x = *(const ent_v8 *)(x_j + k * ENT_LANES);
    ENT_UNROLL for (int r = 0; r < GAP_ROWS; r++) {
      const ent_v8 difference = x - x_i[k * ENT_LANES + r];
      gaps[r] = ent_v8_fma(difference, difference, gaps[r]);
    }
  }
}

/* |x_j - x_i|^2 of the pairs (I, J) into gaps [8]. */
ENT_SIMD_INLINE void measure(const ent_direct *direct, size_t d, size_t I, size_t J, ent_v8 *gaps) {
  for (int row = 0; row < ENT_LANES; row += GAP_ROWS) {
    ent_v8 sums[GAP_ROWS] = {{0}};
    size_t k = 0;
    for (; k + ENT_PANEL <= d; k += ENT_PANEL)
      add_squares(ENT_PANEL, direct->state + place(direct, I, k) + row, direct->state + place(direct, J, k),
                  sums);
    const double *x_i = direct->state + place(direct, I, k) + row, *x_j = direct->state + place(direct, J, k);
    switch (d - k) {
      case 1: add_squares(1, x_i, x_j, sums); break;
      case 2: add_squares(2, x_i, x_j, sums); break;
      case 3: add_squares(3, x_i, x_j, sums); break;
      default: break;
    }
    ENT_UNROLL for (int r = 0; r < GAP_ROWS; r++) gaps[row + r] = sums[r];
  }
}

/* sin(x_j - x_i) of an angle and a vector of others, see math/simd_angle. */
ENT_SIMD_INLINE ent_v8 sine_between(const ent_v8 *to, ent_v8 cosine, ent_v8 sine, ent_v8 turn) {
  return ent_v8_fma(to[1] - sine, cosine, ent_v8_fma(cosine - to[0], sine, to[2] - turn));
}

/*
 * 2^{rate gap} of a multiple of WEIGHED vectors: 2^k p(f), |f| <= 1/2, p the polynomial of degree 10 with
 * p(0) = 1 that is nearest to 2^f in relative error, 3e-16 (Remez). rate gap < 1020; where it may be below
 * -1020, `underflows`, the weight is 0 there.
 */
ENT_SIMD_INLINE void weigh(size_t count, double rate, bool underflows, const ent_v8 *gaps, ent_v8 *weights) {
  enum { DEGREE = 10 };
  static const double c[] = {1.0,
                             0x1.62e42fefa3a19p-1,
                             0x1.ebfbdff82c598p-3,
                             0x1.c6b08d703ce49p-5,
                             0x1.3b2ab6fba1ddap-7,
                             0x1.5d87fe9d7a584p-10,
                             0x1.430913096fd9fp-13,
                             0x1.ffcb54062e698p-17,
                             0x1.62bfd47773353p-20,
                             0x1.b675bca4eeebbp-24,
                             0x1.e6063f7217bc6p-28};
  for (size_t v = 0; v < count; v += WEIGHED) {
    ent_v8 exponent[WEIGHED], shifted[WEIGHED], f[WEIGHED], p[WEIGHED];
    ENT_UNROLL for (int g = 0; g < WEIGHED; g++) {
      exponent[g] = gaps[v + g] * rate;
      shifted[g] = exponent[g] + ENT_SIMD_ROUND;
    }
    ENT_UNROLL for (int g = 0; g < WEIGHED; g++) {
      f[g] = exponent[g] - (shifted[g] - ENT_SIMD_ROUND);
      p[g] = ent_v8_set(c[DEGREE]);
    }
    ENT_UNROLL for (int k = DEGREE - 1; k >= 0; k--) {
      ENT_UNROLL for (int g = 0; g < WEIGHED; g++) p[g] = ent_v8_fma(p[g], f[g], ent_v8_set(c[k]));
    }
    ENT_UNROLL for (int g = 0; g < WEIGHED; g++) {
      p[g] = (ent_v8)((ent_u8)p[g] + ((ent_u8)shifted[g] << 52));
      if (underflows) p[g] = ent_v8_select(exponent[g] < -1020.0, ent_v8_set(0.0), p[g]);
      weights[v + g] = p[g];
    }
  }
}

#endif
