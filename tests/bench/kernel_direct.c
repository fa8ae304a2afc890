/*
 * The direct pair sums: against the exponentials they need (d = 3), against the processor's peak (d = 128,
 * 1024), and two at once against one alone.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrain/base/clock.h"
#include "entrain/kernel/direct.h"

#include "bench.h"
#include "loops.h"

enum { ROUNDS = 31, N = 1024, BETA = 4, PEAK_ROUNDS = 1000 };

#define JOB                                                                                                  \
  "model: attention\n"                                                                                       \
  "parameters: {weights: %s}\n"                                                                              \
  "sweep: {d: [%d], n: [%d], beta: [%d], seed: {count: 1}}\n"                                                \
  "time: {horizon: 1}\n"

/* Exponentials of one right-hand side. */
typedef struct exponentials {
  void (*exps)(size_t count, const double *x, double *y);
  double *x, *y; /* [N] */
  size_t count;  /* a multiple of 8 */
} exponentials;

static void compute_exps(void *context) {
  const exponentials *of = context;
  size_t left = of->count;
  for (; left >= N; left -= N) of->exps(N, of->x, of->y);
  if (left > 0) of->exps(left, of->x, of->y);
}

static void multiply_add(void *context) {
  *(double *)context += ent_bench_loops_current()->multiply_adds(PEAK_ROUNDS);
}

static double *aligned_doubles(size_t count) {
  double *values = aligned_alloc(64, count * sizeof(*values));
  if (values == NULL) exit(1);
  for (size_t k = 0; k < count; k++) values[k] = -8.0 * (double)k / (double)count;
  return values;
}

/* What the direct sums of the jobs take. */
static ent_pair_law law_of(bool is_softmax) {
  return (ent_pair_law){.beta = BETA, .softmax = is_softmax};
}

/*
 * d = 3 against as many exponentials as it takes: those of math/simd, SLEEF's, and those of the kernel
 * itself, so cheap that other work shows.
 */
static void against_exps(const char *weights, bool is_softmax) {
  const ent_bench_loops *loops = ent_bench_loops_current();
  const ent_pair_law law = law_of(is_softmax);
  ent_spec *spec = ent_bench_spec(JOB, weights, 3, N, BETA);
  ent_bench_job job = ent_bench_job_at(spec, 0);
  const double pairs = (double)N * N, exps = ent_direct_exps(N, &law);
  const struct {
    const char *name;
    void (*exps)(size_t count, const double *x, double *y);
    double bar;
  } rivals[] = {{"own", loops->kernel_exps, 1.3}, {"simd", loops->exps, 0}, {"sleef", loops->sleef_exps, 0}};
  exponentials needed = {NULL, aligned_doubles(N), aligned_doubles(N), (size_t)exps / 64 * 64};
  for (size_t i = 0; i < sizeof(rivals) / sizeof(*rivals); i++) {
    needed.exps = rivals[i].exps;
    if (needed.exps == NULL) continue;
    const ent_bench_pair pair = ent_bench_compare((ent_bench_side){ent_bench_drift, &job},
                                                  (ent_bench_side){compute_exps, &needed}, ROUNDS);
    ent_bench_print(&(ent_bench_line){pair.ratio, pair.spread, "1", ENT_BENCH_LOWER, rivals[i].bar},
                    "kernel-direct.d3-%s.over-%s-exps", weights, rivals[i].name);
    ent_bench_print(&(ent_bench_line){1e9 * pair.b / exps, 0, "ns", ENT_BENCH_INFO, 0},
                    "kernel-direct.d3-%s.ns-per-%s-exp", weights, rivals[i].name);
  }
  ent_bench_print(&(ent_bench_line){exps / pairs, 0, "1", ENT_BENCH_INFO, 0},
                  "kernel-direct.d3-%s.exps-per-pair", weights);
  ent_bench_print(
    &(ent_bench_line){1e9 * ent_bench_seconds((ent_bench_side){ent_bench_drift, &job}, ROUNDS) / pairs, 0,
                      "ns", ENT_BENCH_INFO, 0},
    "kernel-direct.d3-%s.ns-per-pair", weights);
  free(needed.x);
  free(needed.y);
  ent_bench_job_fini(&job);
  ent_spec_destroy(&spec);
}

/* Overlaps and means take 2 d operations a pair each; where pairs are taken once, overlaps half of that. */
static void against_peak(int n, int d, double bar) {
  const ent_pair_law law = law_of(true);
  const bool takes_once = ent_direct_exps((size_t)n, &law) < n * (double)n;
  ent_spec *spec = ent_bench_spec(JOB, "softmax", d, n, BETA);
  ent_bench_job job = ent_bench_job_at(spec, 0);
  double sum = 0;
  const double flops = (takes_once ? 3.0 : 4.0) * n * (double)n * d;
  const double peak_flops = (double)PEAK_ROUNDS * ENT_BENCH_FLOPS_PER_ROUND;
  const ent_bench_pair pair = ent_bench_compare((ent_bench_side){multiply_add, &sum},
                                                (ent_bench_side){ent_bench_drift, &job}, d > 500 ? 7 : 15);
  const double scale = flops / peak_flops;
  ent_bench_print(&(ent_bench_line){scale * pair.ratio, scale * pair.spread, "1", ENT_BENCH_HIGHER, bar},
                  "kernel-direct.n%d-d%d.of-peak", n, d);
  const double whole = scale * 4.0 * n * (double)n * d / flops;
  ent_bench_print(&(ent_bench_line){whole * pair.ratio, whole * pair.spread, "1", ENT_BENCH_HIGHER, 0},
                  "kernel-direct.n%d-d%d.of-peak-all-pairs", n, d);
  if (n == N)
    ent_bench_print(&(ent_bench_line){1e-9 * peak_flops / pair.a, 0, "Gflop/s", ENT_BENCH_INFO, 0},
                    "kernel-direct.n%d-d%d.peak", n, d);
  ent_bench_job_fini(&job);
  ent_spec_destroy(&spec);
}

/* What a process did: right-hand sides in a second of the wall clock, and in one of its processor. */
typedef struct rates {
  double wall, worked;
} rates;

static rates work_for(ent_bench_job *job, double seconds) {
  const double start = ent_clock_now(), start_worked = ent_clock_worked();
  double calls = 0;
  while (ent_clock_now() - start < seconds) {
    ent_bench_drift(job);
    calls++;
  }
  return (rates){calls / (ent_clock_now() - start), calls / (ent_clock_worked() - start_worked)};
}

/* Two processes at once; the sum of their rates. */
static rates two_work_for(ent_bench_job *job, double seconds) {
  int pipes[2];
  rates other = {0};
  if (pipe(pipes) != 0) exit(1);
  const pid_t child = fork();
  if (child == 0) {
    other = work_for(job, seconds);
    _exit(write(pipes[1], &other, sizeof(other)) == sizeof(other) ? 0 : 1);
  }
  const rates own = work_for(job, seconds);
  if (child < 0 || read(pipes[0], &other, sizeof(other)) != sizeof(other)) exit(1);
  waitpid(child, NULL, 0);
  close(pipes[0]);
  close(pipes[1]);
  return (rates){own.wall + other.wall, own.worked + other.worked};
}

static void two_against_one(int d) {
  enum { TURNS = 11 };
  const double seconds = ent_bench_is_quick() ? 0.01 : 0.3;
  const int turns = ent_bench_is_quick() ? 1 : TURNS;
  double wall[TURNS], worked[TURNS];
  ent_bench_line line = {.unit = "1", .better = ENT_BENCH_HIGHER};
  ent_spec *spec = ent_bench_spec(JOB, "softmax", d, N, BETA);
  ent_bench_job job = ent_bench_job_at(spec, 0);
  for (int i = 0; i < turns; i++) {
    const rates one = work_for(&job, seconds), two = two_work_for(&job, seconds);
    wall[i] = two.wall / one.wall;
    worked[i] = two.worked / one.worked;
  }
  line.value = ent_bench_median((size_t)turns, wall, &line.spread);
  line.bar = 1.95;
  ent_bench_print(&line, "kernel-direct.d%d.two-over-one", d);
  line.value = ent_bench_median((size_t)turns, worked, &line.spread);
  line.bar = 0;
  ent_bench_print(&line, "kernel-direct.d%d.two-over-one-by-processor", d);
  ent_bench_job_fini(&job);
  ent_spec_destroy(&spec);
}

int main(void) {
  against_exps("softmax", true);
  against_exps("mean", false);
  against_peak(N, 128, 0.6);
  against_peak(N, 1024, 0);
  against_peak(32, 128, 0);
  against_peak(32, 1024, 0);
  two_against_one(3);
  two_against_one(128);
  return 0;
}
