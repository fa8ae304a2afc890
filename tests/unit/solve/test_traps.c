/* TEST np=1 */
#include <math.h>

#include "entrain/solve/integrate.h"

#include "check.h"
#include "job_fixture.h"

/* What breaks naive codes: |b| beyond what exp can hold, coincident particles, conserved quantities. */

static ent_result extreme(const char *weights, double beta, int d, const char *time) {
  return ent_fixture_result("model: attention\n"
                            "parameters: {weights: %s}\n"
                            "sweep: {beta: [%g], n: [12], d: [%d], seed: [1]}\n"
                            "time: %s\n"
                            "detect: {stop: horizon}\n"
                            "limits: {wall: 60s}\n",
                            weights, beta, d, time);
}

static void check_end(const ent_result *result) {
  CHECK_INT(result->error, ENT_JOB_OK);
  CHECK_INT(result->status, ENT_STATUS_DONE);
  CHECK(result->order_parameter >= 0 && result->order_parameter <= 1 + 1e-12);
  CHECK(isfinite(result->energy) && isfinite(result->speed));
}

static void huge_beta_on_circle_and_sphere(void) {
  for (int d = 2; d <= 3; d++) {
    const ent_result negative = extreme("softmax", -400, d, "{horizon: 3}");
    const ent_result positive = extreme("softmax", 1e4, d, "{horizon: 3}");
    check_end(&negative);
    check_end(&positive);
    CHECK(negative.speed > 0); /* the farthest particles repel */
  }
}

/* b = 1e4: e^{b} holds in no number, the time unit exp(-beta) takes it up. Two particles 0.01 apart meet. */
static void mean_in_its_own_time(void) {
  for (int d = 2; d <= 3; d++) {
    const ent_result random = extreme("mean", 1e4, d, "{horizon: 3, unit: exp(-beta)}");
    check_end(&random);
    const ent_result pair = ent_fixture_result("model: attention\n"
                                               "parameters: {weights: mean}\n"
                                               "sweep: {beta: [1.0e4], n: [2], d: [%d], seed: [0]}\n"
                                               "initial: {kind: clusters, positions: [0, 0.01]}\n"
                                               "time: {horizon: 30, unit: exp(-beta)}\n"
                                               "detect: {delta: [1.0e-9]}\n"
                                               "solver: {rtol: 1.0e-10, atol: 1.0e-12}\n",
                                               d);
    check_end(&pair);
    /* the integral of e^{b (1-cos w)}/sin w from the angle where the overlap is 1 - 1e-9 to 0.01 */
    CHECK_INT(pair.outcome, ENT_OUTCOME_SYNC);
    CHECK_REAL(pair.t_sync[0], 5.694969201, 1e-5);
  }
}

/*
 * The two coincident pairs of the kernel's test, through a whole integration: angle 2 shrinks by 6.4416e-19
 * t.
 */
static void coincident_pairs_stay_pairs(void) {
  for (int d = 2; d <= 3; d++) {
    const ent_result result = ent_fixture_result("model: attention\n"
                                                 "sweep: {beta: [30], n: [4], d: [%d], seed: [0]}\n"
                                                 "initial: {kind: clusters, positions: [0, 2]}\n"
                                                 "time: {horizon: 1.0e6}\n"
                                                 "detect: {stop: horizon}\n",
                                                 d);
    check_end(&result);
    CHECK_INT(result.clusters, 2);
    CHECK_REAL(result.order_parameter, cos(1), 1e-12);
    CHECK_REAL(result.speed, 3.2208e-19, 1e-22);
  }
}

/* USA on the circle keeps the sum of the angles; a sum of states' angles is known up to turns. */
static void sum_of_angles_is_kept(void) {
  for (int seed = 0; seed < 4; seed++) {
    double sum[2] = {0};
    for (int end = 0; end < 2; end++) {
      ent_job_fixture job;
      ent_fixture_open(&job,
                       "model: attention\n"
                       "parameters: {weights: mean}\n"
                       "sweep: {beta: [3], n: [9], d: [2], seed: [%d]}\n"
                       "time: {horizon: %g}\n"
                       "detect: {stop: horizon}\n"
                       "solver: {rtol: 1.0e-8, atol: 1.0e-10}\n",
                       seed, end ? 5 : 1e-300);
      const double *x = ent_fixture_run(&job, 0, NULL).final_state;
      for (int i = 0; i < 9; i++) sum[end] += atan2(x[2 * i + 1], x[2 * i]);
      ent_fixture_close(&job);
    }
    CHECK_REAL(remainder(sum[1] - sum[0], 2 * acos(-1)), 0, 1e-13);
  }
}

/* Unit vectors stay so: what had to be put back is small against the tolerance. */
static void vectors_stay_on_the_sphere(void) {
  ent_job_fixture job;
  ent_fixture_open(&job, "model: attention\n"
                         "sweep: {beta: [4], n: [16], d: [5], seed: {count: 1}}\n"
                         "time: {horizon: 50}\n"
                         "detect: {stop: horizon}\n");
  const ent_output output = ent_fixture_run(&job, 0, NULL);
  CHECK(output.result.drift > 0 && output.result.drift < 1e-4);
  for (int i = 0; i < 16; i++) {
    double norm2 = 0;
    for (int k = 0; k < 5; k++) norm2 += output.final_state[5 * i + k] * output.final_state[5 * i + k];
    CHECK_REAL(norm2, 1, 1e-15);
  }
  ent_fixture_close(&job);
}

static const ent_test tests[] = {
  {"b = -400 and b = 1e4 run without overflow (SA)", huge_beta_on_circle_and_sphere},
  {"b = 1e4 runs in its own time unit (USA)", mean_in_its_own_time},
  {"two coincident pairs keep their place and their speed", coincident_pairs_stay_pairs},
  {"USA keeps the sum of the angles", sum_of_angles_is_kept},
  {"vectors stay on the sphere", vectors_stay_on_the_sphere},
  {0},
};

ENT_TEST_MPI_MAIN("solve/traps", tests)
