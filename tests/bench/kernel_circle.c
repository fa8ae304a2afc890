/*
 * Angles: Fourier series against direct sums, the automatic choice against the better of the two, the
 * growth of the cost with n, and errors against their bounds.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "circle.h"

/* An error that a drift may have: a hundredth of 1e-6 in a step of about a third. */
#define SLACK 3e-8

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { ROUNDS = 15, FEW_ROUNDS = 3, MANY_ROUNDS = 15, FEW_PARTICLES = 512 };

static ent_bench_side side_of(void (*run)(void *), ent_bench_circle *circle) {
  return (ent_bench_side){run, circle};
}

static void against_direct(size_t n, double bar) {
  const ent_pair_law law = {.beta = 4, .softmax = true, .slack = SLACK};
  ent_bench_circle circle = ent_bench_circle_at(n, &law);
  const ent_bench_pair pair = ent_bench_compare(side_of(ent_bench_circle_direct, &circle),
                                                side_of(ent_bench_circle_fourier, &circle), ROUNDS);
  ent_bench_print(&(ent_bench_line){pair.ratio, pair.spread, "1", ENT_BENCH_HIGHER, bar},
                  "kernel-circle.n%zu.times-faster", n);
  ent_bench_print(&(ent_bench_line){1e9 * pair.b / (double)n, 0, "ns", ENT_BENCH_INFO, 0},
                  "kernel-circle.n%zu.ns-per-particle", n);
  ent_bench_circle_fini(&circle);
}

/* Time of what is chosen over that of the better kernel. */
static double price_of_choice(ent_bench_circle *circle, int rounds) {
  const ent_bench_side chosen = side_of(ent_bench_circle_chosen, circle);
  const int slow_rounds = circle->n > FEW_PARTICLES ? 1 : rounds;
  double price = ent_bench_compare(chosen, side_of(ent_bench_circle_direct, circle), slow_rounds).ratio;
  ent_bench_circle_fourier(circle);
  if (circle->is_within)
    price = fmax(price, ent_bench_compare(chosen, side_of(ent_bench_circle_fourier, circle), rounds).ratio);
  return price;
}

/* The dearest choice over n, beta and what error is allowed; what seems dear is measured again with care. */
static void judge_choice(void) {
  static const double betas[] = {0.5, 1, 2, 4, 8, 16}, slacks[] = {1e-6, 1e-8, 1e-10};
  double worst = 0, prices[COUNT(betas) * COUNT(slacks) * 11];
  size_t count = 0;
  for (size_t n = 8; n <= (ent_bench_is_quick() ? 16 : 8192); n *= 2) {
    for (size_t k = 0; k < COUNT(betas) * COUNT(slacks); k++) {
      const ent_pair_law law = {
        .beta = betas[k % COUNT(betas)], .softmax = true, .slack = slacks[k / COUNT(betas)]};
      ent_bench_circle circle = ent_bench_circle_at(n, &law);
      double price = price_of_choice(&circle, FEW_ROUNDS);
      if (price > 1.03) price = price_of_choice(&circle, MANY_ROUNDS);
      if (price > 1.05)
        ent_bench_print(&(ent_bench_line){price, 0, "1", ENT_BENCH_INFO, 0},
                        "kernel-circle.dear.n%zu-b%g-e%g", n, law.beta, law.slack);
      worst = fmax(worst, price);
      prices[count++] = price;
      ent_bench_circle_fini(&circle);
    }
  }
  ent_bench_print(&(ent_bench_line){worst, 0, "1", ENT_BENCH_LOWER, 1.05}, "kernel-circle.worst-choice");
  ent_bench_print(&(ent_bench_line){ent_bench_median(count, prices, NULL), 0, "1", ENT_BENCH_LOWER, 0},
                  "kernel-circle.median-choice");
}

/* Slope of the line that fits log cost over log n best. */
static void fit_growth(void) {
  static const size_t counts[] = {10000, 31623, 100000, 316228, 1000000, 3162278, 10000000};
  const size_t points = ent_bench_is_quick() ? 2 : COUNT(counts);
  const ent_pair_law law = {.beta = 4, .softmax = true, .slack = SLACK};
  double sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0, last = 0;
  for (size_t k = 0; k < points; k++) {
    ent_bench_circle circle = ent_bench_circle_at(counts[k], &law);
    last = ent_bench_seconds(side_of(ent_bench_circle_fourier, &circle), 7);
    const double x = log((double)counts[k]), y = log(last);
    sum_x += x, sum_y += y, sum_xx += x * x, sum_xy += x * y;
    ent_bench_print(&(ent_bench_line){1e9 * last / (double)counts[k], 0, "ns", ENT_BENCH_INFO, 0},
                    "kernel-circle.n%zu.ns-per-particle", counts[k]);
    ent_bench_circle_fini(&circle);
  }
  const double count = (double)points;
  const double slope = (count * sum_xy - sum_x * sum_y) / (count * sum_xx - sum_x * sum_x);
  ent_bench_print(&(ent_bench_line){slope, 0, "1", ENT_BENCH_INFO, 0}, "kernel-circle.slope");
  ent_bench_print(&(ent_bench_line){fabs(slope - 1), 0, "1", ENT_BENCH_LOWER, 0.05},
                  "kernel-circle.slope-from-one");
}

/* The largest of (error against direct sums) / (stated bound) over n, beta, weights and allowed errors. */
static void judge_bound(void) {
  static const size_t counts[] = {16, 64, 256, 1024, 4096};
  static const double betas[] = {0.5, 4, 16, 100, -4}, slacks[] = {1e-4, 1e-7, 1e-10};
  double worst = 0, largest = 0;
  for (size_t k = 0; k < COUNT(counts) * COUNT(betas) * COUNT(slacks) * 2; k++) {
    const size_t n = counts[k % COUNT(counts)], rest = k / COUNT(counts);
    const ent_pair_law law = {.beta = betas[rest % COUNT(betas)],
                              .softmax = rest / COUNT(betas) % 2,
                              .slack = slacks[rest / COUNT(betas) / 2]};
    ent_bench_circle circle = ent_bench_circle_at(n, &law);
    double *exact = ent_bench_doubles(n), bound = 0;
    ent_bench_circle_direct(&circle);
    memcpy(exact, circle.dxdt, n * sizeof(*exact));
    if (ent_fourier_drift(circle.fourier, &law, circle.x, circle.dxdt, &bound)) {
      double error = 0;
      for (size_t i = 0; i < n; i++) error = fmax(error, fabs(circle.dxdt[i] - exact[i]));
      worst = fmax(worst, error / bound);
      largest = fmax(largest, bound / law.slack);
    }
    free(exact);
    ent_bench_circle_fini(&circle);
  }
  ent_bench_print(&(ent_bench_line){worst, 0, "1", ENT_BENCH_LOWER, 1}, "kernel-circle.error-over-bound");
  ent_bench_print(&(ent_bench_line){largest, 0, "1", ENT_BENCH_LOWER, 1}, "kernel-circle.bound-over-allowed");
}

int main(void) {
  against_direct(32, 0);
  against_direct(256, 4);
  against_direct(2048, 0);
  against_direct(4096, 100);
  judge_bound();
  fit_growth();
  judge_choice();
  return 0;
}
