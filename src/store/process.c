#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/base/clock.h"
#include "entrain/store/lock.h"

/* Fields of /proc/PID/stat after the name, counted from the state as 0. */
enum { PARENT_FIELD = 1, START_FIELD = 19 };

#define POLL_SECONDS 0.02

typedef struct process_stat {
  char state;
  int64_t parent, start;
} process_stat;

/* Reads /proc/PID/stat; false when there is no such process. */
static bool read_stat(int64_t pid, process_stat *stat) {
  char path[64], line[1024];
  snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  const size_t length = fread(line, 1, sizeof line - 1, file);
  fclose(file);
  line[length] = '\0';
  const char *at = strrchr(line, ')'); /* the name before it may hold anything */
  if (at == NULL || at[1] != ' ') return false;
  at += 2;
  *stat = (process_stat){.state = *at};
  for (int field = 1; field <= START_FIELD; field++) {
    at = strchr(at, ' ');
    if (at == NULL) return false;
    at++;
    if (field == PARENT_FIELD) stat->parent = strtoll(at, NULL, 10);
  }
  stat->start = strtoll(at, NULL, 10);
  return true;
}

static int describe(pid_t pid, ent_process *process) {
  ent_process made = {.pid = pid};
  process_stat stat = {0};
  ENT_CHECK(gethostname(made.host, sizeof made.host - 1) == 0, ENT_ERR_SYSTEM,
            "cannot read the host's name: %s", strerror(errno));
  ENT_CHECK(read_stat(pid, &stat), ENT_ERR_SYSTEM, "cannot read /proc/%lld/stat", (long long)pid);
  made.start = stat.start;
  *process = made;
  return ENT_OK;
}

int ent_process_self(ent_process *process) {
  ENT_TRY(describe(getpid(), process));
  return ENT_OK;
}

int ent_process_of(int64_t pid, ent_process *process) {
  ENT_TRY(describe((pid_t)pid, process));
  return ENT_OK;
}

int ent_process_parent(ent_process *process) {
  ENT_TRY(describe(getppid(), process));
  return ENT_OK;
}

int ent_process_parent_of(const ent_process *child, ent_process *process) {
  process_stat stat = {0};
  ENT_CHECK(read_stat(child->pid, &stat), ENT_ERR_SYSTEM, "cannot read /proc/%lld/stat",
            (long long)child->pid);
  ENT_TRY(describe((pid_t)stat.parent, process));
  return ENT_OK;
}

int ent_process_alive(const ent_process *process) {
  char host[64] = "";
  process_stat stat = {0};
  if (gethostname(host, sizeof host - 1) != 0 || strcmp(host, process->host) != 0) return 0;
  if (process->pid <= 0 || !read_stat(process->pid, &stat)) return 0;
  return stat.start == process->start && stat.state != 'Z' && stat.state != 'X';
}

size_t ent_process_count(const ent_process *processes, size_t count) {
  size_t alive = 0;
  for (size_t i = 0; i < count; i++) alive += ent_process_alive(&processes[i]) != 0;
  return alive;
}

size_t ent_process_await(const ent_process *processes, size_t count, double seconds) {
  const double until = ent_clock_now() + seconds;
  size_t alive = ent_process_count(processes, count);
  while (alive > 0 && ent_clock_now() < until) {
    ent_clock_sleep(POLL_SECONDS);
    alive = ent_process_count(processes, count);
  }
  return alive;
}
