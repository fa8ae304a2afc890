#include <math.h>

#include "entrain/math/sphere.h"

#include "check.h"

static void wraps_into_one_turn(void) {
  for (int i = -1000; i <= 1000; i++) {
    const double angle = 0.37 * i, wrapped = ent_sphere_wrap(angle);
    CHECK(fabs(wrapped) <= ENT_TWO_PI / 2);
    CHECK_REAL(cos(wrapped), cos(angle), 1e-13);
    CHECK_REAL(sin(wrapped), sin(angle), 1e-13);
  }
}

static void leaves_small_angles_alone(void) {
  CHECK_REAL(ent_sphere_wrap(0), 0, 0);
  CHECK_REAL(ent_sphere_wrap(-3.1415), -3.1415, 0);
  CHECK_REAL(ent_sphere_wrap(1e-300), 1e-300, 0);
  CHECK_REAL(ent_sphere_wrap(3.2), 3.2 - ENT_TWO_PI, 0);
  CHECK(isnan(ent_sphere_wrap(INFINITY)));
}

static const ent_test tests[] = {
  {"an angle is wrapped into [-pi, pi] without moving its point", wraps_into_one_turn},
  {"angles within half a turn stay as they are", leaves_small_angles_alone},
  {0},
};

ENT_TEST_MAIN("math/sphere", tests)
