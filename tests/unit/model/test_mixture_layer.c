#include <math.h>
#include <string.h>

#include "entrain/base/rng.h"
#include "entrain/model/model.h"

#include "check.h"

extern const ent_model ent_model_mixture_layer;

enum { COVARIANCE, ACTIVATION, DATA, SAMPLES, TEACHER_WIDTH, SEPARATION, SCALE, SPREAD };
enum { NONE, FULL, ERF = 0, RELU = 1, TEACHER = 0, CLASSES = 1 };
enum { N = 3, D = 2, P = D + 1, BLOCK = P + P * P, MOST = N * BLOCK, POINTS = 8 };

static ent_point point_at(int activation, int covariance) {
  ent_point point = {.n = N, .d = D, .seed = 4};
  ent_value *values = point.values[ENT_GROUP_MODEL];
  values[COVARIANCE].number = covariance;
  values[ACTIVATION].number = activation;
  values[SAMPLES].number = POINTS;
  values[TEACHER_WIDTH].number = 4;
  values[SEPARATION].number = 2;
  values[SCALE].number = 1;
  values[SPREAD].number = 0.5;
  return point;
}

static ent_system *system_at(const ent_point *point) {
  ent_system *system = NULL;
  CHECK_OK(ent_system_create(&ent_model_mixture_layer, point, &system));
  CHECK_OK(ent_system_configure(system, point, 0));
  return system;
}

/* A state whose factors are no multiples of one. */
static void stir(const ent_system *system, const ent_point *point, double *x) {
  ent_rng rng;
  ent_model_mixture_layer.start((ent_system *)(uintptr_t)system, point, x);
  ent_rng_init(&rng, 1, 2, 3, 4, ENT_STREAM_START);
  for (size_t k = 0; k < system->size; k++) x[k] += 0.6 * (ent_rng_uniform(&rng) - 0.5);
}

/* The training set as the page states it. */
typedef struct set {
  double x[POINTS][D], y[POINTS];
} set;

static double activate(int activation, double z) {
  return activation == RELU ? fmax(z, 0) : erf(z / sqrt(2));
}

static void make_set(const ent_point *point, int activation, int data, set *made) {
  ent_rng inputs, teacher;
  double w[D], a[2];
  ent_rng_init(&inputs, point->study, 0, D, point->seed, ENT_STREAM_DATA);
  ent_rng_init(&teacher, point->study, 0, D, point->seed, ENT_STREAM_TEACHER);
  ent_rng_normal(&inputs, (size_t)POINTS * D, made->x[0]);
  for (int i = 0; i < POINTS; i++) {
    made->y[i] = data == TEACHER ? 0 : 1 - 2 * (i % 2);
    made->x[i][0] += made->y[i];
  }
  for (int t = 0; t < 4 && data == TEACHER; t++) {
    ent_rng_normal(&teacher, D, w);
    ent_rng_normal_pair(&teacher, a);
    for (int i = 0; i < POINTS; i++)
      made->y[i] += a[0] * activate(activation, w[0] * made->x[i][0] + w[1] * made->x[i][1]) / 2;
  }
}

/* What neurons drawn from the components say of each input, on average; [out] error: its standard error. */
static void draw_network(const double *state, int activation, const set *made, int draws, double *mean,
                         double *error) {
  double sum[POINTS] = {0}, squares[POINTS] = {0}, g[P + 1], parameters[P];
  ent_rng rng;
  ent_rng_init(&rng, 0, 0, 0, 9, ENT_STREAM_START);
  for (int draw = 0; draw < draws; draw++) {
    const double *component = state + (size_t)(draw % N) * BLOCK;
    ent_rng_normal(&rng, P, g);
    for (int j = 0; j < P; j++) {
      parameters[j] = component[j];
      for (int k = 0; k < P; k++) parameters[j] += component[P + j * P + k] * g[k];
    }
    for (int i = 0; i < POINTS; i++) {
      const double z = parameters[1] * made->x[i][0] + parameters[2] * made->x[i][1];
      const double value = parameters[0] * activate(activation, z);
      sum[i] += value;
      squares[i] += value * value;
    }
  }
  for (int i = 0; i < POINTS; i++) {
    mean[i] = sum[i] / draws;
    error[i] = sqrt((squares[i] / draws - mean[i] * mean[i]) / draws);
  }
}

/* The loss is that of a network of neurons drawn from the mixture; its error follows from the outputs'. */
static void loss_is_that_of_drawn_neurons(void) {
  for (int k = 0; k < 4; k++) {
    set made;
    double x[MOST], mean[POINTS], error[POINTS], loss = 0, uncertain = 0;
    ent_point point = point_at(k % 2, FULL);
    if (k / 2 == CLASSES) point.values[ENT_GROUP_MODEL][DATA].number = CLASSES;
    ent_system *system = system_at(&point);
    stir(system, &point, x);
    make_set(&point, k % 2, k / 2, &made);
    draw_network(x, k % 2, &made, 300000, mean, error);
    for (int i = 0; i < POINTS; i++) {
      const double residual = mean[i] - made.y[i];
      loss += 0.5 * residual * residual / POINTS;
      uncertain += (fabs(residual) + error[i]) * error[i] / POINTS;
    }
    CHECK(uncertain < 0.02 * loss);
    CHECK_REAL(-ent_system_energy(system, x), loss, 5 * uncertain);
    ent_system_destroy(&system);
  }
}

/* The drift is n times the steepest ascent of the energy, in means and factors. */
static void drift_is_the_gradient(void) {
  const double h = 1e-5;
  for (int k = 0; k < 8; k++) {
    double x[MOST], dxdt[MOST];
    ent_point point = point_at(k % 2, k / 2 % 2);
    if (k / 4 == CLASSES) point.values[ENT_GROUP_MODEL][DATA].number = CLASSES;
    ent_system *system = system_at(&point);
    stir(system, &point, x);
    ent_model_mixture_layer.drift(system, 0, x, dxdt);
    for (size_t i = 0; i < system->size; i++) {
      const double at = x[i];
      x[i] = at + h;
      const double up = ent_system_energy(system, x);
      x[i] = at - h;
      const double down = ent_system_energy(system, x);
      x[i] = at;
      CHECK_REAL(dxdt[i], N * (up - down) / (2 * h), 1e-7);
    }
    ent_system_destroy(&system);
  }
}

/* M U in place of U' gives S' = M S + S M; the Bures-Wasserstein speed is |m'|^2 + tr(M S M). */
static void energy_grows_by_the_metric(void) {
  for (int activation = ERF; activation <= RELU; activation++) {
    const double h = 1e-5;
    double x[MOST], dxdt[MOST], moved[MOST], speed = 0;
    ent_point point = point_at(activation, FULL);
    ent_system *system = system_at(&point);
    stir(system, &point, x);
    ent_model_mixture_layer.drift(system, 0, x, dxdt);
    for (size_t i = 0; i < system->size; i++) speed += dxdt[i] * dxdt[i] / N;
    for (size_t i = 0; i < system->size; i++) moved[i] = x[i] + h * dxdt[i];
    const double up = ent_system_energy(system, moved);
    for (size_t i = 0; i < system->size; i++) moved[i] = x[i] - h * dxdt[i];
    CHECK_REAL((up - ent_system_energy(system, moved)) / (2 * h), speed, 1e-6 * speed);
    ent_system_destroy(&system);
  }
}

static double determinant(const double m[P][P]) {
  return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
         m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
         m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

/* U' = M U with M symmetric: M = U' U^{-1}, by Cramer's rule; then S' = M S + S M holds for S = U U^T. */
static void factors_follow_the_flow_of_covariances(void) {
  for (int activation = ERF; activation <= RELU; activation++) {
    double x[MOST], dxdt[MOST];
    ent_point point = point_at(activation, FULL);
    ent_system *system = system_at(&point);
    stir(system, &point, x);
    ent_model_mixture_layer.drift(system, 0, x, dxdt);
    for (int component = 0; component < N; component++) {
      double u[P][P], m[P][P];
      memcpy(u, x + component * BLOCK + P, sizeof(u));
      const double whole = determinant((const double(*)[P])u);
      REQUIRE(fabs(whole) > 1e-3);
      for (int i = 0; i < P * P; i++) {
        double replaced[P][P];
        memcpy(replaced, u, sizeof(u));
        memcpy(replaced[i % P], dxdt + component * BLOCK + P + i / P * P, sizeof(replaced[0]));
        m[i / P][i % P] = determinant((const double(*)[P])replaced) / whole;
      }
      for (int i = 0; i < P * P; i++) CHECK_REAL(m[i / P][i % P], m[i % P][i / P], 1e-12);
      CHECK_REAL(m[0][0], 0, 1e-12); /* the network is linear in a */
      CHECK(fabs(m[0][1]) > 1e-3);
    }
    ent_system_destroy(&system);
  }
}

static void points_stay_neurons(void) {
  for (int activation = ERF; activation <= RELU; activation++) {
    double full[MOST], plain[MOST], full_drift[MOST], plain_drift[MOST];
    ent_point point = point_at(activation, FULL), neurons = point_at(activation, NONE);
    point.values[ENT_GROUP_MODEL][SPREAD].number = 0;
    ent_system *mixture = system_at(&point), *network = system_at(&neurons);
    ent_model_mixture_layer.start(mixture, &point, full);
    ent_model_mixture_layer.start(network, &neurons, plain);
    ent_model_mixture_layer.drift(mixture, 0, full, full_drift);
    ent_model_mixture_layer.drift(network, 0, plain, plain_drift);
    CHECK_REAL(ent_system_energy(mixture, full), ent_system_energy(network, plain), 0);
    for (int k = 0; k < N; k++) {
      for (int j = 0; j < P; j++) CHECK_REAL(full_drift[k * BLOCK + j], plain_drift[k * P + j], 1e-15);
      for (int j = P; j < BLOCK; j++) CHECK_REAL(full_drift[k * BLOCK + j], 0, 0);
    }
    ent_system_destroy(&mixture);
    ent_system_destroy(&network);
  }
}

/* The data do not depend on how many components learn them, and room for them grows and is used again. */
static void data_are_the_same_for_all_widths(void) {
  double x[MOST * 2];
  ent_point point = point_at(ERF, NONE), wide = point;
  wide.n = 2 * N;
  memset(x, 0, sizeof(x));
  ent_system *narrow = system_at(&point), *other = system_at(&wide);
  CHECK_REAL(ent_system_energy(narrow, x), ent_system_energy(other, x), 0);
  const double few = ent_system_energy(narrow, x);
  point.values[ENT_GROUP_MODEL][SAMPLES].number = 500;
  CHECK_OK(ent_system_configure(narrow, &point, 0));
  CHECK(fabs(ent_system_energy(narrow, x) - few) > 1e-3);
  point.values[ENT_GROUP_MODEL][SAMPLES].number = POINTS;
  CHECK_OK(ent_system_configure(narrow, &point, 0));
  CHECK_REAL(ent_system_energy(narrow, x), few, 0);
  CHECK_REAL(ent_system_order_parameter(narrow, x), 0, 1e-15);
  ent_system_destroy(&narrow);
  ent_system_destroy(&other);
}

static const ent_test tests[] = {
  {"the loss is that of neurons drawn from the mixture", loss_is_that_of_drawn_neurons},
  {"the drift is the gradient, against differences", drift_is_the_gradient},
  {"the energy grows by the metric's speed", energy_grows_by_the_metric},
  {"factors follow the flow of the covariances", factors_follow_the_flow_of_covariances},
  {"components without covariance stay neurons", points_stay_neurons},
  {"data are the same for all widths", data_are_the_same_for_all_widths},
  {0},
};

ENT_TEST_MAIN("model/mixture_layer", tests)
