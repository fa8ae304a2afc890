#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/kernel/harmonic.h"

#include "check.h"

enum { MOST = 120, ROUNDS = 300, STATES = 6 };

static double draw(double low, double high) {
  static uint64_t state = 17;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

static void place(double height, double angle, double *x) {
  const double radius = sqrt(1 - height * height);
  x[0] = radius * cos(angle);
  x[1] = radius * sin(angle);
  x[2] = height;
}

/* Random, close to a pole, two clusters, all equal, poles and equator, random with lengths other than 1. */
static void draw_state(int kind, size_t n, double *x) {
  const double height = draw(-1, 1), angle = draw(-4, 4);
  for (size_t i = 0; i < n; i++) {
    if (kind == 0 || kind == 5) place(draw(-1, 1), draw(-4, 4), x + 3 * i);
    if (kind == 1) place(1 - draw(0, 1e-6), draw(-4, 4), x + 3 * i);
    if (kind == 2) place(i % 3 ? 0.3 : -0.9, (i % 3 ? 1 : 2) + draw(-1e-3, 1e-3), x + 3 * i);
    if (kind == 3) place(height, angle, x + 3 * i);
    if (kind == 4) place(i % 3 ? (double)(i % 3 * 2) - 3 : 0, (double)i, x + 3 * i);
    for (size_t k = 0; kind == 5 && k < 3; k++) x[3 * i + k] *= 1 + 0.05 * sin((double)i);
  }
}

static void draw_masses(size_t n, double *masses) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += masses[i] = draw(0.1, 1);
  for (size_t i = 0; i < n; i++) masses[i] /= sum;
}

/* The definition, at the particles' directions, and how far `actual` is from it. */
static double error_of(const ent_pair_law *law, size_t n, const double *x, size_t i, const double *actual) {
  long double sum[3] = {0}, unit_i[3], total = 0, normal = 0, error2 = 0;
  const long double scale = expl(law->log_scale + (law->softmax ? 0.0L : (long double)law->beta));
  const long double length_i = sqrtl(powl(x[3 * i], 2) + powl(x[3 * i + 1], 2) + powl(x[3 * i + 2], 2));
  for (size_t k = 0; k < 3; k++) unit_i[k] = x[3 * i + k] / length_i;
  for (size_t j = 0; j < n; j++) {
    const double *x_j = x + 3 * j;
    const long double length = sqrtl(powl(x_j[0], 2) + powl(x_j[1], 2) + powl(x_j[2], 2));
    long double distance2 = 0;
    for (size_t k = 0; k < 3; k++) distance2 += powl(x_j[k] / length - unit_i[k], 2);
    const long double weight =
      (law->masses ? law->masses[j] : 1.0L / (long double)n) * expl(-law->beta * distance2 / 2);
    total += weight;
    for (size_t k = 0; k < 3; k++) sum[k] += weight * (x_j[k] / length);
  }
  for (size_t k = 0; k < 3; k++) normal += sum[k] * unit_i[k];
  for (size_t k = 0; k < 3; k++) {
    const long double exact = scale * (sum[k] - normal * unit_i[k]) / (law->softmax ? total : 1);
    error2 += powl(actual[k] - exact, 2);
  }
  return (double)sqrtl(error2);
}

static double worst_error(const ent_pair_law *law, size_t n, const double *x, const double *dxdt) {
  double worst = 0;
  for (size_t i = 0; i < n; i++) worst = fmax(worst, error_of(law, n, x, i, dxdt + 3 * i));
  return worst;
}

static bool sum_with(ent_isa isa, const ent_pair_law *law, size_t n, const double *x, double *dxdt,
                     double *bound) {
  ent_harmonic *harmonic = NULL;
  CHECK_OK(ent_harmonic_create(n, isa, &harmonic));
  const bool good = ent_harmonic_drift(harmonic, law, x, dxdt, bound);
  ent_harmonic_destroy(&harmonic);
  CHECK(harmonic == NULL);
  return good;
}

/* How sharp the bounds were: the largest ratio of an error to its bound, and how often series would do. */
typedef struct sharpness {
  double ratio;
  int accepted;
} sharpness;

static sharpness compare(ent_isa isa, double most_beta, double slack) {
  double x[3 * MOST], masses[MOST], dxdt[3 * MOST];
  sharpness found = {0};
  for (int round = 0; round < ROUNDS; round++) {
    const size_t n = 1 + (size_t)draw(0, round % 10 ? 40 : MOST);
    draw_state(round % STATES, n, x);
    draw_masses(n, masses);
    const ent_pair_law law = {.beta = round % 7 ? draw(-most_beta / 3, most_beta) : (double)(round % 4),
                              .softmax = round / 2 % 2 == 0,
                              .masses = round / 8 % 2 ? masses : NULL,
                              .log_scale = round / 16 % 2 ? draw(-5, 1) : 0,
                              .slack = slack};
    double bound = INFINITY;
    if (!sum_with(isa, &law, n, x, dxdt, &bound)) continue;
    const double error = worst_error(&law, n, x, dxdt);
    CHECK(bound <= slack);
    CHECK(error <= bound);
    found.accepted++;
    found.ratio = fmax(found.ratio, error / bound);
  }
  return found;
}

static void errors_are_below_bounds(void) {
  for (ent_isa isa = ENT_ISA_BASELINE; isa < ENT_ISA_COUNT; isa++) {
    if (!ent_isa_is_available(isa)) continue;
    const sharpness rough = compare(isa, 15, 1e-3), fine = compare(isa, 15, 1e-8),
                    last = compare(isa, 4, 1e-10);
    CHECK(rough.accepted > ROUNDS / 2);
    CHECK(fine.accepted > ROUNDS / 2);
    CHECK(last.accepted > ROUNDS / 2);
    CHECK(rough.ratio > 1e-2);
    CHECK(fine.ratio > 1e-2);
    CHECK(last.ratio > 1e-3);
  }
}

/* Bounds made of roundings alone: as strict as is still accepted. */
static void rounding_is_bounded(void) {
  double x[3 * MOST], dxdt[3 * MOST], bound = 0;
  for (int round = 0; round < 60; round++) {
    const double beta = draw(0, 15);
    draw_state(round % STATES, 40, x);
    ent_pair_law law = {.beta = beta, .softmax = round % 2 == 0, .slack = 1};
    while (law.slack > 1e-30 && sum_with(ent_isa_current(), &law, 40, x, dxdt, &bound)) {
      CHECK(worst_error(&law, 40, x, dxdt) <= bound);
      law.slack /= 8;
    }
    CHECK(law.slack > 1e-16);
    CHECK(law.slack < 1e-8 * (law.softmax ? 1 : exp(beta)));
  }
}

static void fused_sets_agree(void) {
  double x[3 * MOST], masses[MOST], v3[3 * MOST], v4[3 * MOST];
  if (!ent_isa_is_available(ENT_ISA_V4)) return;
  for (size_t n = 1; n <= MOST; n++) {
    draw_state(0, n, x);
    draw_masses(n, masses);
    const ent_pair_law law = {
      .beta = draw(-1, 10), .softmax = n % 2 == 0, .masses = n / 2 % 2 ? masses : NULL, .slack = 1e-3};
    REQUIRE(sum_with(ENT_ISA_V3, &law, n, x, v3, NULL));
    REQUIRE(sum_with(ENT_ISA_V4, &law, n, x, v4, NULL));
    CHECK(memcmp(v3, v4, 3 * n * sizeof(*v3)) == 0);
  }
}

/* Degrees up to the highest: many rows, and functions that are large beside the poles. */
static void high_degrees(void) {
  double x[3 * MOST], dxdt[3 * MOST], bound = 0;
  for (int kind = 0; kind < STATES; kind++) {
    draw_state(kind, MOST, x);
    const ent_pair_law law = {.beta = 60, .softmax = true, .slack = 1e-6};
    REQUIRE(sum_with(ent_isa_current(), &law, MOST, x, dxdt, &bound));
    CHECK(worst_error(&law, MOST, x, dxdt) <= bound);
  }
}

static void what_series_cannot_is_refused(void) {
  double x[9], dxdt[9];
  ent_pair_law law = {.beta = 4, .softmax = true, .slack = 1e-8};
  draw_state(0, 3, x);
  CHECK(sum_with(ENT_ISA_BASELINE, &law, 3, x, dxdt, NULL));
  law.beta = 0; /* degree 1 */
  CHECK(sum_with(ENT_ISA_BASELINE, &law, 3, x, dxdt, NULL));
  CHECK_REAL(worst_error(&law, 3, x, dxdt), 0, 1e-15);
  law.slack = 0;
  CHECK(!sum_with(ENT_ISA_BASELINE, &law, 3, x, dxdt, NULL));
  law.slack = 1e-8;
  law.beta = 200; /* degree 64 is too low */
  CHECK(!sum_with(ENT_ISA_BASELINE, &law, 3, x, dxdt, NULL));
  law.beta = 1e4;
  CHECK(!sum_with(ENT_ISA_BASELINE, &law, 3, x, dxdt, NULL));
  law.beta = 4;
  law.log_scale = 40; /* rounding alone is more than the slack */
  CHECK(!sum_with(ENT_ISA_BASELINE, &law, 3, x, dxdt, NULL));
}

/* All far from the first particle, whose Z is the least there can be. */
static void leave_one(size_t n, double *x) {
  for (size_t i = 0; i < n; i++) place(i == 0 ? 1 : -1, 0, x + 3 * i);
}

/* All close to each other: where they repel, Z is e^{-2|b|} or little more. */
static void crowd(size_t n, double *x) {
  for (size_t i = 0; i < n; i++) place(0.3 + 0.01 * sin((double)i), 0.01 * cos((double)(i * i)), x + 3 * i);
}

/* A small Z takes a higher degree than was guessed, and roundings of one that is too small are too much. */
static void small_totals_are_noticed(void) {
  double x[3 * MOST], dxdt[3 * MOST], masses[MOST], bound = 0;
  ent_pair_law law = {.beta = 4, .softmax = true, .masses = masses, .slack = 1e-8};
  leave_one(MOST, x);
  for (size_t i = 0; i < MOST; i++) masses[i] = i == 0 ? 1e-4 : (1 - 1e-4) / (MOST - 1);
  CHECK(sum_with(ent_isa_current(), &law, MOST, x, dxdt, &bound));
  CHECK(bound <= law.slack);
  CHECK(worst_error(&law, MOST, x, dxdt) <= bound);
  law.beta = -12;
  crowd(MOST, x);
  CHECK(!sum_with(ent_isa_current(), &law, MOST, x, dxdt, &bound));
}

static void high_degrees_are_refused(void) {
  double x[96], dxdt[96];
  ent_harmonic *harmonic = NULL;
  const ent_pair_law law = {.beta = 4, .softmax = true, .slack = 1e-8};
  draw_state(0, 32, x);
  CHECK_OK(ent_harmonic_create(32, ent_isa_current(), &harmonic));
  const size_t degree = ent_harmonic_degree(harmonic, &law);
  CHECK(degree > 4);
  ent_harmonic_limit(harmonic, degree - 1);
  CHECK(!ent_harmonic_drift(harmonic, &law, x, dxdt, NULL));
  ent_harmonic_limit(harmonic, degree);
  CHECK(ent_harmonic_drift(harmonic, &law, x, dxdt, NULL));
  CHECK_INT(ent_harmonic_degree(harmonic, &(ent_pair_law){.beta = 4, .softmax = true, .slack = 1e-17}), 0);
  ent_harmonic_destroy(&harmonic);
}

static void history_does_not_matter(void) {
  double x[96], first[96], again[96];
  ent_harmonic *harmonic = NULL;
  ent_pair_law law = {.beta = 4, .softmax = true, .slack = 1e-8};
  draw_state(0, 32, x);
  CHECK_OK(ent_harmonic_create(32, ent_isa_current(), &harmonic));
  CHECK(ent_harmonic_drift(harmonic, &law, x, first, NULL));
  law = (ent_pair_law){.beta = -9, .softmax = false, .log_scale = -9, .slack = 1e-3};
  CHECK(ent_harmonic_drift(harmonic, &law, x, again, NULL));
  CHECK_REAL(worst_error(&law, 32, x, again), 0, law.slack);
  law = (ent_pair_law){.beta = 4, .softmax = true, .slack = 1e-8};
  CHECK(ent_harmonic_drift(harmonic, &law, x, again, NULL));
  CHECK(memcmp(first, again, sizeof(first)) == 0);
  ent_harmonic_destroy(&harmonic);
}

static void drift_of(const ent_pair_law *law, size_t n, const double *x, double *dxdt) {
  ent_pairs *pairs = NULL;
  CHECK_OK(ent_pairs_create(n, 3, &pairs));
  ent_pairs_drift_vectors(pairs, law, x, dxdt);
  ent_pairs_destroy(&pairs);
}

static void pairs_choose_series(void) {
  double x[3 * MOST], series[3 * MOST], dxdt[3 * MOST];
  ent_pair_law law = {.beta = 1, .softmax = true, .slack = 1e-8}, exact = {.beta = 1, .softmax = true};
  draw_state(0, MOST, x);
  for (ent_isa isa = ENT_ISA_BASELINE; isa < ENT_ISA_COUNT; isa++) {
    CHECK(ent_pairs_longest(MOST, 3, isa) > 4);
    CHECK(ent_pairs_longest(1 << 20, 3, isa) >= ent_pairs_longest(MOST, 3, isa));
    CHECK_INT(ent_pairs_longest(2, 3, isa), 0);
    CHECK_INT(ent_pairs_longest(MOST, 4, isa), 0);
  }
  CHECK(sum_with(ent_isa_current(), &law, MOST, x, series, NULL));
  drift_of(&law, MOST, x, dxdt);
  CHECK(memcmp(dxdt, series, sizeof(series)) == 0);
  law.slack = 1e-16;
  drift_of(&exact, MOST, x, series);
  drift_of(&law, MOST, x, dxdt);
  CHECK(memcmp(dxdt, series, sizeof(series)) == 0);
}

/* Where harmonics will not do for a state, direct sums stay the same field: that at the directions. */
static void pairs_stay_at_directions(void) {
  enum { MANY = 600 };
  double x[3 * MANY], dxdt[3 * MANY];
  const ent_pair_law law = {.beta = -12, .softmax = true, .slack = 1e-8};
  crowd(MANY, x);
  for (size_t k = 0; k < 3 * MANY; k++) x[k] *= 1.01;
  CHECK(!sum_with(ent_isa_current(), &law, MANY, x, dxdt, NULL));
  drift_of(&law, MANY, x, dxdt);
  CHECK_REAL(worst_error(&law, MANY, x, dxdt), 0, 1e-13);
}

/* The definition, in which e^{bc} - 1 does not cancel. */
static double exact_energy(size_t n, const double *x, const double *masses, double b) {
  long double sum = 0;
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++) {
      long double c = 0;
      for (size_t k = 0; k < 3; k++) c += (long double)x[3 * i + k] * x[3 * j + k];
      const long double mass = masses ? (long double)masses[i] * masses[j] : 1.0L / n / n;
      sum += b == 0 ? mass * c / 2 : mass * expl(-fabsl(b)) * expm1l(b * c) / (2 * (long double)b);
    }
  }
  return (double)sum;
}

static void energies_are_double_sums(void) {
  static const double betas[] = {0, 1e-9, -1e-3, 0.3, 1, -1, 4, -7, 20};
  double x[3 * MOST], masses[MOST];
  for (int kind = 0; kind < 5; kind++) {
    ent_harmonic *harmonic = NULL;
    draw_state(kind, MOST, x);
    draw_masses(MOST, masses);
    CHECK_OK(ent_harmonic_create(MOST, ent_isa_current(), &harmonic));
    for (size_t k = 0; k < sizeof(betas) / sizeof(*betas); k++) {
      const double *weights = k % 2 ? masses : NULL;
      double energy = NAN;
      CHECK(ent_harmonic_energy(harmonic, betas[k], weights, x, &energy));
      CHECK_REAL(energy, exact_energy(MOST, x, weights, betas[k]), ENT_HARMONIC_ENERGY_ERROR);
    }
    double untouched = 7;
    CHECK(!ent_harmonic_energy(harmonic, 1e5, NULL, x, &untouched));
    CHECK_REAL(untouched, 7, 0);
    ent_harmonic_destroy(&harmonic);
  }
}

static const ent_test tests[] = {
  {"errors are below their bounds, and bounds are not far above", errors_are_below_bounds},
  {"rounding errors are in the bound", rounding_is_bounded},
  {"instruction sets that fuse give the same bits", fused_sets_agree},
  {"the highest degrees are accurate, at the poles too", high_degrees},
  {"what series cannot do well enough is refused", what_series_cannot_is_refused},
  {"a particle far from all others is noticed", small_totals_are_noticed},
  {"series above the limit are refused", high_degrees_are_refused},
  {"energies by squares of moments are double sums", energies_are_double_sums},
  {"what was summed before does not matter", history_does_not_matter},
  {"the interface of pair sums takes series where they do", pairs_choose_series},
  {"the interface stays with the drift at directions where they do not", pairs_stay_at_directions},
  {0},
};

ENT_TEST_MAIN("kernel/harmonic", tests)
