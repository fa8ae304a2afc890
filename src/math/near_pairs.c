#include "entrain/math/near_pairs.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "entrain/math/simd.h"

/*
 * Single precision moves a point x by at most 2^-24 |x|, two points' distance by less than BLUR, and a sum of
 * d squares by less than (d + 5) 2^-23 of itself. With D = 2 delta and the least |sum - D| of all pairs, m,
 * every distance thus differs from sqrt(D) by more than sqrt(D + m) - sqrt(D), the smaller one of both sides,
 * less BLUR and that share of sqrt(D + m). Half of what is left may each point move, as seen with another
 * BLUR, without a pair that changes sides.
 */
#define ULP 0x1p-23
#define BLUR 2.0e-7       /* 2 * 2^-24 * 1.2, and more */
#define FINE 1e-9         /* distance that doubles may err by at sqrt(2 LEAST_DELTA) */
#define SLACK 1e-4        /* of a move: more than the rounding of its square */
#define LEAST_DELTA 1e-6  /* below, too much would be uncertain */
#define MOST_DELTA 2.0    /* of unit vectors all pairs are closer */
#define MOST_SQUARE 1.44F /* |x|^2 */
#define NOWHERE 1e9F      /* where lanes without a point lie: far from all points and never moved */

enum { WIDE = 16, COMMON = 3 };

typedef float wide __attribute__((vector_size(64), aligned(64), may_alias));
typedef int32_t signs __attribute__((vector_size(64), aligned(64), may_alias));
typedef float narrow __attribute__((vector_size(32), aligned(32), may_alias));

/* What was counted last; all zero before the first time. Then follow its points, and those asked for. */
typedef struct last_count {
  double delta;
  double still;   /* largest square of a move without a change */
  uint64_t close; /* pairs */
  double unused[5];
} last_count;

enum { HEAD = sizeof(last_count) / sizeof(double) };

static size_t pad(size_t n) {
  return (n + WIDE - 1) / WIDE * WIDE;
}

size_t ent_near_pairs_memory(size_t n, size_t d) {
  return n > ENT_NEAR_PAIRS_MOST || d > ENT_NEAR_PAIRS_MOST_D ? 0 : HEAD + d * pad(n);
}

ENT_SIMD_INLINE wide load(const float *from) {
  wide v;
  memcpy(&v, from, sizeof(v));
  return v;
}

/* The bits of |v|, which are ordered as the numbers are. */
ENT_SIMD_INLINE signs size_of(wide v) {
  return (signs)v & INT32_MAX;
}

/* Lane by lane the smaller one; written so that compilers find the instruction. */
ENT_SIMD_INLINE signs lesser(signs a, signs b) {
  int32_t least[WIDE], other[WIDE];
  memcpy(least, &a, sizeof(a));
  memcpy(other, &b, sizeof(b));
  for (int k = 0; k < WIDE; k++) least[k] = least[k] < other[k] ? least[k] : other[k];
  memcpy(&a, least, sizeof(a));
  return a;
}

ENT_SIMD_INLINE float least_of(signs v) {
  v = lesser(v, __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  v = lesser(v, __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3));
  v = lesser(v, __builtin_shufflevector(v, v, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1));
  const wide least = (wide)v;
  return least[0] < least[1] ? least[0] : least[1];
}

ENT_SIMD_INLINE size_t sum_of(signs v) {
  v += __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  v += __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3);
  v += __builtin_shufflevector(v, v, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1);
  const int32_t sum = v[0] + v[1];
  return (size_t)sum;
}

/* Coordinate by coordinate, in single precision and blocks of sixteen. */
ENT_SIMD_INLINE void convert(size_t n, size_t d, const double *columns, float *points) {
  const size_t from = ent_simd_pad(n), to = pad(n);
  for (size_t k = 0; k < d; k++, columns += from, points += to) {
    for (size_t j = 0; j < from; j += ENT_LANES) {
      ent_v8 eight;
      memcpy(&eight, columns + j, sizeof(eight));
      const narrow rounded = __builtin_convertvector(eight, narrow);
      memcpy(points + j, &rounded, sizeof(rounded));
    }
    for (size_t i = n; i < to; i++) points[i] = NOWHERE;
  }
}

/* Squares of the distances of the sixteen from j on from where they were. */
ENT_SIMD_INLINE wide moves_of(size_t padded, size_t d, const float *points, const float *before, size_t j) {
  wide square = {0};
  for (size_t k = 0; k < d; k++) {
    const wide moved = load(points + k * padded + j) - load(before + k * padded + j);
    square += moved * moved;
  }
  return square;
}

/* Not so for what is not-a-number. */
ENT_SIMD_INLINE bool are_still(size_t n, size_t d, const float *points, const float *before, float still) {
  signs all = ~(signs){0};
  for (size_t j = 0; j < n; j += WIDE) all &= moves_of(pad(n), d, points, before, j) <= still;
  return sum_of(all) == sum_of(~(signs){0});
}

ENT_SIMD_INLINE bool are_short(size_t n, size_t d, const float *points) {
  const size_t padded = pad(n);
  const signs lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  signs all = ~(signs){0};
  for (size_t j = 0; j < n; j += WIDE) {
    wide square = {0};
    for (size_t k = 0; k < d; k++) square += load(points + k * padded + j) * load(points + k * padded + j);
    all &= (square <= MOST_SQUARE) | (lane >= (int32_t)(n - j));
  }
  return sum_of(all) == sum_of(~(signs){0});
}

/* Pairs within the limit, minus, and the bits of the least difference of a square from the limit. */
typedef struct counts {
  float limit;
  signs close, spare;
} counts;

/* Point i and the sixteen from j on. */
ENT_SIMD_INLINE void count_wide(size_t padded, size_t d, const float *points, size_t i, size_t j,
                                counts *counted) {
  wide square = {0};
#pragma GCC unroll 4
  for (size_t k = 0; k < d; k++, points += padded) {
    const wide apart = load(points + j) - points[i];
    square += apart * apart;
  }
  const wide beyond = square - counted->limit;
  counted->close += (signs)beyond >> 31; /* no pair is in doubt that may be on the limit */
  counted->spare = lesser(size_of(beyond), counted->spare);
}

/* Blocks against all points before them, and against themselves: there pairs are met twice, points once. */
ENT_SIMD_INLINE size_t count_all(size_t n, size_t d, const float *points, float limit, float *spare) {
  const size_t padded = pad(n);
  const signs most = (signs)(limit - (wide){0});
  counts others = {.limit = limit, .spare = most}, own = others;
  for (size_t j = 0; j < n; j += WIDE) {
    const size_t end = j + WIDE < n ? j + WIDE : n;
    for (size_t i = 0; i < j; i++) count_wide(padded, d, points, i, j, &others);
    for (size_t i = j; i < end; i++) count_wide(padded, d, points, i, j, &own);
  }
  *spare = least_of(lesser(others.spare, own.spare));
  return sum_of(-others.close) + (sum_of(-own.close) - n) / 2;
}

/* By how much every distance differs from the limit at least; see above. */
static double clearance(size_t d, double limit, double spare) {
  const double farther = sqrt(limit + spare);
  return farther - sqrt(limit) - BLUR - FINE - farther * (double)(d + 5) * ULP;
}

/* The largest square of a move, as it is seen, with which nothing changes; below 0 where there is none. */
static double still_of(double clear) {
  const double move = (0.5 * clear - BLUR) / (1 + SLACK);
  return move > 0 ? move * move : -1;
}

ENT_SIMD bool ent_near_pairs_count(size_t n, size_t d, const double *columns, double delta, double *memory,
                                   size_t *close) {
  float *before = (float *)(void *)(memory + HEAD), *points = before + d * pad(n), spare = 0;
  const float limit = (float)(2 * delta);
  last_count last;
  memcpy(&last, memory, sizeof(last));
  convert(n, d, columns, points);
  if (delta != last.delta || !are_still(n, d, points, before, (float)last.still)) {
    if (!(delta >= LEAST_DELTA && delta <= MOST_DELTA) || !are_short(n, d, points)) return false;
    last = (last_count){.delta = delta};
    last.close =
      d == COMMON ? count_all(n, COMMON, points, limit, &spare) : count_all(n, d, points, limit, &spare);
    const double clear = clearance(d, limit, spare);
    if (!(clear > 0)) return false;
    last.still = still_of(clear);
    memcpy(memory, &last, sizeof(last));
    memcpy(before, points, d * pad(n) * sizeof(*points));
  }
  *close = last.close;
  return true;
}
