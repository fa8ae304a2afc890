#include <math.h>
#include <string.h>

#include "entrain/app/progress.h"

#include "check.h"

static ent_progress sample(void) {
  return (ent_progress){
    .totals = {.size = 1000, .finished_before = 100, .done = 150, .failed = 7, .sync = 120},
    .workers = 4,
    .elapsed = 60,
    .rate = 2.5,
    .eta = 300};
}

static void tells_how_far_it_is(void) {
  const ent_progress progress = sample();
  char line[256];
  int bar = ENT_PROGRESS_BAR;
  ent_progress_line(&progress, 0, &bar, sizeof line, line);
  CHECK_TEXT(line, " 25% 250/1000 rows, 2.5/s, ETA 5 min 00 s, this run: 120 sync, 7 failed");
}

static void tells_of_losses_when_there_are_any(void) {
  ent_progress progress = sample();
  char line[256];
  int bar = ENT_PROGRESS_BAR;
  progress.lost = 1;
  ent_progress_line(&progress, 0, &bar, sizeof line, line);
  CHECK_CONTAINS(line, "7 failed, 1 worker lost");
  progress.lost = 12;
  progress.totals.quarantined = 2;
  ent_progress_line(&progress, 0, &bar, sizeof line, line);
  CHECK_CONTAINS(line, "7 failed, 2 quarantined, 12 workers lost");
}

static void fits_every_terminal(void) {
  ent_progress progress = sample();
  char line[512];
  progress.lost = 2147483647;
  progress.totals.quarantined = INT64_MAX;
  for (int columns = 1; columns <= 300; columns++) {
    int bar = ENT_PROGRESS_BAR;
    ent_progress_line(&progress, columns, &bar, sizeof line, line);
    CHECK(strlen(line) < (size_t)columns);
  }
  CHECK_CONTAINS(line, "[#######.......");
}

/* A bar that follows the text beside it would jump. */
static void bar_only_becomes_shorter(void) {
  ent_progress progress = sample();
  char line[256];
  int bar = ENT_PROGRESS_BAR;
  progress.eta = 36000;
  ent_progress_line(&progress, 90, &bar, sizeof line, line);
  const int shorter = bar;
  CHECK(shorter < ENT_PROGRESS_BAR && line[shorter + 1] == ']');
  progress.eta = 1;
  ent_progress_line(&progress, 90, &bar, sizeof line, line);
  CHECK(bar == shorter && line[bar + 1] == ']');
}

static const ent_test tests[] = {
  {"the bar only becomes shorter", bar_only_becomes_shorter},
  {"a line tells rows, rate, time left and verdicts", tells_how_far_it_is},
  {"lost workers and quarantined rows are told when there are any", tells_of_losses_when_there_are_any},
  {"no line is wider than the terminal", fits_every_terminal},
  {0},
};

ENT_TEST_MAIN("app/progress", tests)
