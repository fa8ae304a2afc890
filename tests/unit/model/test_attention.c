#include <math.h>
#include <string.h>

#include "entrain/math/vec.h"
#include "entrain/model/model.h"

#include "check.h"

extern const ent_model ent_model_attention;

enum { N = 9, MOST = 64, SOFTMAX = 0, MEAN = 1 };
enum { WEIGHTS, BETA, MASSES, GAMMA };

static double draw(double low, double high) {
  static uint64_t state = 5;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

static ent_point point_at(int64_t n, int64_t d, int weights, double beta, const double *masses) {
  ent_point point = {.n = n, .d = d};
  point.values[ENT_GROUP_MODEL][WEIGHTS].number = weights;
  point.values[ENT_GROUP_MODEL][BETA].number = beta;
  point.values[ENT_GROUP_MODEL][MASSES] = (ent_value){.list = masses, .count = masses ? (size_t)n : 0};
  return point;
}

static ent_system *system_at(const ent_point *point, double log_unit) {
  ent_system *system = NULL;
  CHECK_OK(ent_system_create(&ent_model_attention, point, &system));
  CHECK_OK(ent_system_configure(system, point, log_unit));
  return system;
}

static void draw_vectors(size_t n, size_t d, double *x) {
  for (size_t k = 0; k < n * d; k++) x[k] = draw(-1, 1) + draw(-1, 1);
  for (size_t i = 0; i < n; i++) ent_vec_normalize(d, x + i * d);
}

/*
 * Equation (SA) or (USA) as it is printed, self term and all: P_{x_i}(sum_j m_j e^{b <x_i,x_j>} x_j /
 * Z_i).
 */
static void textbook(const ent_point *point, const double *x, size_t i, double *y) {
  const size_t n = (size_t)point->n, d = (size_t)point->d;
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  double total = 0;
  memset(y, 0, d * sizeof(*y));
  for (size_t j = 0; j < n; j++) {
    double sum = 0;
    for (size_t k = 0; values[MASSES].list && k < n; k++) sum += values[MASSES].list[k];
    const double mass = values[MASSES].list ? values[MASSES].list[j] / sum : 1.0 / (double)n;
    const double weight = mass * exp(values[BETA].number * ent_vec_dot(d, x + i * d, x + j * d));
    total += weight;
    ent_vec_axpy(d, weight, x + j * d, y);
  }
  ent_vec_axpy(d, -ent_vec_dot(d, x + i * d, y), x + i * d, y);
  for (size_t k = 0; k < d; k++) y[k] /= values[WEIGHTS].number == SOFTMAX ? total : 1;
}

/* Velocity of particle i as a vector, whatever the state is. */
static void velocity(const ent_system *system, const double *x, const double *dxdt, size_t i, double *v) {
  const size_t d = system->d;
  if (system->kind == ENT_STATE_ANGLES) {
    v[0] = -sin(x[i]) * dxdt[i];
    v[1] = cos(x[i]) * dxdt[i];
  } else {
    memcpy(v, dxdt + i * d, d * sizeof(*v));
  }
}

static void drift_is_the_textbook(void) {
  double vectors[MOST], x[MOST], dxdt[MOST], v[8], y[8], masses[N];
  for (int round = 0; round < 200; round++) {
    const int64_t d = (int64_t[]){2, 3, 7}[round % 3];
    for (int i = 0; i < N; i++) masses[i] = draw(0.5, 3);
    const ent_point point = point_at(N, d, round / 3 % 2, draw(-5, 5), round / 6 % 2 ? masses : NULL);
    ent_system *system = system_at(&point, 0);
    draw_vectors(N, (size_t)d, vectors);
    ent_cloud_from_vectors(system->kind, N, (size_t)d, vectors, x);
    ent_model_attention.drift(system, 0, x, dxdt);
    for (size_t i = 0; i < N; i++) {
      velocity(system, x, dxdt, i, v);
      textbook(&point, vectors, i, y);
      for (int k = 0; k < d; k++) CHECK_REAL(v[k], y[k], 1e-14 * (1 + exp(fabs(system->beta))));
    }
    ent_system_destroy(&system);
  }
}

/* E with its physical scale, E = (1/2b) sum_ij m_i m_j e^{b <x_i,x_j>} up to a constant. */
static double energy(const ent_system *system, const double *x) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  return exp(fabs(system->beta)) * ent_cloud_energy(&cloud, system->beta);
}

/*
 * dE/dt = (1/n) sum |x_i'|^2 (USA), (1/n) sum (Z_i/n) |x_i'|^2 (SA) with Z_i/n the row's mean of e^{b
 * <x_i,x_j>}.
 */
static double energy_rate(const ent_system *system, bool softmax, const double *x, const double *dxdt) {
  double rate = 0, v[8];
  const size_t n = system->n, d = system->d;
  for (size_t i = 0; i < n; i++) {
    double mean = 0;
    for (size_t j = 0; j < n; j++) {
      const double overlap =
        system->kind == ENT_STATE_ANGLES ? cos(x[i] - x[j]) : ent_vec_dot(d, x + i * d, x + j * d);
      mean += exp(system->beta * overlap) / (double)n;
    }
    velocity(system, x, dxdt, i, v);
    rate += (softmax ? mean : 1) * ent_vec_dot(d, v, v) / (double)n;
  }
  return rate;
}

static void energy_grows_as_derived(void) {
  double vectors[MOST], x[MOST], dxdt[MOST], ahead[MOST], behind[MOST];
  const double h = 1e-5;
  for (int round = 0; round < 120; round++) {
    const int64_t d = 2 + round % 3;
    const bool softmax = round / 3 % 2;
    const ent_point point = point_at(N, d, softmax ? SOFTMAX : MEAN, draw(-4, 4), NULL);
    ent_system *system = system_at(&point, 0);
    draw_vectors(N, (size_t)d, vectors);
    ent_cloud_from_vectors(system->kind, N, (size_t)d, vectors, x);
    ent_model_attention.drift(system, 0, x, dxdt);
    for (size_t k = 0; k < system->size; k++) {
      ahead[k] = x[k] + h * dxdt[k];
      behind[k] = x[k] - h * dxdt[k];
    }
    ent_cloud_retract(system->kind, N, (size_t)d, ahead);
    ent_cloud_retract(system->kind, N, (size_t)d, behind);
    const double rate = energy_rate(system, softmax, x, dxdt),
                 change = energy(system, ahead) - energy(system, behind);
    CHECK_REAL(change / (2 * h) / rate, 1, 2e-6);
    ent_system_destroy(&system);
  }
}

/* Component (k, l) of sum_i x_i ^ x_i'. */
static double turning(const ent_system *system, const double *x, const double *dxdt, size_t k, size_t l) {
  double sum = 0;
  for (size_t i = 0; i < system->n; i++, x += system->d, dxdt += system->d) {
    sum += x[k] * dxdt[l] - x[l] * dxdt[k];
  }
  return sum;
}

static double total_speed(const ent_system *system, const double *dxdt) {
  double sum = 0;
  for (size_t k = 0; k < system->size; k++) sum += fabs(dxdt[k]);
  return sum;
}

static void mean_weights_keep_the_sum_of_angles(void) {
  double x[N], dxdt[N];
  for (int round = 0; round < 100; round++) {
    const ent_point point = point_at(N, 2, MEAN, draw(-10, 10), NULL);
    ent_system *system = system_at(&point, 0);
    double sum = 0;
    for (int i = 0; i < N; i++) x[i] = draw(-5, 5);
    ent_model_attention.drift(system, 0, x, dxdt);
    for (int i = 0; i < N; i++) sum += dxdt[i];
    CHECK_REAL(sum, 0, 1e-14 * total_speed(system, dxdt));
    ent_system_destroy(&system);
  }
}

static void mean_weights_turn_nothing(void) {
  double x[MOST], dxdt[MOST];
  for (int round = 0; round < 100; round++) {
    const size_t d = 3 + (size_t)round % 4;
    const ent_point point = point_at(N, (int64_t)d, MEAN, draw(-10, 10), NULL);
    ent_system *system = system_at(&point, 0);
    draw_vectors(N, d, x);
    ent_model_attention.drift(system, 0, x, dxdt);
    const double size = total_speed(system, dxdt);
    for (size_t k = 0; k < d; k++) {
      for (size_t l = 0; l < k; l++) CHECK_REAL(turning(system, x, dxdt, k, l), 0, 1e-14 * size);
    }
    ent_system_destroy(&system);
  }
}

/* SA and USA have the same equilibria, here a triangle of clusters: both stand still. */
static void triangle_stands_still(void) {
  double x[N], dxdt[N];
  for (int weights = SOFTMAX; weights <= MEAN; weights++) {
    const ent_point point = point_at(N, 2, weights, -0.7, NULL);
    ent_system *system = system_at(&point, 0);
    for (int i = 0; i < N; i++) x[i] = i % 3 * 2.0943951023931953;
    ent_model_attention.drift(system, 0, x, dxdt);
    for (int i = 0; i < N; i++) CHECK_REAL(dxdt[i], 0, 1e-15);
    ent_system_destroy(&system);
  }
}

/* A particle of mass 3 acts as three of mass 1. */
static void masses_are_copies(void) {
  const double masses[] = {3, 1, 2}, light[] = {0.3, 1.7, 4.0}, heavy[] = {0.3, 0.3, 0.3, 1.7, 4.0, 4.0};
  const int first[] = {0, 3, 4};
  double few[3], many[6];
  for (int round = 0; round < 10; round++) {
    const double beta = draw(-6, 6);
    const ent_point three = point_at(3, 2, round % 2, beta, masses),
                    six = point_at(6, 2, round % 2, beta, NULL);
    ent_system *a = system_at(&three, 0), *b = system_at(&six, 0);
    ent_model_attention.drift(a, 0, light, few);
    ent_model_attention.drift(b, 0, heavy, many);
    for (int i = 0; i < 3; i++) CHECK_REAL(few[i], many[first[i]], 1e-13 * (1 + exp(beta)));
    const ent_cloud of_three = ent_system_cloud(a, light), of_six = ent_system_cloud(b, heavy);
    CHECK_REAL(ent_cloud_energy(&of_three, beta), ent_cloud_energy(&of_six, beta), 1e-15);
    CHECK_REAL(ent_cloud_order_parameter(&of_three), ent_cloud_order_parameter(&of_six), 1e-15);
    ent_system_destroy(&a);
    ent_system_destroy(&b);
  }
}

static void masses_do_not_stay(void) {
  const double masses[] = {3, 1, 2};
  const ent_point with = point_at(3, 2, MEAN, 1, masses), without = point_at(3, 2, MEAN, 1, NULL);
  ent_system *system = system_at(&with, 0);
  CHECK(system->masses != NULL);
  CHECK_REAL(system->masses[0], 0.5, 1e-16);
  CHECK_OK(ent_system_configure(system, &without, 0));
  CHECK(system->masses == NULL);
  ent_system_destroy(&system);
}

static void wrong_masses_are_refused(void) {
  const double masses[] = {3, 1, 2};
  ent_refusal refusal = {{0}, {0}};
  ent_point point = point_at(3, 2, MEAN, 1, masses);
  point.values[ENT_GROUP_MODEL][GAMMA].number = NAN;
  CHECK(ent_model_attention.check(&point, &refusal));
  point.n = 4;
  CHECK(!ent_model_attention.check(&point, &refusal));
  CHECK_TEXT(refusal.key, "parameters.masses");
  CHECK_CONTAINS(refusal.why, "3 masses for n = 4");
}

static void theorem_holds_for_all(void) {
  const double betas[] = {-400, -1, 0, 3, 1e4};
  for (int k = 0; k < 10; k++) {
    const ent_point point = point_at(4, 2 + k % 3, k % 2, betas[k / 2], NULL);
    ent_system *system = system_at(&point, 0);
    CHECK(system->certificate);
    CHECK_REAL(system->beta, betas[k / 2], 0);
    ent_system_destroy(&system);
  }
}

static const ent_test tests[] = {
  {"the drift is the published equation for SA and USA, masses and all", drift_is_the_textbook},
  {"the energy grows at the derived rate for SA and USA", energy_grows_as_derived},
  {"USA keeps the sum of the angles on the circle", mean_weights_keep_the_sum_of_angles},
  {"USA keeps sum_i x_i ^ x_i' = 0 on spheres", mean_weights_turn_nothing},
  {"a triangle of clusters stands still", triangle_stands_still},
  {"a mass of three acts as three particles", masses_are_copies},
  {"masses are forgotten with their point", masses_do_not_stay},
  {"a wrong number of masses is refused", wrong_masses_are_refused},
  {"the hemisphere theorem is claimed for any beta and both weights", theorem_holds_for_all},
  {0},
};

ENT_TEST_MAIN("model/attention", tests)
