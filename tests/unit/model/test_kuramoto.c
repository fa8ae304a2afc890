#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/model/model.h"

#include "check.h"

extern const ent_model ent_model_kuramoto, ent_model_attention;

enum { COUPLING, FREQUENCIES, WIDTH, IDENTICAL = 0, GAUSSIAN = 1, LORENTZIAN = 2, N = 7, MANY = 5001 };

static ent_point point_at(int64_t n, double coupling, int frequencies, double width) {
  ent_point point = {.n = n, .d = 2, .seed = 3};
  point.values[ENT_GROUP_MODEL][COUPLING].number = coupling;
  point.values[ENT_GROUP_MODEL][FREQUENCIES].number = frequencies;
  point.values[ENT_GROUP_MODEL][WIDTH].number = width;
  return point;
}

static ent_system *system_at(const ent_point *point) {
  ent_system *system = NULL;
  CHECK_OK(ent_system_create(&ent_model_kuramoto, point, &system));
  CHECK_OK(ent_system_configure(system, point, 0));
  return system;
}

static void spread_out(double *x) {
  for (int i = 0; i < N; i++) x[i] = 0.7 * i * i;
}

static void drift_is_the_formula(void) {
  double x[N], dxdt[N], free_running[N];
  const double at_rest[N] = {0};
  const double couplings[] = {-2, 0, 0.3, 5};
  spread_out(x);
  for (int k = 0; k < 12; k++) {
    const ent_point point = point_at(N, couplings[k / 3], k % 3, 0.8);
    ent_system *system = system_at(&point);
    ent_model_kuramoto.drift(system, 0, at_rest, free_running);
    ent_model_kuramoto.drift(system, 0, x, dxdt);
    for (int i = 0; i < N; i++) {
      double sum = 0;
      for (int j = 0; j < N; j++) sum += sin(x[j] - x[i]);
      CHECK_REAL(dxdt[i], free_running[i] + couplings[k / 3] / N * sum, 1e-14);
    }
    ent_system_destroy(&system);
  }
}

static void identical_is_attention_at_zero(void) {
  double x[N], expected[N], dxdt[N];
  ent_point point = {.n = N, .d = 2};
  ent_system *attention = NULL;
  point.values[ENT_GROUP_MODEL][0].number = 1; /* mean; at beta = 0 both weights agree */
  CHECK_OK(ent_system_create(&ent_model_attention, &point, &attention));
  CHECK_OK(ent_system_configure(attention, &point, 0));
  spread_out(x);
  ent_model_attention.drift(attention, 0, x, expected);
  const ent_point same = point_at(N, 1, IDENTICAL, 1);
  ent_system *system = system_at(&same);
  ent_model_kuramoto.drift(system, 0, x, dxdt);
  for (int i = 0; i < N; i++) CHECK_REAL(dxdt[i], expected[i], 0);
  ent_system_destroy(&attention);
  ent_system_destroy(&system);
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Sorted natural frequencies of many oscillators: coupling 0 shows them. */
static void draw_frequencies(int frequencies, double width, double *sorted) {
  static const double at_rest[MANY];
  const ent_point point = point_at(MANY, 0, frequencies, width);
  ent_system *system = system_at(&point);
  ent_model_kuramoto.drift(system, 0, at_rest, sorted);
  ent_system_destroy(&system);
  qsort(sorted, MANY, sizeof(*sorted), compare);
}

/* The quantile at p has standard deviation sqrt(p (1-p) / n) / density: four of them are allowed. */
static void frequencies_have_their_law(void) {
  static double sorted[MANY];
  const double width = 0.8, quartile = 0.67448975;
  draw_frequencies(GAUSSIAN, width, sorted);
  CHECK_REAL(sorted[MANY / 4], -quartile * width, 4 * 0.0193 * width);
  CHECK_REAL(sorted[MANY / 2], 0, 4 * 0.0177 * width);
  CHECK_REAL(sorted[3 * MANY / 4], quartile * width, 4 * 0.0193 * width);
  CHECK_REAL(sorted[(int)(0.975 * MANY)], 1.96 * width, 4 * 0.038 * width);
  draw_frequencies(LORENTZIAN, width, sorted);
  CHECK_REAL(sorted[MANY / 4], -width, 4 * 0.0385 * width);
  CHECK_REAL(sorted[MANY / 2], 0, 4 * 0.0222 * width);
  CHECK_REAL(sorted[3 * MANY / 4], width, 4 * 0.0385 * width);
  CHECK_REAL(sorted[(int)(0.9 * MANY)], 3.0777 * width, 4 * 0.14 * width);
  draw_frequencies(IDENTICAL, width, sorted);
  CHECK_REAL(sorted[0], 0, 0);
  CHECK_REAL(sorted[MANY - 1], 0, 0);
}

static void frequencies_belong_to_the_seed(void) {
  double first[N], again[N], other[N];
  const double at_rest[N] = {0};
  ent_point point = point_at(N, 0, GAUSSIAN, 1);
  ent_system *system = system_at(&point);
  ent_model_kuramoto.drift(system, 0, at_rest, first);
  point.seed++;
  CHECK_OK(ent_system_configure(system, &point, 0));
  ent_model_kuramoto.drift(system, 0, at_rest, other);
  point.seed--;
  point.index = 99;
  CHECK_OK(ent_system_configure(system, &point, 0));
  ent_model_kuramoto.drift(system, 0, at_rest, again);
  CHECK(memcmp(first, again, sizeof(first)) == 0);
  for (int i = 0; i < N; i++) CHECK(first[i] != other[i]);
  ent_system_destroy(&system);
}

static void theorem_needs_attraction_and_one_frequency(void) {
  const struct {
    double coupling;
    int frequencies;
    double width;
    bool certificate;
  } cases[] = {{1, IDENTICAL, 1, true},   {1e-3, IDENTICAL, 5, true}, {0, IDENTICAL, 1, false},
               {-1, IDENTICAL, 1, false}, {1, GAUSSIAN, 1, false},    {1, LORENTZIAN, 0.01, false},
               {1, LORENTZIAN, 0, true}};
  for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
    const ent_point point = point_at(N, cases[k].coupling, cases[k].frequencies, cases[k].width);
    ent_system *system = system_at(&point);
    CHECK(system->certificate == cases[k].certificate);
    ent_system_destroy(&system);
  }
}

/* Nothing is written then, and what was there is multiplied by K = 1. */
static void long_sums_are_given_up(void) {
  static double x[MANY], dxdt[MANY];
  ent_brake brake = {.pulls = ent_test_at_once, .work = 1e300};
  const ent_point point = point_at(MANY, 1, IDENTICAL, 1);
  ent_system *system = system_at(&point);
  for (int i = 0; i < MANY; i++) dxdt[i] = 9;
  for (int i = 0; i < MANY; i++) x[i] = 0.7 * i;
  system->brake = &brake;
  ent_model_kuramoto.drift(system, 0, x, dxdt);
  CHECK(brake.is_pulled);
  for (int i = 0; i < MANY; i++) CHECK_REAL(dxdt[i], 9, 0);
  ent_system_destroy(&system);
}

static const ent_test tests[] = {
  {"the drift is the published equation", drift_is_the_formula},
  {"identical oscillators are attention at beta = 0, to the bit", identical_is_attention_at_zero},
  {"frequencies have their law", frequencies_have_their_law},
  {"frequencies belong to the seed", frequencies_belong_to_the_seed},
  {"the hemisphere theorem needs attraction and one frequency", theorem_needs_attraction_and_one_frequency},
  {"a sum is given up when its brake is pulled", long_sums_are_given_up},
  {0},
};

ENT_TEST_MAIN("model/kuramoto", tests)
