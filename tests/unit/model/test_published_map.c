#include <math.h>
#include <string.h>

#include "entrain/math/vec.h"
#include "entrain/model/model.h"

#include "check.h"

extern const ent_model ent_model_published_map, ent_model_attention;

enum { WEIGHTS, BETA, ETA, SOFTMAX = 0, MEAN = 1, N = 6, MOST_D = 9 };

static ent_point point_at(int64_t d, int weights, double beta, double eta) {
  ent_point point = {.n = N, .d = d};
  point.values[ENT_GROUP_MODEL][WEIGHTS].number = weights;
  point.values[ENT_GROUP_MODEL][BETA].number = beta;
  point.values[ENT_GROUP_MODEL][ETA].number = eta;
  return point;
}

static ent_system *system_at(const ent_model *model, const ent_point *point) {
  ent_system *system = NULL;
  CHECK_OK(ent_system_create(model, point, &system));
  CHECK_OK(ent_system_configure(system, point, 0));
  return system;
}

static void place(size_t d, double *x) {
  for (size_t i = 0; i < N; i++) {
    for (size_t k = 0; k < d; k++) x[i * d + k] = sin(1 + 3.7 * (double)(i * d + k) + (double)(i * i));
    ent_vec_normalize(d, x + i * d);
  }
}

/* One step as the published code makes it. */
static void step_naively(size_t d, int weights, double b, double eta, const double *x, double *next) {
  const double slowdown = b > 0 ? fmax(sqrt(b) * exp(b - 0.5), 1) : 1;
  for (size_t i = 0; i < N; i++) {
    double *y = next + i * d, sum = 0, w[N], norm = 0;
    for (size_t j = 0; j < N; j++) sum += w[j] = exp(b * ent_vec_dot(d, x + i * d, x + j * d));
    for (size_t k = 0; k < d; k++) {
      double mean = 0;
      for (size_t j = 0; j < N; j++) mean += w[j] * x[j * d + k];
      y[k] = x[i * d + k] + (weights == SOFTMAX ? eta * mean / sum : eta / slowdown * mean / N);
      norm += y[k] * y[k];
    }
    for (size_t k = 0; k < d; k++) y[k] /= sqrt(norm);
  }
}

static void a_step_is_the_formula(void) {
  const double betas[] = {-6, -1, 0, 0.1, 1, 4, 9};
  const size_t dimensions[] = {2, 3, MOST_D};
  for (int round = 0; round < 42; round++) {
    const size_t d = dimensions[round % 3];
    const int weights = round % 2;
    const double b = betas[round / 6], eta = round % 4 == 3 ? 2 : 0.1;
    double x[N * MOST_D], next[N * MOST_D], expected[N * MOST_D];
    const ent_point point = point_at((int64_t)d, weights, b, eta);
    ent_system *system = system_at(&ent_model_published_map, &point);
    place(d, x);
    const double step_length = weights == SOFTMAX || b <= 0 ? eta : eta / fmax(sqrt(b) * exp(b - 0.5), 1);
    CHECK_REAL(system->step, step_length, 1e-15 * eta);
    CHECK_REAL(system->beta, b, 0);
    for (int step = 0; step < 5; step++) {
      ent_model_published_map.advance(system, step, x, next);
      step_naively(d, weights, b, eta, x, expected);
      for (size_t k = 0; k < N * d; k++) CHECK_REAL(next[k], expected[k], 2e-15);
      memcpy(x, next, sizeof(x));
    }
    ent_system_destroy(&system);
  }
}

/* |N(x + h A) - x| / h is the ODE's drift but for terms of the order of h. */
static void short_steps_are_the_flow(void) {
  enum { D = 3 };
  const double eta = 1e-6;
  double x[N * D], next[N * D], dxdt[N * D];
  for (int weights = SOFTMAX; weights <= MEAN; weights++) {
    const double b = 2;
    const ent_point point = point_at(D, weights, b, eta);
    ent_point same = point;
    same.values[ENT_GROUP_MODEL][ETA] = (ent_value){0}; /* the masses of attention */
    ent_system *map = system_at(&ent_model_published_map, &point);
    ent_system *flow = system_at(&ent_model_attention, &same);
    place(D, x);
    ent_model_published_map.advance(map, 0, x, next);
    ent_model_attention.drift(flow, 0, x, dxdt);
    for (int k = 0; k < N * D; k++) CHECK_REAL((next[k] - x[k]) / map->step, dxdt[k], 1e-4);
    ent_system_destroy(&map);
    ent_system_destroy(&flow);
  }
}

static void large_beta_does_not_overflow(void) {
  const double betas[] = {-1e4, 1e4, 600};
  double x[N * 3], next[N * 3];
  ent_refusal refusal = {{0}, {0}};
  const ent_point beyond = point_at(3, MEAN, 601, 0.1);
  CHECK(!ent_model_published_map.check(&beyond, &refusal));
  CHECK_TEXT(refusal.key, "sweep.beta");
  place(3, x);
  for (int k = 0; k < 3; k++) {
    const ent_point point = point_at(3, k < 2 ? SOFTMAX : MEAN, betas[k], 0.1);
    CHECK(ent_model_published_map.check(&point, &refusal));
    ent_system *system = system_at(&ent_model_published_map, &point);
    ent_model_published_map.advance(system, 0, x, next);
    for (int i = 0; i < N; i++) CHECK_REAL(ent_vec_norm(3, next + 3 * i), 1, 1e-15);
    ent_system_destroy(&system);
  }
}

/* From a hemisphere every step narrows the cone: the certificate's theorem, at large steps too. */
static void particles_in_a_hemisphere_meet(void) {
  enum { D = 3, STEPS = 400 };
  const double betas[] = {-4, 0, 3}, etas[] = {0.1, 10};
  for (int round = 0; round < 6; round++) {
    double x[N * D], next[N * D];
    const ent_point point = point_at(D, SOFTMAX, betas[round % 3], etas[round / 3]);
    ent_system *system = system_at(&ent_model_published_map, &point);
    CHECK(system->certificate);
    place(D, x);
    for (int i = 0; i < N; i++) x[i * D] = fabs(x[i * D]) + 0.05;
    for (int i = 0; i < N; i++) ent_vec_normalize(D, x + i * D);
    for (int step = 0; step < STEPS; step++) {
      ent_model_published_map.advance(system, step, x, next);
      memcpy(x, next, sizeof(x));
    }
    const ent_cloud cloud = ent_system_cloud(system, x);
    CHECK_REAL(ent_cloud_largest_gap(&cloud), 0, 1e-6);
    ent_system_destroy(&system);
  }
}

/* Lets three of the rows pass. */
static bool at_fourth(void *context) {
  ent_brake *brake = context;
  static int asked = 0;
  brake->work = 1e300;
  return ++asked == 4;
}

static void long_steps_are_given_up(void) {
  double x[N * 3], whole[N * 3], next[N * 3];
  const ent_point point = point_at(3, SOFTMAX, 2, 0.1);
  ent_system *system = system_at(&ent_model_published_map, &point);
  ent_brake brake = {.pulls = at_fourth, .context = &brake, .work = 1e300};
  place(3, x);
  for (int k = 0; k < N * 3; k++) next[k] = 9;
  ent_model_published_map.advance(system, 0, x, whole);
  system->brake = &brake;
  ent_model_published_map.advance(system, 0, x, next);
  CHECK(brake.is_pulled);
  for (int k = 0; k < N * 3; k++) CHECK_REAL(next[k], k < 9 ? whole[k] : 9, 0);
  ent_system_destroy(&system);
}

static const ent_test tests[] = {
  {"a step is the published formula, for both weights", a_step_is_the_formula},
  {"short steps are the flow of the attention model", short_steps_are_the_flow},
  {"huge beta does not overflow", large_beta_does_not_overflow},
  {"particles in a hemisphere meet, whatever the step", particles_in_a_hemisphere_meet},
  {"a step is given up when its brake is pulled", long_steps_are_given_up},
  {0},
};

ENT_TEST_MAIN("model/published_map", tests)
