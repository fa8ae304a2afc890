/* TEST np=1 */
#include <math.h>

#include "entrain/solve/integrate.h"

#include "check.h"
#include "job_fixture.h"

/* When a job ends, what is known then, and what it records on the way. */

#define CIRCLE                                                                                               \
  "model: attention\n"                                                                                       \
  "sweep: {beta: [1], n: [8], d: [2], seed: [1]}\n"

static const double accuracy = 1e-12;

/* 1 - the smallest overlap of vectors [n, d]. */
static double largest_gap(size_t n, size_t d, const double *x) {
  static double work[4096];
  REQUIRE(ent_cloud_work(ENT_STATE_VECTORS, n, d) <= sizeof(work) / sizeof(*work));
  const ent_cloud cloud = {.kind = ENT_STATE_VECTORS, .n = n, .d = d, .x = x, .work = work};
  return ent_cloud_largest_gap(&cloud);
}

static void ends_at_synchronization(void) {
  ent_job_fixture job;
  ent_fixture_open(&job, CIRCLE "time: {horizon: 100}\n");
  const ent_output output = ent_fixture_run(&job, 0, NULL);
  const ent_result *result = &output.result;
  CHECK_INT(result->status, ENT_STATUS_DONE);
  CHECK_INT(result->outcome, ENT_OUTCOME_SYNC);
  CHECK_INT(result->clusters, 1);
  CHECK_REAL(result->t_end, result->t_sync[0], 0);
  CHECK(result->t_certain > 0 && result->t_certain < result->t_sync[0]);
  CHECK_REAL(largest_gap(8, 2, output.final_state), 1e-3, 1e-3 * accuracy);
  CHECK(output.series == NULL);
  ent_fixture_close(&job);
}

static void ends_at_certificate(void) {
  const ent_result sync = ent_fixture_result(CIRCLE "time: {horizon: 100}\n");
  const ent_result certified = ent_fixture_result(CIRCLE "time: {horizon: 100}\ndetect: {stop: certified}\n");
  CHECK_INT(certified.outcome, ENT_OUTCOME_SYNC);
  CHECK_REAL(certified.t_certain, sync.t_certain, 0);
  CHECK_REAL(certified.t_end, certified.t_certain, 0);
  CHECK(isnan(certified.t_sync[0]));
}

static void ends_at_horizon(void) {
  const ent_result late = ent_fixture_result(CIRCLE "time: {horizon: 100}\ndetect: {stop: horizon}\n");
  const ent_result sync = ent_fixture_result(CIRCLE "time: {horizon: 100}\n");
  CHECK_REAL(late.t_end, 100, 0);
  CHECK_REAL(late.t_sync[0], sync.t_sync[0], 0);
  CHECK_INT(late.outcome, ENT_OUTCOME_SYNC);
  const ent_result early = ent_fixture_result(CIRCLE "time: {horizon: 0.1}\n");
  CHECK_REAL(early.t_end, 0.1, 0);
  CHECK_INT(early.outcome, ENT_OUTCOME_UNDECIDED);
  CHECK(isnan(early.t_sync[0]) && isnan(early.t_certain));
}

/* The step in which all ends reaches over some of these horizons. */
static void later_horizons_change_nothing(void) {
  static const char *const rules[] = {"sync", "certified"};
  for (size_t r = 0; r < sizeof(rules) / sizeof(rules[0]); r++) {
    const ent_result late = ent_fixture_result(
      CIRCLE "time: {horizon: 100}\ndetect: {delta: [1.0e-3, 1.0e-1], stop: %s}\n", rules[r]);
    for (int k = 0; k < 40; k++) {
      const ent_result early =
        ent_fixture_result(CIRCLE "time: {horizon: %.17g}\ndetect: {delta: [1.0e-3, 1.0e-1], stop: %s}\n",
                           late.t_end * (1 + 1e-6) + 0.01 * k, rules[r]);
      CHECK(ent_fixture_same(&early, &late));
    }
  }
}

static void waits_for_records(void) {
  ent_job_fixture job;
  ent_fixture_open(&job,
                   CIRCLE "time: {horizon: 100, record: [0, 0.5, 60]}\nobserve: [pair_overlap, energy]\n");
  const ent_output output = ent_fixture_run(&job, 0, NULL);
  CHECK_REAL(output.result.t_end, 60, 0);
  CHECK(output.result.t_sync[0] < 60);
  CHECK(output.series[0] < 1);
  CHECK_REAL(output.series[2], 1, 0);
  CHECK(output.series[3] < output.series[4] && output.series[4] < output.series[5]);
  ent_fixture_close(&job);
}

static void every_delta_has_its_time(void) {
  const ent_result one = ent_fixture_result(CIRCLE "time: {horizon: 100}\n");
  const ent_result many =
    ent_fixture_result(CIRCLE "time: {horizon: 100}\ndetect: {delta: [1.0e-3, 0.5, 1.0e-8]}\n"
                              "solver: {rtol: 1.0e-9, atol: 1.0e-11}\n");
  CHECK(many.t_sync[1] < many.t_sync[0] && many.t_sync[0] < many.t_sync[2]);
  CHECK_REAL(many.t_end, many.t_sync[2], 0);
  CHECK_REAL(many.t_sync[0], one.t_sync[0], 1e-4);
  /* near consensus 1 - <x_i, x_j> decays like e^{-2t} */
  CHECK_REAL(many.t_sync[2] - many.t_sync[0], 0.5 * log(1e5), 0.01);
}

static void one_particle_is_there_already(void) {
  for (int d = 2; d <= 3; d++) {
    const ent_result result = ent_fixture_result("model: attention\n"
                                                 "sweep: {beta: [1], n: [1], d: [%d], seed: [1]}\n"
                                                 "time: {horizon: 10}\n",
                                                 d);
    CHECK_INT(result.outcome, ENT_OUTCOME_SYNC);
    CHECK_REAL(result.t_sync[0], 0, 0);
    CHECK_REAL(result.t_certain, 0, 0);
    CHECK_REAL(result.t_end, 0, 0);
    CHECK_INT(result.steps, 0);
    CHECK_INT(result.clusters, 1);
  }
}

static ent_result light_cluster(int d) {
  return ent_fixture_result("model: attention\n"
                            "sweep: {beta: [1], n: [10], d: [%d], seed: [1]}\n"
                            "initial: {kind: clusters, positions: [0, 3], masses: [9, 1]}\n"
                            "time: {horizon: 50}\n",
                            d);
}

/* The mean is behind the light cluster at first: only the gap test of the circle certifies at once. */
static void circle_is_certified_by_its_gap(void) {
  const ent_result circle = light_cluster(2), sphere = light_cluster(3);
  CHECK_REAL(circle.t_certain, 0, 0);
  CHECK(sphere.t_certain > 0 && sphere.t_certain < sphere.t_sync[0]);
  CHECK_REAL(circle.t_sync[0], sphere.t_sync[0], 1e-4);
}

/* Four particles at the corners of a square stand still: no verdict is proved, and none is given. */
static void square_is_undecided(void) {
  const ent_result pair = ent_fixture_result("model: attention\n"
                                             "sweep: {beta: [4], n: [4], d: [2], seed: [1]}\n"
                                             "initial: {kind: twisted}\n"
                                             "time: {horizon: 10}\n");
  CHECK_INT(pair.status, ENT_STATUS_DONE);
  CHECK_INT(pair.outcome, ENT_OUTCOME_UNDECIDED);
  CHECK_REAL(pair.t_end, 10, 0);
  CHECK_INT(pair.clusters, 4);
}

/* Oscillators of unequal frequency lock within 0.3 of each other, but no theorem says that they stay. */
static void no_theorem_no_verdict(void) {
  const ent_result result =
    ent_fixture_result("model: kuramoto\n"
                       "parameters: {coupling: 2, frequencies: gaussian, width: 0.05}\n"
                       "sweep: {n: [6], d: [2], seed: [1]}\n"
                       "time: {horizon: 100}\n"
                       "detect: {delta: [0.3]}\n");
  CHECK_INT(result.status, ENT_STATUS_DONE);
  CHECK_INT(result.outcome, ENT_OUTCOME_UNDECIDED);
  CHECK(result.t_sync[0] > 0 && result.t_sync[0] < 100);
  CHECK_REAL(result.t_end, result.t_sync[0], 0);
  CHECK(isnan(result.t_certain));
}

/* Compares what is recorded with what is seen. */
typedef struct witness {
  size_t count;
  double times[8], order[8];
} witness;

static int sees(void *context, double t, const double *vectors) {
  witness *own = context;
  double sum[3] = {0};
  REQUIRE(own->count < 8);
  for (int i = 0; i < 5; i++) {
    for (int k = 0; k < 3; k++) sum[k] += vectors[3 * i + k] / 5;
  }
  own->times[own->count] = t;
  own->order[own->count++] = sqrt(sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]);
  return ENT_OK;
}

static void series_are_what_is_seen(void) {
  witness own = {0};
  const ent_watcher watcher = {.sees = sees, .context = &own};
  ent_job_fixture job;
  ent_fixture_open(&job, "model: attention\n"
                         "sweep: {beta: [1], n: [5], d: [3], seed: [1]}\n"
                         "time: {horizon: 3, record: [0, 0.1, 0.7, 3]}\n"
                         "detect: {stop: horizon}\n"
                         "observe: [energy, order_parameter]\n");
  const ent_output output = ent_fixture_run(&job, 0, &watcher);
  const double times[] = {0, 0.1, 0.7, 3};
  CHECK_INT(own.count, 4);
  for (size_t k = 0; k < 4; k++) {
    CHECK_REAL(own.times[k], times[k], 0);
    CHECK_REAL(output.series[4 + k], own.order[k], 1e-7);
  }
  CHECK_REAL(output.result.order_parameter, own.order[3], 1e-15);
  ent_fixture_close(&job);
}

static bool at_once(void *context) {
  return ++*(int *)context > 0;
}

static void abandoned_jobs_have_no_result(void) {
  int asked = 0;
  const ent_watcher watcher = {.abandons = at_once, .context = &asked};
  ent_job_fixture job;
  ent_fixture_open(&job, CIRCLE "time: {horizon: 1.0e6}\ndetect: {stop: horizon}\n");
  const ent_output output = ent_fixture_run(&job, 0, &watcher);
  CHECK(output.abandoned);
  CHECK_INT(asked, 1);
  CHECK_INT(output.result.status, ENT_STATUS_PENDING);
  ent_fixture_close(&job);
}

static void unit_scales_time(void) {
  const char *text = "model: attention\n"
                     "parameters: {weights: mean}\n"
                     "sweep: {beta: [2], n: [8], d: [3], seed: [1]}\n"
                     "time: {horizon: 100%s}\n"
                     "solver: {rtol: 1.0e-9, atol: 1.0e-11}\n";
  ent_job_fixture job;
  double times[2];
  for (int k = 0; k < 2; k++) {
    ent_fixture_open(&job, text, k ? ", unit: exp(-beta)" : "");
    times[k] = ent_fixture_run(&job, 0, NULL).result.t_sync[0];
    ent_fixture_close(&job);
  }
  CHECK_REAL(times[1], exp(2) * times[0], 1e-6);
}

static const ent_test tests[] = {
  {"a job ends at synchronization, with the values of that time", ends_at_synchronization},
  {"a job ends at its certificate when asked to", ends_at_certificate},
  {"a job ends at the horizon, undecided when nothing was proved", ends_at_horizon},
  {"a job that ends before its horizon is the same bits for every later one", later_horizons_change_nothing},
  {"no job ends before its last recorded time", waits_for_records},
  {"every delta has its time", every_delta_has_its_time},
  {"one particle is synchronized and certain at t = 0", one_particle_is_there_already},
  {"the circle is certified by its widest gap", circle_is_certified_by_its_gap},
  {"an equilibrium is undecided", square_is_undecided},
  {"without the theorem there is no verdict", no_theorem_no_verdict},
  {"recorded series are what a watcher sees", series_are_what_is_seen},
  {"an abandoned job has no result", abandoned_jobs_have_no_result},
  {"the time unit scales time", unit_scales_time},
  {0},
};

ENT_TEST_MPI_MAIN("solve/integrate", tests)
