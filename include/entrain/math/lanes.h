#ifndef ENTRAIN_MATH_LANES_H
#define ENTRAIN_MATH_LANES_H

/*
 * Vectors as wide as the registers of the instruction set that a file *_simd.c is compiled for, 8, 4 or 2
 * lanes. Kernels that keep many of them in registers use these instead of the eight lanes of math/simd, which
 * compilers lower badly where registers are shorter. The bits do not depend on the width as long as every sum
 * is taken in ENT_LANES lanes: vector p of such a sum is for its lanes p ENT_WIDTH % ENT_LANES and following.
 */

#include <string.h>

#include "entrain/math/simd.h"

#if defined(__AVX512F__)
enum { ENT_WIDTH = 8 };
#elif defined(__AVX__)
enum { ENT_WIDTH = 4 };
#else
enum { ENT_WIDTH = 2 };
#endif

#define ENT_WIDTH_BYTES (ENT_WIDTH * 8)

typedef double ent_vn __attribute__((vector_size(ENT_WIDTH_BYTES), aligned(ENT_WIDTH_BYTES), may_alias));
typedef int64_t ent_in __attribute__((vector_size(ENT_WIDTH_BYTES), aligned(ENT_WIDTH_BYTES), may_alias));

ENT_SIMD_INLINE ent_vn ent_vn_set(double value) {
  return value - (ent_vn){0};
}

/* From and to addresses that need not be aligned. */
ENT_SIMD_INLINE ent_vn ent_vn_load(const double *from) {
  ent_vn v;
  memcpy(&v, from, sizeof(v));
  return v;
}

ENT_SIMD_INLINE void ent_vn_store(ent_vn v, double *to) {
  memcpy(to, &v, sizeof(v));
}

/* The first `count` of as many numbers as there are lanes, and `rest` in the other lanes. */
ENT_SIMD_INLINE ent_vn ent_vn_load_some(const double *from, size_t count, double rest) {
  if (count >= ENT_WIDTH) return ent_vn_load(from);
  ent_vn v = ent_vn_set(rest);
  for (size_t i = 0; i < count; i++) v[i] = from[i];
  return v;
}

ENT_SIMD_INLINE void ent_vn_store_some(ent_vn v, size_t count, double *to) {
  if (count >= ENT_WIDTH) {
    ent_vn_store(v, to);
  } else {
    for (size_t i = 0; i < count; i++) to[i] = v[i];
  }
}

/* Lane by lane: mask ? a : b, mask lanes being all ones or all zeros. */
ENT_SIMD_INLINE ent_vn ent_vn_select(ent_in mask, ent_vn a, ent_vn b) {
  return (ent_vn)(((ent_in)a & mask) | ((ent_in)b & ~mask));
}

ENT_SIMD_INLINE ent_vn ent_vn_min(ent_vn a, ent_vn b) {
  return ent_vn_select(a < b, a, b);
}

/* a b + c, rounded once where ent_v8_fma does so. */
ENT_SIMD_INLINE ent_vn ent_vn_fma(ent_vn a, ent_vn b, ent_vn c) {
#if defined(__AVX512F__)
  return (ent_vn)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif ENT_SIMD_FUSES && defined(__x86_64__)
  return (ent_vn)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif ENT_SIMD_FUSES
  ent_vn result;
  for (int i = 0; i < ENT_WIDTH; i++) result[i] = __builtin_fma(a[i], b[i], c[i]);
  return result;
#else
  return a * b + c;
#endif
}

/*
 * cos(x) and sin(x) for |x| <= 1e6, both with absolute errors below 2.3e-16: x = k pi/2 + r, |r| <= pi/4,
 * Taylor's polynomials of degree 17 for sin(r) and 18 for cos(r) (remainders 1e-19 and 4e-21), exchanged for
 * odd k and negated by the second bits of k and k + 1. pi/2 is in three parts, the first two of 33 bits, so
 * that k times them is exact.
 */
ENT_SIMD_INLINE void ent_vn_cos_sin(ent_vn x, ent_vn *cosine, ent_vn *sine) {
  static const double s[] = {-1.0 / 6,
                             1.0 / 120,
                             -1.0 / 5040,
                             1.0 / 362880,
                             -1.0 / 39916800,
                             1.0 / 6227020800.0,
                             -1.0 / 1307674368000.0,
                             1.0 / 355687428096000.0};
  static const double c[] = {1.0 / 24,
                             -1.0 / 720,
                             1.0 / 40320,
                             -1.0 / 3628800,
                             1.0 / 479001600,
                             -1.0 / 87178291200.0,
                             1.0 / 20922789888000.0,
                             -1.0 / 6402373705728000.0};
  const ent_vn shifted = ent_vn_fma(x, ent_vn_set(0x1.45f306dc9c883p-1), ent_vn_set(ENT_SIMD_ROUND));
  const ent_vn k = shifted - ENT_SIMD_ROUND;
  ent_vn r = ent_vn_fma(k, ent_vn_set(-0x1.921fb54400000p0), x);
  r = ent_vn_fma(k, ent_vn_set(-0x1.0b4611a600000p-34), r);
  r = ent_vn_fma(k, ent_vn_set(-0x1.3198a2e037073p-69), r);
  const ent_vn r2 = r * r;
  ent_vn p = ent_vn_set(s[7]), q = ent_vn_set(c[7]);
  for (int i = 6; i >= 0; i--) {
    p = ent_vn_fma(p, r2, ent_vn_set(s[i]));
    q = ent_vn_fma(q, r2, ent_vn_set(c[i]));
  }
  const ent_vn sin_r = ent_vn_fma(p * r2, r, r);
  const ent_vn cos_r = ent_vn_fma(q * r2, r2, ent_vn_fma(r2, ent_vn_set(-0.5), ent_vn_set(1.0)));
  const ent_in quarters = (ent_in)shifted, odd = -(quarters & 1);
  const ent_in sine_sign = (quarters & 2) << 62, cosine_sign = ((quarters + 1) & 2) << 62;
  *sine = (ent_vn)((ent_in)ent_vn_select(odd, cos_r, sin_r) ^ sine_sign);
  *cosine = (ent_vn)((ent_in)ent_vn_select(odd, sin_r, cos_r) ^ cosine_sign);
}

#endif
