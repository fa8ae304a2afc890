#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "entrain/engine/run.h"
#include "entrain/engine/supervise.h"

#include "support/check.h"
#include "support/fake_mpirun.h"

static char *const words[] = {(char[]){"entrain"}, NULL};

static ent_supervision supervise(const char *mode) {
  ent_supervision end = {.exit_status = -42};
  fake_mpirun_set_up(mode);
  const ent_launch_options options = {.workers = 1, .arguments = words, .results = fake_mpirun_results()};
  CHECK_OK(ent_supervise(&options, &end));
  CHECK_INT(fake_mpirun_living_ranks(), 0);
  return end;
}

static int count_starts(void) {
  int count = 0;
  for (const char *at = fake_mpirun_content("starts"); (at = strstr(at, "start")) != NULL; at++) count++;
  return count;
}

static void early_death_starts_again(void) {
  const ent_supervision end = supervise("lose once");
  CHECK_INT(end.exit_status, ENT_RUN_COMPLETE);
  CHECK_INT(end.starts, 2);
  CHECK_INT(count_starts(), 2);
  fake_mpirun_tear_down();
}

static void early_end_of_mpirun_starts_again(void) {
  const ent_supervision end = supervise("fall once");
  CHECK_INT(end.exit_status, ENT_RUN_COMPLETE);
  CHECK_INT(end.starts, 2);
  fake_mpirun_tear_down();
}

static void late_begin_is_no_stop(void) {
  const ent_supervision end = supervise("late once");
  CHECK_INT(end.exit_status, ENT_RUN_COMPLETE);
  CHECK_INT(end.starts, 2);
  fake_mpirun_tear_down();
}

static void fresh_is_not_repeated(void) {
  (void)supervise("lose once");
  CHECK_CONTAINS(fake_mpirun_content("environment"), "\n" ENT_LAUNCH_RESUMES "=1\n");
  fake_mpirun_tear_down();
}

static void early_deaths_have_an_end(void) {
  const ent_supervision end = supervise("lose");
  CHECK_INT(end.exit_status, -1);
  CHECK_INT(count_starts(), 1 + ENT_SUPERVISE_ATTEMPTS);
  CHECK(strstr(fake_mpirun_content("environment"), "\n" ENT_LAUNCH_RESUMES "=") == NULL);
  fake_mpirun_tear_down();
}

static void lost_workers_have_an_end(void) {
  const ent_supervision end = supervise("no workers");
  CHECK_INT(end.exit_status, -1);
  CHECK_INT(count_starts(), 1 + ENT_SUPERVISE_ATTEMPTS);
  fake_mpirun_tear_down();
}

static void early_end_starts_again(void) {
  const ent_supervision end = supervise("1"); /* mpirun gives up */
  CHECK_INT(end.exit_status, -1);
  CHECK_INT(end.starts, 1 + ENT_SUPERVISE_ATTEMPTS);
  fake_mpirun_tear_down();
}

static void refusal_is_final(void) {
  const ent_supervision end = supervise("refuse");
  CHECK_INT(end.exit_status, 2);
  CHECK_INT(count_starts(), 1);
  fake_mpirun_tear_down();
}

static void masters_death_is_final(void) {
  const ent_supervision end = supervise("bereft");
  CHECK_INT(end.exit_status, -1);
  CHECK_INT(end.last.fault, ENT_LAUNCH_DEAD);
  CHECK_INT(count_starts(), 1);
  fake_mpirun_tear_down();
}

static void silence_is_no_success(void) {
  const ent_supervision end = supervise("0"); /* mpirun says that all is well, the master said nothing */
  CHECK_INT(end.exit_status, -1);
  CHECK_INT(end.starts, 1 + ENT_SUPERVISE_ATTEMPTS);
  fake_mpirun_tear_down();
}

static void silent_end_starts_again(void) {
  const ent_supervision end = supervise("vanish once");
  CHECK_INT(end.exit_status, ENT_RUN_COMPLETE);
  CHECK_INT(end.starts, 2);
  CHECK(!end.is_mute);
  fake_mpirun_tear_down();
}

static void silent_end_of_a_run_is_final(void) {
  const ent_supervision end = supervise("lock"); /* all ranks are killed together, at once */
  CHECK_INT(end.exit_status, -1);
  CHECK(end.is_mute && end.last.has_begun);
  CHECK_INT(end.starts, 1);
  fake_mpirun_tear_down();
}

static void death_of_mpirun_is_final(void) {
  const ent_supervision end = supervise("kill");
  CHECK_INT(end.exit_status, -1);
  CHECK_INT(end.last.signal, SIGKILL);
  CHECK_INT(end.starts, 1);
  fake_mpirun_tear_down();
}

static const ent_test tests[] = {
  {"after a death before the run has begun it is started again", early_death_starts_again},
  {"and after one that takes mpirun with it", early_end_of_mpirun_starts_again},
  {"and after one that takes mpirun with it, which says that all is well", silent_end_starts_again},
  {"and after one of which the master, ended by us, says that it was stopped", late_begin_is_no_stop},
  {"a file that one start has made anew is not made anew by the next", fresh_is_not_repeated},
  {"deaths before the run has begun are borne a few times only", early_deaths_have_an_end},
  {"lost workers are borne a few times only, without progress", lost_workers_have_an_end},
  {"an mpirun that gives up before the run has begun is started again a few times", early_end_starts_again},
  {"a refusal is not tried again", refusal_is_final},
  {"a run that ends silently after it had begun is not tried again", silent_end_of_a_run_is_final},
  {"the death of mpirun is not tried again", death_of_mpirun_is_final},
  {"the death of the master is not tried again", masters_death_is_final},
  {"an mpirun that says that all is well before anything has begun is not believed", silence_is_no_success},
  {0}};

ENT_TEST_MAIN("engine/supervise", tests)
