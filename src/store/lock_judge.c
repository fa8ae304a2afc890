#include "lock_judge.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/base/clock.h"
#include "entrain/base/text.h"

#include "lock_text.h"

static const double STALE_SECONDS = 120; /* a heartbeat older than this is a dead owner's, on another host */
static const double HUNG_SECONDS = 30; /* and of an owner whose ranks are dead, whatever its launcher does */

bool ent_lock_is_here(const ent_process *process) {
  char host[64] = "";
  return gethostname(host, sizeof host - 1) == 0 && strcmp(host, process->host) == 0;
}

/*
 * A launcher may outlive its ranks: mpirun sometimes hangs in its own end. None of its ranks on this host
 * lives, and the others, which cannot be seen, have been silent long enough.
 */
static bool is_hung(const ent_lock_owner *owner, double age) {
  size_t gone = 0, unseen = 0;
  for (size_t i = 0; i < owner->n_ranks; i++) {
    if (ent_process_alive(&owner->ranks[i])) return false;
    if (ent_lock_is_here(&owner->ranks[i]))
      gone++;
    else
      unseen++;
  }
  return gone > 0 && age > (unseen > 0 ? STALE_SECONDS : HUNG_SECONDS);
}

static bool owner_lives(const ent_lock_owner *owner) {
  const double age = ent_clock_unix() - owner->heartbeat;
  if (!ent_lock_is_here(&owner->launcher)) return age <= STALE_SECONDS;
  return ent_process_alive(&owner->launcher) && !is_hung(owner, age);
}

/* Reads the owner; a text that cannot be read is of unknown owner and lives while it is young. */
static int judge(const ent_text *text, double written, lock_found *found) {
  const int code = ent_lock_text_parse(text->data ? text->data : "", text->length, &found->owner);
  const double now = ent_clock_unix();
  found->exists = true;
  if (code == ENT_ERR_FORMAT) {
    ent_error_clear();
    found->is_alive = now - written <= STALE_SECONDS;
    return ENT_OK;
  }
  ENT_TRY(code);
  found->is_known = true;
  /* a beat that found the disk full has renewed the file's time only; a time to come is no heartbeat */
  if (written <= now) found->owner.heartbeat = fmax(found->owner.heartbeat, written);
  found->is_alive = owner_lives(&found->owner);
  return ENT_OK;
}

int ent_lock_look(const char *file, lock_found *found) {
  struct stat status;
  ent_text text = {0};
  *found = (lock_found){0};
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
static bool is_dying(const lock_found *found) {
  const ent_process *starter = &found->owner.starter;
  return found->is_known && found->is_alive && starter->pid > 0 && ent_lock_is_here(starter) &&
         !ent_process_alive(starter);
}

int ent_lock_look_patiently(const char *file, lock_found *found) {
  const double until = ent_clock_now() + ENT_LOCK_RANKS_S;
  ENT_TRY(ent_lock_look(file, found));
  while (is_dying(found) && ent_clock_now() < until) {
    ent_lock_owner_fini(&found->owner);
    ent_clock_sleep(ENT_LOCK_POLL_S);
    ENT_TRY(ent_lock_look(file, found));
  }
  return ENT_OK;
}

bool ent_lock_is_succeeded(const lock_found *found, int64_t slurm_job, int64_t restart) {
  const ent_lock_owner *owner = &found->owner;
  return found->is_known && slurm_job >= 0 && owner->slurm_job == slurm_job && restart > owner->restart;
}

int ent_lock_raise_busy(const char *path, const lock_found *found) {
  const ent_lock_owner *owner = &found->owner;
  const ent_lock_progress *progress = &owner->progress;
  const bool has_starter = owner->starter.pid > 0;
  char started[32] = "", mpirun[40] = "", slurm[48] = "", age[32] = "", rows[64] = "";
  if (!found->is_known)
    ENT_RAISE(ENT_ERR_BUSY, "'%s' is in use: its lock '%s.lock' cannot be read and is younger than %.0f s",
              path, path, STALE_SECONDS);
  ent_clock_format(progress->started, sizeof started, started);
  ent_text_duration(ent_clock_unix() - owner->heartbeat, sizeof age, age);
  if (owner->slurm_job >= 0) snprintf(slurm, sizeof slurm, ", Slurm job %lld", (long long)owner->slurm_job);
  if (has_starter) snprintf(mpirun, sizeof mpirun, " (mpirun %lld)", (long long)owner->launcher.pid);
  if (progress->total > 0) /* other commands than run compute none */
    snprintf(rows, sizeof rows, " with %lld of %lld row%s", (long long)progress->done,
             (long long)progress->total, ent_text_plural(progress->total));
  ENT_RAISE(ENT_ERR_BUSY,
            "'%s' is in use by process %lld%s on host '%s'%s, running since %s, last heard of %s ago%s", path,
            (long long)(has_starter ? owner->starter.pid : owner->launcher.pid), mpirun, owner->launcher.host,
            slurm, started, age, rows);
}
