#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "entrain/base/text.h"
#include "entrain/store/lock.h"

#include "check.h"
#include "lock_fixture.h"

/* What a run tells of its workers; the note is cut and kept to plain letters. */
static void round_trip_of_workers(void) {
  lock_place where;
  ent_lock *lock = NULL;
  ent_lock_owner owner = lock_fixture_owner(), read = {0};
  int alive = 0;
  ent_lock_progress told = {.total = 10,
                            .eta = NAN,
                            .eta_low = 1.5,
                            .eta_high = NAN,
                            .quarantined = 4,
                            .workers = 64,
                            .running = 61,
                            .lost = 3,
                            .n_slow = 5,
                            .note = "waiting for \"3\" of 64 workers\n\xc3\xa9"};
  for (int i = 0; i < 5; i++) told.slow[i] = (ent_lock_slow){INT64_C(1) << (36 - i), 7.25 - i, i + 1};
  lock_fixture_place(&where);
  owner.restart = 3;
  CHECK_OK(ent_lock_take(where.path, &owner, &lock));
  CHECK_OK(ent_lock_beat(lock, &told));
  CHECK_OK(ent_lock_read(where.path, &read, &alive));
  CHECK_INT(read.restart, 3);
  CHECK_REAL(read.progress.eta_low, 1.5, 0);
  CHECK(isnan(read.progress.eta_high));
  CHECK_INT(read.progress.quarantined, 4);
  CHECK_INT(read.progress.workers, 64);
  CHECK_INT(read.progress.running, 61);
  CHECK_INT(read.progress.lost, 3);
  CHECK_INT(read.progress.n_slow, 5);
  for (int i = 0; i < 5; i++) {
    CHECK_INT(read.progress.slow[i].row, INT64_C(1) << (36 - i));
    CHECK_REAL(read.progress.slow[i].seconds, 7.25 - i, 0);
    CHECK_INT(read.progress.slow[i].worker, i + 1);
  }
  CHECK_TEXT(read.progress.note, "waiting for \"3\" of 64 workers\n??");
  ent_lock_owner_fini(&read);
  memset(told.note, 'x', sizeof told.note - 1);
  CHECK_OK(ent_lock_beat(lock, &told));
  CHECK_OK(ent_lock_read(where.path, &read, &alive));
  CHECK_INT(strlen(read.progress.note), ENT_LOCK_NOTE - 1);
  ent_lock_owner_fini(&read);
  ent_lock_release(&lock);
  lock_fixture_remove(&where);
}

/* The lock of an older program with one more piece of progress is read, or not. */
static void lock_with(const lock_place *where, const char *more, int expected, ent_lock_owner *read) {
  static const char *const format =
    "{\"format\": 1, \"launcher\": {\"host\": \"elsewhere\", \"pid\": 1, \"start\": 1}, \"slurm_job\": -1, "
    "\"heartbeat\": 5, \"progress\": {\"done\": 0, \"failed\": 0, \"total\": 1, \"rate\": 0, \"eta\": null, "
    "\"started\": 0%s}, \"ranks\": []}";
  char text[1024];
  int alive = 0;
  snprintf(text, sizeof text, format, more);
  CHECK_OK(ent_text_write_file(where->lock, text, strlen(text)));
  CHECK_CODE(ent_lock_read(where->path, read, &alive), expected);
  unlink(where->lock);
}

static void later_keys_may_be_missing_but_not_wrong(void) {
  static const char *const wrong[] = {
    ", \"lost\": -1",
    ", \"lost\": 3000000000",
    ", \"workers\": x",
    ", \"eta_low\": soon",
    ", \"note\": [1]",
    ", \"slow\": 1",
    ", \"slow\": [1]",
    ", \"slow\": [{\"row\": 1}]",
    ", \"slow\": [{\"row\": 1, \"worker\": 2, \"seconds\": [] }]",
    ", \"slow\": [{}, {}, {}, {}, {}, {}]",
  };
  lock_place where;
  ent_lock_owner read = {0};
  lock_fixture_place(&where);
  lock_with(&where, "", ENT_OK, &read);
  CHECK_INT(read.restart, 0);
  CHECK_INT(read.progress.workers, 0);
  CHECK_INT(read.progress.n_slow, 0);
  CHECK(isnan(read.progress.eta_low) && isnan(read.progress.eta_high));
  CHECK_TEXT(read.progress.note, "");
  ent_lock_owner_fini(&read);
  lock_with(&where, ", \"slow\": [{\"row\": 7, \"worker\": 2, \"seconds\": 3}], \"newer\": {}", ENT_OK,
            &read);
  CHECK_INT(read.progress.n_slow, 1);
  CHECK_INT(read.progress.slow[0].row, 7);
  ent_lock_owner_fini(&read);
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    lock_with(&where, wrong[i], ENT_ERR_FORMAT, &read);
  lock_fixture_remove(&where);
}

/* A name that is too long is cut between two characters; found by fuzzing. */
static void cuts_a_name(void) {
  static const char *const format =
    "{\"format\": 1, \"launcher\": {\"host\": \"%sé\", \"pid\": 1, \"start\": 1}, \"slurm_job\": -1, "
    "\"heartbeat\": 5, \"progress\": {\"done\": 0, \"failed\": 0, \"total\": 1, \"rate\": 0, \"eta\": null, "
    "\"started\": 0}, \"ranks\": []}";
  char text[1024], host[64] = "";
  lock_place where;
  int alive = 0;
  lock_fixture_place(&where);
  for (size_t length = 61; length < sizeof host; length++) {
    ent_lock_owner read = {0};
    memset(host, 'h', length);
    snprintf(text, sizeof text, format, host);
    CHECK_OK(ent_text_write_file(where.lock, text, strlen(text)));
    CHECK_OK(ent_lock_read(where.path, &read, &alive));
    CHECK_INT(strlen(read.launcher.host), length == 61 ? 63 : length);
    CHECK(memcmp(read.launcher.host, host, length) == 0);
    ent_lock_owner_fini(&read);
  }
  unlink(where.lock);
  lock_fixture_remove(&where);
}

static const ent_test tests[] = {
  {"a lock tells of workers, slow jobs and what is waited for", round_trip_of_workers},
  {"what a newer program tells may be missing but not wrong", later_keys_may_be_missing_but_not_wrong},
  {"a name that is too long is cut between characters", cuts_a_name},
  {0},
};

ENT_TEST_MAIN("store/lock_text", tests)
