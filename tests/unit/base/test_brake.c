#include <stddef.h>

#include "entrain/base/brake.h"

#include "check.h"

static bool counts(void *context) {
  int *asked = context;
  return ++*asked == 3;
}

static void it_is_asked_now_and_then(void) {
  int asked = 0, pieces = 0;
  ent_brake brake = {.pulls = counts, .context = &asked};
  while (!ent_brake_after(&brake, 1e6) && pieces < 1000000) pieces++;
  CHECK_INT(asked, 3);
  CHECK(pieces > 100 && pieces < 100000);
  CHECK(brake.is_pulled);
}

static void it_stays_pulled(void) {
  int asked = 2;
  ent_brake brake = {.pulls = counts, .context = &asked};
  CHECK(ent_brake_after(&brake, 1e300));
  CHECK(ent_brake_after(&brake, 0));
  CHECK(ent_brake_after(&brake, 1e300));
  CHECK_INT(asked, 3);
}

static void without_one_nothing_ends(void) {
  CHECK(!ent_brake_after(NULL, 1e300));
}

static const ent_test tests[] = {
  {"a brake is asked now and then", it_is_asked_now_and_then},
  {"a pulled brake stays so and is asked no more", it_stays_pulled},
  {"a computation without a brake does not end before its time", without_one_nothing_ends},
  {0},
};

ENT_TEST_MAIN("base/brake", tests)
