/* TEST np=1 libs=gsl timeout=600 */
#include <math.h>
#include <string.h>

#include <gsl/gsl_sf_bessel.h>

#include "entrain/math/vec.h"
#include "entrain/model/model.h"

#include "check.h"

extern const ent_model ent_model_noisy, ent_model_attention;

enum { BETA, INVERSE_TEMPERATURE, STEP, MANY = 300 };

static ent_point point_at(int64_t n, int64_t d, double beta, double kappa, double step) {
  ent_point point = {.n = n, .d = d, .seed = 7};
  point.values[ENT_GROUP_MODEL][BETA].number = beta;
  point.values[ENT_GROUP_MODEL][INVERSE_TEMPERATURE].number = kappa;
  point.values[ENT_GROUP_MODEL][STEP].number = step;
  return point;
}

static ent_system *system_at(const ent_point *point) {
  ent_system *system = NULL;
  CHECK_OK(ent_system_create(&ent_model_noisy, point, &system));
  CHECK_OK(ent_system_configure(system, point, 0));
  return system;
}

/* Angles, or vectors along the axes. */
static void place(const ent_system *system, double *x) {
  memset(x, 0, system->size * sizeof(*x));
  for (size_t i = 0; i < system->n; i++) {
    if (system->kind == ENT_STATE_ANGLES)
      x[i] = 0.7 * (double)i;
    else
      x[i * system->d + i % system->d] = 1;
  }
}

static double overlap(const ent_system *system, const double *x, const double *y) {
  return system->kind == ENT_STATE_ANGLES ? cos(x[0] - y[0]) : ent_vec_dot(system->d, x, y);
}

/* Mean of cos w of two particles over a long time, from the stationary law on. */
static double mean_overlap(int64_t d, double beta, double kappa, double step, double time) {
  const ent_point point = point_at(2, d, beta, kappa, step);
  ent_system *system = system_at(&point);
  const int64_t steps = (int64_t)(time / step), settled = (int64_t)(20 / step);
  double x[16], next[16], sum = 0;
  place(system, x);
  for (int64_t k = 0; k < steps + settled; k++) {
    ent_model_noisy.advance(system, k, x, next);
    memcpy(x, next, sizeof(x));
    if (k >= settled) sum += overlap(system, x, x + system->size / 2);
  }
  ent_system_destroy(&system);
  return sum / (double)steps;
}

/*
 * Two particles: their flow ascends e^{beta c}/(2 beta), c = cos w, so that the stationary density of c is
 * exp(kappa e^{beta c}/(2 beta)) (1-c^2)^{(d-3)/2}; at beta = 0 von Mises and Fisher's with kappa/2.
 */
static double exact_overlap(double d, double beta, double kappa) {
  enum { POINTS = 20000 };
  double sum = 0, mass = 0;
  for (int i = 0; i < POINTS; i++) {
    const double w = 3.14159265358979324 * (i + 0.5) / POINTS, c = cos(w);
    const double power = beta == 0 ? c : expm1(beta * c) / beta;
    const double share = exp(0.5 * kappa * power) * pow(sin(w), d - 2);
    sum += c * share;
    mass += share;
  }
  return sum / mass;
}

static void the_law_is_von_mises_and_fishers(void) {
  for (int d = 2; d <= 6; d++) {
    const double expected = gsl_sf_bessel_Inu(0.5 * d, 1.5) / gsl_sf_bessel_Inu(0.5 * d - 1, 1.5);
    CHECK_REAL(exact_overlap(d, 0, 3), expected, 1e-8);
  }
}

/* The error of long steps falls fourfold when they are halved; the means' standard error is below 1e-3. */
static void the_weak_order_is_two(void) {
  const struct {
    int d;
    double beta, kappa, step;
  } cases[] = {{2, 0, 4, 1}, {3, 0, 6, 0.8}, {2, 0.5, 4, 0.8}};
  for (int k = 0; k < 3; k++) {
    const double time = 2e5, exact = exact_overlap(cases[k].d, cases[k].beta, cases[k].kappa);
    const double beta = cases[k].beta, kappa = cases[k].kappa, h = cases[k].step;
    const double coarse = mean_overlap(cases[k].d, beta, kappa, h, time) - exact;
    const double fine = mean_overlap(cases[k].d, beta, kappa, h / 2, time) - exact;
    CHECK(fabs(coarse) > 0.01);
    CHECK_REAL(coarse / fine, 4.5, 1.5);
  }
}

static void the_stationary_law_is_right(void) {
  const struct {
    int d;
    double beta, kappa, step;
  } cases[] = {{2, 0, 4, 0.05}, {2, -2, 3, 0.05}, {2, 2, 1.5, 0.02}, {3, 1, 4, 0.05}, {8, 0, 10, 0.05}};
  for (int k = 0; k < 5; k++) {
    const double mean = mean_overlap(cases[k].d, cases[k].beta, cases[k].kappa, cases[k].step, 2e4);
    CHECK_REAL(mean, exact_overlap(cases[k].d, cases[k].beta, cases[k].kappa), 0.015);
  }
}

/*
 * One particle alone, kappa = 1: c = <x(0), x(h)> has the mean e^{-(d-1) h}, and (d c^2 - 1)/(d - 1) has
 * e^{-2 d h}; the first and second harmonics.
 */
static void a_particle_alone_is_brownian(void) {
  enum { STEPS = 200000 };
  const int dimensions[] = {2, 3, 7};
  for (int p = 0; p < 3; p++) {
    const int d = dimensions[p];
    const double h = d == 7 ? 0.1 : 0.2;
    const ent_point point = point_at(1, d, 1, 1, h);
    ent_system *system = system_at(&point);
    double x[8], next[8], first = 0, second = 0;
    place(system, x);
    for (int k = 0; k < STEPS; k++) {
      ent_model_noisy.advance(system, k, x, next);
      const double c = overlap(system, x, next);
      first += c / STEPS;
      second += (d * c * c - 1) / (d - 1) / STEPS;
      memcpy(x, next, sizeof(x));
    }
    CHECK_REAL(first, exp(-(d - 1) * h), 0.004);
    CHECK_REAL(second, exp(-2 * d * h), 0.004);
    ent_system_destroy(&system);
  }
}

/* Mean of R^2 along a run of many oscillators. */
static double mean_square(double kappa) {
  enum { STEPS = 1600, SETTLED = 400 };
  const ent_point point = point_at(MANY, 2, 0, kappa, 0.1);
  ent_system *system = system_at(&point);
  static double x[MANY], next[MANY];
  double sum = 0;
  for (int i = 0; i < MANY; i++) x[i] = 0.5 * sin(7.0 * i * i);
  for (int k = 0; k < STEPS; k++) {
    ent_model_noisy.advance(system, k, x, next);
    memcpy(x, next, sizeof(x));
    if (k >= SETTLED) sum += pow(ent_system_order_parameter(system, x), 2);
  }
  ent_system_destroy(&system);
  return sum / (STEPS - SETTLED);
}

/*
 * kappa_c = 2 at beta = 0, d = 2: above it R = I_1(kappa R)/I_0(kappa R), below it R^2 has the mean
 * 1/(n (1 - kappa/2)) of an incoherent state.
 */
static void oscillators_order_above_the_transition(void) {
  double r = 1;
  for (int k = 0; k < 200; k++) r = gsl_sf_bessel_I1_scaled(4 * r) / gsl_sf_bessel_I0_scaled(4 * r);
  const double ordered = mean_square(4), incoherent = mean_square(1);
  CHECK(r > 0.7);
  CHECK_REAL(sqrt(ordered), r, 0.01);
  CHECK(incoherent * MANY > 1.2 && incoherent * MANY < 3);
}

/* Without noise to speak of it is the flow: Heun's error is of the order of step^3. */
static void cold_particles_follow_the_flow(void) {
  enum { N = 5, D = 3 };
  const double h = 1e-3;
  for (int64_t d = 2; d <= D; d++) {
    const ent_point point = point_at(N, d, 1.5, 1e12, h);
    ent_point same = {.n = N, .d = d};
    same.values[ENT_GROUP_MODEL][0].number = 1; /* mean */
    same.values[ENT_GROUP_MODEL][1].number = 1.5;
    ent_system *system = system_at(&point), *still = NULL;
    double x[N * D], next[N * D], dxdt[N * D];
    CHECK_OK(ent_system_create(&ent_model_attention, &same, &still));
    CHECK_OK(ent_system_configure(still, &same, 0));
    place(system, x);
    ent_model_noisy.advance(system, 0, x, next);
    ent_model_attention.drift(still, 0, x, dxdt);
    for (size_t k = 0; k < system->size; k++) CHECK_REAL((next[k] - x[k]) / h, dxdt[k], 0.01);
    ent_system_destroy(&system);
    ent_system_destroy(&still);
  }
}

static void noise_belongs_to_seed_and_step(void) {
  ent_point point = point_at(3, 3, 0, 2, 0.1);
  ent_system *system = system_at(&point);
  double x[9], first[9], again[9], other[9];
  place(system, x);
  CHECK(!system->certificate);
  CHECK_INT(system->promises, 0);
  ent_model_noisy.advance(system, 5, x, first);
  ent_model_noisy.advance(system, 6, x, other);
  ent_model_noisy.advance(system, 5, x, again);
  CHECK(memcmp(first, again, sizeof(first)) == 0);
  for (int k = 0; k < 9; k++) CHECK(first[k] != other[k]);
  point.seed++;
  CHECK_OK(ent_system_configure(system, &point, 0));
  ent_model_noisy.advance(system, 5, x, other);
  for (int k = 0; k < 9; k++) CHECK(first[k] != other[k]);
  ent_system_destroy(&system);
}

/* Heun's method is unstable from h e^beta = 2 on. */
static void long_steps_are_refused(void) {
  ent_refusal refusal;
  const ent_point at_the_limit = point_at(3, 2, -1.5, 2, 2 * exp(-1.5) * (1 - 1e-12));
  const ent_point beyond = point_at(3, 2, 1.5, 2, 2 * exp(-1.5) * (1 + 1e-12));
  CHECK(ent_model_noisy.check(&at_the_limit, &refusal));
  CHECK(!ent_model_noisy.check(&beyond, &refusal));
  CHECK_TEXT(refusal.key, "parameters.step");
  CHECK_CONTAINS(refusal.why, "must be at most 2 e^-|beta|");
}

/* Lets the first step pass, and none after it. */
static bool at_second(void *context) {
  return ++*(int *)context == 2;
}

static void long_steps_are_given_up(void) {
  for (int64_t d = 2; d <= 3; d++) {
    static double x[3 * MANY], whole[3 * MANY], next[3 * MANY];
    int asked = 0;
    const ent_point point = point_at(MANY, d, 2, 3, 0.01);
    ent_system *system = system_at(&point);
    ent_brake brake = {.pulls = at_second, .context = &asked, .work = 1e300};
    place(system, x);
    ent_model_noisy.advance(system, 0, x, whole);
    system->brake = &brake;
    ent_model_noisy.advance(system, 0, x, next);
    CHECK_INT(asked, 1);
    CHECK(!brake.is_pulled && memcmp(whole, next, system->size * sizeof(*x)) == 0);
    brake.work = 1e300;
    ent_model_noisy.advance(system, 0, x, next);
    CHECK(brake.is_pulled);
    CHECK_INT(asked, 2);
    ent_system_destroy(&system);
  }
}

static const ent_test tests[] = {
  {"noise belongs to the seed and the step", noise_belongs_to_seed_and_step},
  {"a step is given up when its brake is pulled, and otherwise the same bits", long_steps_are_given_up},
  {"steps that cannot follow the flow are refused", long_steps_are_refused},
  {"cold particles follow the flow", cold_particles_follow_the_flow},
  {"a particle alone is Brownian motion on the sphere", a_particle_alone_is_brownian},
  {"the law of two is von Mises and Fisher's at beta = 0", the_law_is_von_mises_and_fishers},
  {"two particles have their stationary law", the_stationary_law_is_right},
  {"the scheme has weak order 2", the_weak_order_is_two},
  {"oscillators order above kappa = 2, and not below", oscillators_order_above_the_transition},
  {0},
};

ENT_TEST_MAIN("model/noisy", tests)
