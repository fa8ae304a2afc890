#include "launch_watch.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/base/text.h"

enum { MORE_CHILDREN = 16 /* than ranks: what a launcher may start besides */ };

/* Patience, in looks. */
enum {
  NO_RUN_LOOKS = 4 * ENT_LAUNCH_LOOKS, /* a master that is past MPI_Init goes on without the rank by then */
  DEAD_LOOKS = 1 * ENT_LAUNCH_LOOKS,
  NO_RANKS_LOOKS = 60 * ENT_LAUNCH_LOOKS, /* mpirun has not started any */
  HANG_LOOKS = 5 * ENT_LAUNCH_LOOKS,      /* ranks of other nodes have this long to follow their master */
  KILL_LOOKS = 3 * ENT_LAUNCH_LOOKS,      /* mpirun ends its ranks within about a second of a TERM */
  LOCK_LOOKS = 1 * ENT_LAUNCH_LOOKS,      /* how often the lock is looked at */
};

static const double VANISH_SECONDS = 2.0; /* ranks die with mpirun, or soon after it */
static const double KILLED_SECONDS = 3.0;

static const char *const fault_texts[] = {
  [ENT_LAUNCH_NO_RUN] = "a rank was gone before the run had begun, the others would wait for it",
  [ENT_LAUNCH_DEAD] = "the master is dead",
  [ENT_LAUNCH_HANG] = "mpirun goes on without ranks"};

int ent_launch_watch_init(ent_launch_watch *watch, const ent_launch_options *options, int64_t mpirun) {
  ent_launch_watch made = {.options = options};
  const int workers = options->workers > 0 ? options->workers : ent_launch_cores();
  made.capacity = (size_t)workers + 1 + MORE_CHILDREN;
  made.expected = ent_launch_has_several_nodes() ? 0 : (size_t)workers + 1;
  ENT_TRY(ent_process_of(mpirun, &made.mpirun));
  ENT_TRY(ent_mem_alloc(made.capacity, sizeof *made.ranks, &made.ranks));
  *watch = made;
  return ENT_OK;
}

void ent_launch_watch_fini(ent_launch_watch *watch) {
  free(watch->ranks);
  *watch = (ent_launch_watch){0};
}

static bool is_same(const ent_process *a, const ent_process *b) {
  return a->pid == b->pid && a->start == b->start && strcmp(a->host, b->host) == 0;
}

/* Remembers a child, unless it is gone by now. */
static void remember(ent_launch_watch *watch, int64_t pid) {
  ent_process seen;
  if (watch->n_ranks == watch->capacity) return;
  if (ent_process_of(pid, &seen) != ENT_OK) {
    ent_error_clear();
    return;
  }
  for (size_t i = 0; i < watch->n_ranks; i++) {
    if (is_same(&watch->ranks[i], &seen)) return;
  }
  watch->ranks[watch->n_ranks++] = seen;
}

/* The children of one thread of mpirun. */
static void remember_children(ent_launch_watch *watch, const char *list) {
  int64_t pid = 0;
  FILE *file = fopen(list, "re");
  if (file == NULL) return;
  while (fscanf(file, "%" SCNd64, &pid) == 1) remember(watch, pid);
  (void)fclose(file);
}

static void remember_ranks(ent_launch_watch *watch) {
  char folder[64], path[PATH_MAX];
  (void)snprintf(folder, sizeof folder, "/proc/%" PRId64 "/task", watch->mpirun.pid);
  DIR *threads = opendir(folder);
  const struct dirent *thread = NULL;
  while (threads != NULL && (thread = readdir(threads)) != NULL) {
    if (thread->d_name[0] == '.') continue;
    (void)snprintf(path, sizeof path, "%s/%s/children", folder, thread->d_name);
    remember_children(watch, path);
  }
  if (threads != NULL) (void)closedir(threads);
}

/* Whether a process runs this program; not between fork and exec. */
static bool runs_ours(const ent_process *process) {
  char link[64];
  struct stat ours, its;
  (void)snprintf(link, sizeof link, "/proc/%" PRId64 "/exe", process->pid);
  if (stat(link, &its) != 0 || stat("/proc/self/exe", &ours) != 0) return false;
  return its.st_dev == ours.st_dev && its.st_ino == ours.st_ino;
}

/*
 * Whether a rank is missing: one that was seen is gone, or one that lived too shortly to be seen at all. For
 * a moment that is so at every start.
 */
static bool is_short(ent_launch_watch *watch, size_t alive) {
  size_t n_ours = 0;
  if (alive < watch->n_ranks) return true;
  for (size_t i = 0; i < watch->n_ranks; i++) n_ours += runs_ours(&watch->ranks[i]);
  if (n_ours > 0) watch->has_seen_ours = true;
  return watch->has_seen_ours && n_ours < watch->expected;
}

/* The launcher in the lock is our child, or, where that is a script of the site, its. */
static bool is_ours(const ent_launch_watch *watch, const ent_process *launcher) {
  if (is_same(launcher, &watch->mpirun)) return true;
  for (size_t i = 0; i < watch->n_ranks; i++) {
    if (is_same(launcher, &watch->ranks[i])) return true;
  }
  return false;
}

static bool has_begun(const ent_launch_watch *watch) {
  ent_lock_owner owner = {0};
  int is_alive = 0;
  if (ent_lock_read(watch->options->results, &owner, &is_alive) != ENT_OK) {
    ent_error_clear();
    return false;
  }
  const bool is_begun = is_ours(watch, &owner.launcher);
  ent_lock_owner_fini(&owner);
  return is_begun;
}

static bool read_note(const ent_launch_watch *watch, const char *name, ent_note *note) {
  return watch->options->folder != NULL && ent_run_folder_read(watch->options->folder, name, note);
}

static void learn_master(ent_launch_watch *watch) {
  ent_note note;
  if (watch->master.pid != 0 || !read_note(watch, ENT_NOTE_MASTER, &note)) return;
  watch->master = watch->mpirun; /* for the host */
  watch->master.pid = note.numbers[0];
  watch->master.start = note.numbers[1];
}

/* What is wrong at this moment, and how long that may last. */
static ent_launch_fault judge(ent_launch_watch *watch, int *patience) {
  ent_note note;
  const size_t alive = ent_process_count(watch->ranks, watch->n_ranks);
  const bool is_over = read_note(watch, ENT_NOTE_EXIT, &note);
  const bool may_be_early = watch->options->results != NULL && !is_over && !watch->has_begun;
  *patience = watch->n_ranks == 0 ? NO_RANKS_LOOKS : HANG_LOOKS;
  if (alive == 0) return ENT_LAUNCH_HANG;
  if (may_be_early && is_short(watch, alive)) {
    *patience = NO_RUN_LOOKS;
    return ENT_LAUNCH_NO_RUN;
  }
  if (watch->master.pid == 0 || ent_process_alive(&watch->master)) return ENT_LAUNCH_GOOD;
  if (is_over) return ENT_LAUNCH_HANG;
  *patience = DEAD_LOOKS;
  return ENT_LAUNCH_DEAD;
}

static void kill_ranks(const ent_launch_watch *watch) {
  for (size_t i = 0; i < watch->n_ranks; i++) {
    if (ent_process_alive(&watch->ranks[i])) (void)kill((pid_t)watch->ranks[i].pid, SIGKILL);
  }
}

/* mpirun leads a process group of its own. */
static void end_mpirun(ent_launch_watch *watch) {
  if (watch->ending++ == 0) {
    ent_log(ENT_LOG_WARNING, "%s; ending mpirun", fault_texts[watch->fault]);
    (void)kill((pid_t)watch->mpirun.pid, SIGTERM);
  } else if (watch->ending == KILL_LOOKS) {
    (void)kill(-(pid_t)watch->mpirun.pid, SIGKILL);
    kill_ranks(watch);
  }
}

void ent_launch_watch_look(ent_launch_watch *watch) {
  int patience = 0;
  remember_ranks(watch);
  learn_master(watch);
  if (watch->fault != ENT_LAUNCH_GOOD) {
    end_mpirun(watch);
    return;
  }
  const bool is_due = watch->worry == ENT_LAUNCH_NO_RUN || watch->worried % LOCK_LOOKS == 0;
  if (!watch->has_begun && is_due && watch->options->results != NULL) watch->has_begun = has_begun(watch);
  const ent_launch_fault worry = judge(watch, &patience);
  watch->worried = worry == watch->worry ? watch->worried + 1 : 0;
  watch->worry = worry;
  if (worry != ENT_LAUNCH_GOOD && watch->worried >= patience) watch->fault = worry;
}

void ent_launch_watch_note_exit(ent_launch_watch *watch, bool is_error) {
  if (watch->fault != ENT_LAUNCH_GOOD || watch->has_begun || watch->options->results == NULL) return;
  watch->has_begun = has_begun(watch);
  if (is_error && !watch->has_begun) watch->fault = ENT_LAUNCH_NO_RUN;
}

void ent_launch_watch_end_ranks(const ent_launch_watch *watch) {
  const size_t left = ent_process_await(watch->ranks, watch->n_ranks, VANISH_SECONDS);
  if (left == 0) return;
  ent_log(ENT_LOG_WARNING, "ending %zu rank%s left by mpirun", left, ent_text_plural((int64_t)left));
  kill_ranks(watch);
  if (ent_process_await(watch->ranks, watch->n_ranks, KILLED_SECONDS) > 0)
    ent_log(ENT_LOG_WARNING, "ranks are left that cannot be ended");
}
