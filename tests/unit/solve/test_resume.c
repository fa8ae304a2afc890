/* TEST np=1 timeout=300 */
#include <math.h>
#include <string.h>

#include <petscsys.h>

#include "entrain/solve/integrate.h"

#include "check.h"
#include "job_fixture.h"
#include "job_pieces.h"

/*
 * A job that is interrupted, kept as bytes and gone on with by an integrator that has never seen it gives the
 * bits of one that was not, for every scheme and wherever it is interrupted.
 */

extern const ent_model ent_model_attention;

static const char *const schemes[] = {"3bs", "5f", "5dp", "5bs", "6vr", "7vr", "8vr", NULL};

typedef void drift(ent_system *system, double t, const double *x, double *dxdt);

/* A job with a place for the scheme. */
typedef struct scenario {
  const char *text;
  drift *drift; /* instead of the model's; NULL: that */
} scenario;

static void open_scenario(const scenario *given, const char *scheme, ent_model *model, ent_job_fixture *job) {
  ent_fixture_open(job, given->text, scheme);
  if (given->drift == NULL) return;
  *model = *job->spec->model;
  model->drift = given->drift;
  job->spec->model = model;
}

/* Every row of a scenario in one piece and in many; what was seen on the way is added up. */
static void compare(const scenario *given, const char *scheme, ent_keeper *total, ent_result *sum) {
  ent_job_fixture job;
  ent_model model;
  ent_keeper own;
  open_scenario(given, scheme, &model, &job);
  ent_keeper_init(job.spec, &own);
  const ent_watcher watcher = {
    .saves = ent_keeper_always, .keeps = ent_keeper_keeps, .context = &own, .at_every_step = true};
  for (int64_t row = 0; row < job.spec->grid.size; row++) {
    ent_leftover whole, pieces;
    memset(own.digests, 0, ENT_KEEPER_STEPS * sizeof(*own.digests));
    const ent_output output = ent_fixture_run(&job, row, &watcher);
    ent_leftover_copy(job.spec, row, &output, &whole);
    for (int longest = 1; longest <= 50; longest *= 7) {
      own.taken = 0;
      ent_keeper_run(&own, row, longest, &pieces);
      CHECK(ent_leftover_same(&pieces, &whole));
      CHECK(longest > 1 || own.taken >= whole.result.steps - 1);
      total->taken += own.taken;
      ent_leftover_fini(&pieces);
    }
    sum->steps += whole.result.steps;
    sum->rejected += whole.result.rejected;
    sum->drift = fmax(sum->drift, whole.result.drift);
    sum->error = whole.result.error;
    ent_leftover_fini(&whole);
  }
  total->after_record += own.after_record;
  total->after_sync += own.after_sync;
  total->with_slope += own.with_slope;
  ent_keeper_fini(&own);
  ent_fixture_close(&job);
}

static void compare_schemes(const scenario *given, ent_keeper *total, ent_result *sum) {
  *total = (ent_keeper){0};
  *sum = (ent_result){0};
  for (const char *const *scheme = schemes; *scheme; scheme++) compare(given, *scheme, total, sum);
  CHECK(total->with_slope > 0);
}

static void on_the_circle(void) {
  const scenario given = {"model: attention\n"
                          "sweep: {beta: [1, 6], n: [8], d: [2], seed: {count: 2}}\n"
                          "time: {horizon: 20, record: {linspace: [0, 12, 40]}}\n"
                          "detect: {delta: [1.0e-6, 1.0e-3, 0.1, 0.5]}\n"
                          "observe: [order_parameter, pair_overlap, energy, clusters]\n"
                          "solver: {scheme: %s}\n",
                          NULL};
  ent_keeper total;
  ent_result sum;
  compare_schemes(&given, &total, &sum);
  CHECK(total.after_record > 0 && total.after_sync > 0);
}

/* A tolerance at which vectors are put back on the sphere, after which PETSc begins a step anew. */
static void on_spheres(void) {
  const scenario given = {"model: attention\n"
                          "parameters: {weights: mean}\n"
                          "sweep: {beta: [2], n: [6], d: [3, 5], seed: {count: 2}}\n"
                          "time: {horizon: 10, record: [1, 1.5, 3]}\n"
                          "detect: {delta: [0.3], stop: horizon}\n"
                          "observe: [order_parameter]\n"
                          "solver: {scheme: %s, rtol: 1.0e-4}\n",
                          NULL};
  ent_keeper total;
  ent_result sum;
  compare_schemes(&given, &total, &sum);
  CHECK(sum.drift > 1.01e-4); /* the tolerance: some were put back */
}

static void at_large_beta(void) {
  const scenario given = {"model: attention\n"
                          "sweep: {beta: [-40, 1.0e+3], n: [5], d: [2, 4], seed: [3]}\n"
                          "time: {horizon: 1}\n"
                          "detect: {delta: [0.2, 1.0e-3], stop: certified}\n"
                          "solver: {scheme: %s, rtol: 1.0e-3, atol: 1.0e-3}\n",
                          NULL};
  ent_keeper total;
  ent_result sum;
  compare_schemes(&given, &total, &sum);
  CHECK(sum.rejected > 0);
}

static void with_frequencies(void) {
  const scenario given = {"model: kuramoto\n"
                          "parameters: {width: 0.4, frequencies: gaussian}\n"
                          "sweep: {coupling: [0.5, 2], n: [7], d: [2], seed: {count: 2}}\n"
                          "time: {horizon: 8, record: {linspace: [0, 8, 17]}}\n"
                          "detect: {delta: [0.5]}\n"
                          "observe: [order_parameter, clusters]\n"
                          "solver: {scheme: %s}\n",
                          NULL};
  ent_keeper total;
  ent_result sum;
  compare_schemes(&given, &total, &sum);
  CHECK(total.after_record > 0);
}

static void at_equal_angles(void) {
  const scenario given = {"model: equiangular\n"
                          "sweep: {beta: [0.5, 3], weights: [softmax, mean], n: [32], d: [16], seed: [0]}\n"
                          "time: {horizon: 30}\n"
                          "detect: {delta: [1.0e-8, 1.0e-2]}\n"
                          "observe: [pair_overlap]\n"
                          "solver: {scheme: %s}\n",
                          NULL};
  ent_keeper total;
  ent_result sum;
  compare_schemes(&given, &total, &sum);
  CHECK(total.after_sync > 0);
}

/* Particles that reach the edge of the domain, with stages that step over it now and then. */
static void has_an_edge(ent_system *system, double t, const double *x, double *dxdt) {
  (void)t;
  for (size_t i = 0; i < system->n; i++) dxdt[i] = x[i] > 4 ? NAN : 30 * (4 - x[i]) + sin(40 * x[i]);
}

static void over_the_edge(void) {
  const scenario given = {"model: attention\n"
                          "sweep: {beta: [1], n: [4], d: [2], seed: {count: 2}}\n"
                          "time: {horizon: 8}\n"
                          "detect: {stop: horizon}\n"
                          "solver: {scheme: %s, rtol: 0.02}\n",
                          has_an_edge};
  ent_keeper total;
  ent_result sum;
  compare_schemes(&given, &total, &sum);
  CHECK(sum.rejected > sum.steps / 20);
}

/* A sound drift until t = 1, nothing after it. */
static void ends_at_one(ent_system *system, double t, const double *x, double *dxdt) {
  ent_model_attention.drift(system, t, x, dxdt);
  if (t > 1) dxdt[2] = NAN;
}

static void jobs_that_fail(void) {
  const scenario lost = {"model: attention\n"
                         "sweep: {beta: [1], n: [4], d: [2], seed: {count: 2}}\n"
                         "time: {horizon: 10, record: {linspace: [0, 2, 9]}}\n"
                         "observe: [energy]\n"
                         "solver: {scheme: %s}\n",
                         ends_at_one};
  const scenario limited = {"model: attention\n"
                            "sweep: {beta: [1], n: [6], d: [3], seed: {count: 2}}\n"
                            "time: {horizon: 20}\n"
                            "solver: {scheme: %s}\n"
                            "limits: {steps: 4}\n",
                            NULL};
  ent_keeper total;
  ent_result sum;
  compare_schemes(&lost, &total, &sum);
  CHECK_INT(sum.error, ENT_JOB_NOT_FINITE);
  compare_schemes(&limited, &total, &sum);
  CHECK_INT(sum.error, ENT_JOB_STEP_LIMIT);
}

static void set_option(const char *name, const char *value) {
  REQUIRE(PetscOptionsSetValue(NULL, name, value) == 0);
}

static void clear_option(const char *name) {
  REQUIRE(PetscOptionsClearValue(NULL, name) == 0);
}

/* Steps that are tried too long: many of them are rejected, some several times. */
static void many_rejections(void) {
  const scenario circle = {"model: kuramoto\n"
                           "parameters: {width: 3, frequencies: lorentzian}\n"
                           "sweep: {coupling: [1], n: [6], d: [2], seed: {count: 2}}\n"
                           "time: {horizon: 6}\n"
                           "solver: {scheme: %s, rtol: 1.0e-4}\n",
                           NULL};
  const scenario sphere = {"model: attention\n"
                           "sweep: {beta: [9], n: [6], d: [3], seed: {count: 2}}\n"
                           "time: {horizon: 6, record: {linspace: [0, 6, 7]}}\n"
                           "observe: [energy]\n"
                           "solver: {scheme: %s, rtol: 1.0e-4}\n",
                           NULL};
  ent_keeper total;
  ent_result sum;
  set_option("-ts_adapt_safety", "1");
  set_option("-ts_adapt_reject_safety", "0.9");
  set_option("-ts_adapt_clip", "0.7,20");
  compare_schemes(&circle, &total, &sum);
  CHECK(sum.rejected > sum.steps / 2);
  compare_schemes(&sphere, &total, &sum);
  CHECK(sum.rejected > sum.steps / 4);
  clear_option("-ts_adapt_safety");
  clear_option("-ts_adapt_reject_safety");
  clear_option("-ts_adapt_clip");
}

/* A drift that takes so long that its brake is asked every time. */
static void takes_long(ent_system *system, double t, const double *x, double *dxdt) {
  ent_model_attention.drift(system, t, x, dxdt);
  if (ent_brake_after(system->brake, 1e12)) dxdt[0] = 1e300;
}

/* Every row of a scenario in one piece, and in pieces that end inside sums. */
static void compare_given_up(const scenario *given, const char *scheme, ent_result *sum, int64_t *taken) {
  enum { LONGEST = 250 };
  ent_job_fixture job;
  ent_model model;
  ent_keeper own;
  open_scenario(given, scheme, &model, &job);
  ent_keeper_init(job.spec, &own);
  const ent_watcher watcher = {.abandons = ent_keeper_never,
                               .saves = ent_keeper_always,
                               .keeps = ent_keeper_keeps,
                               .context = &own,
                               .at_every_step = true};
  for (int64_t row = 0; row < job.spec->grid.size; row++) {
    ent_leftover whole, pieces;
    memset(own.digests, 0, ENT_KEEPER_STEPS * sizeof(*own.digests));
    const ent_output output = ent_fixture_run(&job, row, &watcher);
    CHECK(!output.abandoned);
    ent_leftover_copy(job.spec, row, &output, &whole);
    own.taken = 0;
    ent_keeper_run(&own, row, LONGEST, &pieces);
    *taken += own.taken;
    CHECK(ent_leftover_same(&pieces, &whole));
    sum->steps += whole.result.steps;
    sum->rejected += whole.result.rejected;
    ent_leftover_fini(&pieces);
    ent_leftover_fini(&whole);
  }
  ent_keeper_fini(&own);
  ent_fixture_close(&job);
}

static void given_up_in_a_sum(void) {
  const scenario circle = {"model: attention\n"
                           "sweep: {beta: [6], n: [8], d: [2], seed: {count: 6}}\n"
                           "time: {horizon: 60, record: {linspace: [0, 12, 7]}}\n"
                           "detect: {delta: [1.0e-3, 0.5], stop: horizon}\n"
                           "observe: [order_parameter]\n"
                           "solver: {scheme: %s, rtol: 1.0e-4}\n",
                           takes_long};
  const scenario sphere = {"model: attention\n"
                           "parameters: {weights: mean, norm: mix, tau: 1}\n"
                           "sweep: {beta: [2], n: [6], d: [3], seed: {count: 6}}\n"
                           "time: {horizon: 10}\n"
                           "detect: {stop: horizon}\n"
                           "solver: {scheme: %s, rtol: 1.0e-4}\n",
                           takes_long};
  ent_result sum = {0};
  int64_t taken = 0;
  set_option("-ts_adapt_safety", "1"); /* steps that are tried too long */
  for (const char *const *scheme = schemes; *scheme; scheme++) {
    compare_given_up(&circle, *scheme, &sum, &taken);
    compare_given_up(&sphere, *scheme, &sum, &taken);
  }
  clear_option("-ts_adapt_safety");
  CHECK(taken > 30);
  CHECK(sum.rejected > sum.steps / 50);
}

static bool is_in_energy;
static int kept_since;

static bool abandons_in_energy(void *context) {
  (void)context;
  return is_in_energy;
}

static bool saves_always(void *context) {
  (void)context;
  return true;
}

static int counts_kept(void *context, const ent_checkpoint *checkpoint) {
  (void)context, (void)checkpoint;
  kept_since++;
  return ENT_OK;
}

/* An energy that takes so long that its brake is asked. */
static double long_energy(const ent_system *system, const double *x) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  system->brake->work = 1e300;
  is_in_energy = true;
  const double energy = ent_cloud_energy(&cloud, system->beta);
  is_in_energy = false;
  kept_since = 0;
  return energy;
}

/* Recorded or of the row, an energy that was given up is in no row and no checkpoint. */
static void given_up_in_an_observable(void) {
  static const char *const records[] = {"", ", record: {linspace: [0, 2, 3]}"};
  for (int k = 0; k < 2; k++) {
    ent_job_fixture job;
    ent_model model;
    const ent_watcher watcher = {
      .abandons = abandons_in_energy, .saves = saves_always, .keeps = counts_kept, .at_every_step = true};
    ent_fixture_open(&job,
                     "model: attention\nsweep: {beta: [2], n: [100], d: [5], seed: [1]}\n"
                     "observe: [energy]\ntime: {horizon: 2%s}\n",
                     records[k]);
    model = *job.spec->model;
    model.energy = long_energy;
    job.spec->model = &model;
    kept_since = 0;
    const ent_output output = ent_fixture_run(&job, 0, &watcher);
    CHECK(output.abandoned);
    CHECK_INT(kept_since, 0);
    CHECK_INT(output.result.steps > 0, k == 0);
    ent_fixture_close(&job);
  }
}

static const ent_test tests[] = {
  {"a job on the circle goes on as if it had not been interrupted", on_the_circle},
  {"so do jobs on spheres, also where a step has put vectors back", on_spheres},
  {"so do jobs at large beta", at_large_beta},
  {"so do oscillators of unequal frequencies", with_frequencies},
  {"so do equal angles", at_equal_angles},
  {"so do jobs that step over the edge of their domain", over_the_edge},
  {"so do jobs that fail later", jobs_that_fail},
  {"so do jobs most of whose steps are rejected", many_rejections},
  {"so do jobs that were given up inside a sum of a step", given_up_in_a_sum},
  {"a row whose energy was given up is thrown away", given_up_in_an_observable},
  {0},
};

ENT_TEST_MPI_MAIN("solve/resume", tests)
