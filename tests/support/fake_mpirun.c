#include "support/fake_mpirun.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/engine/run_folder.h"
#include "entrain/store/lock.h"

#include "support/check.h"

#define FOLDER "FAKE_MPIRUN_FOLDER"

static bool is_draining, is_late; /* the master takes a TERM for a drain */

/* Signals that a test sends; a shell without job control has them ignored. */
static const int heard[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};

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
  if (signal == SIGTERM && is_late) ent_run_folder_note(ENT_NOTE_EXIT, &(ent_note){{75, 0}});
  if (signal == SIGTERM) _exit(FAKE_MPIRUN_ENDED);
  if (is_draining) _exit(FAKE_MPIRUN_DRAINED);
}

static void be_missed(void) {
  const int file = open("ready", O_WRONLY | O_CREAT, 0600);
  close(file);
  alarm(2 * FAKE_MPIRUN_PATIENCE); /* so that nothing is left behind */
  for (;;) pause();
}

static void wait_for_signals(void) {
  const struct sigaction noting = {.sa_handler = note_signal};
  sigaction(SIGUSR1, &noting, NULL);
  sigaction(SIGTERM, &noting, NULL);
  be_missed();
}

/* A rank of its own process group, as mpirun's are; the first one is the master. Its pid goes into `ranks`.
 */
static void start_rank(bool is_master, unsigned microseconds) {
  const pid_t rank = fork();
  if (rank == 0) {
    ent_process self;
    setpgid(0, 0);
    if (is_master && ent_process_self(&self) == ENT_OK)
      ent_run_folder_note(ENT_NOTE_MASTER, &(ent_note){{self.pid, self.start}});
    if (microseconds == 0) be_missed();
    usleep(microseconds);
    _exit(0);
  }
  FILE *file = fopen("ranks", "a");
  if (file == NULL || fprintf(file, "%ld\n", (long)rank) < 0 || fclose(file) != 0) _exit(99);
}

static void lock_results(void) {
  ent_lock *lock = NULL;
  ent_lock_owner owner = {.slurm_job = -1};
  if (ent_process_self(&owner.launcher) != ENT_OK || ent_lock_take("out.h5", &owner, &lock) != ENT_OK)
    _exit(99);
}

/* A file for results that is made new by each start. */
static void make_results(void) {
  (void)unlink("out.h5");
  write_lines("out.h5", (char *[]){NULL});
}

static bool is_first_start(void) {
  const bool is_first = access("starts", F_OK) != 0;
  FILE *file = fopen("starts", "a");
  if (file == NULL || fputs("start\n", file) < 0 || fclose(file) != 0) _exit(99);
  return is_first;
}

static void note_exit(int status) {
  ent_run_folder_note(ENT_NOTE_EXIT, &(ent_note){{status, 0}});
}

enum { SHORT = 300000 /* microseconds that a rank lives which dies: the parent has seen it */ };

/* What the modes with ranks do; those that return let mpirun end with 0. */
static void lead(const char *mode) {
  const bool is_first = is_first_start();
  const bool vanishes = strcmp(mode, "vanish once") == 0, is_once = strstr(mode, " once") != NULL;
  const bool falls = vanishes || strcmp(mode, "fall once") == 0;
  const bool loses = strcmp(mode, "lose") == 0 || (is_once && !falls && is_first);
  is_late = strcmp(mode, "late once") == 0;
  if (strcmp(mode, "lose once") == 0) make_results();
  if (is_once && !is_first) note_exit(0);
  if (falls && is_first) {
    start_rank(false, SHORT);
    usleep(2 * SHORT);
    _exit(vanishes ? 0 : 128 + SIGKILL);
  }
  if (strcmp(mode, "refuse") == 0) note_exit(2);
  if (strcmp(mode, "no workers") == 0) note_exit(69);
  if (strcmp(mode, "bereft") == 0 || strcmp(mode, "go on") == 0 || strcmp(mode, "lock") == 0) lock_results();
  if (loses || strcmp(mode, "go on") == 0) start_rank(false, SHORT);
  if (loses || strcmp(mode, "leave") == 0) start_rank(true, 0);
  if (strcmp(mode, "bereft") == 0) start_rank(true, SHORT);
  if (strcmp(mode, "bereft") == 0 || strcmp(mode, "go on") == 0) start_rank(false, 0);
  if (strcmp(mode, "leave") == 0) usleep(SHORT); /* until the parent has seen it */
  if (strcmp(mode, "go on") == 0) usleep(12 * SHORT);
  if (strcmp(mode, "hang") == 0) {
    start_rank(true, SHORT);
    (void)signal(SIGTERM, SIG_IGN);
    be_missed();
  }
  if (loses || strcmp(mode, "bereft") == 0) wait_for_signals();
}

static const char *const leading[] = {"lose", "lose once",  "late once", "fall once", "vanish once", "refuse",
                                      "lock", "no workers", "bereft",    "leave",     "go on",       "hang"};

__attribute__((constructor)) static void be_mpirun(int argc, char **argv, char **environment) {
  const char *folder = getenv(FOLDER), *mode = getenv(FAKE_MPIRUN_MODE);
  if (argc < 1 || folder == NULL || mode == NULL || strcmp(argv[0], "mpirun") != 0) return;
  char byte = 0;
  char own_group[] = "own group", shared_group[] = "shared group", empty[] = "empty stdin",
       open_input[] = "stdin", silent[] = "silent pmix", loud[] = "loud pmix";
  const char *pmix = getenv("PMIX_OUTPUT_STDERR_FD");
  const bool is_silent = pmix != NULL && fcntl((int)strtol(pmix, NULL, 10), F_GETFD) == 0;
  char *state[] = {getpgrp() == getpid() ? own_group : shared_group,
                   read(0, &byte, 1) == 0 ? empty : open_input, is_silent ? silent : loud, NULL};
  if (chdir(folder) != 0) _exit(99);
  write_lines("arguments", argv);
  write_lines("environment", environment);
  write_lines("state", state);
  is_draining = strcmp(mode, "drain") == 0;
  if (is_draining || strcmp(mode, "wait") == 0) wait_for_signals();
  if (strcmp(mode, "kill") == 0) raise(SIGKILL);
  for (size_t i = 0; i < sizeof leading / sizeof leading[0]; i++) {
    if (strcmp(mode, leading[i]) == 0) lead(mode);
  }
  _exit((int)strtol(mode, NULL, 10));
}

static char folder[256], path_before[4096];

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
                                      "OMPI_MCA_orte_enable_recovery",
                                      "OMPI_MCA_orte_tmpdir_base",
                                      "PMIX_OUTPUT_STDERR_FD",
                                      "OMPI_MCA_mpi_yield_when_idle",
                                      "OPENBLAS_NUM_THREADS",
                                      "OMP_NUM_THREADS"};

void fake_mpirun_clear_environment(void) {
  for (size_t i = 0; i < sizeof cleared / sizeof cleared[0]; i++) unsetenv(cleared[i]);
}

void fake_mpirun_set_up(const char *mode) {
  char link[288], path[4480];
  const char *temporary = getenv("TMPDIR");
  fake_mpirun_clear_environment();
  for (size_t i = 0; i < sizeof heard / sizeof heard[0]; i++) (void)signal(heard[i], SIG_DFL);
  (void)snprintf(folder, sizeof folder, "%.200s/launch-XXXXXX", temporary ? temporary : "/tmp");
  REQUIRE(mkdtemp(folder) != NULL);
  char self[PATH_MAX] = "";
  REQUIRE(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
  (void)snprintf(link, sizeof link, "%s/mpirun", folder);
  REQUIRE(symlink(self, link) == 0);
  (void)snprintf(path_before, sizeof path_before, "%s", getenv("PATH"));
  (void)snprintf(path, sizeof path, "%s:%s", folder, path_before);
  setenv("PATH", path, 1);
  setenv(FOLDER, folder, 1);
  setenv(FAKE_MPIRUN_MODE, mode, 1);
}

void fake_mpirun_tear_down(void) {
  static const char *const names[] = {"mpirun", "arguments", "environment", "state",  "signals",
                                      "ready",  "ranks",     "starts",      "out.h5", "out.h5.lock"};
  char name[288];
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    (void)snprintf(name, sizeof name, "%s/%s", folder, names[i]);
    (void)unlink(name);
  }
  CHECK_INT(rmdir(folder), 0);
  setenv("PATH", path_before, 1);
  unsetenv(FOLDER);
  unsetenv(FAKE_MPIRUN_MODE);
  fake_mpirun_clear_environment();
}

/* Content of a file that mpirun wrote, with a newline before it; "\n" when it is not there. */
const char *fake_mpirun_content(const char *name) {
  static char text[65536];
  char path[288];
  size_t length = 1;
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "r");
  text[0] = '\n';
  if (file != NULL) length += fread(text + 1, 1, sizeof text - 2, file);
  if (file != NULL) fclose(file);
  text[length] = 0;
  return text;
}

int fake_mpirun_living_ranks(void) {
  int living = 0;
  long pid = 0;
  char path[288];
  (void)snprintf(path, sizeof path, "%s/ranks", folder);
  FILE *file = fopen(path, "r");
  while (file != NULL && fscanf(file, "%ld", &pid) == 1) {
    ent_process rank;
    if (ent_process_of(pid, &rank) == ENT_OK) living += ent_process_alive(&rank);
  }
  if (file != NULL) fclose(file);
  return living;
}

const char *fake_mpirun_results(void) {
  static char path[288];
  (void)snprintf(path, sizeof path, "%s/out.h5", folder);
  return path;
}

bool fake_mpirun_wrote(const char *name) {
  char path[288];
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  return access(path, F_OK) == 0;
}
