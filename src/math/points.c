#include "entrain/math/points.h"

#include <math.h>

#include "entrain/math/simd_lanes.h"
#include "entrain/math/vec.h"

#include "pair_energy_lanes.h"

#define FINE 1e-6 /* gaps of unit vectors by products have errors of 4e-16 */

enum { COMMON = 3 }; /* a dimension that is worth a loop of its own */

size_t ent_points_size(size_t n, size_t d) {
  return ent_simd_pad(n) * (d + 1);
}

/* Eight points of R^3, 24 numbers in a row, coordinate by coordinate. */
ENT_SIMD_INLINE void turn_three(const ent_v8 *row, ent_v8 *column) {
  const ent_v8 a = row[0], b = row[1], c = row[2];
  const ent_v8 x = __builtin_shufflevector(a, b, 0, 3, 6, 9, 12, 15, 0, 0);
  const ent_v8 y = __builtin_shufflevector(a, b, 1, 4, 7, 10, 13, 0, 0, 0);
  const ent_v8 z = __builtin_shufflevector(a, b, 2, 5, 8, 11, 14, 0, 0, 0);
  column[0] = __builtin_shufflevector(x, c, 0, 1, 2, 3, 4, 5, 10, 13);
  column[1] = __builtin_shufflevector(y, c, 0, 1, 2, 3, 4, 8, 11, 14);
  column[2] = __builtin_shufflevector(z, c, 0, 1, 2, 3, 4, 9, 12, 15);
}

/* Coordinates of eight points, `count` of them from x on, to columns; `half` takes half their squares. */
ENT_SIMD_INLINE void turn_some(size_t padded, size_t d, size_t count, const double *x, double *columns,
                               ent_v8 *half) {
  ent_v8 row[ENT_LANES], column[ENT_LANES];
#pragma GCC unroll 8
  for (size_t r = 0; r < count; r++)
    memcpy(row + r, count == COMMON ? x + r * ENT_LANES : x + r * d, sizeof(*row));
  if (count == COMMON)
    turn_three(row, column);
  else
    ent_v8_transpose(row, column);
#pragma GCC unroll 8
  for (size_t k = 0; k < count; k++) {
    memcpy(columns + k * padded, column + k, sizeof(*column));
    *half += 0.5 * (column[k] * column[k]);
  }
}

/* Behind the coordinates stands half the square of every point. */
ENT_SIMD void ent_points_turn(size_t n, size_t d, const double *x, double *columns) {
  const size_t padded = ent_simd_pad(n),
               whole = d == COMMON || d % ENT_LANES == 0 ? n / ENT_LANES * ENT_LANES : 0;
  double *halves = columns + d * padded;
  for (size_t i = 0; i < whole; i += ENT_LANES) {
    ent_v8 half = {0};
    if (d == COMMON) turn_some(padded, d, COMMON, x + i * d, columns + i, &half);
    for (size_t k = 0; k + ENT_LANES <= d; k += ENT_LANES)
      turn_some(padded, d, ENT_LANES, x + i * d + k, columns + k * padded + i, &half);
    memcpy(halves + i, &half, sizeof(half));
  }
  for (size_t i = whole; i < n; i++) {
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

/* Of blocks of eight: pairs with points before, pairs within, met twice, and points met by themselves. */
typedef struct met {
  ent_i8 others, own, self;
} met;

/* A point that is not-a-number is near none, not even itself. */
ENT_SIMD_INLINE size_t pairs_of(const met *counted) {
  return count(counted->others) + (count(counted->own) - count(counted->self)) / 2;
}

/* The block from j on against itself; a point's half square is finite if it is. */
ENT_SIMD_INLINE void meet_own(size_t n, size_t d, const double *columns, size_t j, double delta,
                              met *counted) {
  const size_t padded = ent_simd_pad(n), end = j + ENT_LANES < n ? j + ENT_LANES : n;
  ent_v8 halves;
  memcpy(&halves, columns + d * padded + j, sizeof(halves));
  counted->self += halves * 0.0 == 0;
  for (size_t i = j; i < end; i++) counted->own += gaps_of(padded, d, columns, i, j) <= delta;
}

ENT_SIMD_INLINE size_t count_close(size_t n, size_t d, const double *columns, double delta) {
  const size_t padded = ent_simd_pad(n);
  const double *halves = columns + d * padded;
  met counted = {{0}, {0}, {0}};
  for (size_t j = 0; j < n; j += ENT_LANES) {
    for (size_t i = 0; i < j; i++) counted.others += rests_of(padded, d, columns, i, j) <= delta - halves[i];
    meet_own(n, d, columns, j, delta, &counted);
  }
  return pairs_of(&counted);
}

/* The same for a delta that the rounding of products would blur. */
ENT_SIMD_INLINE size_t count_fine(size_t n, size_t d, const double *columns, double delta) {
  const size_t padded = ent_simd_pad(n);
  met counted = {{0}, {0}, {0}};
  for (size_t j = 0; j < n; j += ENT_LANES) {
    for (size_t i = 0; i < j; i++) counted.others += gaps_of(padded, d, columns, i, j) <= delta;
    meet_own(n, d, columns, j, delta, &counted);
  }
  return pairs_of(&counted);
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
                                    const double *masses, ent_brake *brake) {
  const size_t padded = ent_simd_pad(n);
  const ent_v8 none = {0};
  ent_v8 sum = {0};
  for (size_t i = 1; i < n; i++) {
    if (ent_pair_energy_gives_up(brake, i, d)) break;
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
ENT_SIMD_INLINE ent_v8 inverse_root(ent_v8 square) {
  const ent_v8 half = 0.5 * square;
  ent_v8 root = 1.5 - half;
  root *= 1.5 - half * (root * root);
  return root * (1.5 - half * (root * root));
}

/* |x_i|^2 of eight points of R^3. */
ENT_SIMD_INLINE void square_threes(const double *x, double *squares) {
  ent_v8 row[COMMON], column[COMMON];
  memcpy(row, x, sizeof(row));
  for (int k = 0; k < COMMON; k++) row[k] *= row[k];
  turn_three(row, column);
  const ent_v8 sum = (column[0] + column[1]) + column[2];
  memcpy(squares, &sum, sizeof(sum));
}

/* |x_i|^2 of eight points whose d is a multiple of ENT_LANES. */
ENT_SIMD_INLINE void square_lanes(size_t d, const double *x, double *squares) {
  ent_v8 rows[ENT_LANES] = {{0}};
  for (size_t k = 0; k < d; k += ENT_LANES) {
#pragma GCC unroll 8
    for (size_t i = 0; i < ENT_LANES; i++) {
      ent_v8 here;
      memcpy(&here, x + i * d + k, sizeof(here));
      rows[i] += here * here;
    }
  }
  const ent_v8 sums = ent_v8_sums(rows);
  memcpy(squares, &sums, sizeof(sums));
}

/* |x_i|^2, each with the bits of ent_vec_dot. */
ENT_SIMD_INLINE void square_all(size_t n, size_t d, const double *x, double *squares) {
  size_t i = 0;
  if (d % ENT_LANES == 0) {
    for (; i + ENT_LANES <= n; i += ENT_LANES) square_lanes(d, x + i * d, squares + i);
  } else if (d == COMMON) {
    for (; i + ENT_LANES <= n; i += ENT_LANES) square_threes(x + i * d, squares + i);
  }
  for (; i < n; i++) squares[i] = ent_vec_dot(d, x + i * d, x + i * d);
}

/* Eight points of R^3, each times a number. */
ENT_SIMD_INLINE void scale_threes(const double *scales, double *x) {
  ent_v8 scale, row[COMMON];
  memcpy(&scale, scales, sizeof(scale));
  memcpy(row, x, sizeof(row));
  row[0] *= __builtin_shufflevector(scale, scale, 0, 0, 0, 1, 1, 1, 2, 2);
  row[1] *= __builtin_shufflevector(scale, scale, 2, 3, 3, 3, 4, 4, 4, 5);
  row[2] *= __builtin_shufflevector(scale, scale, 5, 5, 6, 6, 6, 7, 7, 7);
  memcpy(x, row, sizeof(row));
}

/* A point whose d is a multiple of ENT_LANES, times a number. */
ENT_SIMD_INLINE void scale_lanes(size_t d, double scale, double *x) {
  for (size_t k = 0; k < d; k += ENT_LANES) {
    ent_v8 here;
    memcpy(&here, x + k, sizeof(here));
    here *= scale;
    memcpy(x + k, &here, sizeof(here));
  }
}

ENT_SIMD_INLINE void scale_all(size_t n, size_t d, const double *scales, double *x) {
  size_t i = 0;
  if (d % ENT_LANES == 0) {
    for (; i < n; i++) scale_lanes(d, scales[i], x + i * d);
  } else if (d == COMMON) {
    for (; i + ENT_LANES <= n; i += ENT_LANES) scale_threes(scales + i, x + i * d);
  }
  for (; i < n; i++) {
    for (size_t k = 0; k < d; k++) x[i * d + k] *= scales[i];
  }
}

ENT_SIMD bool ent_points_retract(size_t n, size_t d, double *x, double *drift) {
  ent_v8 squares[ENT_POINTS_FEW / ENT_LANES], scales[ENT_POINTS_FEW / ENT_LANES] = {{0}};
  ent_v8 far = {0}, most = {0}, nothing = {0};
  const size_t vectors = ent_simd_pad(n) / ENT_LANES;
  if (n % ENT_LANES != 0) squares[vectors - 1] = ent_v8_set(1);
  square_all(n, d, x, (double *)squares);
  for (size_t v = 0; v < vectors; v++) {
    const ent_v8 off = squares[v] - 1;
    far = ent_v8_max(ent_v8_max(off, -off), far);
    nothing += off * 0.0;
  }
  if (!(ent_v8_largest(far) + ent_v8_sum(nothing) < ENT_POINTS_NEAR)) return false;
  for (size_t v = 0; v < vectors; v++) {
    scales[v] = inverse_root(squares[v]);
    const ent_v8 off = squares[v] * scales[v] - 1;
    most = ent_v8_max(ent_v8_max(off, -off), most);
  }
  scale_all(n, d, (const double *)scales, x);
  *drift = ent_v8_largest(most);
  return true;
}

ENT_SIMD double ent_points_largest_square(size_t n, size_t d, const double *x) {
  double squares[ENT_POINTS_FEW], largest = 0;
  for (size_t first = 0; first < n; first += ENT_POINTS_FEW) {
    const size_t count = n - first < ENT_POINTS_FEW ? n - first : ENT_POINTS_FEW;
    square_all(count, d, x + first * d, squares);
    for (size_t i = 0; i < count; i++)
      if (squares[i] > largest) largest = squares[i];
  }
  return largest;
}
