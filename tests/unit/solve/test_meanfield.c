/* TEST np=1 timeout=300 */
#include <math.h>
#include <stdio.h>

#include "check.h"
#include "job_fixture.h"

/* The density hierarchy through the integrator: what arXiv:2504.14697 says of it, and what particles do. */

#define DIP "cosines: [0.004, 0.5, 0.5], sines: [0.002]"
#define SOLVER "solver: {rtol: 1.0e-10, atol: 1.0e-12}\n"

enum { RECORDS = 141 };

/* Squares of the order parameter at t = 0, 0.01, ... 1.4. */
static void record_squares(const char *model, double *squares) {
  ent_job_fixture job;
  ent_fixture_open(&job,
                   "%stime: {horizon: 1.4, record: {linspace: [0, 1.4, 141]}}\n"
                   "observe: [order_parameter]\n" SOLVER,
                   model);
  const ent_output output = ent_fixture_run(&job, 0, NULL);
  CHECK_INT(output.result.status, ENT_STATUS_DONE);
  for (int i = 0; i < RECORDS; i++) squares[i] = pow((double)output.series[i], 2);
  ent_fixture_close(&job);
}

/* beta = 0.1, z_1 = .002 + .001 i, z_2 = z_3 = .25: R^2 falls to 4.25e-6 near t = .68, then it rises. */
static void the_order_parameter_is_not_monotone(void) {
  double squares[RECORDS];
  int least = 0;
  record_squares("model: meanfield_circle\nparameters: {" DIP "}\n"
                 "sweep: {beta: [0.1], n: [1], d: [2], seed: [0]}\n",
                 squares);
  for (int i = 0; i < RECORDS; i++) least = squares[i] < squares[least] ? i : least;
  CHECK_REAL(squares[0], 5e-6, 1e-12);
  CHECK_REAL(squares[least], 4.25e-6, 0.005e-6);
  CHECK_REAL(least, 68, 1);
  for (int i = 1; i < RECORDS; i++)
    CHECK(i <= least ? squares[i] <= squares[i - 1] : squares[i] >= squares[i - 1]);
}

/* Particles of a quiet start have the same order parameter. */
static void particles_follow_the_hierarchy(void) {
  double squares[RECORDS], of_particles[RECORDS];
  record_squares("model: meanfield_circle\nparameters: {modes: 40, " DIP "}\n"
                 "sweep: {beta: [0.1], n: [1], d: [2], seed: [0]}\n",
                 squares);
  record_squares("model: attention\nparameters: {weights: mean}\ninitial: {kind: density, " DIP "}\n"
                 "sweep: {beta: [0.1], n: [600], d: [2], seed: [0]}\n",
                 of_particles);
  for (int i = 0; i < RECORDS; i++) CHECK_REAL(of_particles[i] / squares[i], 1, 1e-5);
}

#define MIXTURE "centres: [0, 2.5], concentrations: [2, 1], masses: [2, 1]"

static ent_result at_horizon(const char *model, const char *more) {
  return ent_fixture_result("%stime: {horizon: 0.4}\n" SOLVER "%s", model, more);
}

/* Few particles are far off, more of them come to the hierarchy faster than any power of n. */
static void more_particles_come_closer(void) {
  const ent_result field = at_horizon("model: meanfield_circle\nparameters: {modes: 96, " MIXTURE "}\n"
                                      "sweep: {beta: [1], n: [1], d: [2], seed: [0]}\n",
                                      "");
  const int counts[] = {4, 8, 16, 32, 96};
  const double most[] = {0.1, 0.02, 1e-3, 1e-4, 1e-9};
  double before = 1;
  CHECK_INT(field.outcome, ENT_OUTCOME_FINISHED);
  for (int i = 0; i < 5; i++) {
    char model[300];
    snprintf(model, sizeof(model),
             "model: attention\nparameters: {weights: mean}\ninitial: {kind: density, " MIXTURE "}\n"
             "sweep: {beta: [1], n: [%d], d: [2], seed: [0]}\n",
             counts[i]);
    const ent_result particles = at_horizon(model, "detect: {stop: horizon}\n");
    const double error = fabs(particles.order_parameter - field.order_parameter);
    CHECK(error < before && error < most[i]);
    CHECK_REAL(particles.energy, field.energy, most[i]);
    before = error;
  }
}

static ent_result with_modes(int modes) {
  return ent_fixture_result("model: meanfield_circle\n"
                            "parameters: {modes: %d, centres: [0], concentrations: [1]}\n"
                            "sweep: {beta: [2], n: [1], d: [2], seed: [0]}\ntime: {horizon: 20}\n" SOLVER,
                            modes);
}

/* On its way to one point every density outgrows its modes; more modes carry further. */
static void what_is_not_resolved_fails(void) {
  double before = 0;
  for (int modes = 16; modes <= 64; modes *= 2) {
    const ent_result result = with_modes(modes);
    CHECK_INT(result.status, ENT_STATUS_FAILED);
    CHECK_INT(result.error, ENT_JOB_UNDER_RESOLVED);
    CHECK_TEXT(ent_job_error_label(result.error), "under-resolved");
    CHECK(result.t_end > before && result.t_end < 20);
    CHECK(result.order_parameter > 0.4 && result.order_parameter < 1);
    before = result.t_end;
  }
  const ent_result none = with_modes(4);
  CHECK_INT(none.error, ENT_JOB_UNDER_RESOLVED);
  CHECK_REAL(none.t_end, 0, 0);
  CHECK_INT(none.steps, 0);
}

static void more_modes_change_nothing_before(void) {
  const char *const models[] = {"model: meanfield_circle\nparameters: {modes: 48, " MIXTURE "}\n"
                                "sweep: {beta: [1], n: [1], d: [2], seed: [0]}\n",
                                "model: meanfield_circle\nparameters: {modes: 96, " MIXTURE "}\n"
                                "sweep: {beta: [1], n: [1], d: [2], seed: [0]}\n"};
  const ent_result few = at_horizon(models[0], ""), many = at_horizon(models[1], "");
  CHECK_INT(few.status, ENT_STATUS_DONE);
  CHECK_REAL(few.order_parameter, many.order_parameter, 1e-9);
}

static const ent_test tests[] = {
  {"the order parameter of 2504.14697's profile dips, then rises", the_order_parameter_is_not_monotone},
  {"particles of a quiet start follow the hierarchy", particles_follow_the_hierarchy},
  {"more particles come closer to the hierarchy", more_particles_come_closer},
  {"what is not resolved fails, and more modes carry further", what_is_not_resolved_fails},
  {"more modes change nothing before that", more_modes_change_nothing_before},
  {0},
};

ENT_TEST_MPI_MAIN("solve/meanfield", tests)
