/* TEST np=1 */
#include <math.h>

#include "entrain/solve/integrate.h"

#include "check.h"
#include "job_fixture.h"

/*
 * Planted simplices, d + 1 equal clusters: stable below b = -d (d-1)/(d+1) and nowhere above (2507.22857
 * for d = 2). Near the threshold the perturbation grows or decays slowly, on the circle at the rate |1/2 +
 * 3b/4| e^{-b/2}.
 */

enum { SEEDS = 6 };

static void open_job(ent_job_fixture *job, int n, int d, double beta, double horizon) {
  ent_fixture_open(job,
                   "model: attention\n"
                   "parameters: {weights: mean}\n"
                   "sweep: {beta: [%g], n: [%d], d: [%d], seed: {count: %d}}\n"
                   "initial: {kind: simplex, noise: 1.0e-3}\n"
                   "time: {horizon: %g}\n"
                   "solver: {rtol: 1.0e-12, atol: 1.0e-13}\n",
                   beta, n, d, SEEDS, horizon);
}

static void check_decay(int n, int d, double beta) {
  ent_job_fixture job;
  open_job(&job, n, d, beta, 3000);
  for (int seed = 0; seed < SEEDS; seed++) {
    const ent_result result = ent_fixture_run(&job, seed, NULL).result;
    CHECK_INT(result.error, ENT_JOB_OK);
    CHECK_INT(result.outcome, ENT_OUTCOME_UNDECIDED);
    CHECK_INT(result.clusters, d + 1);
    CHECK_REAL(result.order_parameter, 0, 1e-10);
    CHECK_REAL(result.speed, 0, 1e-10);
    CHECK_REAL(result.t_end, 3000, 0);
  }
  ent_fixture_close(&job);
}

static void check_growth(int n, int d, double beta) {
  ent_job_fixture job;
  open_job(&job, n, d, beta, 3000);
  for (int seed = 0; seed < SEEDS; seed++) {
    const ent_result result = ent_fixture_run(&job, seed, NULL).result;
    CHECK_INT(result.error, ENT_JOB_OK);
    CHECK_INT(result.outcome, ENT_OUTCOME_SYNC);
    CHECK_INT(result.clusters, 1);
    CHECK(result.t_certain < 3000 && result.t_sync[0] < 3000);
  }
  ent_fixture_close(&job);
}

static void triangle_decays(void) {
  check_decay(12, 2, -0.68);
  check_decay(12, 2, -0.8);
}

static void triangle_grows(void) {
  check_growth(12, 2, -0.66);
  check_growth(12, 2, -0.5);
}

/* The threshold is -3/2 for d = 3 and -12/5 for d = 4. */
static void simplices_decay(void) {
  check_decay(8, 3, -1.6);
  check_decay(10, 4, -2.5);
}

static void simplices_grow(void) {
  check_growth(8, 3, -1.4);
  check_growth(10, 4, -2.3);
}

/* The order parameter of a decaying triangle falls at the rate of the linearization. */
static void decay_has_its_rate(void) {
  ent_job_fixture job;
  double order[2];
  const double beta = -0.7, times[] = {200, 400}, rate = (0.5 + 0.75 * beta) * exp(-beta / 2);
  for (int k = 0; k < 2; k++) {
    open_job(&job, 12, 2, beta, times[k]);
    order[k] = ent_fixture_run(&job, 0, NULL).result.order_parameter;
    ent_fixture_close(&job);
  }
  CHECK_REAL(log(order[1] / order[0]) / (times[1] - times[0]), rate, 1e-3 * fabs(rate));
}

static const ent_test tests[] = {
  {"a planted triangle decays to R < 1e-10 below -2/3", triangle_decays},
  {"a planted triangle breaks up and ends in sync above -2/3", triangle_grows},
  {"planted simplices decay below -d (d-1)/(d+1)", simplices_decay},
  {"planted simplices break up above -d (d-1)/(d+1)", simplices_grow},
  {"a triangle's perturbation decays at the derived rate", decay_has_its_rate},
  {0},
};

ENT_TEST_MPI_MAIN("solve/triangle", tests)
