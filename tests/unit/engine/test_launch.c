#include <fcntl.h>
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

/*
 * The mpirun of these tests is this program under another name, first in PATH. It writes what it was given
 * into the files `arguments`, `environment` and `state` of a folder, then does what MODE says: exit with that
 * number, `kill` itself, or `wait` and `drain`: write each signal into `signals`, and end at TERM, or at the
 * first USR1.
 */

#define FOLDER "ENT_TEST_LAUNCH_FOLDER"
#define MODE "ENT_TEST_LAUNCH_MODE"

enum { PATIENCE = 20, DRAINED = 75, ENDED = 15 };

static bool is_draining;

static void write_lines(const char *name, char *const *lines) {
  FILE *file = fopen(name, "w");
  if (file == NULL) _exit(99);
  for (; *lines != NULL; lines++) fprintf(file, "%s\n", *lines);
  if (fclose(file) != 0) _exit(99);
}

static void note_signal(int signal) {
  const int file = open("signals", O_WRONLY | O_CREAT | O_APPEND, 0600);
  const char *line = signal == SIGUSR1 ? "USR1\n" : "TERM\n";
  if (write(file, line, 5) != 5) _exit(99);
  close(file);
  if (signal == SIGTERM) _exit(ENDED);
  if (is_draining) _exit(DRAINED);
}

static void wait_for_signals(void) {
  const struct sigaction noting = {.sa_handler = note_signal};
  sigaction(SIGUSR1, &noting, NULL);
  sigaction(SIGTERM, &noting, NULL);
  const int file = open("ready", O_WRONLY | O_CREAT, 0600);
  close(file);
  alarm(2 * PATIENCE); /* so that nothing is left behind */
  for (;;) pause();
}

__attribute__((constructor)) static void be_mpirun(int argc, char **argv, char **environment) {
  const char *folder = getenv(FOLDER), *mode = getenv(MODE);
  if (argc < 1 || folder == NULL || mode == NULL || strcmp(argv[0], "mpirun") != 0) return;
  char byte = 0;
  char own_group[] = "own group", shared_group[] = "shared group", empty[] = "empty stdin",
       open_input[] = "stdin";
  char *state[] = {getpgrp() == getpid() ? own_group : shared_group,
                   read(0, &byte, 1) == 0 ? empty : open_input, NULL};
  if (chdir(folder) != 0) _exit(99);
  write_lines("arguments", argv);
  write_lines("environment", environment);
  write_lines("state", state);
  is_draining = strcmp(mode, "drain") == 0;
  if (is_draining || strcmp(mode, "wait") == 0) wait_for_signals();
  if (strcmp(mode, "kill") == 0) raise(SIGKILL);
  _exit(atoi(mode));
}

static char folder[64], path_before[4096], self[PATH_MAX];

static char *const words[] = {(char[]){"entrain"},
                              (char[]){"run"},
                              (char[]){"a job.yaml"},
                              (char[]){""},
                              (char[]){"--"},
                              (char[]){"-x"},
                              NULL};

static const char *const cleared[] = {"OMPI_COMM_WORLD_SIZE",
                                      "PMIX_RANK",
                                      "PMI_RANK",
                                      "SLURM_PROCID",
                                      "SLURM_STEP_ID",
                                      "SLURM_JOB_NUM_NODES",
                                      "SLURM_NNODES",
                                      "OMPI_MCA_pml",
                                      "OMPI_MCA_btl",
                                      "OMPI_MCA_btl_tcp_if_include",
                                      "OMPI_MCA_btl_tcp_if_exclude",
                                      "OMPI_MCA_mpi_yield_when_idle",
                                      "OPENBLAS_NUM_THREADS",
                                      "OMP_NUM_THREADS"};

static void clear_environment(void) {
  for (size_t i = 0; i < sizeof cleared / sizeof cleared[0]; i++) unsetenv(cleared[i]);
}

static void set_up(const char *mode) {
  char link[96], path[4224];
  const char *temporary = getenv("TMPDIR");
  clear_environment();
  (void)snprintf(folder, sizeof folder, "%.40s/launch-XXXXXX", temporary ? temporary : "/tmp");
  REQUIRE(mkdtemp(folder) != NULL);
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  REQUIRE(length > 0);
  self[length] = 0;
  (void)snprintf(link, sizeof link, "%s/mpirun", folder);
  REQUIRE(symlink(self, link) == 0);
  (void)snprintf(path_before, sizeof path_before, "%s", getenv("PATH"));
  (void)snprintf(path, sizeof path, "%s:%s", folder, path_before);
  setenv("PATH", path, 1);
  setenv(FOLDER, folder, 1);
  setenv(MODE, mode, 1);
}

static void tear_down(void) {
  static const char *const names[] = {"mpirun", "arguments", "environment", "state", "signals", "ready"};
  char name[96];
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    (void)snprintf(name, sizeof name, "%s/%s", folder, names[i]);
    (void)unlink(name);
  }
  CHECK_INT(rmdir(folder), 0);
  setenv("PATH", path_before, 1);
  unsetenv(FOLDER);
  unsetenv(MODE);
  clear_environment();
}

/* Content of a file that mpirun wrote, with a newline before it; "\n" when it is not there. */
static const char *content(const char *name) {
  static char text[65536];
  char path[96];
  size_t length = 1;
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "r");
  text[0] = '\n';
  if (file != NULL) length += fread(text + 1, 1, sizeof text - 2, file);
  if (file != NULL) fclose(file);
  text[length] = 0;
  return text;
}

static bool exists(const char *name) {
  char path[96];
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  return access(path, F_OK) == 0;
}

static void run_with(int workers, ent_launch_status *status) {
  *status = (ent_launch_status){-1, -1};
  CHECK_OK(ent_launch_run(&(ent_launch_options){.workers = workers, .arguments = words}, status));
}

static void knows_launchers(void) {
  clear_environment();
  CHECK(ent_launch_is_needed());
  for (int i = 0; i < 2; i++) {
    setenv(cleared[i], "1", 1);
    CHECK(!ent_launch_is_needed());
    unsetenv(cleared[i]);
  }
  setenv("SLURM_PROCID", "0", 1);
  setenv("SLURM_STEP_ID", "0", 1);
  CHECK(ent_launch_is_needed()); /* a batch script */
  setenv("PMI_RANK", "0", 1);
  CHECK(!ent_launch_is_needed());
  unsetenv("SLURM_STEP_ID");
  CHECK(ent_launch_is_needed());
  clear_environment();
}

static void passes_arguments(void) {
  char expected[PATH_MAX + 256];
  ent_launch_status status;
  set_up("0");
  run_with(2, &status);
  (void)snprintf(expected, sizeof expected,
                 "\nmpirun\n-n\n3\n--bind-to\nnone\n--oversubscribe\n%s%s\nrun\na job.yaml\n\n--\n-x\n",
                 geteuid() == 0 ? "--allow-run-as-root\n" : "", self);
  CHECK_TEXT(content("arguments"), expected);
  CHECK_TEXT(content("state"), "\nown group\nempty stdin\n");
  tear_down();
}

static void one_worker_a_core(void) {
  char expected[64];
  ent_launch_status status;
  CHECK(ent_launch_cores() >= 1);
  (void)snprintf(expected, sizeof expected, "\n-n\n%d\n", ent_launch_cores() + 1);
  set_up("0");
  run_with(0, &status);
  CHECK_CONTAINS(content("arguments"), expected);
  tear_down();
}

static bool has_variable(const char *line) {
  char wanted[96];
  (void)snprintf(wanted, sizeof wanted, "\n%s\n", line);
  return strstr(content("environment"), wanted) != NULL;
}

static void sets_variables(void) {
  ent_launch_status status;
  set_up("0");
  setenv(ENT_LAUNCH_TERMINAL, "7777", 1);
  run_with(1, &status);
  unsetenv(ENT_LAUNCH_TERMINAL);
  CHECK(has_variable("OMPI_MCA_pml=ob1"));
  CHECK(has_variable("OMPI_MCA_btl=self,vader,tcp"));
  CHECK(has_variable("OMPI_MCA_btl_tcp_if_include=lo"));
  CHECK(has_variable("OMPI_MCA_mpi_yield_when_idle=1"));
  CHECK(has_variable("OPENBLAS_NUM_THREADS=1"));
  CHECK(has_variable("OMP_NUM_THREADS=1"));
  CHECK(!has_variable(ENT_LAUNCH_TERMINAL "=7777"));
  CHECK_CONTAINS(content("environment"), "\n" ENT_LAUNCH_TERMINAL "=");
  CHECK(getenv("OMPI_MCA_pml") == NULL);
  tear_down();
}

static void respects_variables(void) {
  ent_launch_status status;
  set_up("0");
  setenv("OMPI_MCA_pml", "ucx", 1);
  setenv("OMP_NUM_THREADS", "", 1);
  setenv("OMPI_MCA_btl_tcp_if_exclude", "eth0", 1);
  run_with(1, &status);
  CHECK(has_variable("OMPI_MCA_pml=ucx"));
  CHECK(has_variable("OMP_NUM_THREADS="));
  CHECK(strstr(content("environment"), "\nOMPI_MCA_btl_tcp_if_include=") == NULL);
  tear_down();
}

static void leaves_cluster_alone(void) {
  ent_launch_status status;
  set_up("0");
  setenv("SLURM_JOB_NUM_NODES", "2", 1);
  run_with(1, &status);
  CHECK(strstr(content("environment"), "\nOMPI_MCA_pml=") == NULL);
  CHECK(strstr(content("environment"), "\nOMPI_MCA_btl") == NULL);
  CHECK(has_variable("OMPI_MCA_mpi_yield_when_idle=1"));
  setenv("SLURM_JOB_NUM_NODES", "1", 1);
  run_with(1, &status);
  CHECK(has_variable("OMPI_MCA_pml=ob1"));
  tear_down();
}

static void describes(void) {
  ent_text text = {0};
  clear_environment();
  setenv("OMPI_MCA_pml", "ucx", 1);
  CHECK_OK(ent_launch_describe(&(ent_launch_options){.workers = 4, .arguments = words}, &text));
  CHECK_CONTAINS(text.data, "mpirun -n 5 --bind-to none");
  CHECK_CONTAINS(text.data, " run a job.yaml");
  CHECK_CONTAINS(text.data, " with OMPI_MCA_btl=self,vader,tcp");
  CHECK(strstr(text.data, "OMPI_MCA_pml") == NULL);
  ent_text_fini(&text);
  CHECK_CODE(ent_launch_describe(&(ent_launch_options){.workers = -1, .arguments = words}, &text),
             ENT_ERR_ARGUMENT);
  clear_environment();
}

static void returns_status(void) {
  ent_launch_status status;
  set_up("75");
  run_with(1, &status);
  CHECK_INT(status.exit_code, 75);
  CHECK_INT(status.signal, 0);
  setenv(MODE, "kill", 1);
  run_with(1, &status);
  CHECK_INT(status.signal, SIGKILL);
  tear_down();
}

static void missing_mpirun(void) {
  ent_launch_status status = {42, 42};
  set_up("0");
  setenv("PATH", "/nonexistent", 1);
  CHECK_CODE(ent_launch_run(&(ent_launch_options){.workers = 1, .arguments = words}, &status),
             ENT_ERR_SYSTEM);
  CHECK_CONTAINS(ent_error_message(), "'mpirun' does not start: No such file");
  CHECK_INT(status.exit_code, 42);
  tear_down();
}

static void wait_until(bool (*holds)(void)) {
  const double end = ent_clock_now() + PATIENCE;
  while (!holds() && ent_clock_now() < end) ent_clock_sleep(0.005);
}

static bool is_ready(void) {
  return exists("ready");
}

static bool has_usr1(void) {
  return strstr(content("signals"), "USR1") != NULL;
}

static bool has_term(void) {
  return strstr(content("signals"), "TERM") != NULL;
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
    set_up("drain");
    const pid_t helper = send_later(requests[i], 0);
    run_with(1, &status);
    reap(helper);
    CHECK_TEXT(content("signals"), "\nUSR1\n");
    CHECK_INT(status.exit_code, DRAINED);
    tear_down();
  }
}

static void second_interrupt_ends(void) {
  static const int pairs[][2] = {{SIGINT, SIGINT}, {SIGINT, SIGTERM}, {SIGTERM, SIGTERM}};
  ent_launch_status status;
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    set_up("wait");
    const pid_t helper = send_later(pairs[i][0], pairs[i][1]);
    run_with(1, &status);
    reap(helper);
    CHECK(has_usr1());
    CHECK(has_term());
    CHECK_INT(status.exit_code, ENDED);
    tear_down();
  }
}

/* A rank that had no handler yet gets another USR1. */
static void drain_is_repeated(void) {
  ent_launch_status status;
  set_up("wait");
  const pid_t to = getpid(), helper = fork();
  if (helper == 0) {
    wait_until(is_ready);
    kill(to, SIGUSR1);
    const double end = ent_clock_now() + PATIENCE;
    while (strstr(content("signals"), "USR1\nUSR1") == NULL && ent_clock_now() < end) ent_clock_sleep(0.01);
    kill(to, SIGINT);
    ent_clock_sleep(0.1);
    kill(to, SIGINT);
    _exit(0);
  }
  run_with(1, &status);
  reap(helper);
  CHECK_CONTAINS(content("signals"), "\nUSR1\nUSR1\n");
  CHECK_INT(status.exit_code, ENDED);
  tear_down();
}

static void ignored_stays_ignored(void) {
  ent_launch_status status;
  void (*before)(int) = signal(SIGHUP, SIG_IGN);
  set_up("drain");
  const pid_t to = getpid(), helper = fork();
  if (helper == 0) {
    wait_until(is_ready);
    kill(to, SIGHUP);
    ent_clock_sleep(0.2);
    const bool was_passed_on = exists("signals");
    kill(to, SIGINT);
    _exit(was_passed_on);
  }
  run_with(1, &status);
  reap(helper);
  CHECK_INT(status.exit_code, DRAINED);
  tear_down();
  signal(SIGHUP, before);
}

static void signals_are_restored(void) {
  sigset_t before, after;
  ent_launch_status status;
  set_up("0");
  sigprocmask(SIG_SETMASK, NULL, &before);
  run_with(1, &status);
  sigprocmask(SIG_SETMASK, NULL, &after);
  for (int signal = 1; signal < 32; signal++)
    CHECK_INT(sigismember(&after, signal), sigismember(&before, signal));
  tear_down();
}

static void dies_with_parent(void) {
  set_up("wait");
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
  tear_down();
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
  {0}};

ENT_TEST_MAIN("engine/launch", tests)
