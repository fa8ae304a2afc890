#include <math.h>

#include <sleef.h>

#include "entrain/math/simd.h"

#include "../../src/kernel/direct_tile.h"
#include "loops.h"

extern const ent_bench_loops ENT_ISA_NAME(ent_bench_loops);

static void exps(size_t count, const double *x, double *y) {
  for (size_t v = 0; v < count / ENT_LANES; v++) ((ent_v8 *)y)[v] = ent_v8_exp(((const ent_v8 *)x)[v]);
}

/* Of the powers of two that direct sums take. */
static void kernel_exps(size_t count, const double *x, double *y) {
  weigh(count / ENT_LANES, 1.0, false, (const ent_v8 *)x, (ent_v8 *)y);
}

#ifdef __AVX512F__
static void sleef_exps(size_t count, const double *x, double *y) {
  for (size_t v = 0; v < count / ENT_LANES; v++)
    ((ent_v8 *)y)[v] = (ent_v8)Sleef_expd8_u10avx512f((__m512d)((const ent_v8 *)x)[v]);
}
#endif

/* Sixteen sums hide the latency of the multiply-adds; they stay in registers where there are that many. */
static double multiply_adds(size_t rounds) {
  enum { SUMS = 16 };
  const ent_v8 factor = ent_v8_set(0.999), term = ent_v8_set(1e-3);
  ent_v8 sums[SUMS], whole = {0};
  for (int i = 0; i < SUMS; i++) sums[i] = ent_v8_set(i);
  for (size_t r = 0; r < rounds; r++) {
#pragma GCC unroll 16
    for (int i = 0; i < SUMS; i++) sums[i] = ent_v8_fma(sums[i], factor, term);
  }
  for (int i = 0; i < SUMS; i++) whole += sums[i];
  return ent_v8_sum(whole);
}

const ent_bench_loops ENT_ISA_NAME(ent_bench_loops) = {
  .exps = exps,
  .kernel_exps = kernel_exps,
#ifdef __AVX512F__
  .sleef_exps = sleef_exps,
#endif
  .multiply_adds = multiply_adds,
};
