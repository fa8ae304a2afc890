#include <math.h>

#include "check.h"
#include "observe_fixture.h"

/* At beta = 64 centres are more than 4/8 = 0.5 apart; at 16, more than 1. */
static double centres(const char *name, int64_t n, const double *angles, double beta) {
  double vectors[3 * 8];
  const ent_view circle = {.n = n, .d = 2, .beta = beta, .x = angles};
  for (int i = 0; i < n; i++) {
    vectors[3 * i] = cos(angles[i]);
    vectors[3 * i + 1] = 0;
    vectors[3 * i + 2] = sin(angles[i]);
  }
  const ent_view sphere = {.n = n, .d = 3, .beta = beta, .x = vectors};
  const double value = ent_view_value(name, &circle);
  CHECK_REAL(ent_view_value(name, &sphere), value, 0);
  return value;
}

/* 0.3 is no centre, so 0.6 is one, but no strong one: it is near 0.3. */
static void only_centres_keep_others_away(void) {
  const double angles[] = {0, 0.3, 0.6, 2};
  CHECK_REAL(centres("renyi_centres", 4, angles, 64), 3, 0);
  CHECK_REAL(centres("strong_renyi_centres", 4, angles, 64), 2, 0);
  CHECK_REAL(centres("renyi_centres", 4, angles, 16), 2, 0);
}

static void the_order_decides(void) {
  const double angles[] = {0.3, 0, 0.6, 2};
  CHECK_REAL(centres("renyi_centres", 4, angles, 64), 2, 0);
  CHECK_REAL(centres("strong_renyi_centres", 4, angles, 64), 2, 0);
}

static void the_distance_is_an_angle_and_must_be_exceeded(void) {
  const double near[] = {0, 0.4999}, far[] = {0, -0.5001}, around[] = {3.1, -3.1};
  CHECK_REAL(centres("renyi_centres", 2, near, 64), 1, 0);
  CHECK_REAL(centres("renyi_centres", 2, far, 64), 2, 0);
  CHECK_REAL(centres("strong_renyi_centres", 2, far, 64), 2, 0);
  CHECK_REAL(centres("renyi_centres", 2, around, 64), 1, 0);
}

/* 4/sqrt(1.6) > pi: nobody is so far away. */
static void a_small_beta_leaves_one_centre(void) {
  const double angles[] = {0, 3.14159, 1.5};
  CHECK_REAL(centres("renyi_centres", 3, angles, 1.6), 1, 0);
  CHECK_REAL(centres("strong_renyi_centres", 3, angles, 1e-3), 1, 0);
  CHECK_REAL(centres("renyi_centres", 3, angles, 1.7), 2, 0);
}

/* Particles that are all apart are compared with all others before them. */
static void a_long_count_is_given_up(void) {
  static const char *const names[] = {"renyi_centres", "strong_renyi_centres"};
  const double angles[] = {0, 1, 2};
  for (int k = 0; k < 2; k++) {
    ent_brake brake = {.pulls = ent_test_at_once};
    const ent_view view = {.n = 3, .d = 2, .beta = 64, .x = angles, .brake = &brake};
    CHECK_REAL(ent_view_value(names[k], &view), 3, 0);
    CHECK(!brake.is_pulled);
    brake.work = 1e300;
    CHECK(ent_view_value(names[k], &view) < 3);
    CHECK(brake.is_pulled);
  }
}

static void they_need_a_positive_beta(void) {
  CHECK_TEXT(ent_observe_refusal("renyi_centres", "attention", 3, 0.1), "");
  CHECK_CONTAINS(ent_observe_refusal("renyi_centres", "attention", 3, 0), "at beta = 0, must be above 0");
  CHECK_CONTAINS(ent_observe_refusal("strong_renyi_centres", "attention", 3, -1), "at beta = -1");
  CHECK_CONTAINS(ent_observe_refusal("strong_renyi_centres", "kuramoto", 2, 1), "'kuramoto' has none");
}

static const ent_test tests[] = {
  {"only centres keep others away, for strong ones everybody does", only_centres_keep_others_away},
  {"the order of the particles decides", the_order_decides},
  {"the distance is an angle and must be exceeded", the_distance_is_an_angle_and_must_be_exceeded},
  {"a small beta leaves one centre", a_small_beta_leaves_one_centre},
  {"a count is given up when its brake is pulled", a_long_count_is_given_up},
  {"they are refused without a positive beta", they_need_a_positive_beta},
  {0},
};

ENT_TEST_MAIN("observe/renyi_centres", tests)
