/* TEST np=1 */
#include <math.h>
#include <string.h>

#include "entrain/solve/integrate.h"

#include "check.h"
#include "job_fixture.h"

/* A job that fails is a row with an error code, and the integrator goes on as if it had never been. */

extern const ent_model ent_model_attention;

/* USA at b = 800 in the unit t overflows: rows 0, 2, 3 are sound, row 1 is not. */
static const char *const mixed = "model: attention\n"
                                 "parameters: {weights: mean}\n"
                                 "sweep: {beta: [1, 800, -2, 4], n: [6], d: [3], seed: [7]}\n"
                                 "time: {horizon: 20, record: {linspace: [0, 2, 5]}}\n"
                                 "observe: [order_parameter, pair_overlap]\n";

/* Attention on the circle with another right-hand side. */
static void open_fake(ent_job_fixture *job, ent_model *fake,
                      void (*drift)(ent_system *system, double t, const double *x, double *dxdt)) {
  ent_fixture_open(job, "model: attention\n"
                        "sweep: {beta: [1], n: [4], d: [2], seed: {count: 2}}\n"
                        "time: {horizon: 10}\n"
                        "limits: {steps: 100000}\n");
  *fake = ent_model_attention;
  fake->drift = drift;
  job->spec->model = fake;
}

static void check_failed(const ent_output *output, ent_job_error error) {
  CHECK_INT(output->result.status, ENT_STATUS_FAILED);
  CHECK_INT(output->result.outcome, ENT_OUTCOME_NONE);
  CHECK_TEXT(ent_job_error_label(output->result.error), ent_job_error_label(error));
  CHECK(!output->abandoned);
}

/* A sound drift until t = 1, nothing after it. */
static void ends_at_one(ent_system *system, double t, const double *x, double *dxdt) {
  ent_model_attention.drift(system, t, x, dxdt);
  if (t > 1) dxdt[2] = NAN;
}

static void lost_number(void) {
  ent_job_fixture job;
  ent_model fake;
  open_fake(&job, &fake, ends_at_one);
  const ent_output output = ent_fixture_run(&job, 0, NULL);
  check_failed(&output, ENT_JOB_NOT_FINITE);
  CHECK(output.result.t_end > 0 && output.result.t_end <= 1);
  CHECK(output.result.steps > 0);
  CHECK(output.result.order_parameter > 0 && output.result.order_parameter <= 1);
  for (int k = 0; k < 8; k++) CHECK(isfinite(output.final_state[k]));
  ent_fixture_close(&job);
}

/* Angles that reach infinity at t = 1. */
static void explodes(ent_system *system, double t, const double *x, double *dxdt) {
  (void)t;
  for (size_t i = 0; i < system->n; i++) dxdt[i] = 1 / pow(1 - fmin(t, 1), 2) + 0 * x[i];
}

static void blow_up(void) {
  ent_job_fixture job;
  ent_model fake;
  open_fake(&job, &fake, explodes);
  const ent_output output = ent_fixture_run(&job, 0, NULL);
  CHECK_INT(output.result.status, ENT_STATUS_FAILED);
  CHECK(output.result.error != ENT_JOB_OK); /* the limit of steps may come first */
  CHECK_REAL(output.result.t_end, 1, 0.01);
  ent_fixture_close(&job);
}

static void starts_nowhere(ent_system *system, double t, const double *x, double *dxdt) {
  (void)t, (void)x;
  for (size_t i = 0; i < system->n; i++) dxdt[i] = INFINITY;
}

static void overflow_at_the_start(void) {
  ent_job_fixture job;
  ent_model fake;
  open_fake(&job, &fake, starts_nowhere);
  const ent_output output = ent_fixture_run(&job, 0, NULL);
  check_failed(&output, ENT_JOB_NOT_FINITE);
  CHECK_INT(output.result.steps, 0);
  CHECK_REAL(output.result.t_end, 0, 0);
  ent_fixture_close(&job);
}

static void overflow_of_the_mean(void) {
  ent_job_fixture job;
  ent_fixture_open(&job, "%s", mixed);
  const ent_output output = ent_fixture_run(&job, 1, NULL);
  check_failed(&output, ENT_JOB_NOT_FINITE);
  CHECK(isnan(output.result.t_sync[0]));
  CHECK(!isnan(output.series[0])); /* the start was recorded, later times were not reached */
  CHECK(isnan(output.series[4]));
  ent_fixture_close(&job);
}

static void step_limit(void) {
  ent_job_fixture job;
  ent_fixture_open(&job, "model: attention\n"
                         "sweep: {beta: [1], n: [6], d: [3], seed: [7]}\n"
                         "time: {horizon: 20}\n"
                         "limits: {steps: 5}\n");
  const ent_output output = ent_fixture_run(&job, 0, NULL);
  check_failed(&output, ENT_JOB_STEP_LIMIT);
  CHECK_INT(output.result.steps, 5);
  CHECK(output.result.t_end > 0 && output.result.t_end < 20);
  CHECK(output.result.order_parameter > 0);
  ent_fixture_close(&job);
}

static void wall_limit(void) {
  ent_job_fixture job;
  ent_fixture_open(&job, "model: attention\n"
                         "sweep: {beta: [1], n: [6], d: [3], seed: [7]}\n"
                         "time: {horizon: 1.0e9}\n"
                         "detect: {stop: horizon}\n");
  job.spec->limit_wall = 0;
  const ent_output output = ent_fixture_run(&job, 0, NULL);
  check_failed(&output, ENT_JOB_WALL_LIMIT);
  CHECK(output.result.t_end < 1e9);
  ent_fixture_close(&job);
}

/* Starts from a file that nobody loaded: the draw fails. */
static void start_that_fails(void) {
  ent_job_fixture job;
  ent_fixture_open(&job, "model: attention\n"
                         "sweep: {beta: [1], n: [6], d: [3], seed: [7]}\n"
                         "initial: {kind: file, path: nowhere.h5}\n"
                         "time: {horizon: 20}\n");
  const ent_output output = ent_fixture_run(&job, 0, NULL);
  check_failed(&output, ENT_JOB_START);
  CHECK_INT(output.result.steps, 0);
  CHECK_TEXT(ent_error_message(), "");
  ent_fixture_close(&job);
}

enum { SERIES = 2 * 5 };

/* A row of `mixed` after the rows of a story, which ends with -1. */
static ent_result after(const int *story, int row, float *series) {
  ent_job_fixture job;
  ent_fixture_open(&job, "%s", mixed);
  for (; *story >= 0; story++) ent_fixture_run(&job, *story, NULL);
  const ent_output output = ent_fixture_run(&job, row, NULL);
  memcpy(series, output.series, SERIES * sizeof(*series));
  ent_fixture_close(&job);
  return output.result;
}

static void nothing_is_inherited(void) {
  const int stories[][5] = {{0, -1}, {1, -1}, {2, -1}, {1, 1, -1}, {0, 1, 2, 3, -1}, {3, 1, 0, 2, -1}};
  for (int row = 0; row < 4; row++) {
    float fresh_series[SERIES], series[SERIES];
    const ent_result fresh = after((const int[]){-1}, row, fresh_series);
    CHECK_INT(fresh.status, row == 1 ? ENT_STATUS_FAILED : ENT_STATUS_DONE);
    for (size_t s = 0; s < sizeof(stories) / sizeof(*stories); s++) {
      const ent_result later = after(stories[s], row, series);
      CHECK(ent_fixture_same(&later, &fresh));
      CHECK(memcmp(series, fresh_series, sizeof(series)) == 0);
    }
  }
}

static void a_lost_number_is_not_inherited(void) {
  ent_job_fixture job;
  ent_model fake;
  open_fake(&job, &fake, ends_at_one);
  ent_fixture_run(&job, 0, NULL);
  fake.drift = ent_model_attention.drift;
  const ent_result after_failure = ent_fixture_run(&job, 1, NULL).result;
  ent_fixture_close(&job);
  open_fake(&job, &fake, ent_model_attention.drift);
  const ent_result fresh = ent_fixture_run(&job, 1, NULL).result;
  ent_fixture_close(&job);
  CHECK_INT(fresh.status, ENT_STATUS_DONE);
  CHECK(ent_fixture_same(&after_failure, &fresh));
}

static const ent_test tests[] = {
  {"a right-hand side that is lost on the way fails the row", lost_number},
  {"a blow-up fails the row at its time", blow_up},
  {"a right-hand side that is infinite at the start fails the row", overflow_at_the_start},
  {"USA overflows visibly in the unit t", overflow_of_the_mean},
  {"the limit of steps fails the row", step_limit},
  {"the limit of the wall clock fails the row", wall_limit},
  {"a start that cannot be made fails the row", start_that_fails},
  {"a row's bits do not depend on the rows before it, failed ones included", nothing_is_inherited},
  {"what a failed row broke is not inherited", a_lost_number_is_not_inherited},
  {0},
};

ENT_TEST_MPI_MAIN("solve/failures", tests)
