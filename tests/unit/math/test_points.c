#include <math.h>
#include <string.h>

#include "entrain/math/points.h"
#include "entrain/math/vec.h"

#include "check.h"

/* Every function against its definition, pair by pair, for all counts up to four blocks and many d. */

enum { MOST = 32, MOST_D = 9, MOST_WIDE = 24 };

static double draw(double low, double high) {
  static uint64_t state = 5;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

/* Points, also coordinate by coordinate. */
typedef struct cloud {
  size_t n, d;
  double x[MOST * MOST_D], columns[MOST * (MOST_D + 1)], masses[MOST];
} cloud;

static void fill(size_t n, size_t d, cloud *made) {
  REQUIRE(ent_points_size(n, d) <= MOST * (MOST_D + 1));
  made->n = n;
  made->d = d;
  for (size_t k = 0; k < n * d; k++) made->x[k] = draw(-1, 1);
  for (size_t k = 0; k < d && n > 9; k++) made->x[9 * d + k] = made->x[2 * d + k] + (k == 0) * 1e-4;
  for (size_t i = 0; i < n; i++) made->masses[i] = draw(0, 2);
  ent_points_turn(n, d, made->x, made->columns);
}

/* Coordinate by coordinate, and half the squares behind them in the order of a loop; lane i >= n has none. */
static void check_lane(size_t n, size_t d, const double *x, size_t i, const double *columns) {
  const size_t padded = ent_points_size(n, d) / (d + 1);
  double half = i < n ? 0 : NAN;
  for (size_t k = 0; k < d; k++) {
    const double given = i < n ? x[i * d + k] : NAN, turned = columns[k * padded + i];
    CHECK(turned == given || (isnan(turned) && isnan(given)));
    half += 0.5 * (given * given);
  }
  CHECK(columns[d * padded + i] == half || (isnan(half) && isnan(columns[d * padded + i])));
}

static void points_are_turned(void) {
  static double x[MOST * MOST_WIDE], columns[MOST * (MOST_WIDE + 1)];
  for (size_t d = 1; d <= MOST_WIDE; d++) {
    for (size_t n = 1; n <= MOST; n++) {
      const size_t padded = ent_points_size(n, d) / (d + 1);
      for (size_t k = 0; k < n * d; k++) x[k] = draw(-1, 1);
      ent_points_turn(n, d, x, columns);
      for (size_t i = 0; i < padded; i++) check_lane(n, d, x, i, columns);
    }
  }
}

static double gap(const cloud *from, size_t i, size_t j) {
  long double sum = 0;
  for (size_t k = 0; k < from->d; k++) {
    const long double apart = (long double)from->x[i * from->d + k] - from->x[j * from->d + k];
    sum += apart * apart;
  }
  return (double)(0.5L * sum);
}

static void for_all(void (*check)(const cloud *given)) {
  static cloud made;
  for (size_t d = 1; d <= MOST_D; d++) {
    for (size_t n = 1; n <= MOST; n++) {
      fill(n, d, &made);
      check(&made);
    }
  }
}

static void check_count(const cloud *given) {
  for (double delta = 1e-8; delta < 5; delta *= 3) {
    size_t close = 0;
    for (size_t i = 0; i < given->n; i++) {
      for (size_t j = 0; j < i; j++) close += gap(given, i, j) <= delta;
    }
    CHECK_INT(ent_points_close_pairs(given->n, given->d, given->columns, delta), close);
  }
}

static void pairs_are_counted_once(void) {
  for_all(check_count);
}

static void check_largest(const cloud *given) {
  double largest = 0;
  for (size_t i = 0; i < given->n; i++) {
    for (size_t j = 0; j < i; j++) largest = fmax(largest, gap(given, i, j));
  }
  CHECK_REAL(ent_points_largest_gap(given->n, given->d, given->columns), largest, 1e-15 * largest);
}

static void largest_gap_is_of_a_pair(void) {
  for_all(check_largest);
}

static void check_sum(const cloud *given) {
  const double betas[] = {-3, -0.5, 0.2, 4};
  for (int k = 0; k < 4; k++) {
    const ent_pair_energy energy = ent_pair_energy_of(betas[k]);
    double sum = 0, weighted = 0, size = 0;
    for (size_t i = 0; i < given->n; i++) {
      for (size_t j = 0; j < i; j++) {
        const double value = ent_pair_energy_of_gap(&energy, gap(given, i, j));
        sum += value;
        weighted += given->masses[i] * given->masses[j] * value;
        size += 4 * fabs(value);
      }
    }
    const double *columns = given->columns;
    CHECK_REAL(ent_points_pair_sum(&energy, given->n, given->d, columns, NULL, NULL), sum, 1e-14 * size);
    CHECK_REAL(ent_points_pair_sum(&energy, given->n, given->d, columns, given->masses, NULL), weighted,
               1e-14 * size);
  }
}

static void sums_are_of_all_pairs(void) {
  for_all(check_sum);
}

/* scale * f - offset is e^{-|b|} (e^{b c} - 1) / b, also where b is small or zero. */
static void pair_energies_are_accurate(void) {
  for (double b = -20; b <= 20; b += 0.3125) {
    const ent_pair_energy energy = ent_pair_energy_of(b);
    for (double g = 0; g <= 2; g += 0.0625) {
      const long double c = 1 - (long double)g, least = expl(-fabsl((long double)b));
      const long double exact = b == 0 ? c : least * expm1l(b * c) / b;
      CHECK_REAL(ent_pair_energy_at(&energy, g), (double)exact, 4e-16);
    }
  }
}

/* Pairs of those points that are numbers. */
static void what_is_none_is_near_none(void) {
  static cloud made;
  for (size_t n = 1; n <= MOST; n++) {
    for (size_t bad = 0; bad < n; bad++) {
      const size_t sound = n - 1 - (bad > 0);
      for (size_t k = 0; k < n * 3; k++) made.x[k] = 0.5;
      made.x[3 * bad + bad % 3] = made.x[1] = NAN;
      ent_points_turn(n, 3, made.x, made.columns);
      CHECK_INT(ent_points_close_pairs(n, 3, made.columns, 1e-3), sound * (sound - 1) / 2);
      CHECK_INT(ent_points_close_pairs(n, 3, made.columns, 1e-8), sound * (sound - 1) / 2);
    }
  }
}

/* Nearly unit vectors: some by rounding, some by all that is allowed. */
static void draw_units(size_t n, size_t d, double *x) {
  for (size_t i = 0; i < n; i++) {
    double square = 0;
    for (size_t k = 0; k < d; k++) {
      x[i * d + k] = draw(-1, 1);
      square += x[i * d + k] * x[i * d + k];
    }
    const double off = i % 3 == 0 ? draw(-0.3, 0.3) * ENT_POINTS_NEAR : draw(-1e-7, 1e-7);
    for (size_t k = 0; k < d; k++) x[i * d + k] *= (1 + off) / sqrt(square);
  }
}

static long double norm(size_t d, const double *x) {
  long double square = 0;
  for (size_t k = 0; k < d; k++) square += (long double)x[k] * x[k];
  return sqrtl(square);
}

static void check_retracted(size_t n, size_t d) {
  double x[MOST * MOST_WIDE] = {0}, before[MOST * MOST_WIDE], told = 0, drift = 0;
  draw_units(n, d, x);
  memcpy(before, x, sizeof(x));
  CHECK(ent_points_retract(n, d, x, &told));
  for (size_t i = 0; i < n; i++) {
    const long double size = norm(d, before + i * d);
    drift = fmax(drift, (double)fabsl(size - 1));
    for (size_t k = 0; k < d; k++) CHECK_REAL(x[i * d + k], (double)(before[i * d + k] / size), 1e-15);
  }
  CHECK_REAL(told, drift, 1e-15);
}

static void vectors_are_put_back(void) {
  for (size_t d = 1; d <= MOST_WIDE; d++) {
    for (size_t n = 1; n <= MOST; n++) check_retracted(n, d);
  }
}

static void what_is_far_is_left_alone(void) {
  const double wrong[] = {2 * ENT_POINTS_NEAR + 1, 1 - 2 * ENT_POINTS_NEAR, NAN, INFINITY, 0};
  for (size_t d = 1; d <= MOST_WIDE; d++) {
    for (size_t bad = 0; bad < 20; bad++) {
      double x[20 * MOST_WIDE] = {0}, told = 7;
      for (size_t i = 0; i < 20; i++) x[i * d] = i == bad ? wrong[bad % 5] : 1;
      CHECK(!ent_points_retract(20, d, x, &told));
      CHECK_REAL(told, 7, 0);
      for (size_t i = 0; i < 20; i++) CHECK(i == bad || x[i * d] == 1);
    }
  }
}

/* Bit by bit, over more points than are taken together. */
static void squares_are_those_of_one(void) {
  enum { MANY = 2 * ENT_POINTS_FEW + 5 };
  static double x[MANY * MOST_WIDE];
  for (size_t d = 1; d <= MOST_WIDE; d++) {
    for (size_t n = 1; n <= MANY; n += 3) {
      double largest = 0;
      for (size_t k = 0; k < n * d; k++) x[k] = draw(-1, 1);
      for (size_t i = 0; i < n; i++) largest = fmax(largest, ent_vec_dot(d, x + i * d, x + i * d));
      CHECK_REAL(ent_points_largest_square(n, d, x), largest, 0);
    }
  }
}

static const ent_test tests[] = {
  {"nearly unit vectors are put back to rounding, and how far they were is told", vectors_are_put_back},
  {"vectors that are far from unit vectors are left alone", what_is_far_is_left_alone},
  {"the largest square has the bits of a single one", squares_are_those_of_one},
  {"points that are not-a-number are in no pair", what_is_none_is_near_none},
  {"points are turned into coordinates side by side", points_are_turned},
  {"close pairs are counted once each", pairs_are_counted_once},
  {"the largest gap is that of a pair", largest_gap_is_of_a_pair},
  {"sums are those over all pairs", sums_are_of_all_pairs},
  {"the energy of a pair is that of the definition", pair_energies_are_accurate},
  {0},
};

ENT_TEST_MAIN("math/points", tests)
