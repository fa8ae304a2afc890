#include <math.h>

#include "entrain/math/simd.h"

#include "check.h"

enum { VECTORS = 40000 };

/* Deterministic numbers in [low, high); quality is no concern here. */
static double draw(double low, double high) {
  static uint64_t state = 1;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

static double relative(double actual, long double expected) {
  return (double)(fabsl((long double)actual - expected) / fabsl(expected));
}

/* Distance in units of the last place of the expected number. */
static double ulps(double actual, long double expected) {
  return (double)(fabsl((long double)actual - expected) / ldexpl(1, ilogbl(expected) - 52));
}

static double worst_exp(double low, double high) {
  double worst = 0;
  for (size_t v = 0; v < VECTORS; v++) {
    ent_v8 x;
    for (int i = 0; i < ENT_LANES; i++) x[i] = draw(low, high);
    const ent_v8 y = ent_v8_exp(x);
    for (int i = 0; i < ENT_LANES; i++) worst = fmax(worst, ulps(y[i], expl(x[i])));
  }
  return worst;
}

static void exp_is_accurate(void) {
  CHECK_REAL(worst_exp(-708, 709), 0, 1.5);
  CHECK_REAL(worst_exp(-1, 1), 0, 1.5);
  CHECK_REAL(worst_exp(-40, 0), 0, 1.5);
}

static void exp_has_ends(void) {
  const ent_v8 x = {0, -0.0, -708, 709, -708.0000001, -1e300, -INFINITY, NAN};
  const ent_v8 y = ent_v8_exp(x);
  CHECK_REAL(y[0], 1, 0);
  CHECK_REAL(y[1], 1, 0);
  CHECK_REAL(relative(y[2], expl(-708)), 0, 4e-16);
  CHECK_REAL(relative(y[3], expl(709)), 0, 4e-16);
  for (int i = 4; i < 7; i++) CHECK_REAL(y[i], 0, 0);
  CHECK(isnan(y[7]));
}

typedef struct sine_errors {
  double sine, sine_relative, versine;
} sine_errors;

static sine_errors worst_sines(double low, double high) {
  sine_errors worst = {0};
  for (size_t v = 0; v < VECTORS; v++) {
    ent_v8 x, sine, versine;
    for (int i = 0; i < ENT_LANES; i++) x[i] = draw(low, high);
    ent_v8_sin_versin(x, &sine, &versine);
    for (int i = 0; i < ENT_LANES; i++) {
      const long double half = sinl(0.5L * x[i]), exact = sinl(x[i]);
      worst.sine = fmax(worst.sine, (double)fabsl(sine[i] - exact));
      worst.sine_relative = fmax(worst.sine_relative, relative(sine[i], exact));
      worst.versine = fmax(worst.versine, relative(versine[i], 2 * half * half));
    }
  }
  return worst;
}

static void sines_are_accurate(void) {
  const double ranges[] = {1e-8, 1e-3, 1, 3, 3.2, 7, 100, 1e6};
  for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
    const sine_errors worst = worst_sines(-ranges[i], ranges[i]);
    if (ranges[i] <= 1) CHECK_REAL(worst.sine_relative, 0, 5e-16);
    CHECK_REAL(worst.sine, 0, 1e-15);
    CHECK_REAL(worst.versine, 0, 1e-15);
  }
}

/* A turn more must not cost the smallness of sine and versine near a multiple of 2 pi. */
static void whole_turns_are_exact(void) {
  for (int turns = -100000; turns <= 100000; turns += 777) {
    const double angle = 6.283185307179586 * turns + 1e-9;
    ent_v8 sine, versine;
    ent_v8_sin_versin(ent_v8_set(angle), &sine, &versine);
    const long double half = sinl(0.5L * angle);
    CHECK_REAL(relative(sine[3], sinl(angle)), 0, 1e-15);
    CHECK_REAL(relative(versine[5], 2 * half * half), 0, 2e-15);
  }
}

static void sines_of_no_number_are_none(void) {
  ent_v8 sine, versine;
  ent_v8_sin_versin((ent_v8){NAN, INFINITY, -INFINITY, 0}, &sine, &versine);
  for (int i = 0; i < 3; i++) CHECK(isnan(sine[i]) && isnan(versine[i]));
  CHECK_REAL(sine[3], 0, 0);
  CHECK_REAL(versine[3], 0, 0);
}

static void lanes_are_summed_and_compared(void) {
  const ent_v8 v = {1, -2, 4, 8, -16, 32, 64, 128};
  CHECK_REAL(ent_v8_sum(v), 219, 0);
  CHECK_REAL(ent_v8_largest(v), 128, 0);
  const ent_v8 least = ent_v8_max(v, ent_v8_set(3));
  CHECK_REAL(least[0], 3, 0);
  CHECK_REAL(least[2], 4, 0);
  CHECK_INT(ent_simd_pad(0), 0);
  CHECK_INT(ent_simd_pad(1), 8);
  CHECK_INT(ent_simd_pad(8), 8);
  CHECK_INT(ent_simd_pad(9), 16);
}

static const ent_test tests[] = {
  {"exp is within 1.5 units of the last place", exp_is_accurate},
  {"exp is zero below its range, one at zero, and lets not-a-number through", exp_has_ends},
  {"sine and versine are as accurate as their header says", sines_are_accurate},
  {"whole turns cost sine and versine no accuracy", whole_turns_are_exact},
  {"sine and versine let not-a-number through", sines_of_no_number_are_none},
  {"lanes are summed, compared and padded", lanes_are_summed_and_compared},
  {0},
};

ENT_TEST_MAIN("math/simd", tests)
