#include "entrain/sweep/pace.h"

#include "support/check.h"

static void few_workers(void) {
  const ent_pace pace = ent_pace_of(2);
  CHECK_REAL(pace.chunk, 0.1, 0);
  CHECK_REAL(pace.beat, 1, 0);
  CHECK_REAL(pace.patience, 4, 0);
  CHECK(pace.least < 1e-3);
}

/* What the rule promises, from what it returns. */
static void shares_are_kept(void) {
  for (int workers = 1; workers <= 1000000; workers = workers * 3 + 1) {
    const ent_pace pace = ent_pace_of(workers);
    const double round = 2 * ENT_PACE_MESSAGE * workers;
    CHECK(round / pace.chunk <= ENT_PACE_TASK_SHARE * (1 + 1e-12));
    CHECK(round / pace.least <= ENT_PACE_TAIL_SHARE * (1 + 1e-12));
    CHECK(round / pace.beat <= ENT_PACE_BEAT_SHARE * (1 + 1e-12));
    CHECK(pace.least <= pace.chunk && pace.patience > 2 * pace.beat);
  }
}

static const ent_test tests[] = {
  {"few workers are heard of every second", few_workers},
  {"messages take no more than their share of the master's time", shares_are_kept},
  {0}};

ENT_TEST_MAIN("sweep/pace", tests)
