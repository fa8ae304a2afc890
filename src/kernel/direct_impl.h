#ifndef ENTRAIN_SRC_KERNEL_DIRECT_IMPL_H
#define ENTRAIN_SRC_KERNEL_DIRECT_IMPL_H

/*
 * What direct.c, which owns the scratch, and the files that compute in it agree on.
 *
 * Particles stand in blocks of eight lanes. Arrays of coordinates are [panels][blocks + 1][ENT_PANEL][8]:
 * four coordinates of all blocks, then the next four, so that a strip of blocks is contiguous for any d; one
 * block more than there are keeps panels from lying a power of two apart. Lanes beyond n hold particle 0 with
 * mass 0.
 */

#include <stdbool.h>

#include "entrain/kernel/direct.h"

enum {
  ENT_PANEL = 4,
  ENT_TILE = 16, /* blocks of rows and of columns whose weights, at most 128 KB, are kept at once */
};

/* Blocks `first` ... `last` - 1. */
typedef struct ent_direct_blocks {
  size_t first, last;
} ent_direct_blocks;

struct ent_direct {
  size_t n, d;
  size_t coordinates; /* of a particle: d, or 3 for an angle: cosine, sine, turn (math/simd_angle) */
  size_t components;  /* of its drift: d, or 1 for an angle */
  size_t blocks;      /* of eight particles */
  size_t pieces;      /* that sums are divided into, see direct_pieces.h; 1: they are not */
  bool has_ones;      /* the masses are */
  const struct ent_direct_ops *ops;
  double *state;   /* coordinates */
  double *sums;    /* components: sum_j w_ij (x_j - x_i) */
  double *masses;  /* [blocks][8] */
  double *totals;  /* [blocks][8]: Z_i */
  double *misses;  /* [blocks][8]: sum_j w_ij |x_j - x_i|^2, where the radial part is asked for */
  double *shifts;  /* [blocks][8]: what the row's exponents were lowered by, where rows are summed alone */
  double *gaps;    /* |x_j - x_i|^2: [tile][8][8] of a strip's pairs, [blocks][8] of a row's */
  double *weights; /* [tile][tile][8][8] of a tile's pairs, or as gaps */
  double *turned;  /* [tile][tile][8][8]: weights with rows and columns exchanged */
  double *strips;  /* sums of the rows of two pieces; where there are any */
};

/* The functions of an instruction set. */
typedef struct ent_direct_ops {
  /* ent_direct_sum, each pair once; for laws whose weights cannot overflow. */
  void (*sum_pairs)(ent_direct *direct, const ent_pair_law *law, const double *x, double *dxdt,
                    double *radial);
  /* ent_direct_sum, row by row, for any law. */
  void (*sum_rows)(ent_direct *direct, const ent_pair_law *law, const double *x, double *dxdt,
                   double *radial);

  /* The same in pieces, see direct_pieces.h. All but `load` and `finish` return false when they give up. */

  /* Takes over the particles. */
  void (*load)(ent_direct *direct, const ent_pair_law *law, const double *x);
  /* Adds each pair of a particle of `a` and one of `b`, once; `b` is `a` or behind it. */
  bool (*add_pairs)(ent_direct *direct, const ent_pair_law *law, ent_direct_blocks a, ent_direct_blocks b);
  /* The same for the rows alone, with misses. */
  bool (*add_columns)(ent_direct *direct, const ent_pair_law *law, ent_direct_blocks rows,
                      ent_direct_blocks columns);
  /* Sums, totals, misses and shifts of rows, for any law. */
  bool (*take_rows)(ent_direct *direct, const ent_pair_law *law, ent_direct_blocks rows);
  /* From sums to drift and radial part. [in] shifts  NULL: all 0 */
  void (*finish)(ent_direct *direct, const ent_pair_law *law, const double *shifts, double *dxdt,
                 double *radial);
} ent_direct_ops;

extern const ent_direct_ops ent_direct_ops_baseline, ent_direct_ops_v3, ent_direct_ops_v4;

#endif
