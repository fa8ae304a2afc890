#ifndef ENTRAIN_TESTS_BENCH_KERNELS_H
#define ENTRAIN_TESTS_BENCH_KERNELS_H

/*
 * The kernels of pair sums side by side, as sides to be timed: direct sums, series (Fourier's for angles, d
 * = 2, spherical harmonics for d = 3), and what kernel/pairs chooses.
 */

#include "entrain/kernel/direct.h"
#include "entrain/kernel/fourier.h"
#include "entrain/kernel/harmonic.h"
#include "entrain/kernel/pairs.h"

#include "bench.h"

typedef struct ent_bench_kernels {
  size_t n, d;
  size_t size; /* numbers of a state */
  ent_pair_law law;
  ent_direct *direct;
  ent_fourier *fourier;   /* d = 2 */
  ent_harmonic *harmonic; /* d = 3 */
  ent_pairs *pairs;
  double *x, *dxdt; /* [size]: particles that lie uniformly, room */
  double bound;     /* of the last series' error */
  bool is_within;   /* and whether it is within the slack */
} ent_bench_kernels;

/* Kernels for n particles in dimension 2 or 3, with the current instruction set. */
ent_bench_kernels ent_bench_kernels_at(size_t n, size_t d, const ent_pair_law *law);
void ent_bench_kernels_fini(ent_bench_kernels *kernels);

/* One drift each; the context is an ent_bench_kernels. */
void ent_bench_kernels_direct(void *context);
void ent_bench_kernels_series(void *context);
void ent_bench_kernels_chosen(void *context);

#endif
