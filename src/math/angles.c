#include "entrain/math/angles.h"

#include <math.h>

#include "entrain/math/sphere.h"

#include "pair_energy_lanes.h"

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
 * that has them all.
 */
ENT_SIMD static double wrap(size_t n, const double *x, double *turn) {
  ent_v8 largest = {0}, most = ent_v8_set(-INFINITY), least = most;
  for (size_t i = 0; i < n; i += ENT_LANES) {
    const ent_v8 angles = ent_lanes_load(n, i, x, NAN);
    const ent_v8 turns = (angles * (1 / ENT_TWO_PI) + ENT_SIMD_ROUND) - ENT_SIMD_ROUND;
    const ent_v8 wrapped = angles - turns * ENT_TWO_PI; /* exact for one turn, see ent_sphere_wrap */
    largest = ent_v8_max(absolute(angles), largest);
    most = ent_v8_max(wrapped, most);
    least = ent_v8_max(-wrapped, least);
    memcpy(turn + i, &wrapped, sizeof(wrapped));
  }
  if (ent_v8_largest(largest) <= 1.5 * ENT_TWO_PI) return ent_v8_largest(most) + ent_v8_largest(least);
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

/* Blocks of eight against all before them, and against themselves, where each pair is met twice. */
ENT_SIMD size_t ent_angles_close_pairs(size_t n, const double *x, double reach, double *work) {
  const double far = ENT_TWO_PI / 2 - reach;
  ent_i8 others = {0}, own = {0};
  if (wrap(n, x, work) <= reach) return n * (n - 1) / 2;
  for (size_t j = 0; j < n; j += ENT_LANES) {
    const size_t end = j + ENT_LANES < n ? j + ENT_LANES : n;
    ent_v8 block;
    memcpy(&block, work + j, sizeof(block));
    for (size_t i = 0; i < j; i++) others += are_close(block, work[i], far);
    for (size_t i = j; i < end; i++) own += are_close(block, work[i], far);
  }
  return count(others) + (count(own) - n) / 2;
}

ENT_SIMD double ent_angles_pair_sum(const ent_pair_energy *energy, size_t n, const double *x,
                                    const double *masses) {
  const ent_v8 none = {0};
  ent_v8 sum = {0};
  for (size_t i = 1; i < n; i++) {
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
