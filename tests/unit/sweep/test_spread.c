#include <stdlib.h>
#include <string.h>

#include "entrain/sweep/spread.h"

#include "support/check.h"

enum { MOST = 600 };

static void everything_comes_once(void) {
  unsigned char seen[MOST];
  for (int64_t n = 1; n <= MOST; n++) {
    const int64_t step = ent_spread_step(n);
    memset(seen, 0, sizeof seen);
    for (int64_t k = 0; k < n; k++) seen[ent_spread_at(k, step, n)]++;
    for (int64_t i = 0; i < n; i++) CHECK_INT(seen[i], 1);
  }
}

static int compare(const void *a, const void *b) {
  const int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;
  return (first > second) - (first < second);
}

/* The widest gap between k things that came, in units of the mean gap. */
static double widest_gap(int64_t n, int64_t count) {
  int64_t came[MOST], widest = 0;
  const int64_t step = ent_spread_step(n);
  for (int64_t k = 0; k < count; k++) came[k] = ent_spread_at(k, step, n);
  qsort(came, (size_t)count, sizeof came[0], compare);
  for (int64_t k = 0; k < count; k++) {
    const int64_t next = k + 1 < count ? came[k + 1] : came[0] + n;
    if (next - came[k] > widest) widest = next - came[k];
  }
  return (double)widest * (double)count / (double)n;
}

static void the_first_ones_lie_evenly(void) {
  static const int64_t sizes[] = {1000, 1024, 65536, 57143, INT64_C(1) << 40};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    for (int64_t count = 2; count <= 300; count++) CHECK(widest_gap(sizes[i], count) < 3);
  }
}

/* An axis of 4 values that runs fastest: after 16 of 1024 cells all values have come about equally often. */
static void all_values_of_an_axis_come(void) {
  int counts[4] = {0};
  const int64_t step = ent_spread_step(1024);
  for (int64_t k = 0; k < 16; k++) counts[ent_spread_at(k, step, 1024) % 4]++;
  for (int i = 0; i < 4; i++) CHECK_INT(counts[i], 4);
}

static const ent_test tests[] = {{"everything comes once", everything_comes_once},
                                 {"however many have come, they lie evenly", the_first_ones_lie_evenly},
                                 {"all values of an axis come soon", all_values_of_an_axis_come},
                                 {0}};

ENT_TEST_MAIN("sweep/spread", tests)
