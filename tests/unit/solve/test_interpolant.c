/* TEST np=1 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "entrain/solve/integrate.h"

#include "check.h"
#include "job_fixture.h"

/*
 * States inside steps must be as accurate as states at step ends, within a factor of 5, for every scheme
 * that a job file may name (PETSc's own interpolants are off by 25 for 5dp and by 1e7 for 8vr). Both are
 * compared with a reference at rtol 1e-13 whose recorded times are the same.
 */

enum { MOST_TIMES = 4000, MOST_SIZE = 64, INSIDE = 301, TEXT = 1 << 15 };

/* What a watcher was told. */
typedef struct film {
  size_t count, size;
  double times[MOST_TIMES], x[MOST_TIMES][MOST_SIZE];
} film;

static int sees(void *context, double t, const double *vectors) {
  film *own = context;
  REQUIRE(own->count < MOST_TIMES);
  own->times[own->count] = t;
  memcpy(own->x[own->count++], vectors, own->size * sizeof(*vectors));
  return ENT_OK;
}

typedef struct setting {
  const char *scheme, *weights, *record;
  int d;
  double rtol;
} setting;

/* Five particles near each other but for one, up to t = 4: steps of very different lengths. */
static ent_result integrate(const setting *s, film *shown) {
  const ent_watcher watcher = {.sees = sees, .context = shown};
  ent_job_fixture job;
  ent_fixture_open(&job,
                   "model: attention\n"
                   "parameters: {weights: %s}\n"
                   "sweep: {beta: [2], n: [5], d: [%d], seed: [3]}\n"
                   "time: {horizon: 4%s}\n"
                   "detect: {stop: horizon}\n"
                   "observe: [order_parameter]\n"
                   "solver: {scheme: %s, rtol: %g, atol: %g}\n",
                   s->weights, s->d, s->record, s->scheme, s->rtol, s->rtol * 0.1);
  shown->count = 0;
  shown->size = 5 * (size_t)s->d;
  const ent_result result = ent_fixture_run(&job, 0, &watcher).result;
  CHECK_INT(result.error, ENT_JOB_OK);
  ent_fixture_close(&job);
  return result;
}

/* Largest distance of two films at their times. */
static double worst_difference(const film *a, const film *b) {
  double worst = 0;
  CHECK_INT(a->count, b->count);
  for (size_t i = 0; i < a->count; i++) {
    CHECK_REAL(a->times[i], b->times[i], 0);
    for (size_t k = 0; k < a->size; k++) worst = fmax(worst, fabs(a->x[i][k] - b->x[i][k]));
  }
  return worst;
}

/* ", record: [t, t, ...]" of the times in a film. */
static void write_times(const film *shown, char *text) {
  size_t used = (size_t)snprintf(text, TEXT, ", record: [");
  for (size_t i = 0; i < shown->count; i++) {
    used += (size_t)snprintf(text + used, TEXT - used, "%s%.17g", i ? ", " : "", shown->times[i]);
    REQUIRE(used < TEXT);
  }
  snprintf(text + used, TEXT - used, "]");
}

static void check_scheme(const char *scheme, const char *weights, int d, double rtol) {
  static film steps, exact_steps, inside, exact_inside;
  static char times[TEXT];
  const char *grid = ", record: {linspace: [0, 4, 301]}";
  const setting at_steps = {scheme, weights, "", d, rtol}, within = {scheme, weights, grid, d, rtol};
  const setting reference = {"8vr", weights, grid, d, 1e-13};
  const ent_result plain = integrate(&at_steps, &steps), recorded = integrate(&within, &inside);
  CHECK_INT(recorded.steps, plain.steps); /* recording does not shorten steps */
  CHECK_INT(inside.count, INSIDE);
  integrate(&reference, &exact_inside);
  write_times(&steps, times);
  integrate(&(setting){"8vr", weights, times, d, 1e-13}, &exact_steps);
  const double at_ends = worst_difference(&steps, &exact_steps),
               between = worst_difference(&inside, &exact_inside);
  CHECK_REAL(at_ends, 0, 100 * rtol);
  CHECK_REAL(between, 0, 5 * at_ends + 1e-13);
}

static const char *const schemes[] = {"3bs", "5f", "5dp", "5bs", "6vr", "7vr", "8vr", NULL};

static void on_the_circle(void) {
  for (const char *const *scheme = schemes; *scheme; scheme++) {
    check_scheme(*scheme, "softmax", 2, 1e-6);
    check_scheme(*scheme, "mean", 2, 1e-8);
  }
}

static void on_the_sphere(void) {
  for (const char *const *scheme = schemes; *scheme; scheme++) {
    check_scheme(*scheme, "mean", 3, 1e-6);
    check_scheme(*scheme, "softmax", 3, 1e-8);
  }
}

/* The list above is the list of the job file. */
static void no_scheme_is_left_out(void) {
  const ent_parameter *scheme = &ent_solver_parameters[ENT_SOLVER_SCHEME];
  for (int i = 0; schemes[i] || scheme->choices[i]; i++) CHECK_TEXT(scheme->choices[i], schemes[i]);
}

static const ent_test tests[] = {
  {"every accepted scheme is tested", no_scheme_is_left_out},
  {"states inside steps are as accurate as at their ends (circle)", on_the_circle},
  {"states inside steps are as accurate as at their ends (sphere)", on_the_sphere},
  {0},
};

ENT_TEST_MPI_MAIN("solve/interpolant", tests)
