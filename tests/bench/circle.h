#ifndef ENTRAIN_TESTS_BENCH_CIRCLE_H
#define ENTRAIN_TESTS_BENCH_CIRCLE_H

/* The kernels for angles side by side, as sides to be timed: direct sums, Fourier series, and what is chosen. */

#include "entrain/kernel/direct.h"
#include "entrain/kernel/fourier.h"
#include "entrain/kernel/pairs.h"

#include "bench.h"

typedef struct ent_bench_circle {
  size_t n;
  ent_isa isa;
  ent_pair_law law;
  ent_direct *direct;
  ent_fourier *fourier;
  ent_pairs *pairs;
  double *x, *dxdt; /* [n]: uniform angles, room */
  bool is_within;   /* the last series' error was within the slack */
} ent_bench_circle;

/* Kernels for n uniform angles with the current instruction set. */
ent_bench_circle ent_bench_circle_at(size_t n, const ent_pair_law *law);
void ent_bench_circle_fini(ent_bench_circle *circle);

/* One drift each; the context is an ent_bench_circle. */
void ent_bench_circle_direct(void *context);
void ent_bench_circle_fourier(void *context);
void ent_bench_circle_chosen(void *context);

#endif
