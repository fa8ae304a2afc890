#include <math.h>
#include <string.h>

#include "entrain/math/vec.h"
#include "entrain/model/model.h"

#include "attention_reference.h"
#include "check.h"

/* Compositions of the attention model that must be the same thing, and closed forms. */

extern const ent_model ent_model_attention, ent_model_kuramoto;

enum { N = 6, MOST_D = 5, MOST = N * (MOST_D + 1), ROUNDS = 40, HARMONICS = 6 };

#define CLOSE 3e-14

static double draw(double low, double high) {
  static uint64_t state = 17;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

static const int64_t dimensions[] = {2, 3, MOST_D};
enum { DIMENSIONS = 3 };

/* The drift of a model at unit vectors [n, d] and time 0. */
static size_t drift_at(const ent_model *model, const ent_point *point, const double *vectors, double *dxdt) {
  ent_system *system = NULL;
  double x[MOST];
  CHECK_OK(ent_system_create(model, point, &system));
  CHECK_OK(ent_system_configure(system, point, 0));
  ent_system_place(system, vectors, x);
  model->drift(system, 0, x, dxdt);
  const size_t positions = system->size - system->extras;
  ent_system_destroy(&system);
  return positions;
}

static void draw_vectors(size_t d, double *vectors) {
  for (size_t k = 0; k < N * d; k++) vectors[k] = draw(-1, 1) + draw(-1, 1);
  for (size_t i = 0; i < N; i++) ent_vec_normalize(d, vectors + i * d);
}

/* Two points in each dimension, with random beta and weights, which `set` makes different. */
static void check_same(void (*set)(ent_point *a, ent_point *b), double tolerance) {
  double vectors[MOST], left[MOST], right[MOST];
  for (int round = 0; round < ROUNDS * DIMENSIONS; round++) {
    const int64_t d = dimensions[round % DIMENSIONS];
    ent_point a = ent_reference_point(N, d, draw(-2, 2));
    ent_reference_value(&a, "weights")->number = round / DIMENSIONS % 2;
    ent_point b = a;
    set(&a, &b);
    draw_vectors((size_t)d, vectors);
    const size_t positions = drift_at(&ent_model_attention, &a, vectors, left);
    CHECK_INT(drift_at(&ent_model_attention, &b, vectors, right), positions);
    for (size_t k = 0; k < positions; k++) CHECK_REAL(left[k], right[k], tolerance * (1 + fabs(right[k])));
  }
}

static void set_all_nearest(ent_point *a, ent_point *b) {
  (void)b;
  ent_reference_choose(a, "mask", "topk");
  ent_reference_value(a, "k")->number = N;
}

static void set_no_cutoff(ent_point *a, ent_point *b) {
  (void)b;
  ent_reference_choose(a, "mask", "cutoff");
  ent_reference_value(a, "cos_cutoff")->number = -1;
}

/* Just above -1, where the general kernel does it: nobody is lost. */
static void set_almost_no_cutoff(ent_point *a, ent_point *b) {
  (void)b;
  ent_reference_choose(a, "mask", "cutoff");
  ent_reference_value(a, "cos_cutoff")->number = -1 + 1e-15;
}

static void set_mix_from_the_start(ent_point *a, ent_point *b) {
  ent_reference_choose(a, "norm", "mix");
  ent_reference_value(a, "tau")->number = 0;
  ent_reference_choose(b, "norm", "pre");
}

static void set_mix_before_tau(ent_point *a, ent_point *b) {
  (void)b;
  ent_reference_choose(a, "norm", "mix");
}

static void set_gamma(ent_point *a, ent_point *b) {
  ent_reference_value(a, "gamma")->number = ent_reference_number(b, "beta") / log(N);
  ent_reference_value(a, "beta")->number = NAN;
}

/* e^{beta c} and the first terms of its series. */
static void set_series(ent_point *a, ent_point *b) {
  enum { TERMS = 30 };
  static double terms[TERMS];
  double term = 1;
  for (int k = 0; k < TERMS; k++) {
    terms[k] = term;
    term *= ent_reference_number(b, "beta") / (k + 1);
  }
  ent_reference_choose(a, "kernel", "polynomial");
  *ent_reference_value(a, "coefficients") = (ent_value){.list = terms, .count = TERMS};
  ent_reference_value(a, "beta")->number = NAN;
  ent_reference_choose(a, "weights", "mean");
  ent_reference_choose(b, "weights", "mean");
}

/* A centre at the place of nobody, with a vanishing mass. */
static void set_light_centre(ent_point *a, ent_point *b) {
  static const double centre[] = {0.5, 0.1, 0.7, -0.4, 0.2}, light = 1e-300;
  (void)b;
  *ent_reference_value(a, "centres") = (ent_value){.list = centre, .count = a->d == 2 ? 1 : (size_t)a->d};
  *ent_reference_value(a, "centre_masses") = (ent_value){.list = &light, .count = 1};
}

static void masks_that_hide_nobody(void) {
  check_same(set_all_nearest, 0);
  check_same(set_no_cutoff, 0);
  check_same(set_almost_no_cutoff, CLOSE);
}

static void mix_is_post_and_pre(void) {
  check_same(set_mix_from_the_start, 0);
  check_same(set_mix_before_tau, CLOSE);
}

static void gamma_is_beta(void) {
  check_same(set_gamma, CLOSE);
}

static void exp_is_its_series(void) {
  check_same(set_series, CLOSE);
}

static void light_centres_do_nothing(void) {
  check_same(set_light_centre, CLOSE);
}

/* The last token of a causal sequence sees everybody; the first one sees itself alone and stands still. */
static void causal_ends_as_full(void) {
  double vectors[MOST], full[MOST], causal[MOST];
  for (int round = 0; round < ROUNDS * DIMENSIONS; round++) {
    const int64_t d = dimensions[round % DIMENSIONS];
    ent_point point = ent_reference_point(N, d, draw(-2, 2));
    ent_reference_value(&point, "weights")->number = round / DIMENSIONS % 2;
    draw_vectors((size_t)d, vectors);
    const size_t positions = drift_at(&ent_model_attention, &point, vectors, full), width = positions / N;
    ent_reference_choose(&point, "mask", "causal");
    drift_at(&ent_model_attention, &point, vectors, causal);
    for (size_t k = 0; k < width; k++) {
      CHECK_REAL(causal[k], 0, 0);
      CHECK_REAL(causal[positions - width + k], full[positions - width + k],
                 CLOSE * (1 + fabs(full[positions - width + k])));
    }
  }
}

/* Kuramoto with K = 1: beta = 0, the polynomial 1, the series sin(u), all the same on the circle. */
static void kuramoto_has_many_names(void) {
  static const double one = 1;
  static const char *const kernels[] = {"exp", "polynomial", "fourier"};
  double vectors[MOST], attention[MOST], kuramoto[MOST];
  ent_point other = {.n = N, .d = 2};
  other.values[ENT_GROUP_MODEL][0].number = 1;
  CHECK_TEXT(ent_model_kuramoto.parameters[0].name, "coupling");
  for (int round = 0; round < ROUNDS; round++) {
    draw_vectors(2, vectors);
    drift_at(&ent_model_kuramoto, &other, vectors, kuramoto);
    for (int k = 0; k < 3; k++) {
      ent_point point = ent_reference_point(N, 2, k == 0 ? 0 : NAN);
      ent_reference_choose(&point, "weights", "mean");
      ent_reference_choose(&point, "kernel", kernels[k]);
      if (k > 0) *ent_reference_value(&point, "coefficients") = (ent_value){.list = &one, .count = 1};
      drift_at(&ent_model_attention, &point, vectors, attention);
      for (int i = 0; i < N; i++) CHECK_REAL(attention[i], kuramoto[i], 1e-15);
    }
  }
}

/* Particles at angle w: hinge with mean weights w' = -sin w/(1 + e^{-kappa cos w}), hardmax w' = -2 sin w. */
static void two_particles_by_hand(void) {
  for (int round = 0; round < ROUNDS; round++) {
    const double w = draw(0.1, 3), kappa = draw(0.1, 5), vectors[] = {1, 0, cos(w), sin(w)};
    double dxdt[2];
    ent_point hinge = ent_reference_point(2, 2, NAN), hardmax = ent_reference_point(2, 2, draw(-9, 9));
    ent_reference_choose(&hinge, "kernel", "hinge");
    ent_reference_choose(&hinge, "weights", "mean");
    ent_reference_value(&hinge, "kappa")->number = kappa;
    drift_at(&ent_model_attention, &hinge, vectors, dxdt);
    CHECK_REAL(dxdt[1] - dxdt[0], -sin(w) / (1 + exp(-kappa * cos(w))), 1e-15);
    ent_reference_choose(&hardmax, "mask", "hardmax");
    drift_at(&ent_model_attention, &hardmax, vectors, dxdt);
    CHECK_REAL(dxdt[1] - dxdt[0], -2 * sin(w), 1e-15);
  }
}

/* f(u) = sum_k b_k sin(k u) of the angle u from x [2] to y [2], b [HARMONICS]. */
static double series(const double *b, const double *x, const double *y) {
  const double u = atan2(y[1], y[0]) - atan2(x[1], x[0]);
  double sum = 0;
  for (int k = 0; k < HARMONICS; k++) sum += b[k] * sin((k + 1) * u);
  return sum;
}

static void fourier_is_its_series(void) {
  static const double b[HARMONICS] = {0.7, -0.4, 0.1, 0.3, 0, -0.2};
  double vectors[MOST], dxdt[MOST];
  ent_point point = ent_reference_point(N, 2, NAN);
  ent_reference_choose(&point, "weights", "mean");
  ent_reference_choose(&point, "kernel", "fourier");
  *ent_reference_value(&point, "coefficients") = (ent_value){.list = b, .count = HARMONICS};
  for (int round = 0; round < ROUNDS; round++) {
    draw_vectors(2, vectors);
    drift_at(&ent_model_attention, &point, vectors, dxdt);
    for (int i = 0; i < N; i++) {
      double sum = 0;
      for (int j = 0; j < N; j++) sum += series(b, vectors + 2 * i, vectors + 2 * j) / N;
      CHECK_REAL(dxdt[i], sum, CLOSE);
    }
  }
}

/* The double sum of a potential asks the brake; that of exp is tested with clouds. */
static void long_energies_are_given_up(void) {
  static const char *const kernels[] = {"hinge", "polynomial", "fourier"};
  static const double one = 1;
  double x[N];
  for (int i = 0; i < N; i++) x[i] = i;
  for (int k = 0; k < 3; k++) {
    ent_brake brake = {.pulls = ent_test_at_once};
    ent_system *system = NULL;
    ent_point point = ent_reference_point(N, 2, NAN);
    ent_reference_choose(&point, "weights", "mean");
    ent_reference_choose(&point, "kernel", kernels[k]);
    ent_reference_value(&point, "kappa")->number = 1;
    if (k > 0) *ent_reference_value(&point, "coefficients") = (ent_value){.list = &one, .count = 1};
    CHECK_OK(ent_system_create(&ent_model_attention, &point, &system));
    CHECK_OK(ent_system_configure(system, &point, 0));
    system->brake = &brake;
    const double energy = ent_model_attention.energy(system, x);
    CHECK(!brake.is_pulled);
    brake.work = 1e300;
    CHECK(fabs(ent_model_attention.energy(system, x) - energy) > 1e-3);
    CHECK(brake.is_pulled);
    ent_system_destroy(&system);
  }
}

/* A radius that is not positive is outside of the domain. */
static void radii_must_be_positive(void) {
  ent_system *system = NULL;
  ent_point point = ent_reference_point(N, 2, 1);
  double x[2 * N], dxdt[2 * N];
  ent_reference_choose(&point, "norm", "pre");
  CHECK_OK(ent_system_create(&ent_model_attention, &point, &system));
  CHECK_OK(ent_system_configure(system, &point, 0));
  for (int i = 0; i < N; i++) x[i] = i;
  for (int i = 0; i < N; i++) x[N + i] = i == 2 ? 0 : 1;
  ent_model_attention.drift(system, 0, x, dxdt);
  for (int i = 0; i < N; i++) CHECK(isfinite(dxdt[i]) == (i != 2));
  ent_system_destroy(&system);
}

static const ent_test tests[] = {
  {"topk with k = n and a cut-off at -1 are the full mask", masks_that_hide_nobody},
  {"mix is post before tau and pre from tau on", mix_is_post_and_pre},
  {"gamma log n is beta", gamma_is_beta},
  {"a polynomial of the terms of e^{beta c} is kernel exp", exp_is_its_series},
  {"centres of no mass change nothing", light_centres_do_nothing},
  {"the last causal token sees all, the first one itself", causal_ends_as_full},
  {"beta = 0, the polynomial 1 and the series sin(u) are Kuramoto's model", kuramoto_has_many_names},
  {"two particles move as closed forms say", two_particles_by_hand},
  {"kernel fourier is its sine series", fourier_is_its_series},
  {"radii that are not positive have no drift", radii_must_be_positive},
  {"energies are given up when their brake is pulled, whatever the kernel", long_energies_are_given_up},
  {0},
};

ENT_TEST_MAIN("model/composition_limits", tests)
