#include "entrain/math/angles.h"

#include <math.h>

#include "entrain/math/simd_wide.h"
#include "entrain/math/sphere.h"

#include "pair_energy_lanes.h"

/*
 * Angles as whole numbers of 2^-32 turns, whose differences wrap by themselves, are counted sixteen at a
 * time. Each errs by half a unit, and by less than a tenth from its size and the reach's error.
 */
#define UNITS (0x1p32 / ENT_TWO_PI)
#define MOST_ANGLE 1e4
#define MOST_REACH (0.99 * ENT_TWO_PI / 2) /* twice as much is less than a turn, doubts included */

enum {
  DOUBT = 2,        /* units by which a distance must differ from the reach */
  LEAST_REACH = 16, /* units: none is close that might be none */
  MOST_WIDE = 512   /* angles: counts fit in a lane, whole turns in 2 KB */
};

typedef int32_t signed_wide __attribute__((vector_size(64), aligned(64), may_alias));
typedef uint32_t narrow __attribute__((vector_size(32), aligned(32), may_alias));

/* The sum of 1 - cos is subtracted from the sum of all masses. */
ENT_SIMD void ent_angles_mean(size_t n, const double *x, const double *masses, double mean[2]) {
  const ent_v8 none = {0}, equal = ent_v8_set(1.0 / (double)n);
  ent_v8 sines = none, cosines = none;
  for (size_t i = 0; i < n; i += ENT_LANES) {
    ent_v8 sine, versine, mass;
    ent_v8_sin_versin(ent_lanes_load(n, i, x, 0), &sine, &versine);
    mass = masses ? ent_lanes_load(n, i, masses, 0) : ent_v8_select(ent_lanes_before(n, i), equal, none);
    sines += mass * sine;
    cosines += mass * (1.0 - versine);
  }
  mean[0] = ent_v8_sum(cosines);
  mean[1] = ent_v8_sum(sines);
}

/* The same angle in [-pi, pi], to rounding. */
ENT_SIMD_INLINE ent_v8 turn_back(ent_v8 x) {
  const ent_v8 turns = (x * (1 / ENT_TWO_PI) + ENT_SIMD_ROUND) - ENT_SIMD_ROUND;
  /* 2 pi in two parts, the first of 33 bits: whole turns are taken off exactly */
  return (x - turns * 0x1.921fb54400000p2) - turns * 0x1.0b4611a626331p-32;
}

ENT_SIMD double ent_angles_extent(size_t n, const double *x) {
  ent_v8 most = {0}, least = {0}, nothing = {0};
  for (size_t i = 0; i < n; i += ENT_LANES) {
    const ent_v8 beside = turn_back(ent_lanes_load(n, i, x, x[0]) - x[0]);
    most = ent_v8_max(beside, most);
    least = ent_v8_max(-beside, least);
    nothing += beside * 0.0;
  }
  return ent_v8_largest(most) + ent_v8_largest(least) + ent_v8_sum(nothing);
}

size_t ent_angles_work(size_t n) {
  return ent_simd_pad(n);
}

ENT_SIMD_INLINE ent_v8 absolute(ent_v8 v) {
  return (ent_v8)((ent_i8)v & INT64_MAX);
}

/*
 * Angles in [-pi, pi], exactly the same, and not-a-number up to whole vectors. Returns the length of an arc
 * that has them all, not-a-number where one is.
 */
ENT_SIMD static double wrap(size_t n, const double *x, double *turn) {
  ent_v8 largest = {0}, most = ent_v8_set(-INFINITY), least = most, nothing = {0};
  for (size_t i = 0; i < n; i += ENT_LANES) {
    const ent_v8 angles = ent_lanes_load(n, i, x, NAN);
    nothing += ent_lanes_load(n, i, x, 0) * 0.0;
    const ent_v8 turns = (angles * (1 / ENT_TWO_PI) + ENT_SIMD_ROUND) - ENT_SIMD_ROUND;
    const ent_v8 wrapped = angles - turns * ENT_TWO_PI; /* exact for one turn, see ent_sphere_wrap */
    largest = ent_v8_max(absolute(angles), largest);
    most = ent_v8_max(wrapped, most);
    least = ent_v8_max(-wrapped, least);
    memcpy(turn + i, &wrapped, sizeof(wrapped));
  }
  if (ent_v8_largest(largest) <= 1.5 * ENT_TWO_PI)
    return ent_v8_largest(most) + ent_v8_largest(least) + ent_v8_sum(nothing);
  for (size_t i = 0; i < n; i++) turn[i] = ent_sphere_wrap(x[i]);
  return ENT_TWO_PI;
}

/* All ones where angles in [-pi, pi] are not farther than `far` from half a turn apart, either way. */
ENT_SIMD_INLINE ent_i8 are_close(ent_v8 angles, double angle, double far) {
  return absolute(ENT_TWO_PI / 2 - absolute(angles - angle)) >= far;
}

ENT_SIMD_INLINE size_t count(ent_i8 counter) {
  int64_t total = 0;
  for (int lane = 0; lane < ENT_LANES; lane++) total -= counter[lane];
  return (size_t)total;
}

/*
 * Blocks of eight against all before them, and against themselves, where each pair is met twice, and each
 * angle by itself, unless it is not-a-number.
 */
ENT_SIMD size_t ent_angles_close_pairs(size_t n, const double *x, double reach, double *work) {
  const double far = ENT_TWO_PI / 2 - reach;
  ent_i8 others = {0}, own = {0}, self = {0};
  if (wrap(n, x, work) <= reach) return n * (n - 1) / 2;
  for (size_t j = 0; j < n; j += ENT_LANES) {
    const size_t end = j + ENT_LANES < n ? j + ENT_LANES : n;
    ent_v8 block;
    memcpy(&block, work + j, sizeof(block));
    self += block == block;
    for (size_t i = 0; i < j; i++) others += are_close(block, work[i], far);
    for (size_t i = j; i < end; i++) own += are_close(block, work[i], far);
  }
  return count(others) + (count(own) - count(self)) / 2;
}

/* |v| of numbers with a sign, which wrap. */
ENT_SIMD_INLINE ent_w16 size_of(ent_w16 v) {
  return ent_w16_lesser(v, -v);
}

/* Pairs within reach, and by how much the distance of any pair differs at least from the reach. */
typedef struct counts {
  ent_w16 close, spare;
} counts;

ENT_SIMD_INLINE counts no_counts(void) {
  return (counts){.spare = ~(ent_w16){0}};
}

/* Angles `there` against `here`, all in units. */
ENT_SIMD_INLINE void count_wide(ent_w16 there, ent_w16 here, uint32_t reach, counts *counted) {
  const ent_w16 beyond = size_of(there - here) - reach;
  counted->close -= (ent_w16)((signed_wide)beyond < 0);
  counted->spare = ent_w16_lesser(counted->spare, size_of(beyond));
}

ENT_SIMD_INLINE ent_w16 load_wide(const uint32_t *units) {
  ent_w16 v;
  memcpy(&v, units, sizeof(v));
  return v;
}

/* The same sixteen, each one lane lower. */
ENT_SIMD_INLINE ent_w16 turn_wide(ent_w16 v) {
  return __builtin_shufflevector(v, v, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0);
}

/* All pairs of sixteen: each with those 1 ... 8 lanes on, of which the last are met twice. */
ENT_SIMD_INLINE void count_own(ent_w16 own, uint32_t reach, counts *once, counts *twice) {
  ent_w16 turned = turn_wide(own);
#pragma GCC unroll 7
  for (int k = 1; k < ENT_WIDE / 2; k++) {
    count_wide(turned, own, reach, once);
    turned = turn_wide(turned);
  }
  count_wide(turned, own, reach, twice);
}

/* Whole blocks of sixteen; lowers *spare. */
ENT_SIMD_INLINE size_t count_blocks(size_t n, const uint32_t *units, uint32_t reach, ent_w16 *spare) {
  counts once = no_counts(), twice = no_counts();
  for (size_t j = 0; j + ENT_WIDE <= n; j += ENT_WIDE) {
    const ent_w16 block = load_wide(units + j);
    for (size_t i = 0; i < j; i++) count_wide(block, units[i] - (ent_w16){0}, reach, &once);
    count_own(block, reach, &once, &twice);
  }
  *spare = ent_w16_lesser(*spare, ent_w16_lesser(once.spare, twice.spare));
  return ent_w16_sum(2 * once.close + twice.close) / 2;
}

/*
 * What is left of the last block against all before it, and against itself, where each pair is met twice, and
 * each angle by itself, which is as much within reach as the reach is long.
 */
ENT_SIMD_INLINE size_t count_rest(size_t n, const uint32_t *units, uint32_t reach, ent_w16 *spare) {
  const size_t rest = n % ENT_WIDE, first = n - rest;
  counts others = no_counts(), own = no_counts();
  if (rest == 0) return 0;
  const ent_w16 block = load_wide(units + first);
  for (size_t i = 0; i < first; i++) count_wide(block, units[i] - (ent_w16){0}, reach, &others);
  for (size_t i = first; i < n; i++) count_wide(block, units[i] - (ent_w16){0}, reach, &own);
  const ent_w16 lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                is_one = (ent_w16)(lane < (uint32_t)rest);
  *spare = ent_w16_lesser(*spare, ent_w16_lesser(others.spare, own.spare) | ~is_one);
  return (ent_w16_sum((2 * others.close + own.close) & is_one) - rest) / 2;
}

/* Eight angles in units; `wrong` counts what is not finite or too large. */
ENT_SIMD_INLINE narrow to_units(const double *x, ent_i8 *wrong) {
  ent_v8 angles;
  memcpy(&angles, x, sizeof(angles));
  *wrong += 1 + (absolute(angles) <= MOST_ANGLE);
  return __builtin_convertvector((ent_u8)(angles * UNITS + ENT_SIMD_ROUND), narrow);
}

ENT_SIMD_INLINE void convert_block(const double *x, uint32_t *units, ent_i8 *wrong) {
  const narrow low = to_units(x, wrong), high = to_units(x + ENT_LANES, wrong);
  const ent_w16 both =
    __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  memcpy(units, &both, sizeof(both));
}

/* Angles in units, and the first again up to whole blocks. Not zero where one is not finite or too large. */
ENT_SIMD_INLINE ent_w16 convert(size_t n, const double *x, uint32_t *units) {
  const size_t rest = n % ENT_WIDE, first = n - rest;
  ent_i8 wrong = {0};
  for (size_t i = 0; i < first; i += ENT_WIDE) convert_block(x + i, units + i, &wrong);
  if (rest > 0) {
    double last[ENT_WIDE];
    for (size_t k = 0; k < ENT_WIDE; k++) last[k] = x[0];
    memcpy(last, x + first, rest * sizeof(*x));
    convert_block(last, units + first, &wrong);
  }
  return (ent_w16)wrong;
}

/* Whether all are surely within reach, being within half of it of the first. */
ENT_SIMD_INLINE bool are_near(size_t n, const uint32_t *units, uint32_t reach) {
  const uint32_t half = (reach - DOUBT) / 2;
  ent_w16 far = {0};
  for (size_t i = 0; i < n; i += ENT_WIDE) far -= (ent_w16)(size_of(load_wide(units + i) - units[0]) > half);
  return ent_w16_sum(far) == 0;
}

/* What the last count was, in the memory before its angles; all zero before the first. */
typedef struct last_count {
  uint32_t reach, close; /* units, pairs */
  uint32_t still;        /* units that angles may move without a change */
  uint32_t unused;
} last_count;

enum { HEAD = sizeof(last_count) / sizeof(uint32_t) };

size_t ent_angles_memory(size_t n) {
  const size_t words = HEAD + (n + ENT_WIDE - 1) / ENT_WIDE * ENT_WIDE;
  return n > MOST_WIDE ? 0 : words * sizeof(uint32_t) / sizeof(double);
}

/* Whether nothing is wrong, and nothing has moved farther than `still`. */
ENT_SIMD_INLINE bool is_still(size_t n, const uint32_t *units, const uint32_t *before, uint32_t still,
                              ent_w16 wrong) {
  ent_w16 far = wrong;
  for (size_t i = 0; i < n; i += ENT_WIDE)
    far -= (ent_w16)(size_of(load_wide(units + i) - load_wide(before + i)) > still);
  return ent_w16_sum(far) == 0;
}

/*
 * No distance changes by more than the moves of both its angles: where it differed from the reach by more
 * than twice the largest move and the doubt, it is on the same side, and in no more doubt.
 */
ENT_SIMD_INLINE bool recall(size_t n, const uint32_t *units, ent_w16 wrong, uint32_t reach,
                            const uint32_t *memory, size_t *close) {
  last_count last;
  memcpy(&last, memory, sizeof(last));
  if (last.reach != reach || !is_still(n, units, memory + HEAD, last.still, wrong)) return false;
  *close = last.close;
  return true;
}

ENT_SIMD_INLINE void keep(size_t n, const uint32_t *units, const last_count *last, uint32_t *memory) {
  memcpy(memory, last, sizeof(*last));
  for (size_t i = 0; i < n; i += ENT_WIDE) memcpy(memory + HEAD + i, units + i, sizeof(ent_w16));
}

ENT_SIMD bool ent_angles_count_clear(size_t n, const double *x, double reach, double *memory, size_t *close) {
  uint32_t units[MOST_WIDE], *kept = (uint32_t *)(void *)memory;
  if (n > MOST_WIDE || !(reach * UNITS > LEAST_REACH && reach < MOST_REACH)) return false;
  const uint32_t within = (uint32_t)(int64_t)(reach * UNITS);
  const ent_w16 wrong = convert(n, x, units);
  if (kept && recall(n, units, wrong, within, kept, close)) return true;
  if (ent_w16_sum(wrong) != 0) return false;
  if (are_near(n, units, within)) {
    *close = n * (n - 1) / 2;
    return true;
  }
  ent_w16 spare = no_counts().spare;
  const size_t count = count_blocks(n, units, within, &spare) + count_rest(n, units, within, &spare);
  const uint32_t least = ent_w16_least(spare);
  if (least <= DOUBT) return false;
  const last_count last = {
    .reach = within, .close = (uint32_t)count, .still = (least - DOUBT - 1) / 2, .unused = 0};
  if (kept) keep(n, units, &last, kept);
  *close = count;
  return true;
}

ENT_SIMD double ent_angles_pair_sum(const ent_pair_energy *energy, size_t n, const double *x,
                                    const double *masses, ent_brake *brake) {
  const ent_v8 none = {0};
  ent_v8 sum = {0};
  for (size_t i = 1; i < n; i++) {
    if (ent_pair_energy_gives_up(brake, i, 1)) break;
    ent_v8 row = {0};
    for (size_t j = 0; j < i; j += ENT_LANES) {
      ent_v8 sine, versine;
      ent_v8_sin_versin(ent_lanes_load(n, j, x, 0) - x[i], &sine, &versine);
      ent_v8 values = ent_pair_energy_lanes(energy, versine);
      if (masses) values *= ent_lanes_load(n, j, masses, 0);
      row += ent_v8_select(ent_lanes_before(i, j), values, none);
    }
    if (masses) row *= masses[i];
    sum += row;
  }
  return ent_v8_sum(sum);
}
