#ifndef ENTRAIN_MATH_SIMD_LANES_H
#define ENTRAIN_MATH_SIMD_LANES_H

/* What moves numbers between the lanes of vectors; fast in files that are compiled for several sets. */

#include "entrain/math/simd.h"

#if defined(__AVX512F__)

/* The sums of eight vectors, each as ent_v8_sum takes it. [in] v [8] */
ENT_SIMD_INLINE ent_v8 ent_v8_sums(const ent_v8 *v) {
  const __m512i low = {0, 1, 8, 9, 4, 5, 12, 13}, high = {2, 3, 10, 11, 6, 7, 14, 15};
  __m512d half[4], quarter[2];
  for (int r = 0; r < 4; r++) {
    const __m512d a = (__m512d)v[r], b = (__m512d)v[r + 4];
    half[r] = _mm512_shuffle_f64x2(a, b, 0x44) + _mm512_shuffle_f64x2(a, b, 0xee);
  }
  for (int r = 0; r < 2; r++)
    quarter[r] =
      _mm512_permutex2var_pd(half[r], low, half[r + 2]) + _mm512_permutex2var_pd(half[r], high, half[r + 2]);
  return (ent_v8)(_mm512_unpacklo_pd(quarter[0], quarter[1]) + _mm512_unpackhi_pd(quarter[0], quarter[1]));
}

/* rows [8] to columns [8], which may be the same memory. */
ENT_SIMD_INLINE void ent_v8_transpose(const ent_v8 *rows, ent_v8 *columns) {
  __m512d even[4], odd[4];
  for (int r = 0; r < 4; r++) {
    even[r] = _mm512_unpacklo_pd((__m512d)rows[2 * r], (__m512d)rows[2 * r + 1]);
    odd[r] = _mm512_unpackhi_pd((__m512d)rows[2 * r], (__m512d)rows[2 * r + 1]);
  }
  for (int c = 0; c < 2; c++) {
    const __m512d *pairs = c == 0 ? even : odd;
    const __m512d a = _mm512_shuffle_f64x2(pairs[0], pairs[1], 0x88);
    const __m512d b = _mm512_shuffle_f64x2(pairs[2], pairs[3], 0x88);
    const __m512d e = _mm512_shuffle_f64x2(pairs[0], pairs[1], 0xdd);
    const __m512d f = _mm512_shuffle_f64x2(pairs[2], pairs[3], 0xdd);
    columns[c] = (ent_v8)_mm512_shuffle_f64x2(a, b, 0x88);
    columns[c + 2] = (ent_v8)_mm512_shuffle_f64x2(e, f, 0x88);
    columns[c + 4] = (ent_v8)_mm512_shuffle_f64x2(a, b, 0xdd);
    columns[c + 6] = (ent_v8)_mm512_shuffle_f64x2(e, f, 0xdd);
  }
}

#elif defined(__AVX2__)

typedef union ent_v8_halves {
  ent_v8 whole;
  __m256d half[2];
} ent_v8_halves;

/* The sums of eight vectors, each as ent_v8_sum takes it. [in] v [8] */
ENT_SIMD_INLINE ent_v8 ent_v8_sums(const ent_v8 *v) {
  __m256d half[ENT_LANES];
  for (int r = 0; r < ENT_LANES; r++) {
    const ent_v8_halves row = {v[r]};
    half[r] = row.half[0] + row.half[1];
  }
  ent_v8_halves sums;
  for (int h = 0; h < 2; h++) {
    const __m256d *four = half + 4 * h;
    const __m256d a =
      _mm256_permute2f128_pd(four[0], four[2], 0x20) + _mm256_permute2f128_pd(four[0], four[2], 0x31);
    const __m256d b =
      _mm256_permute2f128_pd(four[1], four[3], 0x20) + _mm256_permute2f128_pd(four[1], four[3], 0x31);
    sums.half[h] = _mm256_unpacklo_pd(a, b) + _mm256_unpackhi_pd(a, b);
  }
  return sums.whole;
}

/* A quarter of the transposition. */
ENT_SIMD_INLINE void ent_v8_transpose_quarter(const ent_v8_halves *rows, int from, ent_v8_halves *columns,
                                              int to) {
  const __m256d a = _mm256_unpacklo_pd(rows[0].half[from], rows[1].half[from]);
  const __m256d b = _mm256_unpackhi_pd(rows[0].half[from], rows[1].half[from]);
  const __m256d c = _mm256_unpacklo_pd(rows[2].half[from], rows[3].half[from]);
  const __m256d d = _mm256_unpackhi_pd(rows[2].half[from], rows[3].half[from]);
  columns[0].half[to] = _mm256_permute2f128_pd(a, c, 0x20);
  columns[1].half[to] = _mm256_permute2f128_pd(b, d, 0x20);
  columns[2].half[to] = _mm256_permute2f128_pd(a, c, 0x31);
  columns[3].half[to] = _mm256_permute2f128_pd(b, d, 0x31);
}

/* rows [8] to columns [8], which may be the same memory. */
ENT_SIMD_INLINE void ent_v8_transpose(const ent_v8 *rows, ent_v8 *columns) {
  ent_v8_halves from[ENT_LANES], to[ENT_LANES];
  for (int r = 0; r < ENT_LANES; r++) from[r].whole = rows[r];
  for (int quarter = 0; quarter < 4; quarter++)
    ent_v8_transpose_quarter(from + 4 * (quarter % 2), quarter / 2, to + 4 * (quarter / 2), quarter % 2);
  for (int c = 0; c < ENT_LANES; c++) columns[c] = to[c].whole;
}

#else

/* The sums of eight vectors, each as ent_v8_sum takes it. [in] v [8] */
ENT_SIMD_INLINE ent_v8 ent_v8_sums(const ent_v8 *v) {
  ent_v8 half[4], quarter[2];
#pragma GCC unroll 4
  for (int r = 0; r < 4; r++)
    half[r] = __builtin_shufflevector(v[r], v[r + 4], 0, 1, 2, 3, 8, 9, 10, 11) +
              __builtin_shufflevector(v[r], v[r + 4], 4, 5, 6, 7, 12, 13, 14, 15);
#pragma GCC unroll 2
  for (int r = 0; r < 2; r++)
    quarter[r] = __builtin_shufflevector(half[r], half[r + 2], 0, 1, 8, 9, 4, 5, 12, 13) +
                 __builtin_shufflevector(half[r], half[r + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  return __builtin_shufflevector(quarter[0], quarter[1], 0, 8, 2, 10, 4, 12, 6, 14) +
         __builtin_shufflevector(quarter[0], quarter[1], 1, 9, 3, 11, 5, 13, 7, 15);
}

/* rows [8] to columns [8], which may be the same memory. */
ENT_SIMD_INLINE void ent_v8_transpose(const ent_v8 *rows, ent_v8 *columns) {
  ent_v8 row[ENT_LANES];
#pragma GCC unroll 4
  for (int r = 0; r < ENT_LANES; r += 2) {
    row[r] = __builtin_shufflevector(rows[r], rows[r + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    row[r + 1] = __builtin_shufflevector(rows[r], rows[r + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
#pragma GCC unroll 4
  for (int r = 0; r < 4; r++) {
    const int from = r % 2 + r / 2 * 4;
    const ent_v8 a = row[from], b = row[from + 2];
    row[from] = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
    row[from + 2] = __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
  }
#pragma GCC unroll 4
  for (int r = 0; r < 4; r++) {
    const ent_v8 a = row[r], b = row[r + 4];
    columns[r] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
    columns[r + 4] = __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

#endif

#endif
