#include <stdio.h>
#include <unistd.h>

#include "entrain/base/clock.h"
#include "entrain/engine/teller.h"

#include "check.h"
#include "lock_fixture.h"

#define MOMENT 1.1 /* seconds: more than a young run waits between two beats */

static char note[ENT_LOCK_NOTE];

static const char *read_note(const char *path) {
  ent_lock_owner owner;
  int alive = 0;
  CHECK_OK(ent_lock_read(path, &owner, &alive));
  (void)snprintf(note, sizeof note, "%s", owner.progress.note);
  ent_lock_owner_fini(&owner);
  return note;
}

/* Otherwise the lock would tell for seconds what is over. */
static void tells_soon_that_workers_are_there(void) {
  lock_place where;
  ent_lock *lock = NULL;
  ent_crew crew;
  ent_dispatch *dispatch = NULL;
  ent_teller teller;
  ent_lock_owner owner = lock_fixture_owner();
  const ent_dispatch_options options = {.size = 10, .cell = 1, .workers = 1, .chunk = 1, .queue = 1};
  lock_fixture_place(&where);
  CHECK_OK(ent_process_self(&owner.launcher));
  CHECK_OK(ent_lock_take(where.path, &owner, &lock));
  CHECK_OK(ent_crew_init(&crew, 2));
  CHECK_OK(ent_dispatch_create(&options, NULL, &dispatch));
  const ent_teller_sources sources = {.dispatch = dispatch, .crew = &crew, .lock = lock};
  ent_teller_init(&teller, &sources);
  CHECK_OK(ent_teller_tell(&teller));
  CHECK_TEXT(read_note(where.path), "waiting for 1 of 1 worker to start");
  crew.members[1].state = ENT_MEMBER_READY;
  ent_clock_sleep(MOMENT);
  CHECK_OK(ent_teller_tell(&teller));
  CHECK_TEXT(read_note(where.path), "");
  ent_dispatch_destroy(&dispatch);
  ent_crew_fini(&crew);
  ent_lock_release(&lock);
  lock_fixture_remove(&where);
}

static const ent_test tests[] = {
  {"the lock soon tells that the workers are there", tells_soon_that_workers_are_there},
  {0},
};

ENT_TEST_MAIN("engine/teller", tests)
