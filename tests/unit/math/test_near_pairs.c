#include <math.h>
#include <string.h>

#include "entrain/math/near_pairs.h"
#include "entrain/math/points.h"

#include "check.h"

/* Every count that is told against a plain one in long double. */

enum { MOST = 70, MOST_D = 8, MOST_MEMORY = 8 + 80 * MOST_D };

static double draw(double low, double high) {
  static uint64_t state = 11;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

typedef struct cloud {
  size_t n, d;
  double x[MOST * MOST_D], columns[80 * (MOST_D + 1)], memory[MOST_MEMORY];
} cloud;

static void normalize(cloud *of) {
  for (size_t i = 0; i < of->n; i++) {
    double square = 0, *x = of->x + i * of->d;
    for (size_t k = 0; k < of->d; k++) square += x[k] * x[k];
    for (size_t k = 0; k < of->d; k++) x[k] /= sqrt(square);
  }
}

/* Points all over, around three places, and every other one where the one before is. */
static void fill(int kind, size_t n, size_t d, cloud *made) {
  REQUIRE(ent_near_pairs_memory(n, d) <= MOST_MEMORY);
  *made = (cloud){.n = n, .d = d};
  for (size_t k = 0; k < n * d; k++) made->x[k] = draw(-1, 1);
  for (size_t i = 0; i < n && kind == 1; i++) {
    for (size_t k = 0; k < d; k++) made->x[i * d + k] = 0.03 * made->x[i * d + k] + (k == i % 3 % d);
  }
  for (size_t i = 1; i < n && kind == 2; i += 2)
    memcpy(made->x + i * d, made->x + (i - 1) * d, d * sizeof(*made->x));
  normalize(made);
}

static size_t count(const cloud *of, double delta) {
  size_t close = 0;
  for (size_t i = 0; i < of->n; i++) {
    for (size_t j = 0; j < i; j++) {
      long double sum = 0;
      for (size_t k = 0; k < of->d; k++) {
        const long double apart = (long double)of->x[i * of->d + k] - of->x[j * of->d + k];
        sum += apart * apart;
      }
      close += 0.5L * sum <= delta;
    }
  }
  return close;
}

/* 1 if a count is told, which must be the plain one; otherwise 0, and nothing may have been written. */
static int told(cloud *of, double delta) {
  size_t close = 7777;
  ent_points_turn(of->n, of->d, of->x, of->columns);
  const bool is_told = ent_near_pairs_count(of->n, of->d, of->columns, delta, of->memory, &close);
  CHECK_INT(close, is_told ? count(of, delta) : 7777);
  return is_told;
}

static void counts_are_exact(void) {
  static cloud made;
  int all = 0, sum = 0;
  for (size_t d = 2; d <= MOST_D; d += d == 3 ? 2 : 1) {
    for (size_t n = 2; n <= MOST; n++) {
      for (double delta = 1e-5; delta < 2; delta *= 5, all++) {
        fill((int)(n % 3), n, d, &made);
        sum += told(&made, delta);
      }
    }
  }
  CHECK(sum > all - all / 50);
}

static void move(double most, cloud *made) {
  for (size_t k = 0; k < made->n * made->d; k++) made->x[k] += draw(-most, most);
  normalize(made);
}

enum { STEPS = 80 };

/* Points that drift, slowly and fast, jump and stand still; two deltas in turn. Returns the counts told. */
static int follow(cloud *made) {
  int sum = 0;
  for (int step = 0; step < STEPS; step++) {
    if (step % 3 != 2) move(pow(10, -step % 8), made);
    sum += told(made, step % 17 == 16 ? 0.1 : 1e-3);
  }
  return sum;
}

static void counts_of_moved_points_are_exact(void) {
  static cloud made;
  int all = 0, sum = 0;
  for (size_t d = 2; d <= MOST_D; d += d == 3 ? 5 : 1) {
    for (size_t n = 2; n <= MOST; n++, all += STEPS) {
      fill((int)(n % 3), n, d, &made);
      sum += follow(&made);
    }
  }
  CHECK(sum > all - all / 50);
}

static void place_two(double angle, cloud *of) {
  const double both[6] = {1, 0, 0, cos(angle), sin(angle), 0};
  memcpy(of->x, both, sizeof(both));
}

/* The second point comes to the first and goes, in steps of a tenth of what is left to the limit. */
static void a_pair_that_comes_slowly_is_counted_in_time(void) {
  static cloud made;
  const double reach = 2 * asin(sqrt(1e-3 / 2)); /* the angle at which the gap is 1e-3 */
  for (size_t n = 2; n <= MOST; n++) {
    fill(0, n, 3, &made);
    for (double left = 0.02; left > 4e-6; left *= 0.9) {
      place_two(reach - left, &made);
      (void)told(&made, 1e-3);
      place_two(reach + left, &made);
      (void)told(&made, 1e-3);
    }
  }
}

/* Within single precision of the limit, on both sides, and nothing else in doubt. */
static void doubts_are_told(void) {
  static cloud made;
  const double reach = 2 * asin(sqrt(1e-3 / 2));
  for (int side = -1; side <= 1; side++) {
    fill(0, 2, 3, &made);
    place_two(reach + side * 1e-8, &made);
    CHECK_INT(told(&made, 1e-3), 0);
    CHECK_INT(told(&made, 1.1e-3), 1);
  }
}

/* Also where a count of sound points was kept before, which serves again afterwards. */
static void what_cannot_be_certain_is_not(void) {
  static cloud made;
  const double wrong[] = {NAN, INFINITY, -INFINITY, 1.3, 1e300};
  for (size_t n = 2; n <= MOST; n++) {
    fill(0, n, 3, &made);
    for (size_t k = 0; k < 3 * n; k++) made.x[k] = k % 3 == 0;
    CHECK_INT(told(&made, 1e-3), 1);
    for (size_t bad = 0; bad < n; bad++) {
      made.x[3 * bad] = wrong[bad % 5];
      ent_points_turn(n, 3, made.x, made.columns);
      size_t close = 77;
      CHECK(!ent_near_pairs_count(n, 3, made.columns, 1e-3, made.memory, &close));
      CHECK_INT(close, 77);
      made.x[3 * bad] = 1;
      CHECK_INT(told(&made, 1e-3), 1);
    }
    CHECK_INT(told(&made, 1e-7), 0);
    CHECK_INT(told(&made, 2.1), 0);
    CHECK_INT(told(&made, NAN), 0);
  }
  CHECK_INT(ent_near_pairs_memory(ENT_NEAR_PAIRS_MOST + 1, 3), 0);
  CHECK_INT(ent_near_pairs_memory(3, ENT_NEAR_PAIRS_MOST_D + 1), 0);
}

static const ent_test tests[] = {
  {"counts are exact", counts_are_exact},
  {"counts of points that have moved are exact", counts_of_moved_points_are_exact},
  {"a pair that comes slowly is counted when it passes", a_pair_that_comes_slowly_is_counted_in_time},
  {"a pair that is too near to delta is not certain", doubts_are_told},
  {"what cannot be certain is not", what_cannot_be_certain_is_not},
  {0},
};

ENT_TEST_MAIN("math/near_pairs", tests)
