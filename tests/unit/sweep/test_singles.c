#include "entrain/sweep/ranges.h"
#include "entrain/sweep/singles.h"

#include "support/check.h"

static void admit(ent_singles *singles, int64_t range, ent_turn turn) {
  CHECK_OK(ent_singles_admit(singles));
  ent_singles_put(singles, range, turn);
}

static void first_come_first_served(void) {
  ent_singles singles = {0};
  admit(&singles, 5, ENT_TURN_LAST);
  admit(&singles, 9, ENT_TURN_FIRST);
  admit(&singles, 2, ENT_TURN_FIRST);
  CHECK_INT(ent_singles_take(&singles, ENT_TURN_FIRST), 9);
  ent_singles_put(&singles, 9, ENT_TURN_FIRST); /* back to the end */
  CHECK_INT(ent_singles_take(&singles, ENT_TURN_FIRST), 2);
  CHECK_INT(ent_singles_take(&singles, ENT_TURN_FIRST), 9);
  CHECK_INT(ent_singles_take(&singles, ENT_TURN_FIRST), ENT_RANGES_END);
  CHECK_INT(ent_singles_take(&singles, ENT_TURN_LAST), 5);
  CHECK_INT(singles.count, 0);
  ent_singles_fini(&singles);
}

static void any_place_can_be_taken(void) {
  ent_singles singles = {0};
  for (int64_t range = 0; range < 5; range++) admit(&singles, range, ENT_TURN_LAST);
  CHECK_INT(ent_singles_take_at(&singles, 4), 4);
  CHECK_INT(ent_singles_take_at(&singles, 1), 1);
  CHECK_INT(ent_singles_take(&singles, ENT_TURN_LAST), 0);
  CHECK_INT(ent_singles_take(&singles, ENT_TURN_LAST), 2);
  CHECK_INT(singles.count, 1);
  ent_singles_fini(&singles);
}

/* What was taken has its place kept, however many come meanwhile. */
static void there_is_room_for_those_that_come_back(void) {
  enum { MANY = 1000 };
  ent_singles singles = {0};
  for (int64_t range = 0; range < MANY; range++) admit(&singles, range, ENT_TURN_FIRST);
  for (int64_t range = 0; range < MANY; range++) CHECK_INT(ent_singles_take(&singles, ENT_TURN_FIRST), range);
  for (int64_t range = MANY; range < 2 * MANY; range++) admit(&singles, range, ENT_TURN_LAST);
  for (int64_t range = 0; range < MANY; range++) ent_singles_put(&singles, range, ENT_TURN_LAST);
  CHECK_INT(singles.count, 2 * MANY);
  CHECK(singles.capacity >= 2 * MANY);
  for (int64_t k = 0; k < MANY; k++) {
    (void)ent_singles_take(&singles, ENT_TURN_LAST);
    ent_singles_forget(&singles);
  }
  CHECK_INT(singles.known, MANY);
  ent_singles_fini(&singles);
}

static const ent_test tests[] = {
  {"of a turn, the first that came is the first that goes", first_come_first_served},
  {"any place can be taken", any_place_can_be_taken},
  {"there is always room for those that come back", there_is_room_for_those_that_come_back},
  {0}};

ENT_TEST_MAIN("sweep/singles", tests)
