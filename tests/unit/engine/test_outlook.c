#include <math.h>
#include <string.h>

#include "entrain/engine/outlook.h"

#include "check.h"

static void range_is_what_estimates_have_been(void) {
  ent_outlook outlook = {0};
  double low = 0, high = 0;
  ent_outlook_note(&outlook, 1, 1000, NAN); /* long ago by then */
  ent_outlook_note(&outlook, 50, 40, 60);
  ent_outlook_note(&outlook, 60, 35, NAN);
  ent_outlook_range(&outlook, 100, 10, &low, &high);
  CHECK(isnan(low) && isnan(high)); /* two estimates of late are too few */
  ent_outlook_note(&outlook, 100, NAN, 15);
  ent_outlook_range(&outlook, 100, 12, &low, &high);
  CHECK_REAL(low, 0, 0); /* 50 + 40 and 60 + 35 were over before 100 */
  CHECK_REAL(high, 15, 0);
  ent_outlook_range(&outlook, 100, 20, &low, &high);
  CHECK_REAL(high, 20, 0);
  ent_outlook_range(&outlook, 80, 20, &low, &high);
  CHECK_REAL(low, 10, 0);
  CHECK_REAL(high, 35, 0);
  ent_outlook_range(&outlook, 80, NAN, &low, &high);
  CHECK(isnan(low) && isnan(high));
}

/* However long it runs, the second half of it is covered by many estimates, and there is room. */
static void estimates_thin_out(void) {
  ent_outlook outlook = {0};
  for (double elapsed = 0; elapsed < 1e6; elapsed += elapsed < 1000 ? 0.25 : 10) {
    ent_outlook_note(&outlook, elapsed, 5, 5);
    CHECK(outlook.count <= ENT_OUTLOOK_ESTIMATES);
  }
  int late = 0;
  for (int i = 0; i < outlook.count; i++) late += outlook.estimates[i].elapsed > 0.5e6;
  CHECK(late >= 8);
  for (int i = 1; i < outlook.count; i++)
    CHECK(outlook.estimates[i].elapsed > outlook.estimates[i - 1].elapsed);
  const int before = outlook.count;
  ent_outlook_note(&outlook, 2e6, NAN, NAN);
  CHECK_INT(outlook.count, before);
}

enum { RANKS = 10 };

/* A crew of which everybody has been at work on position 10 + rank for so many seconds at clock 100. */
static void make_crew(ent_crew *crew, const double *seconds) {
  CHECK_OK(ent_crew_init(crew, RANKS));
  for (int rank = 1; rank < RANKS; rank++) {
    ent_member *member = &crew->members[rank];
    member->state = ENT_MEMBER_READY;
    member->lease = rank;
    member->position = 10 + rank;
    member->position_at = 100 - seconds[rank];
  }
}

static ent_grid make_grid(void) {
  ent_grid grid = {.n_axes = 1, .axes = {{.name = "seed", .slot = ENT_GRID_SEED, .count = 1000}}};
  REQUIRE(ent_grid_complete(&grid));
  return grid;
}

static void names_the_slowest_jobs(void) {
  static const double seconds[RANKS] = {0, 7, 1, 90, 6, 50, 8, 70, 60, 80};
  static const int expected[ENT_LOCK_SLOW] = {3, 9, 8, 5, 6};
  const ent_grid grid = make_grid();
  ent_crew crew;
  ent_lock_progress told = {0};
  make_crew(&crew, seconds);
  crew.members[7].state = ENT_MEMBER_LOST;
  ent_outlook_jobs(&crew, &grid, 100, &told);
  CHECK_INT(told.running, 8);
  CHECK_INT(told.n_slow, 5);
  for (int i = 0; i < ENT_LOCK_SLOW; i++) {
    CHECK_INT(told.slow[i].worker, expected[i]);
    CHECK_INT(told.slow[i].row, 10 + expected[i]);
    CHECK_REAL(told.slow[i].seconds, seconds[expected[i]], 1e-12);
  }
  for (int rank = 1; rank < RANKS; rank++) crew.members[rank].lease = rank == 2 ? 2 : 0;
  ent_outlook_jobs(&crew, &grid, 100, &told);
  CHECK_INT(told.running, 1);
  CHECK_INT(told.n_slow, 0); /* not slow enough */
  crew.members[3].lease = 3;
  crew.members[3].position = 1000;
  ent_outlook_jobs(&crew, &grid, 100, &told);
  CHECK_INT(told.n_slow, 0); /* no row of this grid */
  ent_crew_fini(&crew);
}

static void says_what_it_waits_for(void) {
  static const double seconds[RANKS] = {0};
  ent_crew crew;
  ent_lock_progress told = {.running = 2};
  make_crew(&crew, seconds);
  ent_outlook_say(&crew, 5, 3, false, &told);
  CHECK_TEXT(told.note, "");
  ent_outlook_say(&crew, 0, 3, false, &told);
  CHECK_TEXT(told.note, "all rows are given out, the last 3 are at work");
  ent_outlook_say(&crew, 5, 3, true, &told);
  CHECK_TEXT(told.note, "draining: 2 jobs at work");
  crew.members[4].state = ENT_MEMBER_ABSENT;
  crew.members[5].state = ENT_MEMBER_MET;
  ent_outlook_say(&crew, 5, 3, false, &told);
  CHECK_TEXT(told.note, "waiting for 2 of 9 workers to start");
  ent_crew_fini(&crew);
}

static const ent_test tests[] = {
  {"the time left is as uncertain as it has been", range_is_what_estimates_have_been},
  {"of many estimates some are kept, evenly", estimates_thin_out},
  {"the slowest jobs at work are named, the longest first", names_the_slowest_jobs},
  {"it is said what a run waits for", says_what_it_waits_for},
  {0},
};

ENT_TEST_MAIN("engine/outlook", tests)
