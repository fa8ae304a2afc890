#include <math.h>

#include "entrain/math/vec.h"
#include "entrain/model/model.h"

#include "check.h"

extern const ent_model ent_model_equiangular, ent_model_attention;

enum { WEIGHTS, BETA, RHO0, GAMMA, NORM, ALPHA, TAU, SOFTMAX = 0, MEAN = 1, N = 6 };
enum { MOST_NUMBERS = 2 }; /* of a state: with a radius */

static ent_point point_at(int64_t n, int weights, double beta, double rho0) {
  ent_point point = {.n = n, .d = n};
  point.values[ENT_GROUP_MODEL][WEIGHTS].number = weights;
  point.values[ENT_GROUP_MODEL][BETA].number = beta;
  point.values[ENT_GROUP_MODEL][RHO0].number = rho0;
  point.values[ENT_GROUP_MODEL][GAMMA].number = NAN;
  point.values[ENT_GROUP_MODEL][ALPHA].number = 1;
  return point;
}

static ent_system *system_at(const ent_model *model, const ent_point *point, double log_unit) {
  ent_system *system = NULL;
  CHECK_OK(ent_system_create(model, point, &system));
  CHECK_OK(ent_system_configure(system, point, log_unit));
  return system;
}

/* rho' of the model at its start. */
static double rate(const ent_point *point, double log_unit) {
  double x = 0, dxdt = 0;
  ent_system *system = system_at(&ent_model_equiangular, point, log_unit);
  ent_model_equiangular.start(system, point, &x);
  ent_model_equiangular.drift(system, 0, &x, &dxdt);
  ent_system_destroy(&system);
  const double n = (double)point->n, rho = point->values[ENT_GROUP_MODEL][RHO0].number;
  return (1 - rho) * (1 + (n - 1) * rho) / n * dxdt;
}

static void rate_is_the_formula(void) {
  for (int64_t n = 2; n <= 2000000000; n *= 10) {
    for (double rho = n == 2 ? -0.9 : -0.9 / (double)n; rho < 1; rho += 0.199) {
      for (double b = -20; b <= 20; b += 4) {
        const double m = (double)n - 1, common = exp(b * rho) * (1 - rho) * (m * rho + 1);
        const ent_point sa = point_at(n, SOFTMAX, b, rho), usa = point_at(n, MEAN, b, rho);
        const double expected_sa = 2 * common / (exp(b) + m * exp(b * rho)),
                     expected_usa = 2 * common / (double)n;
        CHECK_REAL(rate(&sa, 0), expected_sa, 1e-13 * expected_sa);
        CHECK_REAL(rate(&usa, 0), expected_usa, 1e-13 * expected_usa);
        CHECK_REAL(rate(&usa, -b), exp(-b) * expected_usa, 1e-13 * exp(-b) * expected_usa);
      }
    }
  }
}

/* The particles themselves: rho' = 2 <x_1', x_2>. */
static void rate_is_that_of_particles(void) {
  double vectors[N * N], dxdt[N * N];
  for (int round = 0; round < 60; round++) {
    const ent_point point = point_at(N, round % 2, -6 + round % 13, -0.15 + 0.019 * round);
    const double rho = point.values[ENT_GROUP_MODEL][RHO0].number, x = log1p((N - 1) * rho) - log1p(-rho);
    ent_system *particles = system_at(&ent_model_attention, &(ent_point){.n = N, .d = N}, 0);
    ent_point same = point;
    same.values[ENT_GROUP_MODEL][RHO0] = (ent_value){0}; /* the masses of attention */
    CHECK_OK(ent_system_configure(particles, &same, 0));
    ent_cloud_to_vectors(ENT_STATE_EQUIANGULAR, N, N, &x, vectors);
    ent_model_attention.drift(particles, 0, vectors, dxdt);
    const double expected = rate(&point, 0);
    CHECK_REAL(ent_vec_dot(N, dxdt, vectors + N) + ent_vec_dot(N, vectors, dxdt + N), expected,
               2e-14 * (1 + expected));
    ent_system_destroy(&particles);
  }
}

/* The mean A of the particle j = 0 and its 1/s and r', as the table of 2510.22026 has them. */
static void normalize(const ent_point *point, double t, double r, const double *mean, const double *x_j,
                      double by[2]) {
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  const double length = sqrt(ent_vec_dot(N, mean, mean)), radial = ent_vec_dot(N, mean, x_j);
  const double speeds[] = {1,
                           1 / r,
                           t < values[TAU].number ? 1 : 1 / r,
                           1 / (r * length),
                           values[ALPHA].number / length,
                           1 / sqrt(t + 1)};
  const double growths[] = {0, radial, t < values[TAU].number ? 0 : radial, radial / length, 0, 0};
  by[0] = speeds[(int)values[NORM].number];
  by[1] = growths[(int)values[NORM].number];
}

/* The attention mean of particle j, written out. */
static void mean_of(bool softmax, double b, const double *vectors, int j, double *mean) {
  double weights[N], total = softmax ? 0 : N;
  for (int k = 0; k < N; k++) {
    weights[k] = exp(b * ent_vec_dot(N, vectors + j * N, vectors + k * N));
    if (softmax) total += weights[k];
  }
  for (int i = 0; i < N; i++) mean[i] = 0;
  for (int k = 0; k < N; k++) ent_vec_axpy(N, weights[k] / total, vectors + k * N, mean);
}

/* rho' = <th_0', th_1> + <th_0, th_1'> with th' = P A/s, and r', against the two numbers of the model. */
static void check_norm(const ent_point *point, double t, double unit) {
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  const double b = values[BETA].number, rho = values[RHO0].number, r = 1.7;
  double vectors[N * N], mean[N], x[MOST_NUMBERS], dxdt[MOST_NUMBERS], by[2];
  ent_system *system = system_at(&ent_model_equiangular, point, log(unit));
  ent_model_equiangular.start(system, point, x);
  if (system->extras > 0) {
    CHECK_REAL(x[1], 1, 0);
    x[1] = r;
  }
  ent_model_equiangular.enter(system, t / unit);
  ent_model_equiangular.drift(system, t / unit, x, dxdt);
  ent_cloud_to_vectors(ENT_STATE_EQUIANGULAR, N, N, x, vectors);
  mean_of(values[WEIGHTS].number == SOFTMAX, b, vectors, 0, mean);
  normalize(point, t, r, mean, vectors, by);
  const double along = ent_vec_dot(N, mean, vectors + N) - ent_vec_dot(N, mean, vectors) * rho;
  const double expected = 2 * by[0] * along * unit;
  CHECK_REAL((1 - rho) * (1 + (N - 1) * rho) / N * dxdt[0], expected, 4e-14 * (1 + fabs(expected)));
  if (system->extras > 0) CHECK_REAL(dxdt[1], by[1] * unit, 1e-14 * (1 + fabs(by[1])));
  ent_system_destroy(&system);
}

static void norms_are_those_of_particles(void) {
  for (int norm = 0; norm < 6; norm++) {
    for (int round = 0; round < 60; round++) {
      ent_point point = point_at(N, round % 2, -6 + round % 13, -0.15 + 0.019 * round);
      point.values[ENT_GROUP_MODEL][NORM].number = norm;
      point.values[ENT_GROUP_MODEL][ALPHA].number = 0.3 + 0.1 * (round % 5);
      point.values[ENT_GROUP_MODEL][TAU].number = 0.5;
      check_norm(&point, 0.1 * (round % 10), 1);
      point.values[ENT_GROUP_MODEL][TAU].number = 0; /* of the job's time unit */
      check_norm(&point, 0.1 * (round % 10), round % 2 ? 0.25 : 1);
    }
  }
}

/* Far from both ends the limit is the law of many: rho', order parameter, energy and speed. */
static void limit_is_that_of_many(void) {
  for (int norm = 0; norm < 6; norm++) {
    for (int round = 0; round < 40; round++) {
      const double b = -3 + round % 7, rho = 0.05 + 0.02 * round, n = 2e9;
      ent_point many = point_at(2000000000, round % 2, b, rho), limit = point_at(0, round % 2, b, rho);
      double x[MOST_NUMBERS], dxdt[MOST_NUMBERS], y[MOST_NUMBERS], dydt[MOST_NUMBERS];
      many.values[ENT_GROUP_MODEL][NORM].number = limit.values[ENT_GROUP_MODEL][NORM].number = norm;
      ent_system *finite = system_at(&ent_model_equiangular, &many, 0);
      ent_system *infinite = system_at(&ent_model_equiangular, &limit, 0);
      ent_model_equiangular.start(finite, &many, x);
      ent_model_equiangular.start(infinite, &limit, y);
      ent_model_equiangular.drift(finite, 0.3, x, dxdt);
      ent_model_equiangular.drift(infinite, 0.3, y, dydt);
      const double rate = (1 - rho) * (1 + (n - 1) * rho) / n * dxdt[0];
      CHECK_REAL(2 * sqrt(rho) * (1 - rho) * dydt[0], rate, 1e-6 * rate);
      if (finite->extras > 0) CHECK_REAL(dydt[1], dxdt[1], 1e-6);
      const ent_cloud a = ent_system_cloud(finite, x), c = ent_system_cloud(infinite, y);
      CHECK_REAL(ent_cloud_largest_gap(&c), 1 - rho, 1e-15);
      CHECK_REAL(ent_cloud_hemisphere_margin(&c), rho, 1e-15);
      CHECK_REAL(ent_cloud_order_parameter(&c), ent_cloud_order_parameter(&a), 1e-8);
      CHECK_REAL(ent_cloud_energy(&c, b), ent_cloud_energy(&a, b), 1e-8);
      CHECK_REAL(ent_cloud_speed(&c, dydt), ent_cloud_speed(&a, dxdt), 1e-6);
      CHECK_REAL(ent_cloud_clusters(&c, 1e-3), 0, 0);
      CHECK(ent_cloud_is_within(&c, 1 - 0.999 * rho) && !ent_cloud_is_within(&c, 0.01));
      ent_system_destroy(&finite);
      ent_system_destroy(&infinite);
    }
  }
}

static void gamma_is_beta_over_log_n(void) {
  for (int64_t n = 1; n < 2000000000; n *= 7) {
    ent_point point = point_at(n, SOFTMAX, NAN, 0.1);
    point.values[ENT_GROUP_MODEL][GAMMA].number = 1.5;
    CHECK_REAL(ent_model_equiangular.beta(&point), 1.5 * log((double)n), 1e-15 * 40);
    ent_system *system = system_at(&ent_model_equiangular, &point, 0);
    CHECK_REAL(system->beta, 1.5 * log((double)n), 1e-15 * 40);
    ent_system_destroy(&system);
  }
}

static void orthogonal_tokens_of_the_limit_may_stay(void) {
  const bool stays[] = {true, true, true, false, false, true};
  for (int norm = 0; norm < 6; norm++) {
    ent_point point = point_at(0, SOFTMAX, 1, 0);
    double x[MOST_NUMBERS], dxdt[MOST_NUMBERS];
    point.values[ENT_GROUP_MODEL][NORM].number = norm;
    ent_system *system = system_at(&ent_model_equiangular, &point, 0);
    ent_model_equiangular.start(system, &point, x);
    ent_model_equiangular.drift(system, 0, x, dxdt);
    const ent_theory_facts facts = ent_system_theory(system);
    CHECK_REAL(dxdt[0], stays[norm] ? 0 : 1, 0);
    CHECK_INT(ent_theory_decide(&facts), stays[norm] ? ENT_THEOREM_NONE : ENT_THEOREM_SYNC_EQUIANGULAR);
    ent_system_destroy(&system);
  }
}

static void huge_beta_does_not_overflow(void) {
  const double betas[] = {-1e4, -400, 400, 1e4};
  for (int k = 0; k < 4; k++) {
    const ent_point sa = point_at(32, SOFTMAX, betas[k], 0.5), usa = point_at(32, MEAN, betas[k], 0.5);
    CHECK(isfinite(rate(&sa, 0)));
    CHECK(isfinite(rate(&usa, -fabs(betas[k]))));
  }
}

static void certificate_is_a_positive_overlap(void) {
  const double rhos[] = {-0.1, 0, 1e-9, 0.5};
  for (int k = 0; k < 4; k++) {
    const ent_point point = point_at(5, SOFTMAX, 1, rhos[k]);
    double x = 0;
    ent_system *system = system_at(&ent_model_equiangular, &point, 0);
    ent_model_equiangular.start(system, &point, &x);
    const ent_cloud cloud = ent_system_cloud(system, &x);
    CHECK(system->certificate);
    CHECK_REAL(ent_cloud_hemisphere_margin(&cloud), rhos[k], 1e-16);
    ent_system_destroy(&system);
  }
}

static void impossible_overlaps_are_refused(void) {
  ent_refusal refusal = {{0}, {0}};
  ent_point point = point_at(5, SOFTMAX, 1, -0.25);
  CHECK(!ent_model_equiangular.check(&point, &refusal));
  CHECK_TEXT(refusal.key, "parameters.rho0");
  point = point_at(5, SOFTMAX, 1, -0.24);
  CHECK(ent_model_equiangular.check(&point, &refusal));
  point = point_at(0, SOFTMAX, 1, 0);
  CHECK(ent_model_equiangular.check(&point, &refusal));
  point = point_at(0, SOFTMAX, 1, -1e-9);
  CHECK(!ent_model_equiangular.check(&point, &refusal));
  CHECK_TEXT(refusal.key, "parameters.rho0");
}

static void one_of_beta_and_gamma(void) {
  ent_refusal refusal = {{0}, {0}};
  ent_point point = point_at(5, SOFTMAX, 1, 0);
  point.values[ENT_GROUP_MODEL][GAMMA].number = 1;
  CHECK(!ent_model_equiangular.check(&point, &refusal));
  point.values[ENT_GROUP_MODEL][BETA].number = NAN;
  CHECK(ent_model_equiangular.check(&point, &refusal));
  point.n = 0;
  CHECK(!ent_model_equiangular.check(&point, &refusal));
  CHECK_TEXT(refusal.key, "sweep.gamma");
  CHECK_CONTAINS(refusal.why, "not finite for n = 0");
  point.n = 5;
  point.values[ENT_GROUP_MODEL][GAMMA].number = NAN;
  CHECK(!ent_model_equiangular.check(&point, &refusal));
  CHECK_TEXT(refusal.key, "sweep.beta");
}

static const ent_test tests[] = {
  {"the rate of rho is the formula for n from 2 to 2e9", rate_is_the_formula},
  {"the rate of rho is that of the particles it stands for", rate_is_that_of_particles},
  {"every normalization is that of the particles", norms_are_those_of_particles},
  {"the limit is the law of many", limit_is_that_of_many},
  {"gamma is beta over log n", gamma_is_beta_over_log_n},
  {"orthogonal tokens of the limit stay, unless the mean is made long",
   orthogonal_tokens_of_the_limit_may_stay},
  {"exactly one of beta and gamma is given", one_of_beta_and_gamma},
  {"huge beta of either sign does not overflow", huge_beta_does_not_overflow},
  {"a positive overlap is the certificate", certificate_is_a_positive_overlap},
  {"overlaps that no particles have are refused", impossible_overlaps_are_refused},
  {0},
};

ENT_TEST_MAIN("model/equiangular", tests)
