/*
 * Measures the table from which kernel/pairs chooses: for every instruction set of this processor and every
 * |beta| of the table, the least number of particles from which on Fourier series are faster than direct
 * sums. Prints it as the rows of src/kernel/pairs_table.h. Run it when a kernel has changed; not a part of
 * `make bench`.
 */

#include <stdio.h>

#include "circle.h"

#define SLACK 1e-8

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { ROUNDS = 9 };

static const size_t counts[] = {4,  6,  8,  10, 12, 14,  16,  20,  24,  28,  32,  36,  40,
                                48, 56, 64, 80, 96, 112, 128, 160, 192, 256, 384, 512, 1024};

/* The series' time over that of direct sums. */
static double ratio_at(size_t n, double beta) {
  const ent_pair_law law = {.beta = beta, .softmax = true, .slack = SLACK};
  ent_bench_circle circle = ent_bench_circle_at(n, &law);
  const ent_bench_pair pair = ent_bench_compare((ent_bench_side){ent_bench_circle_fourier, &circle},
                                                (ent_bench_side){ent_bench_circle_direct, &circle}, ROUNDS);
  const bool is_within = circle.is_within;
  ent_bench_circle_fini(&circle);
  return is_within ? pair.ratio : 2;
}

/* The least of the counts from which on the series win. */
static size_t least_count(double beta) {
  size_t least = 0;
  for (size_t k = COUNT(counts); k-- > 0;) {
    if (ratio_at(counts[k], beta) > 1) break;
    least = counts[k];
  }
  return least;
}

int main(void) {
  static const double betas[] = {1, 4, 16, 64, 256, 512};
  static const char *const names[] = {"BASELINE", "V3", "V4"};
  for (size_t row = 0; row < COUNT(betas); row++) {
    printf("  {");
    for (int isa = 0; isa < ENT_ISA_COUNT; isa++) {
      if (!ent_isa_is_available((ent_isa)isa)) continue;
      ent_isa_pin((ent_isa)isa);
      printf("%s[ENT_ISA_%s] = %zu", isa > 0 ? ", " : "", names[isa], least_count(betas[row]));
      fflush(stdout);
    }
    printf("}, /* up to |beta| = %g */\n", betas[row]);
  }
  return 0;
}
