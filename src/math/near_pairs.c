#include "entrain/math/near_pairs.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "entrain/math/simd_wide.h"

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

enum { COMMON = 3 };

typedef float wide __attribute__((vector_size(64), aligned(64), may_alias));
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
  return (n + ENT_WIDE - 1) / ENT_WIDE * ENT_WIDE;
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
ENT_SIMD_INLINE ent_w16 size_of(wide v) {
  return (ent_w16)v & INT32_MAX;
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
  ent_w16 all = ~(ent_w16){0};
  for (size_t j = 0; j < n; j += ENT_WIDE) all &= (ent_w16)(moves_of(pad(n), d, points, before, j) <= still);
  return ent_w16_sum(all) == ent_w16_sum(~(ent_w16){0});
}

ENT_SIMD_INLINE bool are_short(size_t n, size_t d, const float *points) {
  const size_t padded = pad(n);
  const ent_w16 lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  ent_w16 all = ~(ent_w16){0};
  for (size_t j = 0; j < n; j += ENT_WIDE) {
    wide square = {0};
    for (size_t k = 0; k < d; k++) square += load(points + k * padded + j) * load(points + k * padded + j);
    all &= (ent_w16)(square <= MOST_SQUARE) | (ent_w16)(lane >= (uint32_t)(n - j));
  }
  return ent_w16_sum(all) == ent_w16_sum(~(ent_w16){0});
}

/* Pairs within the limit, and the bits of the least difference of a square from the limit. */
typedef struct counts {
  float limit;
  ent_w16 close, spare;
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
  counted->close += (ent_w16)beyond >> 31; /* the sign; no pair is in doubt that may be on the limit */
  counted->spare = ent_w16_lesser(size_of(beyond), counted->spare);
}

/* Blocks against all points before them, and against themselves: there pairs are met twice, points once. */
ENT_SIMD_INLINE size_t count_all(size_t n, size_t d, const float *points, float limit, float *spare) {
  const size_t padded = pad(n);
  const ent_w16 most = (ent_w16)(limit - (wide){0});
  counts others = {.limit = limit, .spare = most}, own = others;
  for (size_t j = 0; j < n; j += ENT_WIDE) {
    const size_t end = j + ENT_WIDE < n ? j + ENT_WIDE : n;
    for (size_t i = 0; i < j; i++) count_wide(padded, d, points, i, j, &others);
    for (size_t i = j; i < end; i++) count_wide(padded, d, points, i, j, &own);
  }
  const uint32_t least = ent_w16_least(ent_w16_lesser(others.spare, own.spare));
  memcpy(spare, &least, sizeof(least));
  return ent_w16_sum(others.close) + (ent_w16_sum(own.close) - n) / 2;
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
