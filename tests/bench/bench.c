#include "bench.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "entrain/base/clock.h"
#include "entrain/base/mem.h"
#include "entrain/sweep/job_file.h"

#define TIMING_SECONDS 0.02 /* of one side in one round */

enum { MAX_ROUNDS = 101, MAX_REPEATS = 1 << 28, TEXT_SIZE = 4096 };

void ent_bench_need(int code) {
  if (code == ENT_OK) return;
  fprintf(stderr, "bench: %s\n", ent_error_message());
  exit(1);
}

double *ent_bench_doubles(size_t count) {
  double *values = NULL;
  ent_bench_need(ent_mem_alloc(count, sizeof(*values), &values));
  return values;
}

bool ent_bench_is_quick(void) {
  return getenv("ENT_BENCH_QUICK") != NULL;
}

static void print_number(const char *key, double value) {
  if (isfinite(value))
    printf(", \"%s\": %.6g", key, value);
  else
    printf(", \"%s\": null", key);
}

void ent_bench_print(const ent_bench_line *line, const char *name, ...) {
  static const char *const words[] = {"info", "lower", "higher"};
  va_list arguments;
  printf("{\"name\": \"");
  va_start(arguments, name);
  vprintf(name, arguments);
  va_end(arguments);
  printf("\"");
  print_number("value", line->value);
  print_number("spread", line->spread);
  printf(", \"unit\": \"%s\", \"better\": \"%s\"", line->unit, words[line->better]);
  print_number("bar", line->bar > 0 ? line->bar : NAN);
  printf("}\n");
  fflush(stdout);
}

static int compare_doubles(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The value that a share of the sorted values lies below. */
static double quantile(size_t count, const double *sorted, double share) {
  const double place = share * (double)(count - 1);
  const size_t below = (size_t)place;
  const double above = below + 1 < count ? sorted[below + 1] : sorted[below];
  return sorted[below] + (place - (double)below) * (above - sorted[below]);
}

double ent_bench_median(size_t count, double *values, double *spread) {
  qsort(values, count, sizeof(*values), compare_doubles);
  if (spread) *spread = 0.5 * (quantile(count, values, 0.75) - quantile(count, values, 0.25));
  return quantile(count, values, 0.5);
}

static double time_of(ent_bench_side side, int repeats) {
  const double start = ent_clock_worked();
  for (int i = 0; i < repeats; i++) side.run(side.context);
  return (ent_clock_worked() - start) / repeats;
}

/* How many calls take long enough to be timed. */
static int calibrate(ent_bench_side side) {
  int repeats = 1;
  if (ent_bench_is_quick()) return 1;
  while (repeats < MAX_REPEATS) {
    const double seconds = time_of(side, repeats) * repeats;
    if (seconds >= TIMING_SECONDS) break;
    const double wanted = seconds > 0 ? 1.2 * TIMING_SECONDS / seconds : 16;
    repeats = (int)fmin(MAX_REPEATS, ceil(repeats * fmin(16, fmax(1.1, wanted))));
  }
  return repeats;
}

static ent_bench_pair in_turn(ent_bench_side a, ent_bench_side b, int rounds, const int repeats[2]) {
  double of_a[MAX_ROUNDS], of_b[MAX_ROUNDS], ratios[MAX_ROUNDS];
  ent_bench_pair pair = {0};
  const int count = ent_bench_is_quick() ? 1 : rounds < MAX_ROUNDS ? rounds : MAX_ROUNDS;
  for (int i = 0; i < count; i++) {
    of_a[i] = time_of(a, repeats[0]);
    of_b[i] = time_of(b, repeats[1]);
    ratios[i] = of_a[i] / of_b[i];
  }
  pair.ratio = ent_bench_median((size_t)count, ratios, &pair.spread);
  pair.a = ent_bench_median((size_t)count, of_a, NULL);
  pair.b = ent_bench_median((size_t)count, of_b, NULL);
  return pair;
}

ent_bench_pair ent_bench_compare(ent_bench_side a, ent_bench_side b, int rounds) {
  const int repeats[2] = {calibrate(a), calibrate(b)};
  return in_turn(a, b, rounds, repeats);
}

ent_bench_pair ent_bench_compare_once(ent_bench_side a, ent_bench_side b, int rounds) {
  const int repeats[2] = {1, 1};
  return in_turn(a, b, rounds, repeats);
}

double ent_bench_seconds(ent_bench_side side, int rounds) {
  double seconds[MAX_ROUNDS];
  const int count = ent_bench_is_quick() ? 1 : rounds < MAX_ROUNDS ? rounds : MAX_ROUNDS;
  const int repeats = calibrate(side);
  for (int i = 0; i < count; i++) seconds[i] = time_of(side, repeats);
  return ent_bench_median((size_t)count, seconds, NULL);
}

ent_spec *ent_bench_spec(const char *text, ...) {
  char job[TEXT_SIZE];
  ent_spec *spec = NULL;
  ent_text faults = {0};
  va_list arguments;
  va_start(arguments, text);
  vsnprintf(job, sizeof(job), text, arguments);
  va_end(arguments);
  const int code = ent_job_file_parse(job, "bench.yaml", "", "", &spec, &faults);
  if (code != ENT_OK && faults.length > 0) fprintf(stderr, "%s", faults.data);
  ent_bench_need(code);
  ent_text_fini(&faults);
  return spec;
}

ent_bench_job ent_bench_job_at(ent_spec *spec, int64_t row) {
  ent_bench_job job = {.spec = spec};
  ent_spec_point(spec, row, &job.point);
  ent_bench_need(ent_system_create(spec->model, &job.point, &job.system));
  ent_bench_need(ent_system_configure(job.system, &job.point, ent_spec_log_unit(spec, &job.point)));
  job.x = ent_bench_doubles(job.system->size);
  job.dxdt = ent_bench_doubles(job.system->size);
  double *vectors = ent_bench_doubles(job.system->n * job.system->d);
  ent_bench_need(spec->initial->draw(&job.point, NULL, vectors));
  ent_system_place(job.system, vectors, job.x);
  free(vectors);
  return job;
}

void ent_bench_job_fini(ent_bench_job *job) {
  ent_system_destroy(&job->system);
  free(job->x);
  free(job->dxdt);
}

void ent_bench_drift(void *context) {
  ent_bench_job *job = context;
  job->system->model->drift(job->system, 0, job->x, job->dxdt);
}
