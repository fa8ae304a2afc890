#include "rank_runs.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrain/base/clock.h"

#include "check.h"

#define POLL_SECONDS 0.02

char rank_runs_folder[256];

void rank_runs_path(const char *name, size_t size, char *path) {
  (void)snprintf(path, size, "%s/%s", rank_runs_folder, name);
}

bool rank_runs_has(const char *name) {
  char path[300];
  rank_runs_path(name, sizeof path, path);
  return access(path, F_OK) == 0;
}

void rank_runs_note(const char *name, long number) {
  char path[300], text[32];
  rank_runs_path(name, sizeof path, path);
  const int length = snprintf(text, sizeof text, "%ld", number);
  if (ent_text_write_file(path, text, (size_t)length) != ENT_OK) abort();
}

long rank_runs_number(const char *name) {
  char path[300];
  ent_text text = {0};
  rank_runs_path(name, sizeof path, path);
  const long number = ent_text_read_file(path, &text) == ENT_OK ? strtol(text.data, NULL, 10) : -1;
  ent_text_fini(&text);
  return number;
}

/* Whether this process is the first that asks. */
bool rank_runs_is_first(const char *name) {
  char path[300];
  rank_runs_path(name, sizeof path, path);
  const int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor >= 0) (void)close(descriptor);
  return descriptor >= 0;
}

void rank_runs_open(const char *job) {
  const char *root = getenv("TMPDIR");
  char path[300];
  (void)snprintf(rank_runs_folder, sizeof rank_runs_folder, "%s/entrain-deaths-XXXXXX", root ? root : "/tmp");
  REQUIRE(mkdtemp(rank_runs_folder) != NULL);
  rank_runs_path("job.yaml", sizeof path, path);
  CHECK_OK(ent_text_write_file(path, job, strlen(job)));
}

void rank_runs_close(void) {
  static const char *const files[] = {"OUT.h5",  "OUT.h5.lock", "job.yaml", "exit", "log",
                                      "stopped", "slow",        "go",       "hit",  NULL};
  char path[300];
  for (const char *const *file = files; *file; file++) {
    rank_runs_path(*file, sizeof path, path);
    (void)remove(path);
  }
  CHECK_INT(rmdir(rank_runs_folder), 0);
}

/* In the child: mpirun in place of this program, its output in a file. */
_Noreturn static void become_mpirun(int n_ranks, const char *scenario) {
  char self[300] = "", ranks[16], log[300], name[32], where[300];
  char program[] = "mpirun", n[] = "-np", oversubscribe[] = "--oversubscribe", bind[] = "--bind-to",
       none[] = "none", recovery[] = "--enable-recovery";
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  rank_runs_path("log", sizeof log, log);
  (void)snprintf(ranks, sizeof ranks, "%d", n_ranks);
  (void)snprintf(name, sizeof name, "--scenario=%s", scenario);
  (void)snprintf(where, sizeof where, "--folder=%s", rank_runs_folder);
  char *const arguments[] = {program, recovery, oversubscribe, bind, none, n, ranks, self, name, where, NULL};
  const int descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  (void)setenv("OMPI_MCA_io", "^ompio",
               0); /* as the program does: its files go with the first rank that dies */
  if (length > 0 && descriptor >= 0 && dup2(descriptor, 1) >= 0 && dup2(descriptor, 2) >= 0)
    (void)execvp(program, arguments);
  _exit(127);
}

pid_t rank_runs_start(int ranks, const char *scenario) {
  char path[300];
  rank_runs_path("exit", sizeof path, path);
  (void)remove(path);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) become_mpirun(ranks, scenario);
  return child;
}

/* Waits for mpirun's end. What it says of itself means nothing; the master's word counts. */
long rank_runs_finish(pid_t child) {
  const double deadline = ent_clock_now() + RANK_RUNS_PATIENCE;
  pid_t ended = 0;
  while (ended == 0 && ent_clock_now() < deadline) {
    ended = waitpid(child, NULL, WNOHANG);
    ent_clock_sleep(POLL_SECONDS);
  }
  CHECK_INT(ended, child);
  if (ended != child) {
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
  }
  return rank_runs_number("exit");
}

ent_store *rank_runs_file(void) {
  char path[300];
  ent_store *store = NULL;
  rank_runs_path("OUT.h5", sizeof path, path);
  CHECK_OK(ent_store_open(path, ENT_STORE_READ, &store));
  return store;
}

bool rank_runs_comes_true(bool (*condition)(void)) {
  const double deadline = ent_clock_now() + RANK_RUNS_PATIENCE;
  while (!condition() && ent_clock_now() < deadline) ent_clock_sleep(POLL_SECONDS);
  return condition();
}
