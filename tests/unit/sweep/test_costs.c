#include <math.h>
#include <stdlib.h>

#include "entrain/sweep/costs.h"

#include "support/check.h"

static void nothing_known(void) {
  ent_costs costs = {0};
  CHECK_OK(ent_costs_init(&costs, 3));
  CHECK_REAL(ent_costs_predict(&costs, 1), INFINITY, 0);
  CHECK(isnan(ent_costs_predict_all(&costs, (const int64_t[]){1, 1, 1})));
  ent_costs_fini(&costs);
  CHECK_OK(ent_costs_init(&costs, 0));
  CHECK(isnan(ent_costs_predict_all(&costs, NULL)));
  ent_costs_fini(&costs);
  ent_costs_fini(&costs);
}

static void own_mean(void) {
  ent_costs costs = {0};
  CHECK_OK(ent_costs_init(&costs, 3));
  ent_costs_add(&costs, 1, 2, 3.0);
  ent_costs_add(&costs, 1, 4, 3.0);
  CHECK_REAL(ent_costs_predict(&costs, 1), 1, 1e-15);
  ent_costs_fini(&costs);
}

/* Against the definition, for reports at all distances over several words of bits. */
static void nearest_report(void) {
  enum { BLOCKS = 300 };
  static const int32_t reported[] = {3, 5, 63, 64, 130, 255, 299};
  int64_t jobs[BLOCKS];
  double sum = 0;
  ent_costs costs = {0};
  CHECK_OK(ent_costs_init(&costs, BLOCKS));
  for (size_t k = 0; k < sizeof reported / sizeof reported[0]; k++) {
    ent_costs_add(&costs, reported[k], 1, reported[k]);
  }
  for (int32_t b = 0; b < BLOCKS; b++) {
    int32_t nearest = reported[0];
    for (size_t k = 1; k < sizeof reported / sizeof reported[0]; k++) {
      if (abs(reported[k] - b) < abs(nearest - b)) nearest = reported[k];
    }
    CHECK_REAL(ent_costs_predict(&costs, b), nearest, 0);
    jobs[b] = b % 4;
    sum += (double)jobs[b] * nearest;
  }
  CHECK_REAL(ent_costs_predict_all(&costs, jobs), sum, 1e-9);
  ent_costs_fini(&costs);
}

static const ent_test tests[] = {
  {"before the first report nothing is predicted", nothing_known},
  {"a block with reports has their mean", own_mean},
  {"a block without reports takes the nearest one's mean, of two the lower", nearest_report},
  {0}};

ENT_TEST_MAIN("sweep/costs", tests)
