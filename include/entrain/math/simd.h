#ifndef ENTRAIN_MATH_SIMD_H
#define ENTRAIN_MATH_SIMD_H

/*
 * Eight doubles at a time, and the two functions the kernels need on them. Every operation is an IEEE one
 * on each lane and sums are taken in one fixed order, so that the bits do not depend on the width of the
 * processor's registers (the project is compiled with -ffp-contract=off, and what is fused says so,
 * ent_v8_fma). Files named *_simd.c are compiled once for each instruction set (base/isa); elsewhere ENT_SIMD
 * marks a function that is compiled for several, of which the loader takes the best, without fusing.
 *
 * Errors, measured against long double by tests/unit/math/test_simd.c: exp below 1.5 ulp on [-708, 709],
 * below that 0; for |x| <= 1e6 sin(x) below 1e-15 absolute, 1 - cos(x) below 1e-15 relative; for |x| <= 1
 * sin(x) below 5e-16 relative.
 */

#include <stddef.h>
#include <stdint.h>

#if defined(__FMA__) && defined(__x86_64__)
#include <immintrin.h>
#endif

enum { ENT_LANES = 8 };

typedef double ent_v8 __attribute__((vector_size(64), aligned(64), may_alias));
typedef int64_t ent_i8 __attribute__((vector_size(64), aligned(64), may_alias));
typedef uint64_t ent_u8 __attribute__((vector_size(64), aligned(64), may_alias));

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define ENT_SIMD __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define ENT_SIMD
#endif

#define ENT_SIMD_INLINE static inline __attribute__((always_inline))

/* Whether ent_v8_fma rounds once. */
#if defined(__FMA__) || defined(__aarch64__)
#define ENT_SIMD_FUSES 1
#else
#define ENT_SIMD_FUSES 0
#endif

/* Count rounded up to whole vectors. */
static inline size_t ent_simd_pad(size_t count) {
  return (count + ENT_LANES - 1) / ENT_LANES * ENT_LANES;
}

ENT_SIMD_INLINE ent_v8 ent_v8_set(double value) {
  return value - (ent_v8){0};
}

/* Lane by lane: mask ? a : b, mask lanes being all ones or all zeros. */
ENT_SIMD_INLINE ent_v8 ent_v8_select(ent_i8 mask, ent_v8 a, ent_v8 b) {
  return (ent_v8)(((ent_i8)a & mask) | ((ent_i8)b & ~mask));
}

ENT_SIMD_INLINE ent_v8 ent_v8_max(ent_v8 a, ent_v8 b) {
  return ent_v8_select(a > b, a, b);
}

/* a b + c, rounded once where the file is compiled for processors that can; otherwise a product and a sum. */
ENT_SIMD_INLINE ent_v8 ent_v8_fma(ent_v8 a, ent_v8 b, ent_v8 c) {
#if defined(__AVX512F__)
  return (ent_v8)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif ENT_SIMD_FUSES && defined(__x86_64__)
  union {
    ent_v8 whole;
    __m256d half[2];
  } x = {a}, y = {b}, z = {c};
  z.half[0] = _mm256_fmadd_pd(x.half[0], y.half[0], z.half[0]);
  z.half[1] = _mm256_fmadd_pd(x.half[1], y.half[1], z.half[1]);
  return z.whole;
#elif ENT_SIMD_FUSES
  ent_v8 result;
  for (int i = 0; i < ENT_LANES; i++) result[i] = __builtin_fma(a[i], b[i], c[i]);
  return result;
#else
  return a * b + c;
#endif
}

ENT_SIMD_INLINE double ent_v8_sum(ent_v8 v) {
  return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

ENT_SIMD_INLINE double ent_v8_largest(ent_v8 v) {
  double largest = v[0];
  for (int i = 1; i < ENT_LANES; i++) largest = v[i] > largest ? v[i] : largest;
  return largest;
}

/* c[0] + c[1] x + ... + c[degree] x^degree by Horner's scheme. */
ENT_SIMD_INLINE ent_v8 ent_v8_polynomial(ent_v8 x, int degree, const double *c) {
  ent_v8 p = ent_v8_set(c[degree]);
  for (int i = degree - 1; i >= 0; i--) p = p * x + c[i];
  return p;
}

#define ENT_SIMD_ROUND 0x1.8p52 /* adding it rounds to a whole number, which then stands in the low bits */

/*
 * e^x for x <= 709: x = k log 2 + r, |r| <= log(2)/2, Taylor's polynomial of degree 13 for e^r (remainder
 * 4e-18), k added to the exponent.
 */
ENT_SIMD_INLINE ent_v8 ent_v8_exp(ent_v8 x) {
  static const double c[] = {1.0,
                             1.0,
                             1.0 / 2,
                             1.0 / 6,
                             1.0 / 24,
                             1.0 / 120,
                             1.0 / 720,
                             1.0 / 5040,
                             1.0 / 40320,
                             1.0 / 362880,
                             1.0 / 3628800,
                             1.0 / 39916800,
                             1.0 / 479001600,
                             1.0 / 6227020800.0};
  const ent_i8 underflows = x < -708.0;
  const ent_v8 bounded = ent_v8_select(underflows, ent_v8_set(0.0), x);
  const ent_v8 shifted = bounded * 0x1.71547652b82fep0 + ENT_SIMD_ROUND;
  const ent_v8 k = shifted - ENT_SIMD_ROUND;
  const ent_v8 r = (bounded - k * 0x1.62e42fee00000p-1) - k * 0x1.a39ef35793c76p-33;
  const ent_v8 p = ent_v8_polynomial(r, 13, c);
  const ent_v8 scaled = (ent_v8)((ent_u8)p + ((ent_u8)shifted << 52));
  return ent_v8_select(underflows, ent_v8_set(0.0), scaled);
}

/*
 * sin(x) and 1 - cos(x), the latter accurate relative to itself, for |x| up to 1e6: with h = x/2 reduced by
 * multiples of pi to [-pi/2, pi/2], sin(x) = 2 sin(h) cos(h) and 1 - cos(x) = 2 sin(h)^2, whatever the
 * multiple. Taylor's polynomials of degree 21 and 22 (remainders 2e-18 and 1e-19).
 */
ENT_SIMD_INLINE void ent_v8_sin_versin(ent_v8 x, ent_v8 *sine, ent_v8 *versine) {
  static const double s[] = {1.0,
                             -1.0 / 6,
                             1.0 / 120,
                             -1.0 / 5040,
                             1.0 / 362880,
                             -1.0 / 39916800,
                             1.0 / 6227020800.0,
                             -1.0 / 1307674368000.0,
                             1.0 / 355687428096000.0,
                             -1.0 / 121645100408832000.0,
                             1.0 / 51090942171709440000.0};
  static const double c[] = {1.0,
                             -1.0 / 2,
                             1.0 / 24,
                             -1.0 / 720,
                             1.0 / 40320,
                             -1.0 / 3628800,
                             1.0 / 479001600,
                             -1.0 / 87178291200.0,
                             1.0 / 20922789888000.0,
                             -1.0 / 6402373705728000.0,
                             1.0 / 2432902008176640000.0,
                             -1.0 / 1124000727777607680000.0};
  const ent_v8 k = (x * 0x1.45f306dc9c883p-3 + ENT_SIMD_ROUND) - ENT_SIMD_ROUND;
  /* 2 pi in three parts, the first two of 33 bits: k times them is exact */
  const ent_v8 r = ((x - k * 0x1.921fb54400000p2) - k * 0x1.0b4611a600000p-32) - k * 0x1.3198a2e037073p-67;
  const ent_v8 h = r * 0.5;
  const ent_v8 h2 = h * h;
  const ent_v8 sin_h = h * ent_v8_polynomial(h2, 10, s);
  const ent_v8 cos_h = ent_v8_polynomial(h2, 11, c);
  *sine = 2.0 * sin_h * cos_h;
  *versine = 2.0 * sin_h * sin_h;
}

#endif
