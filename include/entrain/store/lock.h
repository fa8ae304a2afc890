#ifndef ENTRAIN_STORE_LOCK_H
#define ENTRAIN_STORE_LOCK_H

/*
 * Who may write a results file: a lock of our own beside it, OUT.h5.lock, a small JSON text. HDF5's and the
 * file system's locks do not stop a second parallel writer.
 *
 * It names the launcher (mpirun, or the program itself when it runs alone) by host, pid and start time, the
 * ranks in the same way, the Slurm job, and carries a heartbeat and the progress. Only a living owner
 * refuses; a dead one's lock is taken over. An owner is dead when, on this host,
 *   its launcher is dead, or
 *   the launcher lives but all its ranks are dead and the heartbeat is older than 30 s: it hangs (120 s when
 *   it has ranks elsewhere, too);
 * when its launcher is of another host,
 *   the heartbeat is older than 120 s;
 * and wherever it was
 *   when the caller is a later start of the same Slurm job, which cannot run twice at once.
 * The heartbeat is the later one of what the lock says and of its file's time.
 */

#include <stddef.h>
#include <stdint.h>

#include "entrain/base/error.h"

typedef struct ent_process {
  int64_t pid;
  int64_t
    start; /* start time in clock ticks since boot, from /proc/PID/stat: with the pid it names a process */
  char host[64];
} ent_process;

enum { ENT_LOCK_SLOW = 5, ENT_LOCK_NOTE = 160 };

/* A job that has been at work for long. */
typedef struct ent_lock_slow {
  int64_t row;
  double seconds; /* so far */
  int32_t worker; /* its rank */
} ent_lock_slow;

typedef struct ent_lock_progress {
  int64_t done, failed, total; /* rows; of the failed, some are quarantined */
  double rate;                 /* rows per second, recent */
  double eta;                  /* seconds; NaN while unknown */
  double started;              /* Unix seconds at which this run began */
  double eta_low, eta_high;    /* seconds, where eta may lie; NaN or both 0 while unknown */
  int64_t quarantined;         /* rows */
  int32_t workers;             /* at work or waiting for work; 0: not said */
  int32_t running;             /* jobs at work now */
  int32_t lost;                /* workers that have died or fallen silent */
  int32_t n_slow;
  ent_lock_slow slow[ENT_LOCK_SLOW]; /* [n_slow] the jobs at work for longest, longest first */
  char note[ENT_LOCK_NOTE];          /* what it waits for or is doing beside rows: "draining"; "": nothing */
} ent_lock_progress;

typedef struct ent_lock_owner {
  ent_process launcher;
  ent_process starter; /* of the launcher, which dies with it: `entrain run` started by hand; pid 0: none */
  size_t n_ranks;
  ent_process *ranks; /* [n_ranks] */
  int64_t slurm_job;  /* -1 outside Slurm */
  int64_t restart;    /* how often Slurm has started this job again */
  double heartbeat;   /* Unix seconds */
  ent_lock_progress progress;
} ent_lock_owner;

typedef struct ent_lock ent_lock;

/* Describes this process. Errors: ENT_ERR_SYSTEM. */
ENT_MUST_CHECK int ent_process_self(ent_process *process);

/* Describes a process of this host. Errors: ENT_ERR_SYSTEM when there is none of that pid. */
ENT_MUST_CHECK int ent_process_of(int64_t pid, ent_process *process);

/* Describes the parent of this process. Errors: ENT_ERR_SYSTEM. */
ENT_MUST_CHECK int ent_process_parent(ent_process *process);

/* Describes the parent of another process of this host. Errors: ENT_ERR_SYSTEM. */
ENT_MUST_CHECK int ent_process_parent_of(const ent_process *child, ent_process *process);

/* Whether a process of this host still runs; a zombie does not. */
int ent_process_alive(const ent_process *process);

/* How many of the processes [count] still run on this host. */
size_t ent_process_count(const ent_process *processes, size_t count);

/* Waits for their end, at most so many seconds; returns how many are left. */
size_t ent_process_await(const ent_process *processes, size_t count, double seconds);

/* The Slurm job of this process and how often it was started again: -1 and 0 outside Slurm. */
void ent_lock_find_slurm(int64_t *job, int64_t *restart);

/*
 * Takes the lock of `path` for the owner (copied; heartbeat is set). A dead owner's is taken over, with a
 * warning that says whose: waits up to 15 s for its ranks to vanish, then ends those still there by pid and
 * start time, and logs it; a launcher that hangs is named and left alone. Errors: ENT_ERR_BUSY with a message
 * that says who holds it; ENT_ERR_IO. Not collective: one process.
 */
ENT_MUST_CHECK int ent_lock_take(const char *path, const ent_lock_owner *owner, ent_lock **lock);

/*
 * Only looks: ENT_ERR_BUSY, with the same message, when an owner holds the lock who lives as seen by the
 * Slurm job, if any, of this process; ENT_OK otherwise.
 */
ENT_MUST_CHECK int ent_lock_probe(const char *path);

/*
 * Renews the heartbeat and the progress (atomically: written beside, renamed). A lock that was removed and is
 * held by nobody is put back, with a warning. Errors: ENT_ERR_BUSY when another run holds the lock: this one
 * must end. ENT_ERR_IO when the lock cannot be read or written (disk full, quota): no reason to end, the lock
 * stays ours; its file's time is then renewed, which needs no room, so that it does not look dead.
 */
ENT_MUST_CHECK int ent_lock_beat(ent_lock *lock, const ent_lock_progress *progress);

/* Gives the lock back and frees it; accepts NULL, sets NULL. */
void ent_lock_release(ent_lock **lock);

/*
 * Reads who holds the lock of `path`.
 * [out] owner  its ranks are freed with ent_lock_owner_fini;
 * [out] alive  whether its launcher lives (as far as this host can tell).
 * Errors: ENT_ERR_IO when there is no lock, ENT_ERR_FORMAT.
 */
ENT_MUST_CHECK int ent_lock_read(const char *path, ent_lock_owner *owner, int *alive);

void ent_lock_owner_fini(ent_lock_owner *owner);

#endif
