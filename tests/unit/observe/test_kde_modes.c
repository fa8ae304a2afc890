#include <math.h>
#include <string.h>

#include "entrain/base/rng.h"
#include "entrain/math/sphere.h"

#include "check.h"
#include "observe_fixture.h"

enum { MANY = 4000 };

static double modes(int64_t n, const double *angles, const double *masses, double beta) {
  const ent_view view = {.n = n, .d = 2, .beta = beta, .masses = masses, .x = angles};
  return ent_view_value("kde_modes", &view);
}

static void one_particle_is_one_mode(void) {
  for (double at = -3.2; at < 3.2; at += 0.1) {
    CHECK_REAL(modes(1, &at, NULL, 0.01), 1, 0);
    CHECK_REAL(modes(1, &at, NULL, 64), 1, 0);
    CHECK_REAL(modes(1, &at, NULL, 1e5), 1, 0);
  }
}

/*
 * At the middle of two particles 2a apart the second derivative is e^{b cos a} 2 (b sin^2 a - cos a): two
 * modes if and only if b sin^2 a > cos a.
 */
static void two_particles_part_at_their_inflection(void) {
  for (double beta = 1; beta < 1e4; beta *= 3) {
    const double cosine = (-1 + sqrt(1 + 4 * beta * beta)) / (2 * beta), a = acos(cosine);
    const double near[] = {1 - 0.97 * a, 1 + 0.97 * a}, far[] = {3 - 1.03 * a, 3 + 1.03 * a};
    CHECK_REAL(modes(2, near, NULL, beta), 1, 0);
    CHECK_REAL(modes(2, far, NULL, beta), 2, 0);
  }
}

static void well_separated_clusters_are_modes(void) {
  const double angles[] = {0, 0.01, 1, 1.02, 2, -2, -2, 3.14, -3.14};
  CHECK_REAL(modes(9, angles, NULL, 400), 5, 0);
  CHECK_REAL(modes(9, angles, NULL, 1e4), 5, 0); /* 0.02 is two widths: still one */
  CHECK_REAL(modes(9, angles, NULL, 1e6), 8, 0); /* -2 is there twice */
}

static void a_heavy_neighbour_hides_a_light_one(void) {
  const double angles[] = {0, 0.25}, light[] = {1, 1e-3};
  CHECK_REAL(modes(2, angles, NULL, 100), 2, 0);
  CHECK_REAL(modes(2, angles, light, 100), 1, 0);
}

static void a_flat_density_has_none(void) {
  double angles[MANY];
  for (int i = 0; i < MANY; i++) angles[i] = ENT_TWO_PI * i / MANY;
  CHECK_REAL(modes(MANY, angles, NULL, 64), 0, 0);
}

/*
 * iid uniform data: by Rice's formula the derivative of the Gaussian field of covariance sum_k I_k^2 cos kt
 * has sqrt(sum k^4 I_k^2 / sum k^2 I_k^2) zeros of one kind, sqrt(1.5 beta) for large beta. A mean of 60
 * draws has a standard error of some 2 %.
 */
static void uniform_data_have_the_modes_of_rice(void) {
  enum { DRAWS = 60 };
  const double beta = 50;
  double angles[MANY], total = 0;
  for (int k = 0; k < DRAWS; k++) {
    ent_rng rng;
    ent_rng_init(&rng, 3, MANY, 2, k, ENT_STREAM_START);
    for (int i = 0; i < MANY; i++) angles[i] = ENT_TWO_PI * ent_rng_uniform(&rng);
    total += modes(MANY, angles, NULL, beta);
  }
  CHECK_REAL(total / DRAWS, sqrt(1.5 * beta), 0.06 * sqrt(1.5 * beta));
}

/* Attention with matrices, or the published map, has vectors on the circle too. */
static void vectors_have_the_modes_of_their_angles(void) {
  enum { N = 7 };
  const double angles[N] = {0, 0.01, 1, 1.02, 2, -2, 3.14};
  const ent_observable *observable = ent_observable_find("kde_modes", strlen("kde_modes"));
  const ent_model model = {.name = "vectors"};
  double vectors[2 * N], work[8 * N], values[ENT_MAX_WIDTH];
  const ent_system system = {
    .model = &model, .kind = ENT_STATE_VECTORS, .n = N, .d = 2, .size = 2 * N, .beta = 400, .work = work};
  for (int i = 0; i < N; i++) {
    vectors[2 * i] = cos(angles[i]);
    vectors[2 * i + 1] = sin(angles[i]);
  }
  ent_observe_system(observable, &system, vectors, values);
  CHECK_REAL(values[0], 5, 0);
  CHECK_REAL(modes(N, angles, NULL, 400), 5, 0);
}

/* The brake of the system is asked after each point of the circle. */
static void a_long_count_is_given_up(void) {
  const double angles[] = {-2, 0, 2};
  ent_brake brake = {.pulls = ent_test_at_once};
  const ent_view view = {.n = 3, .d = 2, .beta = 400, .x = angles, .brake = &brake};
  CHECK_REAL(ent_view_value("kde_modes", &view), 3, 0);
  CHECK(!brake.is_pulled);
  brake.work = 1e300;
  CHECK_REAL(ent_view_value("kde_modes", &view), 0, 0);
  CHECK(brake.is_pulled);
}

static void it_needs_the_circle_and_a_positive_beta(void) {
  CHECK_TEXT(ent_observe_refusal("kde_modes", "attention", 2, 1), "");
  CHECK_TEXT(ent_observe_refusal("kde_modes", "noisy", 2, 1), "");
  CHECK_TEXT(ent_observe_refusal("kde_modes", "published_map", 2, 1), "");
  CHECK_CONTAINS(ent_observe_refusal("kde_modes", "attention", 3, 1), "off the circle");
  CHECK_CONTAINS(ent_observe_refusal("kde_modes", "published_map", 3, 1), "off the circle");
  CHECK_CONTAINS(ent_observe_refusal("kde_modes", "attention", 2, 0), "at beta = 0");
  CHECK_CONTAINS(ent_observe_refusal("kde_modes", "kuramoto", 2, 1), "'kuramoto' has none");
  CHECK_CONTAINS(ent_observe_refusal("kde_modes", "equiangular", 2, 1), "off the circle");
}

static const ent_test tests[] = {
  {"one particle is one mode", one_particle_is_one_mode},
  {"two particles are two modes beyond their inflection", two_particles_part_at_their_inflection},
  {"well separated clusters are modes", well_separated_clusters_are_modes},
  {"a heavy neighbour hides a light one", a_heavy_neighbour_hides_a_light_one},
  {"a density that is flat to rounding has no mode", a_flat_density_has_none},
  {"uniform data have sqrt(1.5 beta) modes in the mean", uniform_data_have_the_modes_of_rice},
  {"vectors on the circle have the modes of their angles", vectors_have_the_modes_of_their_angles},
  {"a count is given up when its brake is pulled", a_long_count_is_given_up},
  {"it is refused off the circle and without a positive beta", it_needs_the_circle_and_a_positive_beta},
  {0},
};

ENT_TEST_MAIN("observe/kde_modes", tests)
