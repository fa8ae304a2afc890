#include "entrain/engine/rank.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "entrain/store/lock.h"

static const char *const launchers[] = {"mpirun", "orterun", "mpiexec", "orted", NULL};

static pid_t followed; /* the launcher; 0: none */

/* Whether the process of that name starts ranks and is there as long as they are. */
static bool is_launcher(pid_t pid) {
  char path[64], name[64] = "";
  (void)snprintf(path, sizeof path, "/proc/%lld/comm", (long long)pid);
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  const size_t length = fread(name, 1, sizeof name - 1, file);
  (void)fclose(file);
  if (length > 0 && name[length - 1] == '\n') name[length - 1] = '\0';
  for (const char *const *launcher = launchers; *launcher; launcher++) {
    if (strcmp(name, *launcher) == 0) return true;
  }
  return false;
}

void ent_rank_follow_launcher(void) {
  const pid_t parent = getppid();
  if (followed != 0 || !is_launcher(parent)) return;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return;
  followed = parent;
}

bool ent_rank_is_orphan(void) {
  return followed != 0 && getppid() != followed;
}

bool ent_rank_survives_others(void) {
  const char *value = getenv("OMPI_MCA_orte_enable_recovery");
  return value != NULL && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

bool ent_rank_are_all_here(int size) {
  const char *local = getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
  return local != NULL && strtol(local, NULL, 10) == size && is_launcher(getppid());
}

/* Whether a process of /proc has the parent. */
static bool is_child(const char *name, int64_t parent) {
  ent_process process = {0}, its_parent = {0};
  if (!isdigit((unsigned char)name[0])) return false;
  process.pid = strtoll(name, NULL, 10);
  if (ent_process_parent_of(&process, &its_parent) != ENT_OK) {
    ent_error_clear(); /* it has just ended */
    return false;
  }
  return its_parent.pid == parent;
}

int ent_rank_count_siblings(int *count) {
  int found = 0;
  const pid_t parent = getppid();
  DIR *processes = opendir("/proc");
  ENT_CHECK(processes != NULL, ENT_ERR_SYSTEM, "cannot read /proc: %s", strerror(errno));
  for (struct dirent *entry = readdir(processes); entry != NULL; entry = readdir(processes)) {
    found += is_child(entry->d_name, parent);
  }
  (void)closedir(processes);
  *count = found;
  return ENT_OK;
}

void ent_rank_leave(int status) {
  (void)fflush(stdout);
  (void)fflush(stderr);
  _exit(status);
}
