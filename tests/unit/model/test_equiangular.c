#include <math.h>

#include "entrain/math/vec.h"
#include "entrain/model/model.h"

#include "check.h"

extern const ent_model ent_model_equiangular, ent_model_attention;

enum { WEIGHTS, BETA, RHO0, SOFTMAX = 0, MEAN = 1, N = 6 };

static ent_point point_at(int64_t n, int weights, double beta, double rho0) {
  ent_point point = {.n = n, .d = n};
  point.values[ENT_GROUP_MODEL][WEIGHTS].number = weights;
  point.values[ENT_GROUP_MODEL][BETA].number = beta;
  point.values[ENT_GROUP_MODEL][RHO0].number = rho0;
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
}

static const ent_test tests[] = {
  {"the rate of rho is the formula for n from 2 to 2e9", rate_is_the_formula},
  {"the rate of rho is that of the particles it stands for", rate_is_that_of_particles},
  {"huge beta of either sign does not overflow", huge_beta_does_not_overflow},
  {"a positive overlap is the certificate", certificate_is_a_positive_overlap},
  {"overlaps that no particles have are refused", impossible_overlaps_are_refused},
  {0},
};

ENT_TEST_MAIN("model/equiangular", tests)
