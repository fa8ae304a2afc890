#ifndef ENTRAIN_STORE_LOCK_JUDGE_H
#define ENTRAIN_STORE_LOCK_JUDGE_H

/* What lies at a lock's place and whether its owner lives; store/lock decides by it, nobody else includes
 * this. Nothing is changed here. */

#include <stdbool.h>

#include "entrain/store/lock.h"

#define ENT_LOCK_RANKS_S 15.0 /* ranks of a dead launcher have this long to vanish by themselves */
#define ENT_LOCK_POLL_S 0.02

typedef struct lock_found {
  bool exists;
  bool is_known; /* it could be read: owner means something */
  bool is_alive;
  ent_lock_owner owner; /* its heartbeat is the later one of text and file */
} lock_found;

/* Whether a process is, or was, of this host. */
bool ent_lock_is_here(const ent_process *process);

/* Looks at a lock file, which may vanish at any moment. Errors: ENT_ERR_IO, ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_lock_look(const char *file, lock_found *found);

/* The same, and waits for the end of a launcher that is dying. */
ENT_MUST_CHECK int ent_lock_look_patiently(const char *file, lock_found *found);

/* Whether the caller is a later start of the Slurm job that holds the lock: then the former one is over. */
bool ent_lock_is_succeeded(const lock_found *found, int64_t slurm_job, int64_t restart);

/* Raises ENT_ERR_BUSY with all that is known of who holds the lock of `path`. */
ENT_MUST_CHECK int ent_lock_raise_busy(const char *path, const lock_found *found);

#endif
