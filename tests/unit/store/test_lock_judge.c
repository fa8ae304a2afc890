#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "entrain/base/clock.h"
#include "entrain/base/text.h"
#include "entrain/store/lock.h"

#include "check.h"
#include "lock_fixture.h"

/* On another host only the heartbeat tells. */
static void judges_other_hosts_by_heartbeat(void) {
  lock_place where;
  ent_lock *lock = NULL;
  ent_lock_owner other = lock_fixture_owner();
  const ent_lock_owner owner = lock_fixture_owner();
  lock_fixture_place(&where);
  snprintf(other.launcher.host, sizeof other.launcher.host, "elsewhere");
  lock_fixture_leave(&where, &other);
  lock_fixture_age(&where, 60);
  CHECK_CODE(ent_lock_take(where.path, &owner, &lock), ENT_ERR_BUSY);
  CHECK_CONTAINS(ent_error_message(), "elsewhere");
  lock_fixture_age(&where, 180);
  CHECK_OK(ent_lock_take(where.path, &owner, &lock));
  ent_lock_release(&lock);
  lock_fixture_remove(&where);
}

/* A beat that found no room for a text has only renewed the file's time; a time to come is no heartbeat. */
static void file_time_is_a_heartbeat(void) {
  lock_place where;
  ent_lock_owner other = lock_fixture_owner(), read = {0};
  int alive = 0;
  lock_fixture_place(&where);
  snprintf(other.launcher.host, sizeof other.launcher.host, "elsewhere");
  lock_fixture_leave(&where, &other);
  lock_fixture_age(&where, 180);
  CHECK_OK(ent_lock_probe(where.path));
  lock_fixture_age_file(&where, 10);
  CHECK_CODE(ent_lock_probe(where.path), ENT_ERR_BUSY);
  CHECK_OK(ent_lock_read(where.path, &read, &alive));
  CHECK(alive && ent_clock_unix() - read.heartbeat < 100);
  ent_lock_owner_fini(&read);
  lock_fixture_age_file(&where, -1000);
  CHECK_OK(ent_lock_probe(where.path));
  unlink(where.lock);
  lock_fixture_remove(&where);
}

/* A launcher here with these ranks; takes over or not when the lock is so old. */
static void launcher_with_dead_ranks(const ent_process *ranks, size_t n_ranks, double age, int expected) {
  lock_place where;
  ent_lock *lock = NULL;
  ent_lock_owner hung = lock_fixture_owner();
  const ent_lock_owner owner = lock_fixture_owner();
  char named[64];
  lock_fixture_place(&where);
  const pid_t launcher = lock_fixture_sleeper(&hung.launcher);
  const ent_process unharmed = hung.launcher;
  ent_process copy[2] = {ranks[0], ranks[n_ranks - 1]};
  hung.ranks = copy;
  hung.n_ranks = n_ranks;
  lock_fixture_leave(&where, &hung);
  lock_fixture_age(&where, age);
  CHECK_CODE(ent_lock_probe(where.path), expected);
  lock_fixture_listen();
  CHECK_CODE(ent_lock_take(where.path, &owner, &lock), expected);
  const char *heard = lock_fixture_heard();
  snprintf(named, sizeof named, "process %d", (int)launcher);
  if (expected == ENT_OK) CHECK_CONTAINS(heard, named);
  if (expected == ENT_OK) CHECK_CONTAINS(heard, "hangs although its ranks are dead; it is left alone");
  CHECK(ent_process_alive(&unharmed));
  ent_lock_release(&lock);
  unlink(where.lock);
  lock_fixture_end(launcher);
  lock_fixture_remove(&where);
}

static void launcher_that_outlives_its_ranks_is_dead(void) {
  ent_process ranks[2];
  const pid_t first = lock_fixture_sleeper(&ranks[0]), second = lock_fixture_sleeper(&ranks[1]);
  launcher_with_dead_ranks(ranks, 2, 1000, ENT_ERR_BUSY);
  lock_fixture_end(first);
  launcher_with_dead_ranks(ranks, 2, 1000, ENT_ERR_BUSY); /* one rank lives */
  lock_fixture_end(second);
  launcher_with_dead_ranks(ranks, 2, 20, ENT_ERR_BUSY); /* they may just be ending */
  launcher_with_dead_ranks(ranks, 2, 40, ENT_OK);
  snprintf(ranks[1].host, sizeof ranks[1].host, "elsewhere");
  launcher_with_dead_ranks(ranks, 2, 40, ENT_ERR_BUSY); /* one cannot be seen */
  launcher_with_dead_ranks(ranks, 2, 140, ENT_OK);
  launcher_with_dead_ranks(ranks + 1, 1, 1000, ENT_ERR_BUSY); /* none can: its launcher lives */
}

/* Slurm job 7, started again `restart` times, finds its own lock of the start `before` on another host. */
static void find_lock_of_job(int64_t before, const char *job, int64_t restart, int expected) {
  lock_place where;
  ent_lock *lock = NULL;
  ent_lock_owner other = lock_fixture_owner(), owner = lock_fixture_owner();
  ent_process rank = {.pid = 1, .start = 1, .host = "elsewhere"};
  char count[24];
  lock_fixture_place(&where);
  other.launcher = rank;
  other.ranks = &rank;
  other.n_ranks = 1;
  other.slurm_job = 7;
  other.restart = before;
  lock_fixture_leave(&where, &other);
  snprintf(count, sizeof count, "%lld", (long long)restart);
  setenv("SLURM_JOB_ID", job, 1);
  setenv("SLURM_RESTART_COUNT", count, 1);
  ent_lock_find_slurm(&owner.slurm_job, &owner.restart);
  CHECK_CODE(ent_lock_probe(where.path), expected);
  lock_fixture_listen();
  CHECK_CODE(ent_lock_take(where.path, &owner, &lock), expected);
  const char *heard = lock_fixture_heard();
  if (expected == ENT_OK) CHECK_CONTAINS(heard, "which Slurm has ended to start this job again");
  unsetenv("SLURM_JOB_ID");
  unsetenv("SLURM_RESTART_COUNT");
  ent_lock_release(&lock);
  unlink(where.lock);
  lock_fixture_remove(&where);
}

static void requeued_job_succeeds_itself(void) {
  find_lock_of_job(0, "7", 1, ENT_OK);
  find_lock_of_job(2, "7", 3, ENT_OK);
  find_lock_of_job(1, "7", 1, ENT_ERR_BUSY); /* a second run within the same start */
  find_lock_of_job(2, "7", 1, ENT_ERR_BUSY);
  find_lock_of_job(0, "8", 1, ENT_ERR_BUSY);
  find_lock_of_job(0, "", 1, ENT_ERR_BUSY); /* outside Slurm */
}

static void slurm_is_read_from_the_environment(void) {
  int64_t job = 0, restart = 9;
  unsetenv("SLURM_JOB_ID");
  setenv("SLURM_RESTART_COUNT", "4", 1);
  ent_lock_find_slurm(&job, &restart);
  CHECK_INT(job, -1);
  CHECK_INT(restart, 0);
  setenv("SLURM_JOB_ID", "4711", 1);
  ent_lock_find_slurm(&job, &restart);
  CHECK_INT(job, 4711);
  CHECK_INT(restart, 4);
  unsetenv("SLURM_RESTART_COUNT");
  ent_lock_find_slurm(&job, &restart);
  CHECK_INT(restart, 0);
  unsetenv("SLURM_JOB_ID");
}

/* A limit of the size of files stands for a full disk: nothing can be written, times can be set. */
static int beat_without_room(ent_lock *lock, const ent_lock_progress *progress) {
  struct rlimit before, none;
  CHECK_INT(getrlimit(RLIMIT_FSIZE, &before), 0);
  none = before;
  none.rlim_cur = 16;
  signal(SIGXFSZ, SIG_IGN);
  CHECK_INT(setrlimit(RLIMIT_FSIZE, &none), 0);
  const int code = ent_lock_beat(lock, progress);
  CHECK_INT(setrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, SIG_DFL);
  return code;
}

static void full_disk_costs_no_lock(void) {
  lock_place where;
  ent_lock *lock = NULL;
  ent_lock_owner owner = lock_fixture_owner(), read = {0};
  int alive = 0;
  lock_fixture_place(&where);
  CHECK_OK(ent_lock_take(where.path, &owner, &lock));
  lock_fixture_age(&where, 1000);
  owner.progress.done = 121;
  CHECK_CODE(beat_without_room(lock, &owner.progress), ENT_ERR_IO);
  CHECK_OK(ent_lock_read(where.path, &read, &alive));
  CHECK_INT(read.progress.done, 120); /* the old text, whole */
  CHECK(fabs(read.heartbeat - ent_clock_unix()) < 100);
  ent_lock_owner_fini(&read);
  CHECK_OK(ent_lock_beat(lock, &owner.progress)); /* there is room again */
  CHECK_OK(ent_lock_read(where.path, &read, &alive));
  CHECK_INT(read.progress.done, 121);
  ent_lock_owner_fini(&read);
  ent_lock_release(&lock);
  lock_fixture_remove(&where);
}

static void removed_lock_is_put_back(void) {
  lock_place where;
  ent_lock *lock = NULL;
  ent_lock_owner owner = lock_fixture_owner(), read = {0};
  int alive = 0;
  lock_fixture_place(&where);
  CHECK_OK(ent_lock_take(where.path, &owner, &lock));
  CHECK_INT(unlink(where.lock), 0);
  lock_fixture_listen();
  CHECK_OK(ent_lock_beat(lock, &owner.progress));
  CHECK_CONTAINS(lock_fixture_heard(), "was removed, it is put back");
  CHECK_OK(ent_lock_read(where.path, &read, &alive));
  CHECK(alive && read.launcher.pid == getpid());
  ent_lock_owner_fini(&read);
  ent_lock_release(&lock);
  lock_fixture_remove(&where);
}

static void notices_that_it_was_taken(void) {
  lock_place where;
  ent_lock *lock = NULL;
  ent_lock_owner owner = lock_fixture_owner();
  lock_fixture_place(&where);
  CHECK_OK(ent_lock_take(where.path, &owner, &lock));
  CHECK_OK(ent_text_write_file(where.lock, "somebody else", 13));
  CHECK_CODE(ent_lock_beat(lock, &owner.progress), ENT_ERR_BUSY);
  ent_lock_release(&lock);
  CHECK_INT(unlink(where.lock), 0); /* the other's lock is still there */
  lock_fixture_remove(&where);
}

static const ent_test tests[] = {
  {"on another host the heartbeat decides", judges_other_hosts_by_heartbeat},
  {"the time of the lock's file counts as a heartbeat, one to come does not", file_time_is_a_heartbeat},
  {"a launcher that hangs after the death of its ranks is dead, and is left alone",
   launcher_that_outlives_its_ranks_is_dead},
  {"a Slurm job that is started again takes over its own lock at once", requeued_job_succeeds_itself},
  {"job and restart count come from Slurm's environment", slurm_is_read_from_the_environment},
  {"a beat that finds no room leaves the lock whole, ours and young", full_disk_costs_no_lock},
  {"a lock that was removed is put back", removed_lock_is_put_back},
  {"a run whose lock was taken away notices and leaves it alone", notices_that_it_was_taken},
  {0},
};

ENT_TEST_MAIN("store/lock_judge", tests)
