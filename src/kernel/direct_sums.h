#ifndef ENTRAIN_SRC_KERNEL_DIRECT_SUMS_H
#define ENTRAIN_SRC_KERNEL_DIRECT_SUMS_H

/*
 * Weighted sums of rows over a strip of blocks. Each row's sum runs over the same particles in the same
 * order, so that coincident particles, whose terms are the same, have the same drift to the last bit and stay
 * together: steps of metastable states are long only as long as they do.
 */

#include "entrain/math/simd_lanes.h"

#include "direct_tile.h"

enum {
#if defined(__AVX512F__)
  SUM_ROWS = 4, /* rows and coordinates whose sums are taken at once */
  SUM_WIDTH = 2
#else
  SUM_ROWS = 2,
  SUM_WIDTH = 1
#endif
};

/* Row block `I` against blocks first ... last - 1; weights [last - first][8]. */
typedef struct strip {
  size_t I, first, last;
  const ent_v8 *weights;
  bool has_masses;
} strip;

/* The weight of row r of block I for block J. */
ENT_SIMD_INLINE ent_v8 weight_of(const ent_direct *direct, const strip *s, size_t J, int r) {
  const ent_v8 weight = s->weights[(J - s->first) * ENT_LANES + r];
  if (s->has_masses) return weight * ((const ent_v8 *)direct->masses)[J];
  return weight;
}

/* sum_j w_ij factor_ij into `sums` [blocks]; factors as the weights, or NULL: 1. */
ENT_SIMD_INLINE void add_totals(const ent_direct *direct, const strip *s, const ent_v8 *factors,
                                ent_v8 *sums) {
  ent_v8 rows[ENT_LANES] = {{0}};
  for (size_t J = s->first; J < s->last; J++) {
    ENT_UNROLL for (int r = 0; r < ENT_LANES; r++) {
      const ent_v8 weight = weight_of(direct, s, J, r);
      if (factors)
        rows[r] = ent_v8_fma(weight, factors[(J - s->first) * ENT_LANES + r], rows[r]);
      else
        rows[r] += weight;
    }
  }
  sums[s->I] += ent_v8_sums(rows);
}

/* sum_j w_ij and sum_j w_ij sin(x_j - x_i). */
ENT_SIMD_INLINE void add_sines(const ent_direct *direct, const strip *s) {
  ent_v8 sines[ENT_LANES];
  const double *from = direct->state + place(direct, s->I, 0);
  for (int row = 0; row < ENT_LANES; row += SUM_ROWS) {
    ent_v8 rows[SUM_ROWS] = {{0}};
    for (size_t J = s->first; J < s->last; J++) {
      const ent_v8 *to = (const ent_v8 *)(direct->state + place(direct, J, 0));
      ENT_UNROLL for (int r = 0; r < SUM_ROWS; r++) {
        const double *x = from + row + r;
        const ent_v8 sine =
          sine_between(to, ent_v8_set(x[0]), ent_v8_set(x[ENT_LANES]), ent_v8_set(x[2 * ENT_LANES]));
        rows[r] = ent_v8_fma(weight_of(direct, s, J, row + r), sine, rows[r]);
      }
    }
    ENT_UNROLL for (int r = 0; r < SUM_ROWS; r++) sines[row + r] = rows[r];
  }
  *vectors(direct->sums + place(direct, s->I, 0)) += ent_v8_sums(sines);
}

/* sum_j w_ij (x_j - x_i) for `width` coordinates from k on, all in one panel. */
ENT_SIMD_INLINE void add_chords(const ent_direct *direct, const strip *s, size_t k, int width) {
  ent_v8 chords[SUM_WIDTH][ENT_LANES];
  const size_t at = place(direct, s->I, k);
  for (int row = 0; row < ENT_LANES; row += SUM_ROWS) {
    ent_v8 rows[SUM_WIDTH][SUM_ROWS] = {{{0}}};
    const double *x_i = direct->state + at + row;
    for (size_t J = s->first; J < s->last; J++) {
      const ent_v8 *x_j = (const ent_v8 *)(direct->state + place(direct, J, k));
      ent_v8 weights[SUM_ROWS];
      ENT_UNROLL for (int r = 0; r < SUM_ROWS; r++) weights[r] = weight_of(direct, s, J, row + r);
      ENT_UNROLL for (int c = 0; c < width; c++) {
        ENT_UNROLL for (int r = 0; r < SUM_ROWS; r++) {
          rows[c][r] = ent_v8_fma(weights[r], x_j[c] - x_i[c * ENT_LANES + r], rows[c][r]);
        }
      }
    }
    ENT_UNROLL for (int c = 0; c < width; c++) {
      ENT_UNROLL for (int r = 0; r < SUM_ROWS; r++) chords[c][row + r] = rows[c][r];
    }
  }
  ent_v8 *sums = vectors(direct->sums + at);
  ENT_UNROLL for (int c = 0; c < width; c++) sums[c] += ent_v8_sums(chords[c]);
}

#endif
