/* TEST np=1 libs=gsl */
#include <math.h>
#include <stdio.h>

#include <gsl/gsl_integration.h>

#include "entrain/solve/integrate.h"

#include "check.h"
#include "job_fixture.h"

/* The model `equiangular` under every layer normalization (docs/models/equiangular.md). */

enum { POST, PRE, MIX, PERI, NGPT, SQRT, NORMS };

static const char *const names[NORMS] = {"post", "pre", "mix", "peri", "ngpt", "sqrt"};

#define DELTA 1e-3
#define RTOL 1e-10
#define WORKSPACE 1000

/* What is integrated; n = 0 is the limit. */
typedef struct law {
  int norm;
  bool softmax;
  double beta, n, rho0, alpha, tau;
} law;

static ent_result run(const law *own, const char *deltas) {
  return ent_fixture_result("model: equiangular\n"
                            "parameters: {weights: %s, norm: %s, rho0: %.17g, alpha: %.17g, tau: %.17g}\n"
                            "sweep: {beta: [%.17g], n: [%.0f], d: [2], seed: [0]}\n"
                            "time: {horizon: 1.0e12}\ndetect: {delta: %s}\n"
                            "solver: {rtol: %g, atol: %g}\n",
                            own->softmax ? "softmax" : "mean", names[own->norm], own->rho0,
                            own->norm == NGPT ? own->alpha : 1, own->tau, own->beta, own->n, deltas, RTOL,
                            RTOL * 1e-2);
}

static double crossing(const law *own) {
  const ent_result result = run(own, "[1.0e-3]");
  CHECK_INT(result.outcome, ENT_OUTCOME_SYNC);
  return result.t_sync[0];
}

/* n w, q and |A| at rho by the formulas of docs/models/equiangular.md, as they stand there. */
static void sums(const law *own, double rho, double *all, double *q, double *length) {
  const double n = own->n, x = exp(-own->beta * (1 - rho));
  if (n == 0) {
    *all = own->softmax ? 1 : exp(own->beta * rho);
    *q = *all * rho;
    *length = *all * sqrt(rho);
    return;
  }
  const double d = own->softmax ? 1 + (n - 1) * x : n * exp(-own->beta), a = 1 / d, w = x / d;
  *all = n * w;
  *q = a + (n - 1) * w * rho;
  *length = sqrt(a * a + 2 * a * (n - 1) * w * rho + (n - 1) * w * w * (1 + (n - 2) * rho));
}

/*
 * Everything is written in y with rho = rho(y), which resolves the layer at rho0 = 0: log(1 + (n-1) rho), or
 * log(rho) in the limit. Both are dy = k/(1 + k rho) drho with k = n - 1, or infinite.
 */
static double rho_of(const law *own, double y) {
  return own->n == 0 ? exp(y) : expm1(y) / (own->n - 1);
}

static double y_of(const law *own, double rho) {
  return own->n == 0 ? log(rho) : log1p((own->n - 1) * rho);
}

/* dt/dy where s = 1: drho/dy / (2 w (1-rho) (1+(n-1) rho)) = n/(n-1) / (2 n w (1-rho)). */
static double slowness(const law *own, double rho, double all) {
  const double factor = own->n == 0 ? 1 : own->n / (own->n - 1);
  return factor / (2 * all * (1 - rho));
}

static double integrate(double (*function)(double y, void *context), law *own, double from, double to) {
  gsl_integration_workspace *work = gsl_integration_workspace_alloc(WORKSPACE);
  const gsl_function it = {.function = function, .params = own};
  double value = 0, error = 0;
  CHECK_INT(gsl_integration_qag(&it, from, to, 0, 1e-10, WORKSPACE, GSL_INTEG_GAUSS31, work, &value, &error),
            0);
  gsl_integration_workspace_free(work);
  return value;
}

/* d log(r)/dy = q dt/dy: the same for pre and peri. */
static double growth(double y, void *context) {
  const law *own = context;
  double all = 0, q = 0, length = 0;
  sums(own, rho_of(own, y), &all, &q, &length);
  return q * slowness(own, rho_of(own, y), all);
}

/* dt/dy with the s of the scheme; mix counts from tau on, where its radius is 1. */
static double scheme_slowness(double y, void *context) {
  law *own = context;
  const double rho = rho_of(own, y);
  double all = 0, q = 0, length = 0, s = 1;
  sums(own, rho, &all, &q, &length);
  const bool has_radius = own->norm == PRE || own->norm == MIX || own->norm == PERI;
  const double start = y_of(own, own->rho0);
  if (has_radius && y > start) s = exp(integrate(growth, own, start, y));
  if (own->norm == PERI) s *= length;
  if (own->norm == NGPT) s = length / own->alpha;
  return s * slowness(own, rho, all);
}

static double exact_crossing(law own) {
  const int norm = own.norm;
  double before = 0;
  if (norm == MIX) { /* post until it has got half way, which is tau */
    law post = own;
    post.norm = POST;
    before = own.tau;
    own.rho0 = 0.5;
    CHECK_REAL(integrate(scheme_slowness, &post, y_of(&post, post.rho0), y_of(&post, 0.5)), before,
               1e-9 * before);
  }
  const double time = integrate(scheme_slowness, &own, y_of(&own, own.rho0), y_of(&own, 1 - DELTA));
  return norm == SQRT ? pow(1 + time / 2, 2) - 1 : before + time; /* 2 (sqrt(t+1) - 1) is the time of post */
}

/* tau for mix: when post is half way. */
static double half_way(law own) {
  own.norm = POST;
  return integrate(scheme_slowness, &own, y_of(&own, own.rho0), y_of(&own, 0.5));
}

static void check_crossings(double n, double rho0, bool softmax) {
  for (int norm = 0; norm < NORMS; norm++) {
    for (double beta = -1; beta <= 3; beta += 2) {
      law own = {.norm = norm, .softmax = softmax, .beta = beta, .n = n, .rho0 = rho0, .alpha = 0.7};
      if (norm == MIX) own.tau = half_way(own);
      CHECK_REAL(crossing(&own) / exact_crossing(own), 1, 3e-8);
    }
  }
}

static void few_particles_cross_on_time(void) {
  check_crossings(2, -0.5, true);
  check_crossings(32, 0, true);
  check_crossings(32, 0, false);
}

static void many_particles_cross_on_time(void) {
  check_crossings(2e9, 0, true);
  check_crossings(2e9, 0.1, false);
}

static void the_limit_crosses_on_time(void) {
  check_crossings(0, 0.1, true);
  check_crossings(0, 0.01, false);
}

/* The solutions that grow from rho = 0: tanh(t)^2, and t^2/(1+t^2). */
static void limit_has_closed_forms(void) {
  law ngpt = {.norm = NGPT, .softmax = true, .beta = 2, .alpha = 1}, peri = {.norm = PERI, .softmax = true};
  CHECK_REAL(crossing(&ngpt), atanh(sqrt(1 - DELTA)), 1e-8);
  ngpt.alpha = 0.25;
  CHECK_REAL(crossing(&ngpt), 4 * atanh(sqrt(1 - DELTA)), 1e-8);
  CHECK_REAL(crossing(&peri), sqrt((1 - DELTA) / DELTA), 1e-7);
  ngpt.softmax = peri.softmax = false;
  CHECK_REAL(crossing(&ngpt), 4 * atanh(sqrt(1 - DELTA)), 1e-8);
  CHECK_REAL(crossing(&peri), sqrt((1 - DELTA) / DELTA), 1e-7);
}

/* rho/(1-rho) grows by e^{2t}. */
static void limit_of_post_is_logistic(void) {
  const law post = {.norm = POST, .softmax = true, .beta = 5, .rho0 = 0.2};
  CHECK_REAL(crossing(&post), 0.5 * log((1 - DELTA) / DELTA * 0.8 / 0.2), 1e-9);
}

/* Orthogonal tokens of the limit stay where they are. */
static void limit_of_post_stays(void) {
  const int stuck[] = {POST, PRE, SQRT};
  for (int k = 0; k < 3; k++) {
    const law own = {.norm = stuck[k], .softmax = true, .beta = 1};
    const ent_result result = run(&own, "[1.0e-3]");
    CHECK_INT(result.outcome, ENT_OUTCOME_UNDECIDED);
    CHECK_REAL(result.order_parameter, 0, 0);
    CHECK(isnan(result.t_certain));
  }
}

static void many_are_near_the_limit(void) {
  for (int norm = 0; norm < NORMS; norm++) {
    law own = {.norm = norm, .softmax = true, .beta = 1, .n = 2e9, .rho0 = 0.1, .alpha = 1, .tau = 0.5};
    const double many = crossing(&own);
    own.n = 0;
    CHECK_REAL(many / crossing(&own), 1, 1e-7);
    own.rho0 = 0;
    if (norm != PERI && norm != NGPT) continue;
    const double limit = crossing(&own);
    own.n = 2e9;
    CHECK_REAL(crossing(&own) / limit, 1, 5e-4);
  }
}

/* Largest change of r^2 (1 - rho), relative, looked at after every step: 1 - rho = 1/cosh(x)^2. */
typedef struct conserved {
  double first, change;
  int64_t looks;
} conserved;

static bool always(void *context) {
  (void)context;
  return true;
}

static int look(void *context, const ent_checkpoint *checkpoint) {
  conserved *seen = context;
  const double *x = checkpoint->x;
  seen->change = fmax(seen->change, fabs(pow(x[1] / cosh(x[0]), 2) / seen->first - 1));
  seen->looks++;
  return ENT_OK;
}

static void keeps_what_pre_conserves(void) {
  ent_job_fixture job;
  conserved seen = {.first = 0.95};
  ent_fixture_open(&job, "model: equiangular\nparameters: {norm: pre, rho0: 0.05}\n"
                         "sweep: {beta: [2], n: [0], d: [2], seed: [0]}\ntime: {horizon: 1.0e4}\n"
                         "detect: {stop: horizon}\nsolver: {rtol: 1e-10, atol: 1e-12}\n");
  const ent_watcher watcher = {.saves = always, .keeps = look, .context = &seen, .at_every_step = true};
  const ent_output output = ent_fixture_run(&job, 0, &watcher);
  CHECK_INT(output.result.status, ENT_STATUS_DONE);
  CHECK(output.result.t_sync[0] > 0);
  CHECK(seen.looks > 10);
  CHECK_REAL(seen.change, 0, 1e-8);
  ent_fixture_close(&job);
}

/* How fast 1 - rho falls between two small values of it. */
static void check_slope(const law *own, double (*clock)(double t), double slope) {
  const ent_result result = run(own, "[1.0e-8, 1.0e-11]");
  CHECK_INT(result.outcome, ENT_OUTCOME_SYNC);
  CHECK_REAL(log(1e-3) / (clock(result.t_sync[1]) - clock(result.t_sync[0])), slope, 0.01 * fabs(slope));
}

static double plain(double t) {
  return t;
}

static double root(double t) {
  return sqrt(t + 1);
}

static void late_times_have_their_laws(void) {
  const double counts[] = {0, 2, 32, 1e6};
  for (int k = 0; k < 4; k++) {
    law own = {.softmax = true, .beta = 1.5, .n = counts[k], .rho0 = 0.1, .alpha = 0.4, .tau = 2};
    for (int norm = 0; norm < NORMS; norm++) {
      const bool is_power = norm == PRE || norm == MIX || norm == PERI;
      const double slopes[NORMS] = {-2, -2, -2, -2, -2 * own.alpha, -4};
      own.norm = norm;
      check_slope(&own, is_power ? log : norm == SQRT ? root : plain, slopes[norm]);
    }
    own.norm = POST;
    own.softmax = false;
    check_slope(&own, plain, -2 * exp(own.beta));
  }
}

static void gamma_gives_the_row_of_its_beta(void) {
  const char *const format = "model: equiangular\nparameters: {norm: peri}\n"
                             "sweep: {%s, n: [1000], d: [2], seed: [0]}\ntime: {horizon: 1000}\n";
  char beta[64];
  snprintf(beta, sizeof beta, "beta: [%.17g]", 0.75 * log(1000));
  const ent_result first = ent_fixture_result(format, beta),
                   second = ent_fixture_result(format, "gamma: [0.75]");
  CHECK_INT(first.outcome, ENT_OUTCOME_SYNC);
  CHECK_REAL(second.t_sync[0], first.t_sync[0], 1e-12 * first.t_sync[0]);
}

static const ent_test tests[] = {
  {"few particles cross on time under every normalization", few_particles_cross_on_time},
  {"so do very many", many_particles_cross_on_time},
  {"so does the limit", the_limit_crosses_on_time},
  {"the limit has closed forms from orthogonal tokens", limit_has_closed_forms},
  {"the limit of post is the logistic law", limit_of_post_is_logistic},
  {"and stays at orthogonal tokens", limit_of_post_stays},
  {"2e9 particles are near the limit", many_are_near_the_limit},
  {"pre conserves r^2 (1 - rho) in the limit", keeps_what_pre_conserves},
  {"1 - rho falls by its law under every normalization", late_times_have_their_laws},
  {"gamma gives the row of its beta", gamma_gives_the_row_of_its_beta},
  {0},
};

ENT_TEST_MPI_MAIN("solve/equiangular_norms", tests)
