/* TEST np=1 timeout=120 */
#include <math.h>

#include "check.h"
#include "job_fixture.h"
#include "job_pieces.h"

/* Models without particles can have a goal, and t_sync is when they come within delta of it. */

#define JOB                                                                                                  \
  "model: mixture_layer\n"                                                                                   \
  "parameters: {activation: erf, samples: 16}\n"                                                             \
  "sweep: {n: [4], d: [2], seed: {count: 2}}\n"                                                              \
  "detect: {delta: [0.02, 0.05]}\n"

static void stops_at_the_goal(void) {
  ent_job_fixture job;
  ent_fixture_open(&job, "%s", JOB "time: {horizon: 1000}\n");
  const ent_result result = ent_fixture_run(&job, 0, NULL).result;
  CHECK_INT(result.status, ENT_STATUS_DONE);
  CHECK_INT(result.outcome, ENT_OUTCOME_FINISHED);
  CHECK(result.t_sync[1] > 0 && result.t_sync[1] < result.t_sync[0]);
  CHECK_REAL(result.t_end, result.t_sync[0], 0);
  CHECK_REAL(result.energy, -0.02, 1e-6);
  CHECK(isnan(result.t_certain));
  ent_fixture_close(&job);
  const ent_result again = ent_fixture_result(
    "%stime: {horizon: %.17g}\nsolver: {rtol: 1.0e-9, atol: 1.0e-12}\n", JOB, 2 * result.t_sync[0]);
  CHECK_REAL(again.t_sync[0], result.t_sync[0], 1e-4 * result.t_sync[0]);
  CHECK_REAL(again.t_sync[1], result.t_sync[1], 1e-4 * result.t_sync[1]);
}

static void a_goal_out_of_reach_is_no_failure(void) {
  const ent_result result = ent_fixture_result("%s", JOB "time: {horizon: 0.01}\n");
  CHECK_INT(result.status, ENT_STATUS_DONE);
  CHECK_INT(result.outcome, ENT_OUTCOME_FINISHED);
  CHECK(isnan(result.t_sync[0]));
  CHECK_REAL(result.t_end, 0.01, 0);
}

static void goes_on_to_the_goal(void) {
  ent_job_fixture job;
  ent_fixture_open(&job, "%s", JOB "time: {horizon: 1000}\n");
  ent_keeper_check(&job, 1, 3);
  ent_fixture_close(&job);
}

static const ent_test tests[] = {
  {"a job stops at its goal", stops_at_the_goal},
  {"a goal out of reach is no failure", a_goal_out_of_reach_is_no_failure},
  {"a job goes on to its goal with the same bits", goes_on_to_the_goal},
  {0},
};

ENT_TEST_MPI_MAIN("solve/goal", tests)
