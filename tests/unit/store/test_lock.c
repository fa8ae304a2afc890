#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrain/base/clock.h"
#include "entrain/base/text.h"
#include "entrain/store/lock.h"

#include "check.h"
#include "lock_fixture.h"

enum { STARTERS = 8, RACES = 20 };

static void knows_processes(void) {
  ent_process self, parent, other;
  CHECK_OK(ent_process_self(&self));
  CHECK_OK(ent_process_parent(&parent));
  CHECK_INT(self.pid, getpid());
  CHECK_INT(parent.pid, getppid());
  CHECK(ent_process_alive(&self) && ent_process_alive(&parent));
  other = self;
  other.start++;
  CHECK(!ent_process_alive(&other)); /* the pid was given to somebody else */
  other = self;
  snprintf(other.host, sizeof other.host, "no-such-host");
  CHECK(!ent_process_alive(&other));
}

static void zombie_is_dead(void) {
  ent_process sleeper;
  const pid_t pid = lock_fixture_sleeper(&sleeper);
  CHECK(ent_process_alive(&sleeper));
  kill(pid, SIGKILL);
  siginfo_t info;
  waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
  CHECK(!ent_process_alive(&sleeper));
  waitpid(pid, NULL, 0);
  CHECK(!ent_process_alive(&sleeper));
}

static void round_trip(void) {
  lock_place where;
  ent_lock *lock = NULL;
  ent_lock_owner owner = lock_fixture_owner(), read = {0};
  ent_process ranks[2] = {owner.launcher, {.pid = 77, .start = 88, .host = "other \"host\""}};
  int alive = 0;
  lock_fixture_place(&where);
  owner.n_ranks = 2;
  owner.ranks = ranks;
  owner.slurm_job = 4711;
  CHECK_OK(ent_lock_take(where.path, &owner, &lock));
  CHECK_OK(ent_lock_beat(
    lock,
    &(ent_lock_progress){.done = 9, .failed = 1, .total = 10, .rate = 2.5, .eta = 0.4, .started = 1234.5}));
  CHECK_OK(ent_lock_read(where.path, &read, &alive));
  CHECK_INT(alive, 1);
  CHECK_INT(read.launcher.pid, getpid());
  CHECK_INT(read.slurm_job, 4711);
  CHECK_INT(read.n_ranks, 2);
  CHECK_TEXT(read.ranks[1].host, "other \"host\"");
  CHECK_INT(read.ranks[1].start, 88);
  CHECK_INT(read.progress.done, 9);
  CHECK_REAL(read.progress.rate, 2.5, 0);
  CHECK_REAL(read.progress.started, 1234.5, 0);
  CHECK(fabs(read.heartbeat - ent_clock_unix()) < 100);
  ent_lock_owner_fini(&read);
  ent_lock_release(&lock);
  CHECK(lock == NULL);
  CHECK_CODE(ent_lock_read(where.path, &read, &alive), ENT_ERR_IO);
  CHECK_OK(ent_lock_probe(where.path));
  lock_fixture_remove(&where);
}

/* A signal is for who has started mpirun. */
static void names_who_has_started_it(void) {
  lock_place where;
  ent_lock *lock = NULL;
  ent_lock_owner owner = lock_fixture_owner();
  char pids[64];
  lock_fixture_place(&where);
  const pid_t child = lock_fixture_sleeper(&owner.launcher);
  CHECK_OK(ent_process_self(&owner.starter));
  CHECK_OK(ent_lock_take(where.path, &owner, &lock));
  CHECK_CODE(ent_lock_probe(where.path), ENT_ERR_BUSY);
  snprintf(pids, sizeof pids, "process %d (mpirun %d) on", (int)getpid(), (int)child);
  CHECK_CONTAINS(ent_error_message(), pids);
  ent_lock_release(&lock);
  lock_fixture_end(child);
  lock_fixture_remove(&where);
}

static void refuses_living_owner(void) {
  lock_place where;
  ent_lock *lock = NULL, *second = NULL;
  ent_lock_owner owner = lock_fixture_owner();
  char pid[32];
  lock_fixture_place(&where);
  owner.slurm_job = 31;
  const pid_t child = lock_fixture_sleeper(&owner.launcher);
  CHECK_OK(ent_lock_take(where.path, &owner, &lock));
  const ent_lock_owner other = lock_fixture_owner();
  CHECK_CODE(ent_lock_take(where.path, &other, &second), ENT_ERR_BUSY);
  snprintf(pid, sizeof pid, "process %d on", (int)child);
  CHECK_CONTAINS(ent_error_message(), pid);
  CHECK_CONTAINS(ent_error_message(), "Slurm job 31");
  CHECK_CONTAINS(ent_error_message(), "120 of 500 rows");
  CHECK_CODE(ent_lock_probe(where.path), ENT_ERR_BUSY);
  CHECK(second == NULL);
  ent_lock_release(&lock);
  lock_fixture_end(child);
  lock_fixture_remove(&where);
}

static void takes_over_dead_owner(void) {
  lock_place where;
  ent_lock *lock = NULL;
  ent_lock_owner owner = lock_fixture_owner(), read = {0};
  int alive = 0;
  lock_fixture_place(&where);
  const pid_t child = lock_fixture_sleeper(&owner.launcher);
  lock_fixture_leave(&where, &owner);
  CHECK_CODE(ent_lock_probe(where.path), ENT_ERR_BUSY);
  lock_fixture_end(child);
  CHECK_OK(ent_lock_probe(where.path));
  CHECK_OK(ent_lock_read(where.path, &read, &alive));
  CHECK_INT(alive, 0);
  ent_lock_owner_fini(&read);
  owner = lock_fixture_owner();
  CHECK_OK(ent_lock_take(where.path, &owner, &lock));
  CHECK_OK(ent_lock_read(where.path, &read, &alive));
  CHECK_INT(read.launcher.pid, getpid());
  CHECK_INT(read.n_ranks, 0);
  ent_lock_owner_fini(&read);
  ent_lock_release(&lock);
  lock_fixture_remove(&where);
}

/* The rank outlives its launcher and the 15 s; its neighbour with another start time must not be touched. */
static void ends_left_over_ranks(void) {
  lock_place where;
  ent_lock *lock = NULL;
  ent_lock_owner owner = lock_fixture_owner();
  ent_process ranks[2];
  int status = 0;
  lock_fixture_place(&where);
  const pid_t launcher = lock_fixture_sleeper(&owner.launcher), rank = lock_fixture_sleeper(&ranks[0]);
  const pid_t stranger = lock_fixture_sleeper(&ranks[1]);
  const ent_process unharmed = ranks[1];
  ranks[1].start--;
  owner.n_ranks = 2;
  owner.ranks = ranks;
  lock_fixture_leave(&where, &owner);
  lock_fixture_end(launcher);
  const ent_lock_owner next = lock_fixture_owner();
  lock_fixture_listen();
  CHECK_OK(ent_lock_take(where.path, &next, &lock));
  CHECK_CONTAINS(lock_fixture_heard(), "which is dead");
  CHECK_CONTAINS(lock_fixture_heard(), "ending process");
  CHECK_INT(waitpid(rank, &status, WNOHANG), rank);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  CHECK(ent_process_alive(&unharmed));
  ent_lock_release(&lock);
  lock_fixture_end(stranger);
  lock_fixture_remove(&where);
}

/* Gives every byte of a text away but the first `keep`. */
static void damaged_lock(const lock_place *where, const char *text, bool is_old, int expected) {
  ent_lock *lock = NULL;
  ent_lock_owner read;
  int alive = 0;
  const ent_lock_owner owner = lock_fixture_owner();
  CHECK_OK(ent_text_write_file(where->lock, text, strlen(text)));
  if (is_old) lock_fixture_age_file(where, 200);
  CHECK_CODE(ent_lock_read(where->path, &read, &alive), ENT_ERR_FORMAT);
  const int code = ent_lock_take(where->path, &owner, &lock);
  CHECK_INT(code, expected);
  ent_lock_release(&lock);
  unlink(where->lock);
}

static void judges_damaged_locks_by_age(void) {
  static const char *const texts[] = {
    "",
    "{",
    "nonsense",
    "{\"format\": 1}",
    "[1, 2]",
    "{\"format\": 99}",
    "\x01\xff",
    "a: [",
    "{\"format\": 1, \"launcher\": {\"host\": \"h\", \"pid\": \"x\", \"start\": 1}}",
    "{\"format\": 1, \"launcher\": 7, \"ranks\": []}"};
  lock_place where;
  lock_fixture_place(&where);
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    damaged_lock(&where, texts[i], false, ENT_ERR_BUSY);
    damaged_lock(&where, texts[i], true, ENT_OK);
  }
  lock_fixture_remove(&where);
}

/* A starter: waits for the gun, tries once, says 0 (won), 1 (busy) or 2, and holds what it has until the end.
 */
static void start_racing(const lock_place *where, int gun, int result, int end) {
  char byte = 0;
  ent_lock *lock = NULL;
  ent_lock_owner owner = {.slurm_job = -1};
  if (ent_process_self(&owner.launcher) != ENT_OK || read(gun, &byte, 1) < 0) _exit(9);
  const int code = ent_lock_take(where->path, &owner, &lock);
  byte = code == ENT_OK ? 0 : code == ENT_ERR_BUSY ? 1 : 2;
  if (write(result, &byte, 1) != 1 || read(end, &byte, 1) < 0) _exit(9);
  ent_lock_release(&lock);
  _exit(0);
}

/* One race of all starters; returns how many won. */
static int run_race(const lock_place *where) {
  int gun[2], result[2], end[2], won = 0;
  pid_t children[STARTERS];
  REQUIRE(pipe(gun) == 0 && pipe(result) == 0 && pipe(end) == 0);
  for (int i = 0; i < STARTERS; i++) {
    children[i] = fork();
    if (children[i] != 0) continue;
    close(gun[1]);
    close(end[1]);
    start_racing(where, gun[0], result[1], end[0]);
  }
  close(gun[1]); /* all reads end at once */
  for (int i = 0; i < STARTERS; i++) {
    char byte = 9;
    CHECK_INT(read(result[0], &byte, 1), 1);
    CHECK(byte == 0 || byte == 1);
    won += byte == 0;
  }
  close(end[1]);
  for (int i = 0; i < STARTERS; i++) waitpid(children[i], NULL, 0);
  close(gun[0]);
  close(end[0]);
  close(result[0]);
  close(result[1]);
  return won;
}

static void one_of_many_wins_free_lock(void) {
  lock_place where;
  lock_fixture_place(&where);
  for (int race = 0; race < RACES; race++) CHECK_INT(run_race(&where), 1);
  lock_fixture_remove(&where);
}

static void one_of_many_wins_dead_lock(void) {
  lock_place where;
  lock_fixture_place(&where);
  for (int race = 0; race < RACES; race++) {
    ent_lock_owner owner = lock_fixture_owner();
    const pid_t child = lock_fixture_sleeper(&owner.launcher);
    lock_fixture_leave(&where, &owner);
    lock_fixture_end(child);
    CHECK_INT(run_race(&where), 1);
  }
  lock_fixture_remove(&where);
}

static void removes_drafts(void) {
  static const char *const drafts[] = {".4711.tmp", ".1.tmp"};
  static const char *const others[] = {".tmp", ".4711.tmp.txt", ".a1.tmp"};
  char path[400];
  lock_place where;
  ent_lock *lock = NULL;
  lock_fixture_place(&where);
  const ent_lock_owner owner = lock_fixture_owner();
  for (size_t i = 0; i < 5; i++) {
    (void)snprintf(path, sizeof path, "%s%s", where.lock, i < 2 ? drafts[i] : others[i - 2]);
    fclose(fopen(path, "w"));
  }
  CHECK_OK(ent_lock_take(where.path, &owner, &lock));
  for (size_t i = 0; i < 5; i++) {
    (void)snprintf(path, sizeof path, "%s%s", where.lock, i < 2 ? drafts[i] : others[i - 2]);
    CHECK_INT(unlink(path) == 0, i >= 2);
  }
  ent_lock_release(&lock);
  lock_fixture_remove(&where);
}

static const ent_test tests[] = {
  {"what starts that were killed have left beside it is removed", removes_drafts},
  {"a process is known by pid, start time and host", knows_processes},
  {"a zombie is dead", zombie_is_dead},
  {"a lock tells who holds it and how far he is", round_trip},
  {"a living owner refuses and is named", refuses_living_owner},
  {"a refusal names who has started mpirun, and mpirun", names_who_has_started_it},
  {"a dead owner's lock is taken over", takes_over_dead_owner},
  {"a rank that outlives its launcher is ended, a stranger with its pid is not", ends_left_over_ranks},
  {"a damaged lock counts while it is young", judges_damaged_locks_by_age},
  {"of several starters exactly one gets a free lock", one_of_many_wins_free_lock},
  {"of several starters exactly one takes over a dead lock", one_of_many_wins_dead_lock},
  {0},
};

ENT_TEST_MAIN("store/lock", tests)
