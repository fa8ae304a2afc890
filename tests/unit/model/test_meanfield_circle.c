/* TEST np=1 libs=gsl */
#include <math.h>
#include <string.h>

#include <gsl/gsl_sf_bessel.h>

#include "entrain/model/model.h"

#include "check.h"

extern const ent_model ent_model_meanfield_circle;

enum { BETA, MODES, TAIL, COSINES, SINES, CENTRES, CONCENTRATIONS, HALF_WIDTHS, MASSES };
enum { K = 40, SMOOTH = 5, GRID = 256 };

static const double PI = 3.14159265358979324;

static ent_point point_at(double beta, int modes, double tail) {
  ent_point point = {.n = 1, .d = 2};
  point.values[ENT_GROUP_MODEL][BETA].number = beta;
  point.values[ENT_GROUP_MODEL][MODES].number = modes;
  point.values[ENT_GROUP_MODEL][TAIL].number = tail;
  return point;
}

static ent_system *system_at(const ent_point *point) {
  ent_system *system = NULL;
  CHECK_OK(ent_system_create(&ent_model_meanfield_circle, point, &system));
  CHECK_OK(ent_system_configure(system, point, 0));
  return system;
}

/* I_k of an argument of any sign, divided by it. */
static double bessel_part(int k, double b) {
  return gsl_sf_bessel_In(k, b) / b;
}

/* A few modes, and the density that they make at an angle. */
static void place(double *z) {
  memset(z, 0, 2 * K * sizeof(*z));
  for (int k = 0; k < 2 * SMOOTH; k++) z[k] = 0.15 * sin(1 + 2.3 * k);
}

static double density(const double *z, double t) {
  double sum = 1;
  for (int k = 1; k <= SMOOTH; k++) sum += 2 * (z[2 * k - 2] * cos(k * t) + z[2 * k - 1] * sin(k * t));
  return sum / (2 * PI);
}

/* The velocity at an angle: -int e^{b cos(t-s)} sin(t-s) rho(s) ds, exact on a grid for what is smooth. */
static double velocity(double b, const double *z, double t) {
  double sum = 0;
  for (int i = 0; i < GRID; i++) {
    const double s = 2 * PI * i / GRID;
    sum -= exp(b * cos(t - s)) * sin(t - s) * density(z, s) * 2 * PI / GRID;
  }
  return sum;
}

/* z_k' = int i k e^{ikt} v rho dt of the continuity equation. */
static void modes_move_by_the_continuity_equation(void) {
  const double betas[] = {-6, -1, -1e-9, 0, 1e-9, 0.1, 2, 7};
  double z[2 * K], dzdt[2 * K];
  place(z);
  for (int p = 0; p < 8; p++) {
    const double b = betas[p];
    const ent_point point = point_at(b, K, 1);
    ent_system *system = system_at(&point);
    double expected[2 * K] = {0};
    ent_model_meanfield_circle.drift(system, 0, z, dzdt);
    for (int i = 0; i < GRID; i++) {
      const double t = 2 * PI * i / GRID, flux = velocity(b, z, t) * density(z, t) * 2 * PI / GRID;
      for (int k = 1; k <= K; k++) {
        expected[2 * k - 2] -= k * sin(k * t) * flux;
        expected[2 * k - 1] += k * cos(k * t) * flux;
      }
    }
    for (int k = 0; k < 2 * K; k++) CHECK_REAL(dzdt[k], expected[k], 1e-12 * exp(fabs(b)));
    ent_system_destroy(&system);
  }
}

/* Classical Runge-Kutta steps until t. */
static void integrate(ent_system *system, double t, double *z) {
  enum { STEPS = 400 };
  const double h = t / STEPS, reach[] = {0, 0.5, 0.5, 1}, parts[] = {1, 2, 2, 1};
  for (int step = 0; step < STEPS; step++) {
    double stage[2 * K], slope[2 * K] = {0}, sum[2 * K] = {0};
    for (int s = 0; s < 4; s++) {
      for (int k = 0; k < 2 * K; k++) stage[k] = z[k] + reach[s] * h * slope[k];
      ent_model_meanfield_circle.drift(system, 0, stage, slope);
      for (int k = 0; k < 2 * K; k++) sum[k] += parts[s] / 6 * slope[k];
    }
    for (int k = 0; k < 2 * K; k++) z[k] += h * sum[k];
  }
}

/* From a small mode k alone: lambda_k = k^2 I_k(b)/b (USA, d = 2), fitted over a time of 1 / lambda. */
static void small_modes_grow_at_their_rates(void) {
  const double betas[] = {-3, 0.5, 1.0445, 3.1654, 6};
  for (int p = 0; p < 5; p++) {
    for (int k = 1; k <= 4; k++) {
      const double rate = k * k * bessel_part(k, betas[p]), t = 1 / fabs(rate);
      const ent_point point = point_at(betas[p], K, 1);
      ent_system *system = system_at(&point);
      double z[2 * K] = {0};
      z[2 * k - 2] = 3e-9;
      z[2 * k - 1] = 4e-9;
      integrate(system, t, z);
      const double length = hypot(z[2 * k - 2], z[2 * k - 1]);
      CHECK_REAL(log(length / 5e-9) / t, rate, 1e-8 * fabs(rate));
      CHECK_REAL(z[2 * k - 1] / z[2 * k - 2], 4.0 / 3, 1e-10);
      ent_system_destroy(&system);
    }
  }
}

/* At beta = 0 modes z_k = z_1^k stay so, and r^2/(1-r^2) grows by e^t (Ott & Antonsen 2008). */
static void beta_zero_is_ott_and_antonsen(void) {
  const double r0 = 0.2, turn = 0.9, t = 2;
  const ent_point point = point_at(0, K, 1);
  ent_system *system = system_at(&point);
  double z[2 * K];
  for (int k = 1; k <= K; k++) {
    z[2 * k - 2] = pow(r0, k) * cos(k * turn);
    z[2 * k - 1] = pow(r0, k) * sin(k * turn);
  }
  integrate(system, t, z);
  const double odds = r0 * r0 / (1 - r0 * r0) * exp(t), r = sqrt(odds / (1 + odds));
  CHECK_REAL(ent_system_order_parameter(system, z), r, 1e-9);
  for (int k = 1; k <= 8; k++) {
    CHECK_REAL(z[2 * k - 2], pow(r, k) * cos(k * turn), 1e-8);
    CHECK_REAL(z[2 * k - 1], pow(r, k) * sin(k * turn), 1e-8);
  }
  ent_system_destroy(&system);
}

/* The energy is the double integral that particles have a double sum for. */
static void energy_is_that_of_the_density(void) {
  const double betas[] = {-8, -1.01, -1, -0.3, -1e-8, 0, 1e-8, 0.99, 1.01, 5};
  double z[2 * K];
  place(z);
  for (int p = 0; p < 10; p++) {
    const double b = betas[p];
    const ent_point point = point_at(b, K, 1);
    ent_system *system = system_at(&point);
    double expected = 0;
    for (int i = 0; i < GRID; i++) {
      for (int j = 0; j < GRID; j++) {
        const double c = cos(2 * PI * (i - j) / GRID),
                     mass =
                       density(z, 2 * PI * i / GRID) * density(z, 2 * PI * j / GRID) * pow(2 * PI / GRID, 2);
        expected += mass * exp(-fabs(b)) * (b == 0 ? c : expm1(b * c) / b) / 2;
      }
    }
    CHECK_REAL(ent_system_energy(system, z), expected, 1e-14);
    CHECK_REAL(ent_system_order_parameter(system, z), hypot(z[0], z[1]), 1e-16);
    ent_system_destroy(&system);
  }
}

static void the_start_is_the_density(void) {
  const double centre = 0.5, concentration = 3, half_width = 1, first[] = {0.5, 0.25};
  ent_point point = point_at(1, K, 1);
  ent_value *values = point.values[ENT_GROUP_MODEL];
  double z[2 * K];
  ent_refusal refusal = {{0}, {0}};
  ent_system *system = system_at(&point);
  values[COSINES] = (ent_value){.list = first, .count = 2};
  ent_model_meanfield_circle.start(system, &point, z);
  CHECK_REAL(z[0], 0.25, 0);
  CHECK_REAL(z[2], 0.125, 0);
  CHECK_REAL(z[4], 0, 0);
  values[MODES].number = 1;
  CHECK(!ent_model_meanfield_circle.check(&point, &refusal));
  CHECK_TEXT(refusal.key, "parameters.modes");
  values[MODES].number = K;
  values[CENTRES] = (ent_value){.list = &centre, .count = 1};
  CHECK(!ent_model_meanfield_circle.check(&point, &refusal));
  CHECK_TEXT(refusal.key, "parameters.cosines");
  values[COSINES] = (ent_value){0};
  CHECK(!ent_model_meanfield_circle.check(&point, &refusal));
  CHECK_TEXT(refusal.key, "parameters.concentrations");
  values[CONCENTRATIONS] = (ent_value){.list = &concentration, .count = 1};
  CHECK(ent_model_meanfield_circle.check(&point, &refusal));
  ent_model_meanfield_circle.start(system, &point, z);
  CHECK_REAL(z[2], gsl_sf_bessel_In(2, 3) / gsl_sf_bessel_I0(3) * cos(1), 1e-15);
  values[HALF_WIDTHS] = (ent_value){.list = &half_width, .count = 1};
  CHECK(!ent_model_meanfield_circle.check(&point, &refusal));
  values[CONCENTRATIONS] = (ent_value){0};
  ent_model_meanfield_circle.start(system, &point, z);
  CHECK_REAL(z[3], sin(2) / 2 * sin(1), 1e-15);
  ent_system_destroy(&system);
}

/* The last quarter of the modes, 31 to 40, must be small. */
static void the_tail_is_looked_at(void) {
  const ent_point point = point_at(1, K, 1e-6), one = point_at(1, 1, 0.5);
  ent_system *system = system_at(&point), *least = system_at(&one);
  double z[2 * K] = {0};
  z[0] = z[2 * 30 - 1] = 0.5;
  CHECK(ent_model_meanfield_circle.resolved(system, z));
  z[2 * 31 - 1] = 0.9e-6;
  CHECK(ent_model_meanfield_circle.resolved(system, z));
  z[2 * 31 - 2] = 0.9e-6;
  CHECK(!ent_model_meanfield_circle.resolved(system, z));
  z[2 * 31 - 2] = 0;
  z[2 * K - 1] = -1e-5;
  CHECK(!ent_model_meanfield_circle.resolved(system, z));
  CHECK(ent_model_meanfield_circle.resolved(least, z));
  z[0] = 0.6;
  CHECK(!ent_model_meanfield_circle.resolved(least, z));
  ent_system_destroy(&system);
  ent_system_destroy(&least);
}

static const ent_test tests[] = {
  {"modes move by the continuity equation", modes_move_by_the_continuity_equation},
  {"small modes grow at their rates", small_modes_grow_at_their_rates},
  {"beta = 0 is the solution of Ott and Antonsen", beta_zero_is_ott_and_antonsen},
  {"the energy is the double integral over the density", energy_is_that_of_the_density},
  {"the start is the density that is asked for", the_start_is_the_density},
  {"the tail of the modes is looked at", the_tail_is_looked_at},
  {0},
};

ENT_TEST_MAIN("model/meanfield_circle", tests)
