#include <math.h>

#include "entrain/sweep/plateaus.h"

#include "check.h"

enum { COUNT = 400 };

static double times[COUNT];
static float values[COUNT];
static ent_plateau plateaus[COUNT];

/* Times from 10^-2 to 10^6, evenly in the logarithm, after 0. */
static void spread_times(void) {
  times[0] = 0;
  for (int k = 1; k < COUNT; k++) times[k] = pow(10, -2 + 8.0 * (k - 1) / (COUNT - 2));
}

static size_t find(size_t count) {
  size_t found = 99;
  CHECK_OK(ent_plateaus_find(count, times, values, plateaus, &found));
  return found;
}

/* A rise by `height` around the time `when`, over some tenth of it. */
static double rise(double t, double when, double height) {
  return height / (1 + exp(-(t - when) / (0.1 * when)));
}

static void a_staircase_has_its_levels(void) {
  spread_times();
  for (int k = 0; k < COUNT; k++)
    values[k] = (float)(0.25 + rise(times[k], 10, 0.125) + rise(times[k], 1e4, 0.625));
  REQUIRE(find(COUNT) == 3);
  const double levels[] = {0.25, 0.375, 1}, from[] = {0, 10, 1e4}, to[] = {10, 1e4, 1e6};
  for (int k = 0; k < 3; k++) {
    CHECK_REAL(plateaus[k].level, levels[k], 2e-3);
    CHECK(plateaus[k].from >= from[k] && plateaus[k].from <= 1.6 * from[k]);
    CHECK(plateaus[k].to >= 0.4 * to[k] && plateaus[k].to <= to[k]);
  }
}

/* Evenly in log(time) the value changes by more than a band within a factor of 2. */
static void a_steady_climb_has_none(void) {
  spread_times();
  for (int k = 0; k < COUNT; k++) values[k] = k == 0 ? -2 : (float)log10(times[k]);
  CHECK_INT(find(COUNT), 0);
}

/* 0.992 lasts long enough, but lies within two bands of 1. */
static void flanks_belong_to_their_plateau(void) {
  const double t[] = {0, 1, 2, 3, 6, 7, 70};
  const float v[] = {0, 0, 0, 0.992F, 0.992F, 1, 1};
  size_t found = 0;
  CHECK_OK(ent_plateaus_find(7, t, v, plateaus, &found));
  REQUIRE(found == 2);
  CHECK_REAL(plateaus[0].to, 2, 0);
  CHECK_REAL(plateaus[1].from, 7, 0);
}

/* 1 - 1/(1+t) ends in a plateau, which begins where 0.5 % of it are left. */
static void a_relaxation_ends_in_one(void) {
  spread_times();
  for (int k = 0; k < COUNT; k++) values[k] = (float)(1 - 1 / (1 + times[k]));
  REQUIRE(find(COUNT) == 1);
  CHECK(plateaus[0].from > 190 && plateaus[0].from < 220);
  CHECK_REAL(plateaus[0].to, 1e6, 1e-6);
}

static void a_constant_is_one_plateau(void) {
  spread_times();
  for (int k = 0; k < COUNT; k++) values[k] = 0.5F + (float)(k % 2) * 6e-8F;
  REQUIRE(find(COUNT) == 1);
  CHECK_REAL(plateaus[0].from, 0, 0);
  CHECK_REAL(plateaus[0].to, 1e6, 1e-6);
  CHECK_REAL(plateaus[0].level, 0.5, 1e-7);
  REQUIRE(find(1) == 1);
  CHECK_INT(find(0), 0);
}

static void a_series_with_holes_has_none(void) {
  spread_times();
  for (int k = 0; k < COUNT; k++) values[k] = 1;
  values[COUNT - 1] = NAN;
  CHECK_INT(find(COUNT), 0);
}

/* The second stretch lasts from 1.5 to 2.5 only, less than a factor of 2. */
static void short_stretches_do_not_count(void) {
  const double t[] = {0, 0.5, 1, 1.5, 2, 2.5, 3, 6, 12};
  const float v[] = {0, 0, 0, 1, 1, 1, 2, 2, 2};
  size_t found = 0;
  CHECK_OK(ent_plateaus_find(9, t, v, plateaus, &found));
  REQUIRE(found == 2);
  CHECK_REAL(plateaus[0].to, 1, 0);
  CHECK_REAL(plateaus[0].level, 0, 0);
  CHECK_REAL(plateaus[1].from, 3, 0);
  CHECK_REAL(plateaus[1].to, 12, 0);
}

static const ent_test tests[] = {
  {"a staircase has its levels", a_staircase_has_its_levels},
  {"a steady climb has no plateau", a_steady_climb_has_none},
  {"flanks belong to their plateau", flanks_belong_to_their_plateau},
  {"a relaxation ends in a plateau", a_relaxation_ends_in_one},
  {"a constant is one plateau", a_constant_is_one_plateau},
  {"a series with a hole has no plateau", a_series_with_holes_has_none},
  {"stretches shorter than a factor of two do not count", short_stretches_do_not_count},
  {0},
};

ENT_TEST_MAIN("sweep/plateaus", tests)
