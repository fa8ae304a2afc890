#ifndef ENTRAIN_TESTS_BENCH_LOOPS_H
#define ENTRAIN_TESTS_BENCH_LOOPS_H

/*
 * What kernels are held against: loops that do nothing but exponentials or multiply-adds, in the
 * instruction set of the kernels (tests/bench/loops_simd.c is compiled once for each, base/isa).
 */

#include <stddef.h>

#include "entrain/base/isa.h"

typedef struct ent_bench_loops {
  /* y_k = e^{x_k}, by math/simd; count is a multiple of 8, the arrays are aligned to 64 bytes */
  void (*exps)(size_t count, const double *x, double *y);
  /* y_k = 2^{x_k}, as the direct sums take it; count is a multiple of 64 */
  void (*kernel_exps)(size_t count, const double *x, double *y);
  /* e^{x_k} by SLEEF's function of 1 ulp; NULL where this set has none of eight lanes */
  void (*sleef_exps)(size_t count, const double *x, double *y);
  /* rounds of multiply-adds that do not wait for one another; returns something made of all of them */
  double (*multiply_adds)(size_t rounds);
} ent_bench_loops;

enum { ENT_BENCH_FLOPS_PER_ROUND = 2 * 8 * 16 }; /* of multiply_adds */

/* The loops of the instruction set that kernels use. */
const ent_bench_loops *ent_bench_loops_current(void);

#endif
