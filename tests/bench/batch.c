/*
 * Seeds side by side: kernels of eight seeds in eight lanes against the present kernels, one seed after the
 * other, and what they would be worth to whole jobs of the published diagram, whose steps are each job's own.
 */

#include "batch.h"

#include <math.h>
#include <stdlib.h>

#include <mpi.h>

#include "entrain/base/mem.h"
#include "entrain/kernel/direct.h"
#include "entrain/kernel/fourier.h"
#include "entrain/math/simd.h"
#include "entrain/solve/session.h"

#include "../../src/kernel/fourier_ops.h"
#include "batch_lanes.h"
#include "bench.h"
#include "states.h"

#define SLACK 3e-8 /* of series: what a step of a third leaves at a tolerance of 1e-6 */
#define PROMISE 1e-14

enum { ROUNDS = 31, JOB_ROUNDS = 5, SEEDS = 32, BETA = 4 };

/* Published diagram; its recorded times are a choice. */
#define JOB                                                                                                  \
  "model: attention\n"                                                                                       \
  "sweep: {d: [%d], n: [%d], beta: {linspace: [%d, %d, %d]}, seed: {count: %d}}\n"                           \
  "time: {horizon: 30%s}\n"                                                                                  \
  "detect: {delta: [1.0e-3], stop: sync}\n"                                                                  \
  "observe: [pair_overlap]\n"                                                                                \
  "solver: {type: rk, scheme: 5dp, rtol: 1.0e-6, atol: 1.0e-9}\n"

#define RECORD ", record: {linspace: [0, 30, 200]}"

/* Eight starts, with the kernels of both sides. */
typedef struct ent_bench_seeds {
  ent_spec *spec;
  ent_bench_job jobs[ENT_LANES];
  ent_pair_law law;
  ent_direct *direct;
  ent_fourier *fourier; /* d = 2 */
  ent_bench_batch batch;
  double series[ENT_FOURIER_MOST + 2];
  double error, bound; /* of the last series that was not in lanes; the largest over the seeds */
} ent_bench_seeds;

static ent_bench_seeds *make_seeds(int n, int d) {
  const ent_isa isa = ent_isa_current();
  ent_bench_seeds *seeds = NULL;
  ent_bench_need(ent_mem_alloc(1, sizeof(*seeds), &seeds));
  seeds->spec = ent_bench_spec(JOB, d, n, BETA, BETA, 1, ENT_LANES, "");
  seeds->law = (ent_pair_law){.beta = BETA, .softmax = true, .slack = SLACK};
  seeds->batch = (ent_bench_batch){.n = (size_t)n, .d = (size_t)d, .beta = BETA, .series = seeds->series};
  for (int l = 0; l < ENT_LANES; l++) {
    seeds->jobs[l] = ent_bench_job_at(seeds->spec, l);
    seeds->batch.states[l] = seeds->jobs[l].x;
    seeds->batch.drifts[l] = ent_bench_doubles(seeds->jobs[l].system->size);
  }
  seeds->batch.x = ent_bench_doubles((size_t)n * (size_t)d * ENT_LANES);
  seeds->batch.y = ent_bench_doubles((size_t)n * (size_t)d * ENT_LANES);
  seeds->batch.work = ent_bench_doubles(ENT_BENCH_BATCH_WORK);
  ent_bench_need(ent_direct_create((size_t)n, (size_t)d, isa, &seeds->direct));
  if (d != 2) return seeds;
  ent_bench_need(ent_fourier_create((size_t)n, isa, &seeds->fourier));
  seeds->batch.terms = ent_fourier_terms(seeds->fourier, &seeds->law);
  (void)ent_fourier_coefficients(BETA, seeds->series);
  return seeds;
}

static void destroy_seeds(ent_bench_seeds *seeds) {
  for (int l = 0; l < ENT_LANES; l++) {
    ent_bench_job_fini(&seeds->jobs[l]);
    free(seeds->batch.drifts[l]);
  }
  free(seeds->batch.x);
  free(seeds->batch.y);
  free(seeds->batch.work);
  ent_direct_destroy(&seeds->direct);
  ent_fourier_destroy(&seeds->fourier);
  ent_spec_destroy(&seeds->spec);
  free(seeds);
}

static void one_by_one_direct(void *context) {
  ent_bench_seeds *seeds = context;
  for (int l = 0; l < ENT_LANES; l++)
    ent_direct_sum(seeds->direct, &seeds->law, seeds->jobs[l].x, seeds->jobs[l].dxdt, NULL);
}

static void one_by_one_fourier(void *context) {
  ent_bench_seeds *seeds = context;
  seeds->bound = 0;
  for (int l = 0; l < ENT_LANES; l++) {
    double bound = 0;
    const ent_bench_job *job = &seeds->jobs[l];
    if (!ent_fourier_drift(seeds->fourier, &seeds->law, job->x, job->dxdt, &bound)) bound = INFINITY;
    seeds->bound = fmax(seeds->bound, bound);
  }
}

static void in_lanes_direct(void *context) {
  ent_bench_seeds *seeds = context;
  ent_bench_batch_current()->direct(&seeds->batch);
}

static void in_lanes_fourier(void *context) {
  ent_bench_seeds *seeds = context;
  ent_bench_batch_current()->fourier(&seeds->batch);
}

static void copied_direct(void *context) {
  ent_bench_seeds *seeds = context;
  ent_bench_batch_current()->gather(&seeds->batch);
  ent_bench_batch_current()->direct(&seeds->batch);
  ent_bench_batch_current()->scatter(&seeds->batch);
}

static void copied_fourier(void *context) {
  ent_bench_seeds *seeds = context;
  ent_bench_batch_current()->gather(&seeds->batch);
  ent_bench_batch_current()->fourier(&seeds->batch);
  ent_bench_batch_current()->scatter(&seeds->batch);
}

/* Weight of a pair and its distance: |x_i - x_j|, of angles that of their points. */
static double weigh_pair(const ent_bench_seeds *seeds, const double *x, size_t i, size_t j,
                         double *distance) {
  const size_t d = seeds->batch.d;
  double gap = 0;
  if (d == 2) gap = pow(2 * sin(0.5 * (x[i] - x[j])), 2);
  for (size_t k = 0; k < d && d != 2; k++) gap += pow(x[i * d + k] - x[j * d + k], 2);
  *distance = sqrt(gap);
  return exp(-0.5 * BETA * gap);
}

/* sum_j w_ij |x_j - x_i|, which the errors of direct sums are relative to. */
static double scale_of(const ent_bench_seeds *seeds, const double *x, size_t i) {
  double total = 0, sum = 0, distance = 0;
  for (size_t j = 0; j < seeds->batch.n; j++) {
    const double weight = weigh_pair(seeds, x, i, j, &distance);
    total += weight;
    sum += weight * distance;
  }
  return sum / total;
}

/* The largest difference of both sides over twice what direct sums promise, each side being allowed it. */
static double difference(const ent_bench_seeds *seeds, bool is_series) {
  const size_t width = seeds->batch.d == 2 ? 1 : seeds->batch.d;
  double largest = 0;
  for (size_t k = 0; k < seeds->batch.n * width * ENT_LANES; k++) {
    const size_t l = k % ENT_LANES, at = k / ENT_LANES;
    const ent_bench_job *job = &seeds->jobs[l];
    const double promise =
      is_series ? seeds->bound : 2 * PROMISE * (1 + BETA) * scale_of(seeds, job->x, at / width);
    const double error = fabs(seeds->batch.drifts[l][at] - job->dxdt[at]) / promise;
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

/* The sides of one kind of kernel. */
typedef struct contest {
  const char *name;
  void (*one_by_one)(void *seeds), (*in_lanes)(void *seeds), (*copied)(void *seeds);
} contest;

/* Time of a seed in lanes over that of the present kernel; returns that with the copies. */
static double compare(const contest *of, int n, int d) {
  ent_bench_seeds *seeds = make_seeds(n, d);
  const bool is_series = of->one_by_one == one_by_one_fourier;
  const ent_bench_side present = {of->one_by_one, seeds};
  const ent_bench_pair copied = ent_bench_compare((ent_bench_side){of->copied, seeds}, present, ROUNDS);
  const ent_bench_pair bare = ent_bench_compare((ent_bench_side){of->in_lanes, seeds}, present, ROUNDS);
  const char *name = of->name;
  ent_bench_print(&(ent_bench_line){copied.ratio, copied.spread, "1", ENT_BENCH_INFO, 0},
                  "batch.%s-d%d-n%d.over-present", name, d, n);
  ent_bench_print(&(ent_bench_line){bare.ratio, bare.spread, "1", ENT_BENCH_INFO, 0},
                  "batch.%s-d%d-n%d.over-present-without-copies", name, d, n);
  ent_bench_print(&(ent_bench_line){1e9 * copied.b / ENT_LANES, 0, "ns", ENT_BENCH_INFO, 0},
                  "batch.%s-d%d-n%d.present", name, d, n);
  /* A series in lanes against direct sums: its own error, against the bound of the same series. */
  of->one_by_one(seeds);
  of->copied(seeds);
  if (is_series) one_by_one_direct(seeds);
  ent_bench_print(&(ent_bench_line){difference(seeds, is_series), 0, "1", ENT_BENCH_LOWER, 1},
                  "batch.%s-d%d-n%d.error-over-promise", name, d, n);
  destroy_seeds(seeds);
  return copied.ratio;
}

/* Over the rows of a sweep: seconds of jobs and of their right-hand sides, and what they asked for. */
typedef struct sums {
  double jobs, drifts;
  ent_bench_asked asked;
} sums;

/* Terms of the series of every right-hand side that was noted; 0 where sums are direct. */
static void note_terms(const ent_bench_states *states, ent_fourier *fourier, unsigned *terms) {
  ent_pair_law law = {.beta = states->job.system->beta, .softmax = true};
  const size_t longest = ent_pairs_longest(states->job.system->n, 2, ent_isa_current());
  for (size_t k = 0; k < states->count; k++) {
    law.slack = states->slack[k];
    const size_t count = fourier ? ent_fourier_terms(fourier, &law) : 0;
    terms[k] = count <= longest ? (unsigned)count : 0;
  }
}

static sums pass(ent_spec *spec, ent_fourier *fourier) {
  sums sum = {0};
  ent_integrator *integrator = NULL;
  ent_bench_states states = {0};
  const size_t rows = (size_t)spec->grid.size;
  ent_bench_need(ent_mem_alloc(rows + 1, sizeof(size_t), &sum.asked.first));
  ent_bench_need(ent_mem_alloc(rows * ENT_BENCH_MAX_STATES, sizeof(unsigned), &sum.asked.terms));
  ent_bench_need(ent_integrator_create(spec, NULL, &integrator));
  for (size_t row = 0; row < rows; row++) {
    ent_bench_integration job = {.integrator = integrator, .row = (int64_t)row};
    ent_bench_states_note(&states, spec, job.row);
    const ent_bench_pair pair =
      ent_bench_compare_once((ent_bench_side){ent_bench_integrate, &job},
                             (ent_bench_side){ent_bench_states_replay, &states}, JOB_ROUNDS);
    sum.jobs += pair.a;
    sum.drifts += pair.b;
    note_terms(&states, fourier, sum.asked.terms + sum.asked.first[row]);
    sum.asked.first[row + 1] = sum.asked.first[row] + states.count;
  }
  sum.asked.jobs = rows;
  ent_integrator_destroy(&integrator);
  ent_bench_states_fini(&states);
  return sum;
}

/* Jobs of n particles in dimension d, whose right-hand sides take `ratio` of their time in busy lanes. */
typedef struct trial {
  int n, d;
  double ratio;
} trial;

static void print_share(double value, const char *what, const trial *of, const char *variant) {
  ent_bench_print(&(ent_bench_line){value, 0, "1", ENT_BENCH_INFO, 0}, "batch.jobs-d%d-n%d%s.%s", of->d,
                  of->n, variant, what);
}

/* How much faster whole jobs would be at most, with lanes refilled at once and nothing else lost. */
static void judge(const trial *of, const char *variant, const char *record) {
  const int betas = ent_bench_is_quick() ? 2 : 5, seeds = ent_bench_is_quick() ? ENT_LANES : SEEDS;
  ent_spec *spec = ent_bench_spec(JOB, of->d, of->n, 1, 9, betas, seeds, record);
  ent_fourier *fourier = NULL;
  if (of->d == 2) ent_bench_need(ent_fourier_create((size_t)of->n, ent_isa_current(), &fourier));
  sums sum = pass(spec, fourier);
  const ent_bench_lanes lanes = ent_bench_lanes_of(&sum.asked);
  const double share = sum.drifts / sum.jobs;
  print_share(share, "in-right-hand-sides", of, variant);
  print_share(lanes.waiting, "lanes-busy-waiting", of, variant);
  print_share(lanes.refilled, "lanes-busy-refilled", of, variant);
  if (of->d == 2) print_share(lanes.terms, "own-terms-over-longest", of, variant);
  if (of->d == 2) print_share(lanes.direct, "direct", of, variant);
  print_share(1 / (1 - share + share * of->ratio / lanes.refilled), "times-faster-at-most", of, variant);
  print_share(1 / (1 - share), "times-faster-without-right-hand-sides", of, variant);
  free(sum.asked.first);
  free(sum.asked.terms);
  ent_fourier_destroy(&fourier);
  ent_spec_destroy(&spec);
}

int main(int argc, char **argv) {
  static const contest series = {"fourier", one_by_one_fourier, in_lanes_fourier, copied_fourier};
  static const contest direct = {"direct", one_by_one_direct, in_lanes_direct, copied_direct};
  if (MPI_Init(&argc, &argv) != MPI_SUCCESS) return 1;
  ent_bench_need(ent_session_start(""));
  for (int n = 16; n <= 64; n *= 2) (void)compare(&direct, n, 2);
  const trial trials[] = {{16, 2, compare(&series, 16, 2)}, {32, 2, compare(&series, 32, 2)},
                          {16, 3, compare(&direct, 16, 3)}, {32, 3, compare(&direct, 32, 3)},
                          {16, 8, compare(&direct, 16, 8)}, {32, 8, compare(&direct, 32, 8)}};
  (void)compare(&direct, 64, 3);
  (void)compare(&direct, 64, 8);
  for (size_t i = 0; i < sizeof(trials) / sizeof(*trials); i++) {
    judge(&trials[i], "", RECORD);
    judge(&trials[i], "-unrecorded", "");
  }
  ent_session_end();
  MPI_Finalize();
  return 0;
}
