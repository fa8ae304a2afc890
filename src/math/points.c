#include "entrain/math/points.h"

#include <math.h>

#include "pair_energy_lanes.h"

#define FINE 1e-6 /* gaps of unit vectors by products have errors of 4e-16 */

enum { COMMON = 3 }; /* a dimension that is worth a loop of its own */

size_t ent_points_size(size_t n, size_t d) {
  return ent_simd_pad(n) * (d + 1);
}

/* Behind the coordinates stands half the square of every point. */
void ent_points_turn(size_t n, size_t d, const double *x, double *columns) {
  const size_t padded = ent_simd_pad(n);
  double *halves = columns + d * padded;
  for (size_t i = 0; i < n; i++) {
    double half = 0;
    for (size_t k = 0; k < d; k++) {
      columns[k * padded + i] = x[i * d + k];
      half += 0.5 * (x[i * d + k] * x[i * d + k]);
    }
    halves[i] = half;
  }
  for (size_t i = n; i < padded; i++) {
    for (size_t k = 0; k <= d; k++) columns[k * padded + i] = NAN;
  }
}

/* Gaps of point i and the eight from j on; not-a-number in lanes that stand for none. */
ENT_SIMD_INLINE ent_v8 gaps_of(size_t padded, size_t d, const double *columns, size_t i, size_t j) {
  ent_v8 sum = {0};
#pragma GCC unroll 4
  for (size_t k = 0; k < d; k++, columns += padded) {
    ent_v8 there;
    memcpy(&there, columns + j, sizeof(there));
    const ent_v8 apart = there - columns[i];
    sum += apart * apart;
  }
  return 0.5 * sum;
}

ENT_SIMD_INLINE size_t count(ent_i8 counter) {
  int64_t total = 0;
  for (int lane = 0; lane < ENT_LANES; lane++) total -= counter[lane];
  return (size_t)total;
}

/* |y|^2/2 - <x, y> for point i and the eight from j on, which is their gap - |x|^2/2. */
ENT_SIMD_INLINE ent_v8 rests_of(size_t padded, size_t d, const double *columns, size_t i, size_t j) {
  ent_v8 rest;
  memcpy(&rest, columns + d * padded + j, sizeof(rest));
#pragma GCC unroll 4
  for (size_t k = 0; k < d; k++, columns += padded) {
    ent_v8 there;
    memcpy(&there, columns + j, sizeof(there));
    rest -= there * columns[i];
  }
  return rest;
}

/* Blocks of eight against all before them, and against themselves, where each pair is met twice. */
ENT_SIMD_INLINE size_t count_close(size_t n, size_t d, const double *columns, double delta) {
  const size_t padded = ent_simd_pad(n);
  const double *halves = columns + d * padded;
  ent_i8 others = {0}, own = {0};
  for (size_t j = 0; j < n; j += ENT_LANES) {
    const size_t end = j + ENT_LANES < n ? j + ENT_LANES : n;
    for (size_t i = 0; i < j; i++) others += rests_of(padded, d, columns, i, j) <= delta - halves[i];
    for (size_t i = j; i < end; i++) own += gaps_of(padded, d, columns, i, j) <= delta;
  }
  return count(others) + (count(own) - n) / 2;
}

/* The same for a delta that the rounding of products would blur. */
ENT_SIMD_INLINE size_t count_fine(size_t n, size_t d, const double *columns, double delta) {
  const size_t padded = ent_simd_pad(n);
  ent_i8 others = {0}, own = {0};
  for (size_t j = 0; j < n; j += ENT_LANES) {
    const size_t end = j + ENT_LANES < n ? j + ENT_LANES : n;
    for (size_t i = 0; i < j; i++) others += gaps_of(padded, d, columns, i, j) <= delta;
    for (size_t i = j; i < end; i++) own += gaps_of(padded, d, columns, i, j) <= delta;
  }
  return count(others) + (count(own) - n) / 2;
}

ENT_SIMD size_t ent_points_close_pairs(size_t n, size_t d, const double *columns, double delta) {
  if (delta < FINE) return count_fine(n, d, columns, delta);
  return d == COMMON ? count_close(n, COMMON, columns, delta) : count_close(n, d, columns, delta);
}

/* Of rows 0 ... i the blocks up to the diagonal: pairs met twice do no harm. */
ENT_SIMD double ent_points_largest_gap(size_t n, size_t d, const double *columns) {
  const size_t padded = ent_simd_pad(n);
  ent_v8 largest = {0};
  for (size_t i = 1; i < n; i++) {
    for (size_t j = 0; j < i; j += ENT_LANES)
      largest = ent_v8_max(gaps_of(padded, d, columns, i, j), largest);
  }
  return ent_v8_largest(largest);
}

ENT_SIMD double ent_points_pair_sum(const ent_pair_energy *energy, size_t n, size_t d, const double *columns,
                                    const double *masses) {
  const size_t padded = ent_simd_pad(n);
  const ent_v8 none = {0};
  ent_v8 sum = {0};
  for (size_t i = 1; i < n; i++) {
    ent_v8 row = {0};
    for (size_t j = 0; j < i; j += ENT_LANES) {
      ent_v8 values = ent_pair_energy_lanes(energy, gaps_of(padded, d, columns, i, j));
      if (masses) values *= ent_lanes_load(n, j, masses, 0);
      row += ent_v8_select(ent_lanes_before(i, j), values, none);
    }
    if (masses) row *= masses[i];
    sum += row;
  }
  return ent_v8_sum(sum);
}

/* Two of Newton's steps from 1.5 - 0.5 s: the remainder is (s-1)^8 / 15. */
ENT_SIMD void ent_points_inverse_roots(size_t n, const double *squares, double *roots) {
  for (size_t i = 0; i < n; i += ENT_LANES) {
    const ent_v8 half = 0.5 * ent_lanes_load(n, i, squares, 1);
    ent_v8 root = 1.5 - half;
    root *= 1.5 - half * (root * root);
    root *= 1.5 - half * (root * root);
    if (i + ENT_LANES <= n) {
      memcpy(roots + i, &root, sizeof(root));
    } else {
      for (size_t k = i; k < n; k++) roots[k] = root[k - i];
    }
  }
}
