#include "support/fake_mpirun.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/check.h"

#define FOLDER "FAKE_MPIRUN_FOLDER"

static bool is_draining;

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
  if (signal == SIGTERM) _exit(FAKE_MPIRUN_ENDED);
  if (is_draining) _exit(FAKE_MPIRUN_DRAINED);
}

static void wait_for_signals(void) {
  const struct sigaction noting = {.sa_handler = note_signal};
  sigaction(SIGUSR1, &noting, NULL);
  sigaction(SIGTERM, &noting, NULL);
  const int file = open("ready", O_WRONLY | O_CREAT, 0600);
  close(file);
  alarm(2 * FAKE_MPIRUN_PATIENCE); /* so that nothing is left behind */
  for (;;) pause();
}

__attribute__((constructor)) static void be_mpirun(int argc, char **argv, char **environment) {
  const char *folder = getenv(FOLDER), *mode = getenv(FAKE_MPIRUN_MODE);
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
  static const char *const names[] = {"mpirun", "arguments", "environment", "state", "signals", "ready"};
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

bool fake_mpirun_wrote(const char *name) {
  char path[288];
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  return access(path, F_OK) == 0;
}
