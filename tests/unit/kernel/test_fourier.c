#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/kernel/fourier.h"

#include "check.h"

enum { MOST = 200, ROUNDS = 400, STATES = 5 };

static double draw(double low, double high) {
  static uint64_t state = 11;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

/* Random, one cluster, two clusters with one particle between, all equal, evenly spread. */
static void draw_state(int kind, size_t n, double *x) {
  const double centre = draw(-30, 30);
  for (size_t i = 0; i < n; i++) {
    if (kind == 0) x[i] = draw(-10, 10);
    if (kind == 1) x[i] = centre + draw(-1e-3, 1e-3);
    if (kind == 2) x[i] = centre + (i == 0 ? 1.5 : i % 3 ? 3.1 : 0) + draw(-1e-2, 1e-2);
    if (kind == 3) x[i] = centre;
    if (kind == 4) x[i] = centre + 2 * M_PI * (double)i / (double)n;
  }
}

static void draw_masses(size_t n, double *masses) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += masses[i] = draw(0.1, 1);
  for (size_t i = 0; i < n; i++) masses[i] /= sum;
}

/* The definition. */
static long double exact_drift(const ent_pair_law *law, size_t n, const double *x, size_t i) {
  long double sum = 0, total = 0;
  const long double scale = law->log_scale + (law->softmax ? 0.0L : (long double)law->beta);
  for (size_t j = 0; j < n; j++) {
    const long double difference = (long double)x[j] - x[i], half = sinl(difference / 2);
    const long double mass = law->masses ? law->masses[j] : 1.0L / (long double)n;
    const long double weight = mass * expl(-2 * law->beta * half * half);
    sum += weight * sinl(difference);
    total += weight;
  }
  return expl(scale) * (law->softmax ? sum / total : sum);
}

static double worst_error(const ent_pair_law *law, size_t n, const double *x, const double *dxdt) {
  double worst = 0;
  for (size_t i = 0; i < n; i++)
    worst = fmax(worst, (double)fabsl((long double)dxdt[i] - exact_drift(law, n, x, i)));
  return worst;
}

static bool sum_with(ent_isa isa, const ent_pair_law *law, size_t n, const double *x, double *dxdt,
                     double *bound) {
  ent_fourier *fourier = NULL;
  CHECK_OK(ent_fourier_create(n, isa, &fourier));
  const bool good = ent_fourier_drift(fourier, law, x, dxdt, bound);
  ent_fourier_destroy(&fourier);
  CHECK(fourier == NULL);
  return good;
}

/* How sharp the bounds were: the largest ratio of an error to its bound, and how often series would do. */
typedef struct sharpness {
  double ratio;
  int accepted;
} sharpness;

static sharpness compare(ent_isa isa, double most_beta, double slack) {
  double x[MOST], masses[MOST], dxdt[MOST];
  sharpness found = {0};
  for (int round = 0; round < ROUNDS; round++) {
    const size_t n = 1 + (size_t)draw(0, round % 10 ? 50 : MOST);
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
    const sharpness rough = compare(isa, 30, 1e-3), fine = compare(isa, 30, 1e-8),
                    last = compare(isa, 4, 1e-11);
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
  double x[MOST], dxdt[MOST], bound = 0;
  for (int round = 0; round < 200; round++) {
    const double beta = draw(0, 30);
    draw_state(round % STATES, 40, x);
    ent_pair_law law = {.beta = beta, .softmax = round % 2 == 0, .slack = 1};
    while (law.slack > 1e-30 && sum_with(ent_isa_current(), &law, 40, x, dxdt, &bound)) {
      CHECK(worst_error(&law, 40, x, dxdt) <= bound);
      law.slack /= 8;
    }
    CHECK(law.slack > 1e-16);
    CHECK(law.slack < 1e-9 * (law.softmax ? 1 : exp(beta)));
  }
}

static void fused_sets_agree(void) {
  double x[MOST], masses[MOST], v3[MOST], v4[MOST];
  if (!ent_isa_is_available(ENT_ISA_V4)) return;
  for (size_t n = 1; n <= MOST; n++) {
    draw_state(0, n, x);
    draw_masses(n, masses);
    const ent_pair_law law = {
      .beta = draw(-3, 20), .softmax = n % 2 == 0, .masses = n / 2 % 2 ? masses : NULL, .slack = 1e-3};
    REQUIRE(sum_with(ENT_ISA_V3, &law, n, x, v3, NULL));
    REQUIRE(sum_with(ENT_ISA_V4, &law, n, x, v4, NULL));
    CHECK(memcmp(v3, v4, n * sizeof(*v3)) == 0);
  }
}

/* More particles than one block has, and not a whole number of vectors. */
static void many_particles(void) {
  enum { MANY = 3333 };
  double *x = calloc(MANY, sizeof(*x)), *dxdt = calloc(MANY, sizeof(*dxdt)),
         *masses = calloc(MANY, sizeof(*x));
  REQUIRE(x && dxdt && masses);
  draw_state(0, MANY, x);
  draw_masses(MANY, masses);
  for (int round = 0; round < 2; round++) {
    const ent_pair_law law = {.beta = 9, .softmax = true, .masses = round ? masses : NULL, .slack = 1e-9};
    double bound = 0;
    CHECK(sum_with(ent_isa_current(), &law, MANY, x, dxdt, &bound));
    for (size_t i = 0; i < MANY; i += 101) CHECK_REAL(dxdt[i], (double)exact_drift(&law, MANY, x, i), bound);
  }
  free(x);
  free(dxdt);
  free(masses);
}

static void what_series_cannot_is_refused(void) {
  double x[] = {0, 1, 2.5}, dxdt[3];
  ent_pair_law law = {.beta = 4, .softmax = true, .slack = 1e-8};
  CHECK(sum_with(ENT_ISA_BASELINE, &law, 3, x, dxdt, NULL));
  law.beta = 0; /* one term */
  CHECK(sum_with(ENT_ISA_BASELINE, &law, 3, x, dxdt, NULL));
  CHECK_REAL(dxdt[0], (double)exact_drift(&law, 3, x, 0), 1e-15);
  law.slack = 0;
  CHECK(!sum_with(ENT_ISA_BASELINE, &law, 3, x, dxdt, NULL));
  law.slack = 1e-8;
  law.beta = 1e4;
  CHECK(!sum_with(ENT_ISA_BASELINE, &law, 3, x, dxdt, NULL));
  law.beta = 4;
  law.log_scale = 40; /* rounding alone is more than the slack */
  CHECK(!sum_with(ENT_ISA_BASELINE, &law, 3, x, dxdt, NULL));
  law.log_scale = 0;
  x[2] = 1e7;
  CHECK(!sum_with(ENT_ISA_BASELINE, &law, 3, x, dxdt, NULL));
  x[2] = 2.5;
  law.beta = -40; /* Z of two particles at one place is e^{-80} */
  x[1] = x[2] = 0;
  CHECK(!sum_with(ENT_ISA_BASELINE, &law, 3, x, dxdt, NULL));
}

static void long_series_are_refused(void) {
  double x[32], dxdt[32];
  ent_fourier *fourier = NULL;
  const ent_pair_law law = {.beta = 4, .softmax = true, .slack = 1e-8};
  draw_state(0, 32, x);
  CHECK_OK(ent_fourier_create(32, ent_isa_current(), &fourier));
  const size_t terms = ent_fourier_terms(fourier, &law);
  CHECK(terms > 4);
  ent_fourier_limit(fourier, terms - 1);
  CHECK(!ent_fourier_drift(fourier, &law, x, dxdt, NULL));
  ent_fourier_limit(fourier, terms);
  CHECK(ent_fourier_drift(fourier, &law, x, dxdt, NULL));
  CHECK_INT(ent_fourier_terms(fourier, &(ent_pair_law){.beta = 4, .softmax = true, .slack = 1e-17}), 0);
  ent_fourier_destroy(&fourier);
}

static void history_does_not_matter(void) {
  double x[32], first[32], again[32];
  ent_fourier *fourier = NULL;
  ent_pair_law law = {.beta = 4, .softmax = true, .slack = 1e-8};
  draw_state(0, 32, x);
  CHECK_OK(ent_fourier_create(32, ent_isa_current(), &fourier));
  CHECK(ent_fourier_drift(fourier, &law, x, first, NULL));
  law = (ent_pair_law){.beta = -17, .softmax = false, .log_scale = -17, .slack = 1e-3};
  CHECK(ent_fourier_drift(fourier, &law, x, again, NULL));
  CHECK_REAL(worst_error(&law, 32, x, again), 0, law.slack);
  law = (ent_pair_law){.beta = 4, .softmax = true, .slack = 1e-8};
  CHECK(ent_fourier_drift(fourier, &law, x, again, NULL));
  CHECK(memcmp(first, again, sizeof(first)) == 0);
  ent_fourier_destroy(&fourier);
}

static void drift_of(const ent_pair_law *law, size_t n, const double *x, double *dxdt) {
  ent_pairs *pairs = NULL;
  CHECK_OK(ent_pairs_create(n, 2, &pairs));
  ent_pairs_drift_angles(pairs, law, x, dxdt);
  ent_pairs_destroy(&pairs);
}

/* The interface gives the bits of the series where they are good enough, and of direct sums elsewhere. */
static void pairs_choose_series(void) {
  double x[MOST], series[MOST], dxdt[MOST];
  ent_pair_law law = {.beta = 4, .softmax = true, .slack = 1e-8}, exact = {.beta = 4, .softmax = true};
  draw_state(0, MOST, x);
  for (ent_isa isa = ENT_ISA_BASELINE; isa < ENT_ISA_COUNT; isa++) {
    CHECK(ent_pairs_longest(MOST, 2, isa) > 4);
    CHECK(ent_pairs_longest(1 << 20, 2, isa) >= ent_pairs_longest(MOST, 2, isa));
    CHECK_INT(ent_pairs_longest(2, 2, isa), 0);
  }
  CHECK(sum_with(ent_isa_current(), &law, MOST, x, series, NULL));
  drift_of(&law, MOST, x, dxdt);
  CHECK(memcmp(dxdt, series, sizeof(series)) == 0);
  law.slack = 1e-16;
  drift_of(&exact, MOST, x, series);
  drift_of(&law, MOST, x, dxdt);
  CHECK(memcmp(dxdt, series, sizeof(series)) == 0);
}

/* Rows are the same bits for both, so the same kernel must be taken. */
static void fused_sets_choose_alike(void) {
  for (size_t n = 1; n < 3000; n++) {
    for (size_t d = 2; d <= 4; d++)
      CHECK_INT(ent_pairs_longest(n, d, ENT_ISA_V3), ent_pairs_longest(n, d, ENT_ISA_V4));
  }
}

static const ent_test tests[] = {
  {"errors are below their bounds, and bounds are not far above", errors_are_below_bounds},
  {"rounding errors are in the bound", rounding_is_bounded},
  {"instruction sets that fuse give the same bits", fused_sets_agree},
  {"instruction sets that fuse take series for the same laws", fused_sets_choose_alike},
  {"thousands of particles are summed by blocks", many_particles},
  {"what series cannot do well enough is refused", what_series_cannot_is_refused},
  {"series above the limit are refused", long_series_are_refused},
  {"what was summed before does not matter", history_does_not_matter},
  {"the interface of pair sums takes series where they do", pairs_choose_series},
  {0},
};

ENT_TEST_MAIN("kernel/fourier", tests)
