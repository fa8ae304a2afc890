#include <signal.h>
#include <string.h>

#include "entrain/engine/launch.h"

#include "support/check.h"
#include "support/fake_mpirun.h"

static char *const words[] = {(char[]){"entrain"}, NULL};

/* Runs with a folder and a results file; afterwards no rank lives. */
static void run_watched(const char *mode, ent_launch_status *status) {
  ent_run_folder run_folder = {.lock = -1};
  fake_mpirun_set_up(mode);
  REQUIRE(ent_run_folder_create(&run_folder) == ENT_OK);
  const ent_launch_options options = {
    .workers = 1, .arguments = words, .results = fake_mpirun_results(), .folder = &run_folder};
  *status = (ent_launch_status){.exit_code = -1, .signal = -1};
  CHECK_OK(ent_launch_run(&options, status));
  ent_run_folder_destroy(&run_folder);
  CHECK_INT(fake_mpirun_living_ranks(), 0);
}

static void early_death_ends(void) {
  ent_launch_status status;
  run_watched("lose", &status);
  CHECK_INT(status.fault, ENT_LAUNCH_NO_RUN);
  CHECK_INT(status.exit_code, FAKE_MPIRUN_ENDED);
  CHECK(!status.has_begun);
  CHECK_TEXT(fake_mpirun_content("signals"), "\nTERM\n");
  fake_mpirun_tear_down();
}

static void later_death_is_survived(void) {
  ent_launch_status status;
  run_watched("go on", &status);
  CHECK_INT(status.fault, ENT_LAUNCH_GOOD);
  CHECK_INT(status.exit_code, 0);
  CHECK(status.has_begun);
  CHECK(!fake_mpirun_wrote("signals"));
  fake_mpirun_tear_down();
}

static void masters_death_ends(void) {
  ent_launch_status status;
  run_watched("bereft", &status);
  CHECK_INT(status.fault, ENT_LAUNCH_DEAD);
  CHECK_INT(status.exit_code, FAKE_MPIRUN_ENDED);
  CHECK(status.has_begun);
  fake_mpirun_tear_down();
}

static void ranks_do_not_stay(void) {
  ent_launch_status status;
  run_watched("leave", &status);
  CHECK_INT(status.fault, ENT_LAUNCH_GOOD);
  CHECK_INT(status.exit_code, 0);
  CHECK(strlen(fake_mpirun_content("ranks")) > 2);
  fake_mpirun_tear_down();
}

static void hang_ends(void) {
  ent_launch_status status;
  run_watched("hang", &status);
  CHECK_INT(status.fault, ENT_LAUNCH_HANG);
  CHECK_INT(status.signal, SIGKILL);
  fake_mpirun_tear_down();
}

static const ent_test tests[] = {
  {"a rank that is gone before the run has begun ends mpirun", early_death_ends},
  {"a worker that dies later ends nothing", later_death_is_survived},
  {"the death of the master ends mpirun", masters_death_ends},
  {"no rank outlives mpirun", ranks_do_not_stay},
  {"an mpirun that hangs without ranks is killed", hang_ends},
  {0}};

ENT_TEST_MAIN("engine/launch_watch", tests)
