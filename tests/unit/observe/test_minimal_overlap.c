#include <math.h>

#include "check.h"
#include "observe_fixture.h"

static void it_is_the_cosine_of_the_widest_angle(void) {
  const double angles[] = {0.1, 2.1, -0.2, 0.4},
               vectors[] = {1, 0, 0, 0.6, 0.8, 0, 0, 0.6, 0.8, 0.6, 0, -0.8};
  const ent_view circle = {.n = 4, .d = 2, .x = angles}, sphere = {.n = 4, .d = 3, .x = vectors};
  CHECK_REAL(ent_view_value("minimal_overlap", &circle), cos(2.3), 1e-15);
  CHECK_REAL(ent_view_value("minimal_overlap", &sphere), -0.64, 1e-15);
}

static void one_particle_overlaps_itself(void) {
  const double angle = 2;
  const ent_view view = {.n = 1, .d = 2, .x = &angle};
  CHECK_REAL(ent_view_value("minimal_overlap", &view), 1, 0);
}

static const ent_test tests[] = {
  {"the minimal overlap is the cosine of the widest angle", it_is_the_cosine_of_the_widest_angle},
  {"one particle overlaps itself", one_particle_overlaps_itself},
  {0},
};

ENT_TEST_MAIN("observe/minimal_overlap", tests)
