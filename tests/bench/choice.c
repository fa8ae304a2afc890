/*
 * Measures the table from which kernel/pairs chooses: for every instruction set of this processor and some
 * counts of particles the longest series, Fourier's on the circle and harmonics on the sphere, that is still
 * faster than direct sums. Prints the rows of src/kernel/pairs_table.h. Run it when a kernel has changed; it
 * is no part of `make bench`.
 */

#include <stdio.h>
#include <stdlib.h>

#include "kernels.h"

#define SLACK 1e-8
#define LEAST_BETA 0.02
#define FACTOR 1.12 /* between two values of beta, which make the series longer */

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { ROUNDS = 7, BETAS = 90, LONGEST = 512 };

static const size_t counts[] = {4,  6,  8,  10,  12,  14,  16,  20,  24,   32,
                                48, 64, 96, 128, 192, 256, 384, 512, 1024, 2048};

static ent_pair_law law_of(int index) {
  double beta = LEAST_BETA;
  for (int k = 0; k < index; k++) beta *= FACTOR;
  return (ent_pair_law){.beta = beta, .softmax = true, .slack = SLACK};
}

/* Terms or degree of the series under the index-th law; 0 where it will not do. */
static size_t length_of(const ent_bench_kernels *kernels, int index) {
  const ent_pair_law law = law_of(index);
  return kernels->d == 2 ? ent_fourier_terms(kernels->fourier, &law)
                         : ent_harmonic_degree(kernels->harmonic, &law);
}

/* Whether the series is faster. */
static bool series_win(ent_bench_kernels *kernels, int index) {
  const ent_bench_side series = {ent_bench_kernels_series, kernels};
  const ent_bench_side direct = {ent_bench_kernels_direct, kernels};
  kernels->law = law_of(index);
  ent_bench_kernels_series(kernels);
  return kernels->is_within && ent_bench_compare(series, direct, ROUNDS).ratio < 1;
}

/* The longest series that wins, by bisection; LONGEST where all of them do, 0 where none does. */
static size_t longest_series(size_t n, size_t d) {
  const ent_pair_law law = law_of(0);
  ent_bench_kernels kernels = ent_bench_kernels_at(n, d, &law);
  int most = BETAS - 1, wins = -1;
  while (most > 0 && length_of(&kernels, most) == 0) most--;
  int loses = most + 1;
  while (loses - wins > 1) {
    const int middle = wins + (loses - wins) / 2;
    const bool is_known = wins >= 0 && length_of(&kernels, middle) == length_of(&kernels, wins);
    if (is_known || series_win(&kernels, middle))
      wins = middle;
    else
      loses = middle;
  }
  const size_t longest = wins < 0 ? 0 : wins == most ? LONGEST : length_of(&kernels, wins);
  ent_bench_kernels_fini(&kernels);
  return longest;
}

static void print_sets(size_t n, size_t d) {
  const char *before = ", {";
  for (int isa = 0; isa < ENT_ISA_COUNT; isa++) {
    if (!ent_isa_is_available((ent_isa)isa)) continue;
    ent_isa_pin((ent_isa)isa);
    printf("%s%zu", before, longest_series(n, d));
    fflush(stdout);
    before = ", ";
  }
  printf("}");
}

int main(int argc, char **argv) {
  const size_t first = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 0;
  for (size_t row = 0; row < COUNT(counts); row++) {
    if (counts[row] < first) continue;
    printf("  {%zu", counts[row]);
    print_sets(counts[row], 2);
    print_sets(counts[row], 3);
    printf("},\n");
  }
  return 0;
}
