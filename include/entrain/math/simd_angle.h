#ifndef ENTRAIN_MATH_SIMD_ANGLE_H
#define ENTRAIN_MATH_SIMD_ANGLE_H

/*
 * Points of the circle whose differences keep their digits. An angle x becomes its cosine and sine, rounded,
 * and the turn that the rounding left over: x = arg(cosine + i sine) + turn, modulo 2 pi. Then
 *
 *     sin(x_j - x_i) = (s_j - s_i) c_i - (c_j - c_i) s_i + (turn_j - turn_i)
 *
 * to 4e-16 of |x_j - x_i|, however near the two are, without a sine for each pair. Cosine and sine are
 * evaluated to 32 digits for that: Taylor's polynomials by Horner's scheme, compensated as by Graillat,
 * Langlois and Louvet (2009), the last terms in plain double precision.
 */

#include "entrain/math/simd.h"

/* high + low, |low| at most half a unit in the last place of high, or nearly so. */
typedef struct ent_v8_pair {
  ent_v8 high, low;
} ent_v8_pair;

/* a b exactly. */
ENT_SIMD_INLINE ent_v8_pair ent_v8_product(ent_v8 a, ent_v8 b) {
  const ent_v8 high = a * b;
#if ENT_SIMD_FUSES
  return (ent_v8_pair){high, ent_v8_fma(a, b, -high)};
#else
  /* Dekker (1971), doi:10.1007/BF01397083 */
  const ent_v8 a_big = a * 0x1.0000002p27, b_big = b * 0x1.0000002p27;
  const ent_v8 a1 = a_big - (a_big - a), b1 = b_big - (b_big - b), a2 = a - a1, b2 = b - b1;
  return (ent_v8_pair){high, ((a1 * b1 - high) + a1 * b2 + a2 * b1) + a2 * b2};
#endif
}

/* a + b exactly, for |a| >= |b|. */
ENT_SIMD_INLINE ent_v8_pair ent_v8_ordered_sum(ent_v8 a, ent_v8 b) {
  const ent_v8 high = a + b;
  return (ent_v8_pair){high, (a - high) + b};
}

/* a + b exactly. */
ENT_SIMD_INLINE ent_v8_pair ent_v8_exact_sum(ent_v8 a, ent_v8 b) {
  const ent_v8 high = a + b, part = high - a;
  return (ent_v8_pair){high, (a - (high - part)) + (b - part)};
}

/* p z + c, |c| being the largest of all. */
ENT_SIMD_INLINE ent_v8_pair ent_v8_horner(ent_v8_pair p, ent_v8_pair z, double high, double low) {
  const ent_v8_pair product = ent_v8_product(p.high, z.high);
  const ent_v8_pair sum = ent_v8_ordered_sum(ent_v8_set(high), product.high);
  const ent_v8 rest = ent_v8_fma(p.low, z.high, ent_v8_fma(p.high, z.low, product.low + low));
  return (ent_v8_pair){sum.high, sum.low + rest};
}

/* Of each polynomial; the first so many with 32 digits. */
enum { ENT_ANGLE_TERMS = 14, ENT_ANGLE_DOUBLED = 9 };

/* Coefficients of sin(r) / r and cos(r) in r^2, and what their rounding left over. */
static const double ent_sine_high[ENT_ANGLE_TERMS] = {1.0,
                                                      -0x1.5555555555555p-3,
                                                      0x1.1111111111111p-7,
                                                      -0x1.a01a01a01a01ap-13,
                                                      0x1.71de3a556c734p-19,
                                                      -0x1.ae64567f544e4p-26,
                                                      0x1.6124613a86d09p-33,
                                                      -0x1.ae7f3e733b81fp-41,
                                                      0x1.952c77030ad4ap-49,
                                                      -0x1.2f49b46814157p-57,
                                                      0x1.71b8ef6dcf572p-66,
                                                      -0x1.761b41316381ap-75,
                                                      0x1.3f3ccdd165fa9p-84,
                                                      -0x1.d1ab1c2dccea3p-94};
static const double ent_sine_low[ENT_ANGLE_DOUBLED] = {0.0,
                                                       -0x1.5555555555555p-57,
                                                       0x1.1111111111111p-63,
                                                       -0x1.a01a01a01a01ap-73,
                                                       -0x1.c154f8ddc6c00p-73,
                                                       0x1.c062e06d1f209p-80,
                                                       0x1.f28e0cc748ebep-87,
                                                       -0x1.1d8656b0ee8cbp-97,
                                                       0x1.ac981465ddc6cp-103};
static const double ent_cosine_high[ENT_ANGLE_TERMS] = {1.0,
                                                        -0x1.0000000000000p-1,
                                                        0x1.5555555555555p-5,
                                                        -0x1.6c16c16c16c17p-10,
                                                        0x1.a01a01a01a01ap-16,
                                                        -0x1.27e4fb7789f5cp-22,
                                                        0x1.1eed8eff8d898p-29,
                                                        -0x1.93974a8c07c9dp-37,
                                                        0x1.ae7f3e733b81fp-45,
                                                        -0x1.6827863b97d97p-53,
                                                        0x1.e542ba4020225p-62,
                                                        -0x1.0ce396db7f853p-70,
                                                        0x1.f2cf01972f578p-80,
                                                        -0x1.88e85fc6a4e5ap-89};
static const double ent_cosine_low[ENT_ANGLE_DOUBLED] = {0.0,
                                                         0.0,
                                                         0x1.5555555555555p-59,
                                                         0x1.f49f49f49f49fp-65,
                                                         0x1.a01a01a01a01ap-76,
                                                         -0x1.cbbc05b4fa99ap-76,
                                                         -0x1.2aec959e14c06p-83,
                                                         -0x1.05d6f8a2efd1fp-92,
                                                         0x1.1d8656b0ee8cbp-101};

/* The reduced angle x - k pi/2; k stands in the low bits of `shifted`. */
ENT_SIMD_INLINE ent_v8_pair ent_v8_reduce(ent_v8 x, ent_v8 *shifted) {
  *shifted = x * 0x1.45f306dc9c883p-1 + ENT_SIMD_ROUND;
  const ent_v8 k = *shifted - ENT_SIMD_ROUND;
  /* pi/2 in three parts, the first two of 33 bits: k times them is exact for |k| < 2^20 */
  const ent_v8_pair r = ent_v8_exact_sum(x - k * 0x1.921fb54400000p+0, -k * 0x1.0b4611a600000p-34);
  return ent_v8_ordered_sum(r.high, r.low - k * 0x1.3198a2e037073p-69);
}

/* The point of r + k pi/2, k in the low bits of `shifted`, from s = sin(r) / r and c = cos(r). */
ENT_SIMD_INLINE void ent_v8_place(ent_v8_pair r, ent_v8_pair s, ent_v8_pair c, ent_v8 shifted,
                                  ent_v8 *point) {
  const ent_v8_pair product = ent_v8_product(s.high, r.high);
  s = ent_v8_ordered_sum(product.high, ent_v8_fma(s.low, r.high, ent_v8_fma(s.high, r.low, product.low)));
  c = ent_v8_ordered_sum(c.high, c.low);
  const ent_i8 quarter = (ent_i8)shifted, swapped = -(quarter & 1);
  const ent_i8 sine_sign = (quarter & 2) << 62, cosine_sign = ((quarter + 1) & 2) << 62;
  point[0] = (ent_v8)((ent_i8)ent_v8_select(swapped, s.high, c.high) ^ cosine_sign);
  point[1] = (ent_v8)((ent_i8)ent_v8_select(swapped, c.high, s.high) ^ sine_sign);
  point[2] = ent_v8_fma(c.high, s.low, -(s.high * c.low)); /* the same in all four quarters */
}

/* How many vectors of angles are worked on side by side, to hide the latency of Horner's scheme. */
enum { ENT_ANGLE_VECTORS = 4 };

/*
 * For |x| up to 1e6; not-a-number where x is none.
 * [in] x [ENT_ANGLE_VECTORS]; [out] points [ENT_ANGLE_VECTORS][3]: cosine, sine, turn
 */
ENT_SIMD_INLINE void ent_v8_points(const ent_v8 *x, ent_v8 (*points)[3]) {
  ent_v8 shifted[ENT_ANGLE_VECTORS];
  ent_v8_pair r[ENT_ANGLE_VECTORS], z[ENT_ANGLE_VECTORS], s[ENT_ANGLE_VECTORS], c[ENT_ANGLE_VECTORS];
  for (int v = 0; v < ENT_ANGLE_VECTORS; v++) {
    r[v] = ent_v8_reduce(x[v], &shifted[v]);
    z[v] = ent_v8_product(r[v].high, r[v].high);
    z[v].low = ent_v8_fma(r[v].high, 2.0 * r[v].low, z[v].low);
    s[v] = (ent_v8_pair){ent_v8_set(ent_sine_high[ENT_ANGLE_TERMS - 1]), {0}};
    c[v] = (ent_v8_pair){ent_v8_set(ent_cosine_high[ENT_ANGLE_TERMS - 1]), {0}};
  }
  for (int k = ENT_ANGLE_TERMS - 2; k >= ENT_ANGLE_DOUBLED; k--) {
    for (int v = 0; v < ENT_ANGLE_VECTORS; v++) {
      s[v].high = ent_v8_fma(s[v].high, z[v].high, ent_v8_set(ent_sine_high[k]));
      c[v].high = ent_v8_fma(c[v].high, z[v].high, ent_v8_set(ent_cosine_high[k]));
    }
  }
  for (int k = ENT_ANGLE_DOUBLED - 1; k >= 0; k--) {
    for (int v = 0; v < ENT_ANGLE_VECTORS; v++) {
      s[v] = ent_v8_horner(s[v], z[v], ent_sine_high[k], ent_sine_low[k]);
      c[v] = ent_v8_horner(c[v], z[v], ent_cosine_high[k], ent_cosine_low[k]);
    }
  }
  for (int v = 0; v < ENT_ANGLE_VECTORS; v++) ent_v8_place(r[v], s[v], c[v], shifted[v], points[v]);
}

#endif
