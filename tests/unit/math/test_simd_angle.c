#include <math.h>

#include "entrain/math/simd_angle.h"
#include "entrain/math/simd_lanes.h"

#include "check.h"

enum { ROUNDS = 4000 };

static double draw(double low, double high) {
  static uint64_t state = 3;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

/* sin(b - a) from the points of both, relative to |b - a| (at most 1). */
static double chord_error(double a, double b) {
  ent_v8 x[ENT_ANGLE_VECTORS], points[ENT_ANGLE_VECTORS][3];
  for (int v = 0; v < ENT_ANGLE_VECTORS; v++) x[v] = ent_v8_set(a);
  x[ENT_ANGLE_VECTORS - 1][5] = b;
  ent_v8_points(x, points);
  const ent_v8 *p = points[ENT_ANGLE_VECTORS - 1];
  const double c = p[0][5] - p[0][0], s = p[1][5] - p[1][0], turn = p[2][5] - p[2][0];
  const long double difference = (long double)b - a;
  const double sine = s * p[0][0] - c * p[1][0] + turn;
  return (double)(fabsl(sine - sinl(difference)) / fminl(fabsl(difference), 1));
}

static void near_angles_keep_their_digits(void) {
  const double spreads[] = {1, 1e-3, 1e-8, 1e-12, 4e-15};
  double worst = 0;
  for (int s = 0; s < 5; s++) {
    for (int round = 0; round < ROUNDS; round++) {
      const double a = draw(-7, 7);
      double b = a + draw(-1, 1) * spreads[s];
      if (b == a) b = nextafter(a, 9);
      worst = fmax(worst, chord_error(a, b));
    }
  }
  CHECK_REAL(worst, 0, 1e-15);
}

/* Also across the borders of the quarters, where the polynomials change places. */
static void borders_of_quarters_are_smooth(void) {
  double worst = 0;
  for (int quarter = -9; quarter <= 9; quarter += 2) {
    const double border = quarter * 0x1.921fb54442d18p-1;
    for (int step = 1; step < 40; step++)
      worst = fmax(worst, chord_error(border - step * 4e-16, border + step * 3e-16));
  }
  CHECK_REAL(worst, 0, 1e-15);
}

static void points_are_cosine_and_sine(void) {
  ent_v8 x[ENT_ANGLE_VECTORS], points[ENT_ANGLE_VECTORS][3];
  for (int round = 0; round < ROUNDS; round++) {
    for (int v = 0; v < ENT_ANGLE_VECTORS; v++)
      for (int l = 0; l < ENT_LANES; l++) x[v][l] = draw(-1, 1) * (round % 2 ? 4 : 1e6);
    ent_v8_points(x, points);
    for (int v = 0; v < ENT_ANGLE_VECTORS; v++) {
      CHECK_REAL((double)(points[v][0][v] - cosl(x[v][v])), 0, 1.2e-16);
      CHECK_REAL((double)(points[v][1][v] - sinl(x[v][v])), 0, 1.2e-16);
    }
  }
}

static void no_number_has_no_point(void) {
  ent_v8 x[ENT_ANGLE_VECTORS], points[ENT_ANGLE_VECTORS][3];
  for (int v = 0; v < ENT_ANGLE_VECTORS; v++) x[v] = ent_v8_set(NAN);
  ent_v8_points(x, points);
  CHECK(isnan(points[0][0][0]) && isnan(points[0][1][1]) && isnan(points[1][2][2]));
}

static void squares_are_transposed_and_summed(void) {
  ent_v8 square[ENT_LANES], turned[ENT_LANES];
  for (int r = 0; r < ENT_LANES; r++)
    for (int c = 0; c < ENT_LANES; c++) square[r][c] = draw(-1, 1);
  ent_v8_transpose(square, turned);
  const ent_v8 sums = ent_v8_sums(square);
  for (int r = 0; r < ENT_LANES; r++) {
    CHECK_REAL(sums[r], ent_v8_sum(square[r]), 0);
    for (int c = 0; c < ENT_LANES; c++) CHECK_REAL(turned[c][r], square[r][c], 0);
  }
}

static const ent_test tests[] = {
  {"differences of points keep the digits of near angles", near_angles_keep_their_digits},
  {"the borders of quarters are smooth", borders_of_quarters_are_smooth},
  {"points are cosine and sine, rounded", points_are_cosine_and_sine},
  {"what is no number has no point", no_number_has_no_point},
  {"squares of lanes are transposed, and their rows summed", squares_are_transposed_and_summed},
  {0},
};

ENT_TEST_MAIN("math/simd_angle", tests)
