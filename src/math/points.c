#include "entrain/math/points.h"

#include <math.h>

#include "pair_energy_lanes.h"

enum { COMMON = 3 }; /* a dimension that is worth a loop of its own */

size_t ent_points_size(size_t n, size_t d) {
  return ent_simd_pad(n) * d;
}

void ent_points_turn(size_t n, size_t d, const double *x, double *columns) {
  const size_t padded = ent_simd_pad(n);
  for (size_t i = 0; i < padded; i++) {
    for (size_t k = 0; k < d; k++) columns[k * padded + i] = i < n ? x[i * d + k] : NAN;
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

static size_t count(ent_i8 counter) {
  int64_t total = 0;
  for (int lane = 0; lane < ENT_LANES; lane++) total -= counter[lane];
  return (size_t)total;
}

/* Blocks of eight against all before them, and against themselves, where each pair is met twice. */
ENT_SIMD_INLINE size_t count_close(size_t n, size_t d, const double *columns, double delta) {
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
