#include "entrain/store/lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/base/clock.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/base/text.h"

#include "lock_judge.h"
#include "lock_text.h"

static const double KILL_SECONDS = 5;   /* ranks of a dead run have this long to vanish after SIGKILL */
static const double GUARD_SECONDS = 10; /* for another starter to decide */

struct ent_lock {
  char *path; /* of the lock file; owned */
  ent_lock_owner owner;
};

void ent_lock_owner_fini(ent_lock_owner *owner) {
  free(owner->ranks);
  owner->ranks = NULL;
  owner->n_ranks = 0;
}

/* Path of the lock file. [out] text  free() it. */
static int lock_path(const char *path, char **text) {
  ent_text made = {0};
  ENT_TRY(ent_text_append(&made, "%s.lock", path));
  *text = made.data;
  return ENT_OK;
}

static bool same_process(const ent_process *a, const ent_process *b) {
  return a->pid == b->pid && a->start == b->start && strcmp(a->host, b->host) == 0;
}

/* Writes bytes to a file that must not be there yet. */
static int write_new(const char *file, const ent_text *text) {
  int code = ENT_OK;
  const int descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  ENT_CHECK(descriptor >= 0, errno == EEXIST ? ENT_ERR_BUSY : ENT_ERR_IO, "cannot create '%s': %s", file,
            strerror(errno));
  ENT_CHECK_GOTO(write(descriptor, text->data, text->length) == (ssize_t)text->length, ENT_ERR_IO,
                 "cannot write '%s': %s", file, strerror(errno));
  ENT_CHECK_GOTO(fsync(descriptor) == 0, ENT_ERR_IO, "cannot sync '%s': %s", file, strerror(errno));
done:
  close(descriptor);
  if (code != ENT_OK) unlink(file);
  return code;
}

/*
 * Removes what starts have left that were killed while they claimed the lock: drafts FILE.PID.tmp. A living
 * one of another host whose draft goes creates its lock straight.
 */
static void remove_drafts(const char *file) {
  const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
  const size_t length = strlen(name);
  char path[PATH_MAX];
  (void)snprintf(path, sizeof path, "%.*s", slash ? (int)(slash - file) + 1 : 2, slash ? file : "./");
  DIR *list = opendir(path);
  const struct dirent *entry = NULL;
  while (list != NULL && (entry = readdir(list)) != NULL) {
    const char *rest = entry->d_name + length;
    if (strncmp(entry->d_name, name, length) != 0 || *rest != '.') continue;
    const size_t digits = strspn(rest + 1, "0123456789");
    if (digits > 0 && strcmp(rest + 1 + digits, ".tmp") == 0) (void)unlinkat(dirfd(list), entry->d_name, 0);
  }
  if (list != NULL) (void)closedir(list);
}

/* A free lock becomes ours, whole from its first moment on. ENT_ERR_BUSY when another was faster. */
static int claim_free(const char *file, const ent_text *text) {
  int code = ENT_OK;
  ent_text own = {0};
  ENT_GOTO(ent_text_append(&own, "%s.%lld.tmp", file, (long long)getpid()));
  unlink(own.data);
  ENT_GOTO(write_new(own.data, text));
  if (link(own.data, file) != 0) {
    ENT_CHECK_GOTO(errno != EEXIST, ENT_ERR_BUSY, "'%s' was taken by another start", file);
    ENT_GOTO(write_new(file, text)); /* a file system without links */
  }
  remove_drafts(file);
done:
  if (own.data) unlink(own.data);
  ent_text_fini(&own);
  return code;
}

/*
 * Starters decide one after the other: the folder's own advisory lock, which vanishes with its holder, leaves
 * nothing behind. Where the file system has none, taking a free lock is still safe (link is exclusive), and
 * only two starters taking over the same dead lock in the same millisecond could both win.
 */
static int enter_guard(const char *file, int *guard) {
  int code = ENT_OK;
  ent_text folder = {0};
  const char *slash = strrchr(file, '/');
  ENT_GOTO(ent_text_append(&folder, "%.*s", slash ? (int)(slash - file) + 1 : 1, slash ? file : "."));
  const int descriptor = open(folder.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ENT_CHECK_GOTO(descriptor >= 0, ENT_ERR_IO, "cannot open folder '%s': %s", folder.data, strerror(errno));
  *guard = descriptor;
  const double until = ent_clock_now() + GUARD_SECONDS;
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) break;
    ENT_CHECK_GOTO(ent_clock_now() < until, ENT_ERR_BUSY, "another start holds the folder '%s'", folder.data);
    ent_clock_sleep(ENT_LOCK_POLL_S);
  }
done:
  ent_text_fini(&folder);
  return code;
}

/* The owner as it is written while ranks of a dead launcher may still be there: theirs and ours. */
static int write_owner(const char *file, const ent_lock_owner *owner, const ent_lock_owner *before,
                       bool is_free) {
  int code = ENT_OK;
  ent_text text = {0};
  ent_lock_owner both = *owner;
  both.n_ranks = owner->n_ranks + before->n_ranks;
  both.ranks = NULL;
  ENT_GOTO(ent_mem_alloc(both.n_ranks, sizeof *both.ranks, &both.ranks));
  if (owner->n_ranks > 0) memcpy(both.ranks, owner->ranks, owner->n_ranks * sizeof *both.ranks);
  if (before->n_ranks > 0)
    memcpy(both.ranks + owner->n_ranks, before->ranks, before->n_ranks * sizeof *both.ranks);
  ENT_GOTO(ent_lock_text_append(&text, &both));
  if (is_free)
    ENT_GOTO(claim_free(file, &text));
  else
    ENT_GOTO(ent_text_write_file(file, text.data, text.length));
done:
  free(both.ranks);
  ent_text_fini(&text);
  return code;
}

/* Decides under the guard. [out] before  the dead owner whose lock was taken over, without ranks if there is
 * none */
static int decide(const char *path, const char *file, const ent_lock_owner *owner, lock_found *before) {
  int code = ENT_OK, guard = -1;
  ENT_GOTO(enter_guard(file, &guard));
  ENT_GOTO(ent_lock_look(file, before));
  if (before->is_alive && !ent_lock_is_succeeded(before, owner->slurm_job, owner->restart))
    ENT_GOTO(ent_lock_raise_busy(path, before));
  ENT_GOTO(write_owner(file, owner, &before->owner, !before->exists));
done:
  if (guard >= 0) close(guard);
  return code;
}

/* Ranks on other hosts cannot be looked at: said once for all of them. */
static void say_unseen(const ent_lock_owner *dead) {
  size_t unseen = 0;
  const char *host = "";
  for (size_t i = 0; i < dead->n_ranks; i++) {
    if (ent_lock_is_here(&dead->ranks[i])) continue;
    if (unseen++ == 0) host = dead->ranks[i].host;
  }
  if (unseen > 0)
    ent_log(ENT_LOG_WARNING, "cannot see whether %zu rank%s of the dead run vanished, on host '%s' first",
            unseen, ent_text_plural((int64_t)unseen), host);
}

/* Ends what is left of a dead owner's ranks, so that two runs never write the same file. */
static int end_ranks(const char *path, const ent_lock_owner *dead) {
  const size_t alive = ent_process_await(dead->ranks, dead->n_ranks, ENT_LOCK_RANKS_S);
  for (size_t i = 0; alive > 0 && i < dead->n_ranks; i++) {
    const ent_process *rank = &dead->ranks[i];
    if (!ent_process_alive(rank)) continue;
    ent_log(ENT_LOG_WARNING, "ending process %lld, left over from the dead run on '%s'", (long long)rank->pid,
            path);
    kill((pid_t)rank->pid, SIGKILL);
  }
  ENT_CHECK(alive == 0 || ent_process_await(dead->ranks, dead->n_ranks, KILL_SECONDS) == 0, ENT_ERR_BUSY,
            "'%s' is in use by ranks of a dead run that cannot be ended", path);
  return ENT_OK;
}

/* Says whose lock is taken over, and why that may be. */
static void say_take_over(const char *path, const ent_lock_owner *owner, const lock_found *before) {
  const ent_process *launcher = &before->owner.launcher;
  const char *why = "which is dead";
  if (!before->is_known) {
    ent_log(ENT_LOG_WARNING, "taking over '%s', whose lock cannot be read and is old", path);
    return;
  }
  if (ent_lock_is_succeeded(before, owner->slurm_job, owner->restart))
    why = "which Slurm has ended to start this job again";
  else if (ent_process_alive(launcher))
    why = "which hangs although its ranks are dead; it is left alone";
  ent_log(ENT_LOG_WARNING, "taking over '%s' from process %lld on host '%s', %s", path,
          (long long)launcher->pid, launcher->host, why);
}

static int finish_take_over(const char *path, const char *file, const ent_lock_owner *owner,
                            const lock_found *before) {
  const ent_lock_owner nobody = {0};
  if (!before->exists) return ENT_OK;
  say_take_over(path, owner, before);
  ENT_TRY(end_ranks(path, &before->owner));
  if (!ent_lock_is_succeeded(before, owner->slurm_job, owner->restart)) say_unseen(&before->owner);
  ENT_TRY(write_owner(file, owner, &nobody, false));
  return ENT_OK;
}

static int copy_owner(const ent_lock_owner *owner, ent_lock_owner *copy) {
  *copy = *owner;
  copy->ranks = NULL;
  copy->heartbeat = ent_clock_unix();
  ENT_TRY(ent_mem_alloc(owner->n_ranks, sizeof *copy->ranks, &copy->ranks));
  if (owner->n_ranks > 0) memcpy(copy->ranks, owner->ranks, owner->n_ranks * sizeof *copy->ranks);
  return ENT_OK;
}

static void free_lock(ent_lock *lock) {
  if (lock == NULL) return;
  ent_lock_owner_fini(&lock->owner);
  free(lock->path);
  free(lock);
}

int ent_lock_take(const char *path, const ent_lock_owner *owner, ent_lock **lock) {
  int code = ENT_OK;
  ent_lock *made = NULL;
  lock_found before = {0};
  ENT_GOTO(ent_mem_alloc(1, sizeof *made, &made));
  ENT_GOTO(copy_owner(owner, &made->owner));
  ENT_GOTO(lock_path(path, &made->path));
  ENT_GOTO(ent_lock_look_patiently(made->path, &before));
  ent_lock_owner_fini(&before.owner);
  ENT_GOTO(decide(path, made->path, &made->owner, &before));
  /* should this fail, the lock stays, with the ranks that are left, for the next start to take over */
  ENT_GOTO(finish_take_over(path, made->path, &made->owner, &before));
  *lock = made;
  made = NULL;
done:
  ent_lock_owner_fini(&before.owner);
  free_lock(made);
  return code;
}

void ent_lock_find_slurm(int64_t *job, int64_t *restart) {
  const char *id = getenv("SLURM_JOB_ID"), *count = getenv("SLURM_RESTART_COUNT");
  *job = id && *id ? strtoll(id, NULL, 10) : -1;
  *restart = *job >= 0 && count && *count ? strtoll(count, NULL, 10) : 0;
}

int ent_lock_probe(const char *path) {
  int code = ENT_OK;
  char *file = NULL;
  lock_found found = {0};
  int64_t slurm_job = -1, restart = 0;
  ent_lock_find_slurm(&slurm_job, &restart);
  ENT_GOTO(lock_path(path, &file));
  ENT_GOTO(ent_lock_look_patiently(file, &found));
  if (found.is_alive && !ent_lock_is_succeeded(&found, slurm_job, restart))
    ENT_GOTO(ent_lock_raise_busy(path, &found));
done:
  ent_lock_owner_fini(&found.owner);
  free(file);
  return code;
}

/* Whether the lock is there, and still ours: another host may have taken it over after a long silence. */
static int check_ours(const ent_lock *lock, bool *exists, bool *is_ours) {
  lock_found found = {0};
  ENT_TRY(ent_lock_look(lock->path, &found));
  *exists = found.exists;
  *is_ours = found.is_known && same_process(&found.owner.launcher, &lock->owner.launcher);
  ent_lock_owner_fini(&found.owner);
  return ENT_OK;
}

int ent_lock_beat(ent_lock *lock, const ent_lock_progress *progress) {
  const ent_lock_owner nobody = {0};
  bool exists = false, is_ours = false;
  ENT_TRY(check_ours(lock, &exists, &is_ours));
  ENT_CHECK(is_ours || !exists, ENT_ERR_BUSY, "the lock '%s' is no longer held by this run", lock->path);
  if (!exists) ent_log(ENT_LOG_WARNING, "the lock '%s' was removed, it is put back", lock->path);
  lock->owner.progress = *progress;
  lock->owner.heartbeat = ent_clock_unix();
  const int code = write_owner(lock->path, &lock->owner, &nobody, !exists);
  /* needs no room on a full disk; an error would say what the write has said */
  if (code == ENT_ERR_IO) (void)utimensat(AT_FDCWD, lock->path, NULL, 0);
  ENT_TRY(code);
  return ENT_OK;
}

void ent_lock_release(ent_lock **lock) {
  if (lock == NULL || *lock == NULL) return;
  ent_lock *old = *lock;
  bool exists = false, is_ours = false;
  *lock = NULL;
  if (check_ours(old, &exists, &is_ours) == ENT_OK && is_ours) unlink(old->path);
  free_lock(old);
}

int ent_lock_read(const char *path, ent_lock_owner *owner, int *alive) {
  int code = ENT_OK;
  char *file = NULL;
  lock_found found = {0};
  ENT_GOTO(lock_path(path, &file));
  ENT_GOTO(ent_lock_look(file, &found));
  ENT_CHECK_GOTO(found.exists, ENT_ERR_IO, "there is no lock '%s'", file);
  ENT_CHECK_GOTO(found.is_known, ENT_ERR_FORMAT, "the lock '%s' cannot be read", file);
  *owner = found.owner;
  *alive = found.is_alive;
done:
  free(file);
  return code;
}
