#include <string.h>

#include "check.h"
#include "observe_fixture.h"

static ent_shape three_radii(const ent_point *point) {
  (void)point;
  return (ent_shape){.kind = ENT_STATE_ANGLES, .extras = 3};
}

static ent_shape free_numbers(const ent_point *point) {
  (void)point;
  return (ent_shape){.kind = ENT_STATE_FREE, .extras = 3};
}

static const ent_model with_radii = {.name = "with_radii", .shape = three_radii},
                       without = {.name = "without", .shape = free_numbers};

static void least_mean_and_largest(void) {
  const ent_system system = {
    .model = &with_radii, .kind = ENT_STATE_ANGLES, .n = 3, .d = 2, .size = 6, .extras = 3};
  const double x[] = {-9, 7, 0, 1.5, 0.25, 2};
  double values[ENT_MAX_WIDTH];
  ent_observe_system(ent_observable_find("radii", strlen("radii")), &system, x, values);
  CHECK_REAL(values[0], 0.25, 0);
  CHECK_REAL(values[1], 1.25, 1e-16);
  CHECK_REAL(values[2], 2, 0);
}

static void refused_where_there_are_none(void) {
  ent_refusal refusal;
  const ent_point point = {.n = 3, .d = 2};
  const ent_observable *radii = ent_observable_find("radii", strlen("radii"));
  CHECK(radii->check(&with_radii, &point, &refusal));
  CHECK(!radii->check(&without, &point, &refusal));
  CHECK_CONTAINS(ent_observe_refusal("radii", "kuramoto", 2, 1), "'kuramoto', which has none");
}

static const ent_test tests[] = {
  {"radii have a least, a mean and a largest one", least_mean_and_largest},
  {"radii are refused where there are none", refused_where_there_are_none},
  {0},
};

ENT_TEST_MAIN("observe/radii", tests)
