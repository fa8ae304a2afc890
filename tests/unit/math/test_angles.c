#include <math.h>
#include <string.h>

#include "entrain/math/angles.h"
#include "entrain/math/sphere.h"

#include "check.h"

/* Every function against its definition, term by term in long double, for all counts up to five blocks. */

enum { MOST = 40 };

static double draw(double low, double high) {
  static uint64_t state = 11;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

static void fill(size_t n, double spread, double *x) {
  for (size_t i = 0; i < n; i++) x[i] = draw(-spread, spread);
}

static void mean_is_the_sum(void) {
  for (size_t n = 1; n <= MOST; n++) {
    double x[MOST], masses[MOST], mean[2], weighted[2];
    long double exact[2] = {0}, exact_weighted[2] = {0};
    fill(n, n % 2 ? 3 : 1e5, x);
    for (size_t i = 0; i < n; i++) {
      masses[i] = draw(0, 2) / (double)n;
      exact[0] += cosl(x[i]) / (long double)n;
      exact[1] += sinl(x[i]) / (long double)n;
      exact_weighted[0] += masses[i] * cosl(x[i]);
      exact_weighted[1] += masses[i] * sinl(x[i]);
    }
    ent_angles_mean(n, x, NULL, mean);
    ent_angles_mean(n, x, masses, weighted);
    for (int k = 0; k < 2; k++) {
      CHECK_REAL(mean[k], (double)exact[k], 2e-15);
      CHECK_REAL(weighted[k], (double)exact_weighted[k], 4e-15);
    }
  }
}

/* Angles on an arc, each moved by whole turns. */
static void extent_is_the_arc(void) {
  for (size_t n = 2; n <= MOST; n++) {
    double x[MOST];
    const double arc = draw(0, 3.14), start = draw(-4, 4);
    for (size_t i = 0; i < n; i++) x[i] = start + draw(0, arc);
    x[n - 1] = start;
    x[n / 2 == n - 1 ? 0 : n / 2] = start + arc;
    for (size_t i = 0; i < n; i++) x[i] += ENT_TWO_PI * floor(draw(-3, 4));
    CHECK_REAL(ent_angles_extent(n, x), arc, 2e-14);
  }
  const double three[] = {0, ENT_TWO_PI / 3, -ENT_TWO_PI / 3}, two[] = {1, 1 + 1e-12};
  CHECK(ent_angles_extent(3, three) >= ENT_TWO_PI / 2);
  CHECK_REAL(ent_angles_extent(2, two), two[1] - two[0], 0);
}

static void extent_of_no_state_is_none(void) {
  for (size_t n = 1; n <= 20; n++) {
    for (size_t i = 0; i < n; i++) {
      double x[20];
      fill(n, 1, x);
      x[i] = i % 2 ? NAN : INFINITY;
      CHECK(isnan(ent_angles_extent(n, x)));
    }
  }
}

static void pairs_are_counted_once(void) {
  double work[MOST + 8];
  CHECK(ent_angles_work(MOST) <= MOST + 8);
  for (int round = 0; round < 40 * MOST; round++) {
    const size_t n = 1 + (size_t)round % MOST;
    double x[MOST];
    const double reach = draw(0, ENT_TWO_PI / 2);
    size_t close = 0;
    fill(n, round % 3 == 0 ? 20 : round % 3 == 1 ? ENT_TWO_PI / 2 : 0.1, x);
    for (size_t i = 0; i < n; i++) {
      for (size_t j = 0; j < i; j++) close += fabs(remainder(x[i] - x[j], ENT_TWO_PI)) <= reach;
    }
    CHECK_INT(ent_angles_close_pairs(n, x, reach, work), close);
  }
}

/* Angles: all over, wide, on a short arc, in clusters, and some of them coincident. */
static void fill_kind(int kind, size_t n, double *x) {
  fill(n, kind == 0 ? ENT_TWO_PI / 2 : kind == 1 ? 9e3 : kind == 2 ? 0.04 : 1, x);
  for (size_t i = 0; i < n && kind == 3; i++) x[i] = (double)(i % 3) * 2 + 1e-3 * x[i];
  for (size_t i = 3; i < n && kind == 4; i++) x[i] = x[i / 2] + ENT_TWO_PI * (double)(i % 2);
}

/* Distance on the circle, by a turn with more digits than angles have. */
static long double apart(double a, double b) {
  return fabsl(remainderl((long double)a - b, 2 * acosl(-1)));
}

static void clear_counts_are_exact(void) {
  enum { WIDEST = 100 };
  int told = 0;
  for (int round = 0; round < 40 * WIDEST; round++) {
    const size_t n = 1 + (size_t)round % WIDEST;
    const double reach = round % 7 == 0 ? 1e-7 : draw(0, round % 2 ? 0.1 : 3);
    double x[WIDEST];
    size_t close = 0, clear = 0;
    fill_kind(round / 3 % 5, n, x);
    for (size_t i = 0; i < n; i++) {
      for (size_t j = 0; j < i; j++) close += apart(x[i], x[j]) <= reach;
    }
    if (!ent_angles_count_clear(n, x, reach, NULL, &clear)) continue;
    CHECK_INT(clear, close);
    told++;
  }
  CHECK(told > 39 * WIDEST);
}

/* Two at the reach, but for less than can be told, among others that are clear; and farther than that. */
static void doubts_are_told(void) {
  for (size_t n = 2; n <= MOST; n++) {
    for (double off = -1e-9; off <= 1e-9; off += 0.25e-9) {
      double x[MOST];
      size_t clear = 77;
      for (size_t i = 0; i < n; i++) x[i] = 1e-4 * (double)i;
      x[n / 3 == n - 1 ? 0 : n / 3] = x[n - 1] - 0.5 - off;
      CHECK(!ent_angles_count_clear(n, x, 0.5, NULL, &clear));
      CHECK_INT(clear, 77);
      x[n / 3 == n - 1 ? 0 : n / 3] += 2e-8;
      CHECK(ent_angles_count_clear(n, x, 0.5, NULL, &clear));
    }
  }
}

static void what_cannot_be_clear_is_not(void) {
  const double wrong[] = {NAN, INFINITY, -INFINITY, 1e5, -1e300};
  for (size_t n = 1; n <= MOST; n++) {
    for (size_t bad = 0; bad < n; bad++) {
      double x[MOST];
      size_t clear = 77;
      for (size_t i = 0; i < n; i++) x[i] = i == bad ? wrong[bad % 5] : 0.25;
      CHECK(!ent_angles_count_clear(n, x, 0.1, NULL, &clear));
      x[bad] = 0.25;
      CHECK(!ent_angles_count_clear(n, x, 1e-9, NULL, &clear));
      CHECK(!ent_angles_count_clear(n, x, ENT_TWO_PI / 2, NULL, &clear));
      CHECK(!ent_angles_count_clear(n, x, NAN, NULL, &clear));
      CHECK_INT(clear, 77);
    }
  }
}

/* Pairs within reach by the definition; whether one is so near the reach that a double cannot tell. */
static size_t count_apart(size_t n, const double *x, double reach, bool *is_blurred) {
  size_t close = 0;
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < i; j++) {
      const long double beyond = apart(x[i], x[j]) - reach;
      close += beyond <= 0;
      *is_blurred |= fabsl(beyond) < 1e-12L;
    }
  }
  return close;
}

/*
 * Angles that drift, slowly and fast, jump, and stand still, with pairs that come and go, two reaches in turn
 * and some states that are none: what is kept is never told of another state.
 */
static void counts_of_moved_angles_are_exact(void) {
  enum { WIDEST = 70, STEPS = 60 };
  double memory[WIDEST];
  CHECK(ent_angles_memory(WIDEST) <= WIDEST);
  for (size_t n = 2; n <= WIDEST; n++) {
    double x[WIDEST], speed[WIDEST];
    fill_kind((int)n % 5 == 1 ? 0 : (int)n % 5, n, x);
    memset(memory, 0, sizeof(memory));
    for (int step = 0; step < STEPS; step++) {
      const double reach = step % 11 == 10 ? 0.3 : 0.05, most = pow(10, -step % 8);
      size_t clear = 77;
      bool is_blurred = false;
      fill(n, most, speed);
      for (size_t i = 0; i < n && step % 3 != 2; i++) x[i] += step % 9 == 8 ? ENT_TWO_PI : speed[i];
      const double old = x[n / 2];
      if (step % 13 == 12) x[n / 2] = NAN;
      const bool is_told = ent_angles_count_clear(n, x, reach, memory, &clear);
      CHECK(!(is_told && isnan(x[n / 2])));
      const size_t close = count_apart(n, x, reach, &is_blurred);
      if (is_told && !is_blurred) CHECK_INT(clear, close);
      x[n / 2] = old;
    }
  }
}

/* Two that approach the reach in steps of a tenth of what is left: the count changes when they pass it. */
static void a_pair_that_comes_slowly_is_counted_in_time(void) {
  for (size_t n = 2; n <= MOST; n++) {
    double x[MOST], memory[MOST + 8] = {0}, left = 0.2;
    CHECK(ent_angles_memory(MOST) <= MOST + 8);
    for (size_t i = 0; i < n; i++) x[i] = (i > 1 ? 3 : 0) + 1e-5 * (double)i;
    for (; left > 2e-8; left *= 0.9) {
      size_t clear = 0;
      x[0] = x[1] + 0.5 + left;
      CHECK(ent_angles_count_clear(n, x, 0.5, memory, &clear));
      const size_t far = clear;
      x[0] = x[1] + 0.5 - left;
      CHECK(ent_angles_count_clear(n, x, 0.5, memory, &clear));
      CHECK(clear > far);
    }
  }
}

/* Pairs of those angles that are numbers, whether these lie within reach or not. */
static void what_is_none_is_near_none(void) {
  for (size_t n = 1; n <= MOST; n++) {
    for (size_t bad = 0; bad < n; bad++) {
      double x[MOST], work[MOST + 8];
      const size_t sound = n - 1 - (bad > 0);
      for (size_t i = 0; i < n; i++) x[i] = i % 2 ? 0.25 : 0.5;
      x[bad] = x[0] = bad % 2 ? INFINITY : NAN;
      CHECK_INT(ent_angles_close_pairs(n, x, 1, work), sound * (sound - 1) / 2);
      x[n - 1] = n - 1 == bad || n == 1 ? NAN : 3;
      const size_t others = n - 1 == bad || n == 1 ? sound : sound - 1;
      CHECK_INT(ent_angles_close_pairs(n, x, 1, work), others * (others - 1) / 2);
    }
  }
}

static void what_coincides_is_close(void) {
  double x[MOST], work[MOST + 8];
  for (size_t i = 0; i < MOST; i++) x[i] = 1.25;
  for (size_t n = 1; n <= MOST; n++) CHECK_INT(ent_angles_close_pairs(n, x, 1e-9, work), n * (n - 1) / 2);
}

/* e^{-|b|} (e^{b c} - 1) / b. */
static long double pair(double b, long double gap) {
  const long double c = 1 - gap;
  return b == 0 ? c : expl(-fabsl((long double)b)) * expm1l(b * c) / b;
}

/* Against pairs one by one. Exponents and overlaps are good to 1e-15 of their own size and of 1. */
static void check_energy(double b, size_t n, const double *x, const double *masses) {
  const ent_pair_energy energy = ent_pair_energy_of(b);
  long double exact = 0, whole = 0, size = 0;
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < i; j++) {
      const long double mass = masses ? masses[i] * masses[j] : 1;
      const long double term = mass * pair(b, 1 - cosl((long double)x[i] - x[j]));
      exact += term;
      size += fabsl(term) + mass * (fabs(energy.offset) + exp(-fabs(b)));
      whole += mass;
    }
  }
  const double sum = energy.scale * ent_angles_pair_sum(&energy, n, x, masses, NULL);
  CHECK_REAL(sum - energy.offset * (double)whole, (double)exact, 4e-15 * (1 + fabs(b)) * (double)size);
}

static void energies_are_the_sum(void) {
  const double betas[] = {-30, -1, -0.999, -1e-9, 0, 1e-3, 0.5, 1, 4, 100};
  for (size_t n = 1; n <= MOST; n++) {
    double x[MOST], masses[MOST];
    fill(n, 3, x);
    for (size_t i = 0; i < n; i++) masses[i] = draw(0, 2);
    for (size_t k = 0; k < sizeof(betas) / sizeof(*betas); k++) {
      check_energy(betas[k], n, x, NULL);
      check_energy(betas[k], n, x, masses);
    }
  }
}

static const ent_test tests[] = {
  {"the mean is that of the definition", mean_is_the_sum},
  {"the extent is the shortest arc, to rounding", extent_is_the_arc},
  {"angles that are none have no extent", extent_of_no_state_is_none},
  {"close pairs are counted once each", pairs_are_counted_once},
  {"angles that coincide are close", what_coincides_is_close},
  {"counts that are clear are exact", clear_counts_are_exact},
  {"a pair that is too near to the reach is not clear", doubts_are_told},
  {"counts of angles that have moved are exact", counts_of_moved_angles_are_exact},
  {"a pair that comes slowly is counted when it passes", a_pair_that_comes_slowly_is_counted_in_time},
  {"angles and reaches beyond what can be told are not clear", what_cannot_be_clear_is_not},
  {"angles that are not-a-number are in no pair", what_is_none_is_near_none},
  {"sums of pair energies are those of the definition", energies_are_the_sum},
  {0},
};

ENT_TEST_MAIN("math/angles", tests)
