#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/store/lock.h"

/* Field of /proc/PID/stat after the name, counted from the state as 0. */
enum { START_FIELD = 19 };

/* State letter and start time from /proc/PID/stat; false when there is no such process. */
static bool read_stat(int64_t pid, char *state, int64_t *start) {
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
  *state = *at;
  for (int field = 0; field < START_FIELD; field++) {
    at = strchr(at, ' ');
    if (at == NULL) return false;
    at++;
  }
  *start = strtoll(at, NULL, 10);
  return true;
}

static int describe(pid_t pid, ent_process *process) {
  ent_process made = {.pid = pid};
  char state = 0;
  ENT_CHECK(gethostname(made.host, sizeof made.host - 1) == 0, ENT_ERR_SYSTEM,
            "cannot read the host's name: %s", strerror(errno));
  ENT_CHECK(read_stat(pid, &state, &made.start), ENT_ERR_SYSTEM, "cannot read /proc/%lld/stat",
            (long long)pid);
  *process = made;
  return ENT_OK;
}

int ent_process_self(ent_process *process) {
  ENT_TRY(describe(getpid(), process));
  return ENT_OK;
}

int ent_process_parent(ent_process *process) {
  ENT_TRY(describe(getppid(), process));
  return ENT_OK;
}

int ent_process_alive(const ent_process *process) {
  char host[64] = "", state = 0;
  int64_t start = 0;
  if (gethostname(host, sizeof host - 1) != 0 || strcmp(host, process->host) != 0) return 0;
  if (process->pid <= 0 || !read_stat(process->pid, &state, &start)) return 0;
  return start == process->start && state != 'Z' && state != 'X';
}
