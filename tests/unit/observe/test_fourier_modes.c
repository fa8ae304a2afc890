#include <math.h>
#include <string.h>

#include "entrain/math/sphere.h"

#include "check.h"
#include "observe_fixture.h"

enum { MODES = 8 };

static void one_place_has_all_modes(void) {
  const double angles[] = {1.3, 1.3, 1.3 + ENT_TWO_PI};
  double values[ENT_MAX_WIDTH];
  const ent_view view = {.n = 3, .d = 2, .x = angles};
  ent_view_measure("fourier_modes", &view, values);
  for (int k = 0; k < MODES; k++) CHECK_REAL(values[k], 1, 1e-14);
}

/* Three equal clusters: the modes whose number 3 divides. */
static void a_triangle_has_every_third_mode(void) {
  const double angles[] = {0.2, 0.2 + ENT_TWO_PI / 3, 0.2 - ENT_TWO_PI / 3};
  double values[ENT_MAX_WIDTH];
  const ent_view view = {.n = 3, .d = 2, .x = angles};
  ent_view_measure("fourier_modes", &view, values);
  for (int k = 0; k < MODES; k++) CHECK_REAL(values[k], (k + 1) % 3 == 0, 1e-14);
}

/* Masses m and 1-m at 0 and w: |m + (1-m) e^{ikw}|. */
static void masses_weigh(void) {
  const double angles[] = {0, 0.7}, masses[] = {1, 3};
  double values[ENT_MAX_WIDTH];
  const ent_view view = {.n = 2, .d = 2, .masses = masses, .x = angles};
  ent_view_measure("fourier_modes", &view, values);
  for (int k = 1; k <= MODES; k++)
    CHECK_REAL(values[k - 1], hypot(0.25 + 0.75 * cos(0.7 * k), 0.75 * sin(0.7 * k)), 1e-14);
}

/* A model of the hierarchy's name whose state is its modes. */
static void a_hierarchy_has_its_own_modes(void) {
  const ent_model model = {.name = "meanfield_circle"};
  const ent_system system = {.model = &model, .kind = ENT_STATE_FREE, .size = 6, .extras = 6};
  const double x[] = {0.3, 0.4, 0, -0.5, 0.01, 0};
  double values[ENT_MAX_WIDTH];
  const ent_observable *modes = ent_observable_find("fourier_modes", strlen("fourier_modes"));
  ent_observe_system(modes, &system, x, values);
  const double expected[MODES] = {0.5, 0.5, 0.01};
  for (int k = 0; k < MODES; k++) CHECK_REAL(values[k], expected[k], 1e-16);
}

/* Attention with matrices, or the published map, has vectors on the circle too. */
static void vectors_have_the_modes_of_their_angles(void) {
  const double angles[] = {0.3, -1.1, 2.9, 1.4}, masses[] = {0.1, 0.4, 0.2, 0.3};
  double vectors[8], expected[ENT_MAX_WIDTH], values[ENT_MAX_WIDTH];
  for (int i = 0; i < 4; i++) {
    vectors[2 * i] = cos(angles[i]);
    vectors[2 * i + 1] = sin(angles[i]);
  }
  const ent_view view = {.n = 4, .d = 2, .masses = masses, .x = angles};
  const ent_model model = {.name = "vectors"};
  const ent_system system = {
    .model = &model, .kind = ENT_STATE_VECTORS, .n = 4, .d = 2, .size = 8, .masses = masses};
  ent_view_measure("fourier_modes", &view, expected);
  ent_observe_system(ent_observable_find("fourier_modes", strlen("fourier_modes")), &system, vectors, values);
  for (int k = 0; k < MODES; k++) CHECK_REAL(values[k], expected[k], 1e-14);
}

static void they_need_the_circle(void) {
  CHECK_TEXT(ent_observe_refusal("fourier_modes", "attention", 2, 1), "");
  CHECK_TEXT(ent_observe_refusal("fourier_modes", "kuramoto", 2, 1), "");
  CHECK_TEXT(ent_observe_refusal("fourier_modes", "published_map", 2, 1), "");
  CHECK_CONTAINS(ent_observe_refusal("fourier_modes", "attention", 3, 1), "off the circle");
  CHECK_CONTAINS(ent_observe_refusal("fourier_modes", "published_map", 3, 1), "off the circle");
}

static const ent_test tests[] = {
  {"one place has all modes", one_place_has_all_modes},
  {"a triangle has every third mode", a_triangle_has_every_third_mode},
  {"masses weigh", masses_weigh},
  {"a hierarchy of modes has its own", a_hierarchy_has_its_own_modes},
  {"vectors on the circle have the modes of their angles", vectors_have_the_modes_of_their_angles},
  {"they are refused off the circle", they_need_the_circle},
  {0},
};

ENT_TEST_MAIN("observe/fourier_modes", tests)
