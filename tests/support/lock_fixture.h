#ifndef ENTRAIN_TESTS_LOCK_FIXTURE_H
#define ENTRAIN_TESTS_LOCK_FIXTURE_H

/* What the tests of the lock share: a folder of their own, owners that live or die, and an ear for the log.
 */

#include <sys/types.h>

#include "entrain/store/lock.h"

/* A folder of our own with the path of a results file and of its lock. */
typedef struct lock_place {
  char folder[256], path[300], lock[320];
} lock_place;

void lock_fixture_place(lock_place *where);

/* Fails when something was left in the folder. */
void lock_fixture_remove(const lock_place *where);

/* This process as the owner of a lock, outside Slurm and without ranks. */
ent_lock_owner lock_fixture_owner(void);

/* A child that does nothing until it is killed. */
pid_t lock_fixture_sleeper(ent_process *process);
void lock_fixture_end(pid_t pid);

/* Writes the lock of an owner that is not this process: taken with its identity, and left behind. */
void lock_fixture_leave(const lock_place *where, const ent_lock_owner *owner);

/* The lock was last beaten so many seconds ago. */
void lock_fixture_age(const lock_place *where, double seconds);

/* The lock file was last written so many seconds ago, whatever its text says. */
void lock_fixture_age_file(const lock_place *where, double seconds);

/* From here on the log is kept for _heard, which ends it. */
void lock_fixture_listen(void);
const char *lock_fixture_heard(void);

#endif
