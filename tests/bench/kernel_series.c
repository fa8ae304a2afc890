/*
 * Series against direct sums, on the circle (Fourier) and on the sphere (harmonics): their times, the
 * automatic choice against the better of the two, the growth of the cost with n, and errors against their
 * bounds.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

/* An error that a drift may have: a hundredth of 1e-6 in a step of about a third. */
#define SLACK 3e-8
#define SPHERE_SLACK 1e-3

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { ROUNDS = 15, FEW_ROUNDS = 3, FEW_PARTICLES = 512, MOST_PRICES = 256 };

static const char *name_of(size_t d) {
  return d == 2 ? "circle" : "sphere";
}

static ent_bench_side side_of(void (*run)(void *), ent_bench_kernels *kernels) {
  return (ent_bench_side){run, kernels};
}

static void against_direct(size_t n, size_t d, double bar) {
  const ent_pair_law law = {.beta = 4, .softmax = true, .slack = SLACK};
  ent_bench_kernels kernels = ent_bench_kernels_at(n, d, &law);
  const ent_bench_pair pair = ent_bench_compare(side_of(ent_bench_kernels_direct, &kernels),
                                                side_of(ent_bench_kernels_series, &kernels), ROUNDS);
  ent_bench_print(&(ent_bench_line){pair.ratio, pair.spread, "1", ENT_BENCH_HIGHER, bar},
                  "kernel-%s.n%zu.times-faster", name_of(d), n);
  ent_bench_print(&(ent_bench_line){1e9 * pair.b / (double)n, 0, "ns", ENT_BENCH_INFO, 0},
                  "kernel-%s.n%zu.ns-per-particle", name_of(d), n);
  ent_bench_kernels_fini(&kernels);
}

/* Time of what is chosen over that of the better kernel. */
static double price_of_choice(ent_bench_kernels *kernels, int rounds) {
  const ent_bench_side chosen = side_of(ent_bench_kernels_chosen, kernels);
  const int slow_rounds = kernels->n > FEW_PARTICLES ? 1 : rounds;
  double price = ent_bench_compare(chosen, side_of(ent_bench_kernels_direct, kernels), slow_rounds).ratio;
  ent_bench_kernels_series(kernels);
  if (kernels->is_within)
    price = fmax(price, ent_bench_compare(chosen, side_of(ent_bench_kernels_series, kernels), rounds).ratio);
  return price;
}

static double careful_price(size_t n, size_t d, const ent_pair_law *law) {
  ent_bench_kernels kernels = ent_bench_kernels_at(n, d, law);
  double price = price_of_choice(&kernels, FEW_ROUNDS);
  if (price > 1.05) price = price_of_choice(&kernels, ROUNDS);
  if (price > 1.05)
    ent_bench_print(&(ent_bench_line){price, 0, "1", ENT_BENCH_INFO, 0}, "kernel-%s.dear.n%zu-b%g-e%g",
                    name_of(d), n, law->beta, law->slack);
  ent_bench_kernels_fini(&kernels);
  return price;
}

/* The dearest choice over n, beta and what error is allowed; what seems dear is measured again with care. */
static void judge_choice(size_t d) {
  static const double betas[] = {0.5, 2, 6, 16}, slacks[] = {1e-6, 1e-9};
  double worst = 0, prices[MOST_PRICES];
  size_t count = 0;
  for (size_t n = 8; n <= (ent_bench_is_quick() ? 16 : 8192); n *= 2) {
    for (size_t k = 0; k < COUNT(betas) * COUNT(slacks); k++) {
      const ent_pair_law law = {
        .beta = betas[k % COUNT(betas)], .softmax = true, .slack = slacks[k / COUNT(betas)]};
      prices[count] = careful_price(n, d, &law);
      worst = fmax(worst, prices[count++]);
    }
  }
  ent_bench_print(&(ent_bench_line){worst, 0, "1", ENT_BENCH_LOWER, 1.05}, "kernel-%s.worst-choice",
                  name_of(d));
  ent_bench_print(&(ent_bench_line){ent_bench_median(count, prices, NULL), 0, "1", ENT_BENCH_LOWER, 0},
                  "kernel-%s.median-choice", name_of(d));
}

/*
 * Slope of the line that fits log cost over log n best. Harmonics' bound grows with n, so they may err by
 * more.
 */
static void fit_growth(size_t d, size_t points, double bar) {
  static const size_t counts[] = {10000, 31623, 100000, 316228, 1000000, 3162278, 10000000};
  const size_t taken = ent_bench_is_quick() ? 2 : points;
  const ent_pair_law law = {.beta = 4, .softmax = true, .slack = d == 2 ? SLACK : SPHERE_SLACK};
  double sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
  for (size_t k = 0; k < taken; k++) {
    ent_bench_kernels kernels = ent_bench_kernels_at(counts[k], d, &law);
    const double seconds = ent_bench_seconds(side_of(ent_bench_kernels_series, &kernels), 7);
    const double x = log((double)counts[k]), y = log(seconds);
    sum_x += x, sum_y += y, sum_xx += x * x, sum_xy += x * y;
    ent_bench_print(&(ent_bench_line){1e9 * seconds / (double)counts[k], 0, "ns", ENT_BENCH_INFO, 0},
                    "kernel-%s.n%zu.ns-per-particle", name_of(d), counts[k]);
    ent_bench_kernels_fini(&kernels);
  }
  const double count = (double)taken;
  const double slope = (count * sum_xy - sum_x * sum_y) / (count * sum_xx - sum_x * sum_x);
  ent_bench_print(&(ent_bench_line){slope, 0, "1", ENT_BENCH_INFO, 0}, "kernel-%s.slope", name_of(d));
  ent_bench_print(&(ent_bench_line){fabs(slope - 1), 0, "1", ENT_BENCH_LOWER, bar},
                  "kernel-%s.slope-from-one", name_of(d));
}

/* Largest distance of a particle's drift from that of direct sums. */
static double error_of(const ent_bench_kernels *kernels, const double *exact) {
  const size_t width = kernels->size / kernels->n;
  double largest = 0;
  for (size_t i = 0; i < kernels->size; i += width) {
    double square = 0;
    for (size_t k = i; k < i + width; k++) square += pow(kernels->dxdt[k] - exact[k], 2);
    largest = fmax(largest, sqrt(square));
  }
  return largest;
}

/* The largest of (error against direct sums) / (stated bound) over n, beta, weights and allowed errors. */
static void judge_bound(size_t d) {
  static const size_t counts[] = {16, 64, 256, 1024, 4096};
  static const double betas[] = {0.5, 4, 16, 100, -4}, slacks[] = {1e-4, 1e-7, 1e-10};
  double worst = 0, largest = 0;
  for (size_t k = 0; k < COUNT(counts) * COUNT(betas) * COUNT(slacks) * 2; k++) {
    const size_t rest = k / COUNT(counts);
    const ent_pair_law law = {.beta = betas[rest % COUNT(betas)],
                              .softmax = rest / COUNT(betas) % 2,
                              .slack = slacks[rest / COUNT(betas) / 2]};
    ent_bench_kernels kernels = ent_bench_kernels_at(counts[k % COUNT(counts)], d, &law);
    double *exact = ent_bench_doubles(kernels.size);
    ent_bench_kernels_direct(&kernels);
    memcpy(exact, kernels.dxdt, kernels.size * sizeof(*exact));
    ent_bench_kernels_series(&kernels);
    if (kernels.is_within) {
      worst = fmax(worst, error_of(&kernels, exact) / kernels.bound);
      largest = fmax(largest, kernels.bound / law.slack);
    }
    free(exact);
    ent_bench_kernels_fini(&kernels);
  }
  ent_bench_print(&(ent_bench_line){worst, 0, "1", ENT_BENCH_LOWER, 1}, "kernel-%s.error-over-bound",
                  name_of(d));
  ent_bench_print(&(ent_bench_line){largest, 0, "1", ENT_BENCH_LOWER, 1}, "kernel-%s.bound-over-allowed",
                  name_of(d));
}

int main(void) {
  against_direct(32, 2, 0);
  against_direct(256, 2, 4);
  against_direct(2048, 2, 0);
  against_direct(4096, 2, 100);
  judge_bound(2);
  fit_growth(2, 7, 0.05);
  judge_choice(2);
  against_direct(128, 3, 0);
  against_direct(1024, 3, 0);
  judge_bound(3);
  fit_growth(3, 5, 0);
  judge_choice(3);
  return 0;
}
