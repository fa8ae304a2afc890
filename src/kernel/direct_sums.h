#ifndef ENTRAIN_SRC_KERNEL_DIRECT_SUMS_H
#define ENTRAIN_SRC_KERNEL_DIRECT_SUMS_H

/*
 * Weighted sums over the columns of a tile, eight rows to a vector, one column after the other. Each row's
 * sum runs over the same particles in the same order, so that coincident particles, whose terms are the same,
 * have the same drift to the last bit and stay together: steps of metastable states are long only as long as
 * they do.
 */

#include "direct_tile.h"

enum {
  MOST_GROUP = 4,
#if defined(__AVX512F__)
  WIDE_GROUP = 4, /* blocks of rows that are summed at once, for up to three coordinates */
  CHORD_GROUP = 2 /* for more */
#else
  WIDE_GROUP = 1,
  CHORD_GROUP = 1
#endif
};

typedef ent_direct_blocks range;

/* Row blocks I, I + 1, ... against columns; weights [columns][height][8], those of I first. */
typedef struct sheet {
  size_t I, height;
  range columns;
  const ent_v8 *weights;
  bool has_masses;
} sheet;

/* Weights of column r of block J for row block I + g. */
ENT_SIMD_INLINE ent_v8 weight_of(const ent_direct *direct, const sheet *s, size_t J, int r, int g) {
  const ent_v8 weight = s->weights[((J - s->columns.first) * s->height + (size_t)g) * ENT_LANES + (size_t)r];
  if (s->has_masses) return weight * direct->masses[J * ENT_LANES + (size_t)r];
  return weight;
}

/* sum_j w_ij and sum_j w_ij sin(x_j - x_i) of `group` row blocks. */
ENT_SIMD_INLINE void add_sines(const ent_direct *direct, const sheet *s, int group) {
  ent_v8 totals[MOST_GROUP] = {{0}}, sums[MOST_GROUP] = {{0}}, x[MOST_GROUP][3];
  ENT_UNROLL for (int g = 0; g < group; g++) {
    ENT_UNROLL for (int k = 0; k < 3; k++) {
      x[g][k] = *vectors(direct->state + place(direct, s->I + (size_t)g, (size_t)k));
    }
  }
  for (size_t J = s->columns.first; J < s->columns.last; J++) {
    const double *to = direct->state + place(direct, J, 0);
    ENT_ROLLED for (int r = 0; r < ENT_LANES; r++) {
      ENT_UNROLL for (int g = 0; g < group; g++) {
        const ent_v8 weight = weight_of(direct, s, J, r, g);
        const ent_v8 c = x[g][0] - to[r], sine = to[ENT_LANES + r] - x[g][1];
        const ent_v8 turn = to[2 * ENT_LANES + r] - x[g][2];
        totals[g] += weight;
        sums[g] = ent_v8_fma(weight, ent_v8_fma(sine, x[g][0], ent_v8_fma(c, x[g][1], turn)), sums[g]);
      }
    }
  }
  ENT_UNROLL for (int g = 0; g < group; g++) {
    vectors(direct->totals)[s->I + (size_t)g] += totals[g];
    *vectors(direct->sums + place(direct, s->I + (size_t)g, 0)) += sums[g];
  }
}

/* sum_j w_ij (x_j - x_i) of `group` row blocks for `width` coordinates from k on, all in one panel; with the
 * first panel goes sum_j w_ij. */
ENT_SIMD_INLINE void add_chords(const ent_direct *direct, const sheet *s, int group, size_t k, int width) {
  ent_v8 totals[MOST_GROUP] = {{0}};
  ent_v8 sums[MOST_GROUP][ENT_PANEL] = {{{0}}}, x[MOST_GROUP][ENT_PANEL];
  const size_t step = ENT_PANEL * ENT_LANES, at = place(direct, s->I, k);
  ENT_UNROLL for (int g = 0; g < group; g++) {
    ENT_UNROLL for (int c = 0; c < width; c++) {
      x[g][c] = vectors(direct->state + at + (size_t)g * step)[c];
    }
  }
  for (size_t J = s->columns.first; J < s->columns.last; J++) {
    const double *to = direct->state + place(direct, J, k);
    ENT_ROLLED for (int r = 0; r < ENT_LANES; r++) {
      ent_v8 weights[MOST_GROUP];
      ENT_UNROLL for (int g = 0; g < group; g++) {
        weights[g] = weight_of(direct, s, J, r, g);
        totals[g] += weights[g];
      }
      ENT_UNROLL for (int c = 0; c < width; c++) {
        const double x_j = to[c * ENT_LANES + r];
        ENT_UNROLL for (int g = 0; g < group; g++) {
          sums[g][c] = ent_v8_fma(weights[g], x_j - x[g][c], sums[g][c]);
        }
      }
    }
  }
  ENT_UNROLL for (int g = 0; g < group; g++) {
    if (k == 0) vectors(direct->totals)[s->I + (size_t)g] += totals[g];
    ENT_UNROLL for (int c = 0; c < width; c++) {
      vectors(direct->sums + at + (size_t)g * step)[c] += sums[g][c];
    }
  }
}

/* sum_j w_ij gap_ij of row block I alone; gaps as the weights. */
ENT_SIMD_INLINE void add_misses(const ent_direct *direct, const sheet *s, const ent_v8 *gaps) {
  ent_v8 sum = {0};
  for (size_t J = s->columns.first; J < s->columns.last; J++, gaps += ENT_LANES) {
    for (int r = 0; r < ENT_LANES; r++) sum = ent_v8_fma(weight_of(direct, s, J, r, 0), gaps[r], sum);
  }
  vectors(direct->misses)[s->I] += sum;
}

/* All components of `group` row blocks, and their totals. */
ENT_SIMD_INLINE void add_group(const ent_direct *direct, const sheet *s, int group) {
  size_t k = 0;
  for (; k + ENT_PANEL <= direct->d; k += ENT_PANEL) add_chords(direct, s, group, k, ENT_PANEL);
  switch (direct->d - k) {
    case 1: add_chords(direct, s, group, k, 1); break;
    case 2: add_chords(direct, s, group, k, 2); break;
    case 3: add_chords(direct, s, group, k, 3); break;
    default: break;
  }
}

/* Row blocks of a tile from s->I on, in groups. */
ENT_SIMD_INLINE void add_groups(const ent_direct *direct, bool angles, int group, size_t last, sheet *s) {
  for (; s->I + (size_t)group <= last; s->I += (size_t)group, s->weights += group * ENT_LANES) {
    if (angles)
      add_sines(direct, s, group);
    else
      add_group(direct, s, group);
  }
}

/* All rows of a tile against the columns of another; weights [columns][rows][8]. */
ENT_SIMD_INLINE void add_tile(const ent_direct *direct, bool angles, bool has_masses, range rows, sheet s) {
  s.height = rows.last - rows.first;
  s.I = rows.first;
  s.has_masses = has_masses;
  if (angles || direct->d < ENT_PANEL)
    add_groups(direct, angles, WIDE_GROUP, rows.last, &s);
  else
    add_groups(direct, angles, CHORD_GROUP, rows.last, &s);
  add_groups(direct, angles, 1, rows.last, &s);
}

#endif
