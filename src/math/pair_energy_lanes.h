#ifndef ENTRAIN_MATH_PAIR_ENERGY_LANES_H
#define ENTRAIN_MATH_PAIR_ENERGY_LANES_H

/* What math/angles and math/points have in common: a pair energy, and sums over rows of a triangle. */

#include <string.h>

#include "entrain/base/brake.h"
#include "entrain/math/pair_energy.h"
#include "entrain/math/simd.h"

enum {
  ENT_PAIR_ENERGY_ROWS = 64, /* after which a brake is asked */
  ENT_PAIR_ENERGY_WORK = 8   /* of a pair in the brake's unit, beside its coordinates */
};

/* x[first..first+7]; lanes from n on are `beyond`. */
ENT_SIMD_INLINE ent_v8 ent_lanes_load(size_t n, size_t first, const double *x, double beyond) {
  ent_v8 v = ent_v8_set(beyond);
  if (first + ENT_LANES <= n) {
    memcpy(&v, x + first, sizeof(v));
  } else {
    for (size_t k = first; k < n; k++) v[k - first] = x[k];
  }
  return v;
}

/* All ones in lanes first + lane < end. */
ENT_SIMD_INLINE ent_i8 ent_lanes_before(size_t end, size_t first) {
  const ent_i8 lane = {0, 1, 2, 3, 4, 5, 6, 7};
  return lane < (int64_t)end - (int64_t)first;
}

/* f of eight gaps: for |b c| <= 1 Taylor's polynomial of degree 17 (remainder 2e-17). */
ENT_SIMD_INLINE ent_v8 ent_pair_energy_lanes(const ent_pair_energy *energy, ent_v8 gap) {
  static const double c[] = {1.0,
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
                             1.0 / 6227020800.0,
                             1.0 / 87178291200.0,
                             1.0 / 1307674368000.0,
                             1.0 / 20922789888000.0,
                             1.0 / 355687428096000.0,
                             1.0 / 6402373705728000.0};
  if (!energy->is_small) return ent_v8_exp(energy->shift - energy->b * gap);
  const ent_v8 overlap = 1.0 - gap;
  return overlap * ent_v8_polynomial(energy->b * overlap, 17, c);
}

/* Whether to give up before a row of the triangle, which has as many pairs as its number. */
ENT_SIMD_INLINE bool ent_pair_energy_gives_up(ent_brake *brake, size_t row, size_t d) {
  const size_t work = ENT_PAIR_ENERGY_ROWS * row * (d + ENT_PAIR_ENERGY_WORK);
  return row % ENT_PAIR_ENERGY_ROWS == 0 && ent_brake_after(brake, (double)work);
}

#endif
