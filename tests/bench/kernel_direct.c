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

#include "bench.h"
#include "loops.h"

enum { ROUNDS = 31, N = 1024, PEAK_ROUNDS = 1000 };

/* Whether the kernel computes the exponent of a pair once for both particles. */
#define TAKES_PAIRS_ONCE 0

#define JOB                                                                                                  \
  "model: attention\n"                                                                                       \
  "parameters: {weights: %s}\n"                                                                              \
  "sweep: {d: [%d], n: [%d], beta: [4], seed: {count: 1}}\n"                                                 \
  "time: {horizon: 1}\n"

/* Exponentials of one right-hand side. */
typedef struct exponentials {
  void (*exps)(size_t count, const double *x, double *y);
  double *x, *y; /* [N] */
} exponentials;

static void all_exps(void *context) {
  const exponentials *of = context;
  for (int i = 0; i < N; i++) of->exps(N, of->x, of->y);
}

static void half_exps(void *context) {
  const exponentials *of = context;
  for (int i = 0; i < N / 2; i++) of->exps(N, of->x, of->y);
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

/* d = 3 against its exponentials. */
static void against_exps(const char *weights) {
  ent_spec *spec = ent_bench_spec(JOB, weights, 3, N);
  ent_bench_job job = ent_bench_job_at(spec, 0);
  const ent_bench_side drift = {ent_bench_drift, &job};
  exponentials own = {ent_bench_loops_current()->exps, aligned_doubles(N), aligned_doubles(N)};
  const ent_bench_side needed = {TAKES_PAIRS_ONCE ? half_exps : all_exps, &own};
  const double pairs = (double)N * N, exps = TAKES_PAIRS_ONCE ? pairs / 2 : pairs;
  const ent_bench_pair pair = ent_bench_compare(drift, needed, ROUNDS);
  ent_bench_print(&(ent_bench_line){pair.ratio, pair.spread, "1", ENT_BENCH_LOWER, 1.3},
                  "kernel-direct.d3-%s.over-its-exps", weights);
  ent_bench_print(&(ent_bench_line){1e9 * pair.a / pairs, 0, "ns", ENT_BENCH_INFO, 0},
                  "kernel-direct.d3-%s.ns-per-pair", weights);
  ent_bench_print(&(ent_bench_line){1e9 * pair.b / exps, 0, "ns", ENT_BENCH_INFO, 0},
                  "kernel-direct.d3-%s.ns-per-exp", weights);
  free(own.x);
  free(own.y);
  ent_bench_job_fini(&job);
  ent_spec_destroy(&spec);
}

static void against_sleef(void) {
  const ent_bench_loops *loops = ent_bench_loops_current();
  exponentials own = {loops->exps, aligned_doubles(N), aligned_doubles(N)};
  exponentials sleef = {loops->sleef_exps, own.x, own.y};
  if (sleef.exps) {
    const ent_bench_pair pair =
      ent_bench_compare((ent_bench_side){all_exps, &own}, (ent_bench_side){all_exps, &sleef}, ROUNDS);
    ent_bench_print(&(ent_bench_line){pair.ratio, pair.spread, "1", ENT_BENCH_LOWER, 0},
                    "kernel-direct.exp-over-sleef");
  }
  free(own.x);
  free(own.y);
}

/* Overlaps and means take 2 d operations a pair each; where pairs are taken once, overlaps half of that. */
static void against_peak(int n, int d, double bar) {
  ent_spec *spec = ent_bench_spec(JOB, "softmax", d, n);
  ent_bench_job job = ent_bench_job_at(spec, 0);
  double sum = 0;
  const double flops = (TAKES_PAIRS_ONCE ? 3.0 : 4.0) * n * (double)n * d;
  const double peak_flops = (double)PEAK_ROUNDS * ENT_BENCH_FLOPS_PER_ROUND;
  const ent_bench_pair pair = ent_bench_compare((ent_bench_side){multiply_add, &sum},
                                                (ent_bench_side){ent_bench_drift, &job}, d > 500 ? 7 : 15);
  const double scale = flops / peak_flops;
  ent_bench_print(&(ent_bench_line){scale * pair.ratio, scale * pair.spread, "1", ENT_BENCH_HIGHER, bar},
                  "kernel-direct.n%d-d%d.of-peak", n, d);
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
  ent_spec *spec = ent_bench_spec(JOB, "softmax", d, N);
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
  against_exps("softmax");
  against_exps("mean");
  against_sleef();
  against_peak(N, 128, 0.6);
  against_peak(N, 1024, 0);
  against_peak(32, 128, 0);
  against_peak(32, 1024, 0);
  two_against_one(3);
  two_against_one(128);
  return 0;
}
