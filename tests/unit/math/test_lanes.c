#include <math.h>

#include "entrain/math/lanes.h"

#include "check.h"

enum { VECTORS = 100000 };

static double draw(double low, double high) {
  static uint64_t state = 3;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

static double worst_cos_sin(double low, double high) {
  double worst = 0;
  for (size_t v = 0; v < VECTORS; v++) {
    ent_vn x, cosine, sine;
    for (int i = 0; i < ENT_WIDTH; i++) x[i] = draw(low, high);
    ent_vn_cos_sin(x, &cosine, &sine);
    for (int i = 0; i < ENT_WIDTH; i++) {
      worst = fmax(worst, (double)fabsl(cosine[i] - cosl(x[i])));
      worst = fmax(worst, (double)fabsl(sine[i] - sinl(x[i])));
    }
  }
  return worst;
}

static void cos_sin_are_accurate(void) {
  const double ranges[] = {1e-8, 0.5, 0.79, 2, 3.2, 7, 100, 1e6};
  for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
    CHECK_REAL(worst_cos_sin(-ranges[i], ranges[i]), 0, 2.3e-16);
}

static void cos_sin_know_the_axes(void) {
  const double angles[] = {0, M_PI_2, M_PI, 3 * M_PI_2, -M_PI_2, -M_PI, 1e6, -1e6};
  for (size_t i = 0; i < sizeof(angles) / sizeof(*angles); i++) {
    ent_vn cosine, sine;
    ent_vn_cos_sin(ent_vn_set(angles[i]), &cosine, &sine);
    CHECK_REAL(cosine[0], (double)cosl(angles[i]), 2.3e-16);
    CHECK_REAL(sine[ENT_WIDTH - 1], (double)sinl(angles[i]), 2.3e-16);
  }
}

static void parts_of_vectors(void) {
  double numbers[ENT_WIDTH];
  for (int i = 0; i < ENT_WIDTH; i++) numbers[i] = i + 1;
  for (size_t count = 0; count <= ENT_WIDTH; count++) {
    double back[ENT_WIDTH] = {0};
    const ent_vn v = ent_vn_load_some(numbers, count, -1);
    ent_vn_store_some(v, count, back);
    for (size_t i = 0; i < ENT_WIDTH; i++) {
      CHECK_REAL(v[i], i < count ? numbers[i] : -1, 0);
      CHECK_REAL(back[i], i < count ? numbers[i] : 0, 0);
    }
  }
}

static void lanes_are_chosen(void) {
  const ent_vn a = ent_vn_set(2), b = ent_vn_set(3);
  CHECK_REAL(ent_vn_min(a, b)[0], 2, 0);
  CHECK_REAL(ent_vn_min(b, a)[ENT_WIDTH - 1], 2, 0);
  CHECK_REAL(ent_vn_fma(a, b, b)[0], 9, 0);
  CHECK(signbit(ent_vn_set(-0.0)[0]));
}

static const ent_test tests[] = {
  {"cosines and sines are accurate", cos_sin_are_accurate},
  {"cosines and sines know the axes", cos_sin_know_the_axes},
  {"parts of vectors are loaded and stored", parts_of_vectors},
  {"lanes are chosen one by one", lanes_are_chosen},
  {0},
};

ENT_TEST_MAIN("math/lanes", tests)
