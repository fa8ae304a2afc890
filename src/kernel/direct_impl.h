#ifndef ENTRAIN_SRC_KERNEL_DIRECT_IMPL_H
#define ENTRAIN_SRC_KERNEL_DIRECT_IMPL_H

/* What direct.c, which owns the scratch, and direct_simd.c, which computes in it, agree on. */

#include "entrain/kernel/direct.h"

struct ent_direct {
  size_t n, d, padded;
  const struct ent_direct_ops *ops;
  double *state;   /* angles: [padded]; vectors: [d, padded], coordinate by coordinate */
  double *masses;  /* [padded], zero beyond n */
  double *sines;   /* [padded]: angles only, sin(x_j - x_i) of the current row */
  double *weights; /* [padded]: first exponents, then weights of the current row */
  double *gaps;    /* [padded]: 1 - <x_i, x_j> of the current row, where its radial part is asked for */
};

/* The functions of an instruction set; both are ent_direct_sum. */
typedef struct ent_direct_ops {
  void (*sum_angles)(ent_direct *direct, const ent_pair_law *law, const double *x, double *dxdt,
                     double *radial);
  void (*sum_vectors)(ent_direct *direct, const ent_pair_law *law, const double *x, double *dxdt,
                      double *radial);
} ent_direct_ops;

extern const ent_direct_ops ent_direct_ops_baseline, ent_direct_ops_v3, ent_direct_ops_v4;

#endif
