#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrain/base/clock.h"
#include "entrain/engine/launch.h"

#include "support/check.h"
#include "support/fake_mpirun.h"

static char *const words[] = {(char[]){"entrain"},
                              (char[]){"run"},
                              (char[]){"a job.yaml"},
                              (char[]){""},
                              (char[]){"--"},
                              (char[]){"-x"},
                              NULL};

static void run_with(int workers, ent_launch_status *status) {
  *status = (ent_launch_status){.exit_code = -1, .signal = -1};
  CHECK_OK(ent_launch_run(&(ent_launch_options){.workers = workers, .arguments = words}, status));
}

static void knows_launchers(void) {
  static const char *const markers[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK"};
  fake_mpirun_clear_environment();
  CHECK(ent_launch_is_needed());
  for (int i = 0; i < 2; i++) {
    setenv(markers[i], "1", 1);
    CHECK(!ent_launch_is_needed());
    unsetenv(markers[i]);
  }
  setenv("SLURM_PROCID", "0", 1);
  setenv("SLURM_STEP_ID", "0", 1);
  CHECK(ent_launch_is_needed()); /* a batch script */
  setenv("PMI_RANK", "0", 1);
  CHECK(!ent_launch_is_needed());
  unsetenv("SLURM_STEP_ID");
  CHECK(ent_launch_is_needed());
  fake_mpirun_clear_environment();
}

static void passes_arguments(void) {
  char expected[PATH_MAX + 256];
  char self[PATH_MAX] = "";
  ent_launch_status status;
  REQUIRE(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
  fake_mpirun_set_up("0");
  run_with(2, &status);
  (void)snprintf(
    expected, sizeof expected,
    "\nmpirun\n-n\n3\n--bind-to\nnone\n--oversubscribe\n--enable-recovery\n%s%s\nrun\na job.yaml\n\n--\n-x\n",
    geteuid() == 0 ? "--allow-run-as-root\n" : "", self);
  CHECK_TEXT(fake_mpirun_content("arguments"), expected);
  CHECK_TEXT(fake_mpirun_content("state"), "\nown group\nempty stdin\nsilent pmix\n");
  fake_mpirun_tear_down();
}

static void one_worker_a_core(void) {
  char expected[64];
  ent_launch_status status;
  CHECK(ent_launch_cores() >= 1);
  (void)snprintf(expected, sizeof expected, "\n-n\n%d\n", ent_launch_cores() + 1);
  fake_mpirun_set_up("0");
  run_with(0, &status);
  CHECK_CONTAINS(fake_mpirun_content("arguments"), expected);
  fake_mpirun_tear_down();
}

static bool has_variable(const char *line) {
  char wanted[800];
  (void)snprintf(wanted, sizeof wanted, "\n%s\n", line);
  return strstr(fake_mpirun_content("environment"), wanted) != NULL;
}

static void sets_variables(void) {
  ent_launch_status status;
  fake_mpirun_set_up("0");
  setenv(ENT_LAUNCH_TERMINAL, "7777", 1);
  run_with(1, &status);
  unsetenv(ENT_LAUNCH_TERMINAL);
  CHECK(has_variable("OMPI_MCA_pml=ob1"));
  CHECK(has_variable("OMPI_MCA_btl=self,vader"));
  CHECK(has_variable("OMPI_MCA_orte_enable_recovery=1"));
  CHECK(has_variable("OMPI_MCA_mpi_yield_when_idle=1"));
  CHECK(has_variable("OPENBLAS_NUM_THREADS=1"));
  CHECK(has_variable("OMP_NUM_THREADS=1"));
  CHECK(!has_variable(ENT_LAUNCH_TERMINAL "=7777"));
  CHECK_CONTAINS(fake_mpirun_content("environment"), "\n" ENT_LAUNCH_TERMINAL "=");
  CHECK(getenv("OMPI_MCA_pml") == NULL);
  fake_mpirun_tear_down();
}

static void respects_variables(void) {
  ent_launch_status status;
  fake_mpirun_set_up("0");
  setenv("OMPI_MCA_pml", "ucx", 1);
  setenv("OMP_NUM_THREADS", "", 1);
  run_with(1, &status);
  CHECK(has_variable("OMPI_MCA_pml=ucx"));
  CHECK(has_variable("OMP_NUM_THREADS="));
  fake_mpirun_tear_down();
}

static void leaves_cluster_alone(void) {
  ent_launch_status status;
  fake_mpirun_set_up("0");
  setenv("SLURM_JOB_NUM_NODES", "2", 1);
  run_with(1, &status);
  CHECK(strstr(fake_mpirun_content("environment"), "\nOMPI_MCA_pml=") == NULL);
  CHECK(strstr(fake_mpirun_content("environment"), "\nOMPI_MCA_btl") == NULL);
  CHECK(has_variable("OMPI_MCA_mpi_yield_when_idle=1"));
  setenv("SLURM_JOB_NUM_NODES", "1", 1);
  run_with(1, &status);
  CHECK(has_variable("OMPI_MCA_pml=ob1"));
  fake_mpirun_tear_down();
}

static void describes(void) {
  ent_text text = {0};
  fake_mpirun_clear_environment();
  setenv("OMPI_MCA_pml", "ucx", 1);
  CHECK_OK(ent_launch_describe(&(ent_launch_options){.workers = 4, .arguments = words}, &text));
  CHECK_CONTAINS(text.data, "mpirun -n 5 --bind-to none");
  CHECK_CONTAINS(text.data, " run a job.yaml");
  CHECK_CONTAINS(text.data, " with OMPI_MCA_btl=self,vader");
  CHECK(strstr(text.data, "OMPI_MCA_pml") == NULL);
  ent_text_fini(&text);
  CHECK_CODE(ent_launch_describe(&(ent_launch_options){.workers = -1, .arguments = words}, &text),
             ENT_ERR_ARGUMENT);
  fake_mpirun_clear_environment();
}

static void returns_status(void) {
  ent_launch_status status;
  fake_mpirun_set_up("75");
  run_with(1, &status);
  CHECK_INT(status.exit_code, 75);
  CHECK_INT(status.signal, 0);
  setenv(FAKE_MPIRUN_MODE, "kill", 1);
  run_with(1, &status);
  CHECK_INT(status.signal, SIGKILL);
  fake_mpirun_tear_down();
}

static void missing_mpirun(void) {
  ent_launch_status status = {.exit_code = 42, .signal = 42};
  fake_mpirun_set_up("0");
  setenv("PATH", "/nonexistent", 1);
  CHECK_CODE(ent_launch_run(&(ent_launch_options){.workers = 1, .arguments = words}, &status),
             ENT_ERR_SYSTEM);
  CHECK_CONTAINS(ent_error_message(), "'mpirun' does not start: No such file");
  CHECK_INT(status.exit_code, 42);
  fake_mpirun_tear_down();
}

static void wait_until(bool (*holds)(void)) {
  const double end = ent_clock_now() + FAKE_MPIRUN_PATIENCE;
  while (!holds() && ent_clock_now() < end) ent_clock_sleep(0.005);
}

static bool is_ready(void) {
  return fake_mpirun_wrote("ready");
}

static bool has_usr1(void) {
  return strstr(fake_mpirun_content("signals"), "USR1") != NULL;
}

static bool has_term(void) {
  return strstr(fake_mpirun_content("signals"), "TERM") != NULL;
}

/* A helper that sends signals to this process while it waits for mpirun: `second` once the first has arrived.
 */
static pid_t send_later(int first, int second) {
  const pid_t to = getpid(), helper = fork();
  if (helper != 0) return helper;
  wait_until(is_ready);
  kill(to, first);
  if (second != 0) {
    wait_until(has_usr1);
    kill(to, second);
  }
  _exit(0);
}

static void reap(pid_t helper) {
  int status = -1;
  CHECK_INT(waitpid(helper, &status, 0), helper);
  CHECK_INT(status, 0);
}

static void every_request_drains(void) {
  static const int requests[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
  ent_launch_status status;
  for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
    fake_mpirun_set_up("drain");
    const pid_t helper = send_later(requests[i], 0);
    run_with(1, &status);
    reap(helper);
    CHECK_TEXT(fake_mpirun_content("signals"), "\nUSR1\n");
    CHECK_INT(status.exit_code, FAKE_MPIRUN_DRAINED);
    CHECK(status.is_stop_asked && !status.is_cut_short);
    fake_mpirun_tear_down();
  }
}

static void second_interrupt_ends(void) {
  static const int pairs[][2] = {{SIGINT, SIGINT}, {SIGINT, SIGTERM}, {SIGTERM, SIGTERM}};
  ent_launch_status status;
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    fake_mpirun_set_up("wait");
    const pid_t helper = send_later(pairs[i][0], pairs[i][1]);
    run_with(1, &status);
    reap(helper);
    CHECK(has_usr1());
    CHECK(has_term());
    CHECK_INT(status.exit_code, FAKE_MPIRUN_ENDED);
    CHECK(status.is_stop_asked && status.is_cut_short);
    fake_mpirun_tear_down();
  }
}

/* A rank that had no handler yet gets another USR1. */
static void drain_is_repeated(void) {
  ent_launch_status status;
  fake_mpirun_set_up("wait");
  const pid_t to = getpid(), helper = fork();
  if (helper == 0) {
    wait_until(is_ready);
    kill(to, SIGUSR1);
    const double end = ent_clock_now() + FAKE_MPIRUN_PATIENCE;
    while (strstr(fake_mpirun_content("signals"), "USR1\nUSR1") == NULL && ent_clock_now() < end)
      ent_clock_sleep(0.01);
    kill(to, SIGINT);
    ent_clock_sleep(0.1);
    kill(to, SIGINT);
    _exit(0);
  }
  run_with(1, &status);
  reap(helper);
  CHECK_CONTAINS(fake_mpirun_content("signals"), "\nUSR1\nUSR1\n");
  CHECK_INT(status.exit_code, FAKE_MPIRUN_ENDED);
  fake_mpirun_tear_down();
}

static void ignored_stays_ignored(void) {
  ent_launch_status status;
  fake_mpirun_set_up("drain");
  (void)signal(SIGHUP, SIG_IGN);
  const pid_t to = getpid(), helper = fork();
  if (helper == 0) {
    wait_until(is_ready);
    kill(to, SIGHUP);
    ent_clock_sleep(0.2);
    const bool was_passed_on = fake_mpirun_wrote("signals");
    kill(to, SIGINT);
    _exit(was_passed_on);
  }
  run_with(1, &status);
  reap(helper);
  CHECK_INT(status.exit_code, FAKE_MPIRUN_DRAINED);
  fake_mpirun_tear_down();
  (void)signal(SIGHUP, SIG_DFL);
}

static void signals_are_restored(void) {
  sigset_t before, after;
  ent_launch_status status;
  fake_mpirun_set_up("0");
  sigprocmask(SIG_SETMASK, NULL, &before);
  run_with(1, &status);
  sigprocmask(SIG_SETMASK, NULL, &after);
  for (int signal = 1; signal < 32; signal++)
    CHECK_INT(sigismember(&after, signal), sigismember(&before, signal));
  fake_mpirun_tear_down();
}

static void dies_with_parent(void) {
  fake_mpirun_set_up("wait");
  const pid_t parent = fork();
  if (parent == 0) {
    ent_launch_status status;
    _exit(ent_launch_run(&(ent_launch_options){.workers = 1, .arguments = words}, &status));
  }
  wait_until(is_ready);
  kill(parent, SIGKILL);
  CHECK_INT(waitpid(parent, NULL, 0), parent);
  wait_until(has_term);
  CHECK(has_term());
  fake_mpirun_tear_down();
}

static void folder_is_used(void) {
  char expected[700];
  ent_launch_status status;
  ent_run_folder run_folder = {.lock = -1};
  fake_mpirun_set_up("0");
  REQUIRE(ent_run_folder_create(&run_folder) == ENT_OK);
  setenv("OMPI_MCA_btl_vader_backing_directory", "/users", 1);
  const ent_launch_options options = {.workers = 1, .arguments = words, .folder = &run_folder};
  CHECK_OK(ent_launch_run(&options, &status));
  unsetenv("OMPI_MCA_btl_vader_backing_directory");
  (void)snprintf(expected, sizeof expected, "OMPI_MCA_btl_vader_backing_directory=%s", run_folder.path);
  CHECK(has_variable(expected));
  CHECK(!has_variable("OMPI_MCA_btl_vader_backing_directory=/users"));
  (void)snprintf(expected, sizeof expected, "OMPI_MCA_orte_tmpdir_base=%s", run_folder.path);
  CHECK(has_variable(expected));
  (void)snprintf(expected, sizeof expected, ENT_RUN_FOLDER "=%s", run_folder.path);
  CHECK(has_variable(expected));
  CHECK(strstr(fake_mpirun_content("environment"), "\n" ENT_LAUNCH_RESUMES "=") == NULL);
  ent_run_folder_destroy(&run_folder);
  fake_mpirun_tear_down();
}

/* PMIx's stderr is a descriptor that is open in mpirun; a rank takes it out of its environment. */
static void pmix_is_silent(void) {
  ent_launch_status status;
  fake_mpirun_set_up("0");
  run_with(1, &status);
  CHECK_CONTAINS(fake_mpirun_content("environment"), "\nPMIX_OUTPUT_STDERR_FD=");
  CHECK_CONTAINS(fake_mpirun_content("state"), "\nsilent pmix\n");
  CHECK_OK(
    ent_launch_run(&(ent_launch_options){.workers = 1, .arguments = words, .is_verbose = true}, &status));
  CHECK(strstr(fake_mpirun_content("environment"), "\nPMIX_OUTPUT_STDERR_FD=") == NULL);
  setenv("PMIX_OUTPUT_STDERR_FD", "200", 1);
  ent_launch_enter();
  CHECK(getenv("PMIX_OUTPUT_STDERR_FD") != NULL); /* no parent of ours */
  setenv(ENT_RUN_FOLDER, "/nonexistent", 1);
  ent_launch_enter();
  CHECK(getenv("PMIX_OUTPUT_STDERR_FD") == NULL);
  unsetenv(ENT_RUN_FOLDER);
  fake_mpirun_tear_down();
}

static const ent_test tests[] = {
  {"a launcher is needed unless there is one", knows_launchers},
  {"mpirun gets its options, this program and the arguments as they are", passes_arguments},
  {"without a number there is one worker a core", one_worker_a_core},
  {"variables for the ranks are added", sets_variables},
  {"variables that the user has set are not overridden", respects_variables},
  {"on several nodes the choice of the network stands", leaves_cluster_alone},
  {"what was added is described", describes},
  {"the exit status or the signal of mpirun is returned", returns_status},
  {"a missing mpirun is an error", missing_mpirun},
  {"INT, TERM, HUP and USR1 become a drain", every_request_drains},
  {"a second INT or TERM ends mpirun", second_interrupt_ends},
  {"a drain is repeated until it is heard", drain_is_repeated},
  {"a signal that was ignored stays ignored", ignored_stays_ignored},
  {"the signal mask is restored", signals_are_restored},
  {"mpirun ends when the parent is killed", dies_with_parent},
  {"Open MPI's files go into the folder of the run", folder_is_used},
  {"PMIx talks only when the user wants to hear it", pmix_is_silent},
  {0}};

ENT_TEST_MAIN("engine/launch", tests)
