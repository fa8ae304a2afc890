#include <math.h>

#include "entrain/math/points.h"

#include "check.h"

/* Every function against its definition, pair by pair, for all counts up to four blocks and many d. */

enum { MOST = 32, MOST_D = 9 };

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
    CHECK_REAL(ent_points_pair_sum(&energy, given->n, given->d, columns, NULL), sum, 1e-14 * size);
    CHECK_REAL(ent_points_pair_sum(&energy, given->n, given->d, columns, given->masses), weighted,
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

static void inverse_roots_are_accurate(void) {
  for (size_t n = 1; n <= MOST; n++) {
    double squares[MOST], roots[MOST];
    for (size_t i = 0; i < n; i++)
      squares[i] = 1 + ENT_POINTS_NEAR * (i % 3 == 0 ? draw(-1, 1) : draw(-1e-6, 1e-6));
    ent_points_inverse_roots(n, squares, roots);
    for (size_t i = 0; i < n; i++) CHECK_REAL(roots[i], (double)(1 / sqrtl(squares[i])), 4e-16);
  }
}

static const ent_test tests[] = {
  {"inverse roots are accurate", inverse_roots_are_accurate},
  {"close pairs are counted once each", pairs_are_counted_once},
  {"the largest gap is that of a pair", largest_gap_is_of_a_pair},
  {"sums are those over all pairs", sums_are_of_all_pairs},
  {"the energy of a pair is that of the definition", pair_energies_are_accurate},
  {0},
};

ENT_TEST_MAIN("math/points", tests)
