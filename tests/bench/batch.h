#ifndef ENTRAIN_TESTS_BENCH_BATCH_H
#define ENTRAIN_TESTS_BENCH_BATCH_H

/*
 * Pair sums of eight seeds side by side: lane l of every vector belongs to seed l, and a state is
 * [particle][component][lane]. No sum crosses lanes, no block has a tail, and the weight of a pair needs no
 * transposition to serve both particles. These are kernels of equal masses under softmax weights without a
 * scale, for the comparison with those of src/kernel only (tests/bench/batch_simd.c is compiled once for
 * each instruction set, base/isa).
 */

#include <stddef.h>

#include "entrain/base/isa.h"

enum { ENT_BENCH_BATCH_MOST = 64 /* particles */, ENT_BENCH_BATCH_WIDEST = 8 /* components */ };

/* All arrays are aligned to 64 bytes. */
typedef struct ent_bench_batch {
  size_t n, d;             /* d = 2: angles; 3 or 8: unit vectors. n is a multiple of 8 */
  double beta;             /* 0 ... 100 */
  size_t terms;            /* of a series, even */
  const double *series;    /* [terms + 2]: I_k(beta) e^{-beta} */
  const double *states[8]; /* [n, d], or [n] of angles: what the eight jobs hand over */
  double *drifts[8];       /* the same: what they get back */
  double *x, *y;           /* [n][d, or 1][8]: states and drifts in lanes */
  double *work;            /* [ENT_BENCH_BATCH_WORK] */
} ent_bench_batch;

/* Points and sums, or cosines and sines; then weights of some rows, or moments. */
enum { ENT_BENCH_BATCH_WORK = 8 * (2 * ENT_BENCH_BATCH_MOST * (ENT_BENCH_BATCH_WIDEST + 1) + 4 * 512) };

/* The context is an ent_bench_batch everywhere. */
typedef struct ent_bench_batch_ops {
  void (*gather)(void *batch);  /* states into lanes */
  void (*scatter)(void *batch); /* drifts out of lanes */
  void (*fourier)(void *batch); /* drifts by series, d = 2 */
  void (*direct)(void *batch);  /* drifts by direct sums, each weight once */
} ent_bench_batch_ops;

/* The functions of the instruction set that kernels use. */
const ent_bench_batch_ops *ent_bench_batch_current(void);

#endif
