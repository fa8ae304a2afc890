/*
 * Measures the tables from which kernel/pairs chooses: for every instruction set of this processor and
 * every |beta| of the table, the least number of particles from which on series are faster than direct
 * sums, first Fourier's on the circle, then harmonics on the sphere. Prints them as the rows of
 * src/kernel/pairs_table.h. Run it when a kernel has changed; it is no part of `make bench`.
 */

#include <stdint.h>
#include <stdio.h>

#include "kernels.h"

#define SLACK 1e-8

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { ROUNDS = 9 };

static const size_t counts[] = {4,  6,  8,  10, 12,  14,  16,  20,  24,  28,  32,  36,  40,   48,
                                56, 64, 80, 96, 112, 128, 160, 192, 256, 384, 512, 768, 1024, 2048};

/* Whether the series are faster. */
static bool series_win(size_t n, size_t d, double beta) {
  const ent_pair_law law = {.beta = beta, .softmax = true, .slack = SLACK};
  ent_bench_kernels kernels = ent_bench_kernels_at(n, d, &law);
  const ent_bench_side series = {ent_bench_kernels_series, &kernels};
  const ent_bench_side direct = {ent_bench_kernels_direct, &kernels};
  ent_bench_kernels_series(&kernels);
  const bool win = kernels.is_within && ent_bench_compare(series, direct, ROUNDS).ratio < 1;
  ent_bench_kernels_fini(&kernels);
  return win;
}

/* The least of the counts from which on the series win; SIZE_MAX where they never do. */
static size_t least_count(size_t d, double beta) {
  size_t least = SIZE_MAX;
  for (size_t k = COUNT(counts); k-- > 0;) {
    if (!series_win(counts[k], d, beta)) break;
    least = counts[k];
  }
  return least;
}

static void print_row(size_t d, double beta) {
  static const char *const names[] = {"BASELINE", "V3", "V4"};
  printf("  {");
  for (int isa = 0; isa < ENT_ISA_COUNT; isa++) {
    if (!ent_isa_is_available((ent_isa)isa)) continue;
    ent_isa_pin((ent_isa)isa);
    printf("%s[ENT_ISA_%s] = %zu", isa > 0 ? ", " : "", names[isa], least_count(d, beta));
    fflush(stdout);
  }
  printf("}, /* up to |beta| = %g */\n", beta);
}

int main(void) {
  static const double betas[] = {1, 4, 16, 64, 256, 512}; /* the last one stands for all above */
  for (size_t d = 2; d <= 3; d++) {
    printf("d = %zu\n", d);
    for (size_t row = 0; row < COUNT(betas); row++) print_row(d, betas[row]);
  }
  return 0;
}
