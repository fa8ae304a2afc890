#include "support/lock_fixture.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "entrain/base/clock.h"
#include "entrain/base/log.h"
#include "entrain/base/text.h"

#include "support/check.h"

void lock_fixture_place(lock_place *where) {
  const char *root = getenv("TMPDIR");
  snprintf(where->folder, sizeof where->folder, "%s/entrain-lock-XXXXXX", root ? root : "/tmp");
  REQUIRE(mkdtemp(where->folder) != NULL);
  snprintf(where->path, sizeof where->path, "%s/OUT.h5", where->folder);
  snprintf(where->lock, sizeof where->lock, "%s.lock", where->path);
}

void lock_fixture_remove(const lock_place *where) {
  CHECK_INT(rmdir(where->folder), 0);
}

ent_lock_owner lock_fixture_owner(void) {
  ent_lock_owner owner = {.slurm_job = -1,
                          .progress = {.total = 500, .done = 120, .eta = NAN, .started = 1.7e9}};
  CHECK_OK(ent_process_self(&owner.launcher));
  return owner;
}

pid_t lock_fixture_sleeper(ent_process *process) {
  const pid_t pid = fork();
  if (pid == 0) {
    for (;;) pause();
  }
  CHECK_OK(ent_process_self(process));
  char path[64], line[1024] = "";
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  FILE *file = fopen(path, "r");
  REQUIRE(file != NULL);
  REQUIRE(fread(line, 1, sizeof line - 1, file) > 0);
  fclose(file);
  process->pid = pid;
  const char *at = strrchr(line, ')') + 2;
  for (int field = 0; field < 19; field++) at = strchr(at, ' ') + 1;
  process->start = strtoll(at, NULL, 10);
  return pid;
}

void lock_fixture_end(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
}

void lock_fixture_leave(const lock_place *where, const ent_lock_owner *owner) {
  ent_lock *lock = NULL;
  const pid_t pid = fork();
  if (pid == 0) _exit(ent_lock_take(where->path, owner, &lock) == ENT_OK ? 0 : 1);
  int status = 1;
  waitpid(pid, &status, 0);
  REQUIRE(status == 0);
}

void lock_fixture_age_file(const lock_place *where, double seconds) {
  const struct timespec then = {time(NULL) - (time_t)seconds, 0};
  const struct timespec times[2] = {then, then};
  CHECK_INT(utimensat(AT_FDCWD, where->lock, times, 0), 0);
}

void lock_fixture_age(const lock_place *where, double seconds) {
  static const char key[] = "\"heartbeat\": ";
  ent_text text = {0}, changed = {0};
  CHECK_OK(ent_text_read_file(where->lock, &text));
  char *value = text.data ? strstr(text.data, key) : NULL;
  REQUIRE(value != NULL);
  value += sizeof key - 1;
  CHECK_OK(ent_text_append(&changed, "%.*s%.3f%s", (int)(value - text.data), text.data,
                           ent_clock_unix() - seconds, strchr(value, ',')));
  CHECK_OK(ent_text_write_file(where->lock, changed.data, changed.length));
  ent_text_fini(&text);
  ent_text_fini(&changed);
  lock_fixture_age_file(where, seconds);
}

static char heard[4096];

static void note(ent_log_level level, const char *message) {
  (void)level;
  const size_t length = strlen(heard);
  snprintf(heard + length, sizeof heard - length, "%s\n", message);
}

void lock_fixture_listen(void) {
  heard[0] = '\0';
  ent_log_set_sink(note);
}

const char *lock_fixture_heard(void) {
  ent_log_set_sink(NULL);
  return heard;
}
