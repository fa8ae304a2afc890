#include "entrain/store/lock.h"

#include <errno.h>
#include <fcntl.h>
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

#include "lock_text.h"

static const double STALE_SECONDS = 120; /* a heartbeat older than this is a dead owner's, on another host */
static const double RANKS_SECONDS = 15;  /* ranks of a dead launcher have this long to vanish by themselves */
static const double KILL_SECONDS = 5;    /* and this long after SIGKILL */
static const double GUARD_SECONDS = 10;  /* for another starter to decide */
static const double POLL_SECONDS = 0.02;

struct ent_lock {
  char *path; /* of the lock file; owned */
  ent_lock_owner owner;
};

/* What was found at the lock's place. */
typedef struct holder {
  bool exists, is_known, is_alive;
  ent_lock_owner owner; /* if is_known */
} holder;

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

static bool is_here(const ent_process *process) {
  char host[64] = "";
  return gethostname(host, sizeof host - 1) == 0 && strcmp(host, process->host) == 0;
}

static bool same_process(const ent_process *a, const ent_process *b) {
  return a->pid == b->pid && a->start == b->start && strcmp(a->host, b->host) == 0;
}

static bool owner_lives(const ent_lock_owner *owner) {
  if (is_here(&owner->launcher)) return ent_process_alive(&owner->launcher);
  return ent_clock_unix() - owner->heartbeat <= STALE_SECONDS;
}

/* Reads the owner; a text that cannot be read is of unknown owner and lives while it is young. */
static int judge(const ent_text *text, double written, holder *found) {
  const int code = ent_lock_text_parse(text->data ? text->data : "", text->length, &found->owner);
  found->exists = true;
  if (code == ENT_ERR_FORMAT) {
    ent_error_clear();
    found->is_alive = ent_clock_unix() - written <= STALE_SECONDS;
    return ENT_OK;
  }
  ENT_TRY(code);
  found->is_known = true;
  found->is_alive = owner_lives(&found->owner);
  return ENT_OK;
}

/* Looks at a lock file, which may vanish at any moment. */
static int look(const char *file, holder *found) {
  struct stat status;
  ent_text text = {0};
  *found = (holder){0};
  if (stat(file, &status) != 0) {
    ENT_CHECK(errno == ENOENT, ENT_ERR_IO, "cannot look at '%s': %s", file, strerror(errno));
    return ENT_OK;
  }
  int code = ent_text_read_file(file, &text);
  if (code == ENT_OK) {
    code = judge(&text, (double)status.st_mtime, found);
  } else if (code == ENT_ERR_IO && access(file, F_OK) != 0) {
    ent_error_clear();
    code = ENT_OK;
  }
  ent_text_fini(&text);
  return code;
}

/* Whether the owner's launcher is still there although who started it, and takes it along, is dead. */
static bool is_dying(const holder *found) {
  const ent_process *starter = &found->owner.starter;
  return found->is_known && found->is_alive && starter->pid > 0 && is_here(starter) &&
         !ent_process_alive(starter);
}

/* Looks, and waits for the end of a launcher that is dying. */
static int look_patiently(const char *file, holder *found) {
  const double until = ent_clock_now() + RANKS_SECONDS;
  ENT_TRY(look(file, found));
  while (is_dying(found) && ent_clock_now() < until) {
    ent_lock_owner_fini(&found->owner);
    ent_clock_sleep(POLL_SECONDS);
    ENT_TRY(look(file, found));
  }
  return ENT_OK;
}

/* Raises ENT_ERR_BUSY with all that is known of the holder. */
static int raise_busy(const char *path, const holder *found) {
  const ent_lock_owner *owner = &found->owner;
  const ent_lock_progress *progress = &owner->progress;
  char started[32] = "", slurm[48] = "", age[32] = "";
  if (!found->is_known)
    ENT_RAISE(ENT_ERR_BUSY, "'%s' is in use: its lock '%s.lock' cannot be read and is younger than %.0f s",
              path, path, STALE_SECONDS);
  ent_clock_format(progress->started, sizeof started, started);
  ent_text_duration(ent_clock_unix() - owner->heartbeat, sizeof age, age);
  if (owner->slurm_job >= 0) snprintf(slurm, sizeof slurm, ", Slurm job %lld", (long long)owner->slurm_job);
  ENT_RAISE(
    ENT_ERR_BUSY,
    "'%s' is in use by process %lld on host '%s'%s, running since %s with %lld of %lld rows, last heard of "
    "%s ago",
    path, (long long)owner->launcher.pid, owner->launcher.host, slurm, started, (long long)progress->done,
    (long long)progress->total, age);
}

/* Writes bytes to a file that must not be there yet. */
static int write_new(const char *file, const ent_text *text) {
  int code = ENT_OK;
  const int descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
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
    ent_clock_sleep(POLL_SECONDS);
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
static int decide(const char *path, const char *file, const ent_lock_owner *owner, holder *before) {
  int code = ENT_OK, guard = -1;
  ENT_GOTO(enter_guard(file, &guard));
  ENT_GOTO(look(file, before));
  if (before->exists && before->is_alive) ENT_GOTO(raise_busy(path, before));
  ENT_GOTO(write_owner(file, owner, &before->owner, !before->exists));
done:
  if (guard >= 0) close(guard);
  return code;
}

static size_t count_alive(const ent_lock_owner *owner) {
  size_t alive = 0;
  for (size_t i = 0; i < owner->n_ranks; i++) alive += ent_process_alive(&owner->ranks[i]) != 0;
  return alive;
}

static size_t wait_for_ranks(const ent_lock_owner *owner, double seconds) {
  const double until = ent_clock_now() + seconds;
  size_t alive = count_alive(owner);
  while (alive > 0 && ent_clock_now() < until) {
    ent_clock_sleep(POLL_SECONDS);
    alive = count_alive(owner);
  }
  return alive;
}

/* Ends what is left of a dead owner's ranks, so that two runs never write the same file. */
static int end_ranks(const char *path, const ent_lock_owner *dead) {
  const size_t alive = wait_for_ranks(dead, RANKS_SECONDS);
  for (size_t i = 0; i < dead->n_ranks; i++) {
    const ent_process *rank = &dead->ranks[i];
    if (!is_here(rank))
      ent_log(ENT_LOG_WARNING, "cannot see whether process %lld on host '%s', of the dead run, is gone",
              (long long)rank->pid, rank->host);
    else if (alive > 0 && ent_process_alive(rank)) {
      ent_log(ENT_LOG_WARNING, "ending process %lld, left over from the dead run on '%s'",
              (long long)rank->pid, path);
      kill((pid_t)rank->pid, SIGKILL);
    }
  }
  ENT_CHECK(alive == 0 || wait_for_ranks(dead, KILL_SECONDS) == 0, ENT_ERR_BUSY,
            "'%s' is in use by ranks of a dead run that cannot be ended", path);
  return ENT_OK;
}

static int finish_take_over(const char *path, const char *file, const ent_lock_owner *owner,
                            const holder *before) {
  const ent_lock_owner nobody = {0};
  if (!before->exists) return ENT_OK;
  if (before->is_known)
    ent_log(ENT_LOG_WARNING, "taking over '%s' from process %lld on host '%s', which is dead", path,
            (long long)before->owner.launcher.pid, before->owner.launcher.host);
  else
    ent_log(ENT_LOG_WARNING, "taking over '%s', whose lock cannot be read and is old", path);
  ENT_TRY(end_ranks(path, &before->owner));
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
  holder before = {0};
  ENT_GOTO(ent_mem_alloc(1, sizeof *made, &made));
  ENT_GOTO(copy_owner(owner, &made->owner));
  ENT_GOTO(lock_path(path, &made->path));
  ENT_GOTO(look_patiently(made->path, &before));
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

int ent_lock_probe(const char *path) {
  int code = ENT_OK;
  char *file = NULL;
  holder found = {0};
  ENT_GOTO(lock_path(path, &file));
  ENT_GOTO(look_patiently(file, &found));
  if (found.exists && found.is_alive) ENT_GOTO(raise_busy(path, &found));
done:
  ent_lock_owner_fini(&found.owner);
  free(file);
  return code;
}

/* Whether the lock is still ours: another host may have taken it over after a long silence. */
static int check_ours(const ent_lock *lock, bool *is_ours) {
  holder found = {0};
  ENT_TRY(look(lock->path, &found));
  *is_ours = found.exists && found.is_known && same_process(&found.owner.launcher, &lock->owner.launcher);
  ent_lock_owner_fini(&found.owner);
  return ENT_OK;
}

int ent_lock_beat(ent_lock *lock, const ent_lock_progress *progress) {
  const ent_lock_owner nobody = {0};
  bool is_ours = false;
  ENT_TRY(check_ours(lock, &is_ours));
  ENT_CHECK(is_ours, ENT_ERR_BUSY, "the lock '%s' is no longer held by this run", lock->path);
  lock->owner.progress = *progress;
  lock->owner.heartbeat = ent_clock_unix();
  ENT_TRY(write_owner(lock->path, &lock->owner, &nobody, false));
  return ENT_OK;
}

void ent_lock_release(ent_lock **lock) {
  if (lock == NULL || *lock == NULL) return;
  ent_lock *old = *lock;
  bool is_ours = false;
  *lock = NULL;
  if (check_ours(old, &is_ours) == ENT_OK && is_ours) unlink(old->path);
  free_lock(old);
}

int ent_lock_read(const char *path, ent_lock_owner *owner, int *alive) {
  int code = ENT_OK;
  char *file = NULL;
  holder found = {0};
  ENT_GOTO(lock_path(path, &file));
  ENT_GOTO(look(file, &found));
  ENT_CHECK_GOTO(found.exists, ENT_ERR_IO, "there is no lock '%s'", file);
  ENT_CHECK_GOTO(found.is_known, ENT_ERR_FORMAT, "the lock '%s' cannot be read", file);
  *owner = found.owner;
  *alive = found.is_alive;
done:
  free(file);
  return code;
}
