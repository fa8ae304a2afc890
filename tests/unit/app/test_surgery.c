/* TEST np=1 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/app/surgery.h"
#include "entrain/base/mem.h"
#include "entrain/model/geometry.h"
#include "entrain/sweep/checkpoint.h"

#include "check.h"
#include "store_fixture.h"

static void make_file(fixture *at) {
  ent_store *store = NULL;
  fixture_open(at, fixture_plain_job);
  CHECK_OK(ent_store_create(at->path, at->spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at->path, ENT_STORE_EDIT, &store));
  for (int64_t row = 0; row < 20; row++) CHECK_OK(fixture_write(store, row));
  CHECK_OK(ent_store_close(&store));
}

static bool exists(const fixture *at, const char *ending) {
  char path[sizeof at->path + 16];
  (void)snprintf(path, sizeof path, "%s%s", at->path, ending);
  return access(path, F_OK) == 0;
}

static int64_t count_finished(const fixture *at) {
  ent_store *store = NULL;
  unsigned char *finished = NULL;
  int64_t broken = 0, count = 0;
  CHECK_OK(ent_store_open(at->path, ENT_STORE_READ, &store));
  CHECK_OK(ent_mem_alloc((size_t)at->spec->grid.size, 1, &finished));
  CHECK_OK(ent_store_scan(store, finished, &broken));
  for (int64_t row = 0; row < at->spec->grid.size; row++) count += finished[row];
  CHECK_INT(broken, 0);
  free(finished);
  CHECK_OK(ent_store_close(&store));
  return count;
}

static void nothing_is_changed_before_the_end(void) {
  fixture at;
  make_file(&at);
  ent_surgery own = {.command = "test", .path = at.path};
  CHECK_OK(ent_surgery_begin(&own));
  CHECK(exists(&at, ".lock"));
  CHECK_CODE(ent_lock_probe(at.path), ENT_ERR_BUSY);
  CHECK_OK(ent_surgery_copy(&own));
  CHECK_OK(ent_store_reset_job(own.made, 3));
  CHECK_INT(count_finished(&at), 20);
  CHECK_INT(ent_surgery_end(&own, ENT_OK), ENT_OK);
  CHECK_INT(count_finished(&at), 20);
  CHECK(!exists(&at, ".lock") && !exists(&at, "~tmp"));
  fixture_close(&at);
}

static void the_changed_file_takes_the_place(void) {
  fixture at;
  make_file(&at);
  ent_surgery own = {.command = "test", .path = at.path, .keeps_old = true};
  CHECK_OK(ent_surgery_begin(&own));
  CHECK_OK(ent_surgery_copy(&own));
  CHECK_OK(ent_store_reset_job(own.made, 3));
  CHECK_OK(ent_surgery_finish(&own));
  CHECK_INT(ent_surgery_end(&own, ENT_OK), ENT_OK);
  CHECK_INT(count_finished(&at), 19);
  CHECK(exists(&at, "~") && !exists(&at, ".lock") && !exists(&at, "~tmp"));
  char older[sizeof at.path + 4];
  (void)snprintf(older, sizeof older, "%s~", at.path);
  CHECK_INT(unlink(older), 0);
  fixture_close(&at);
}

static void a_second_one_is_refused(void) {
  fixture at;
  make_file(&at);
  ent_surgery first = {.command = "first", .path = at.path}, second = {.command = "second", .path = at.path};
  ent_surgery look = {.command = "third", .path = at.path, .is_dry = true};
  CHECK_OK(ent_surgery_begin(&first));
  CHECK_CODE(ent_surgery_begin(&second), ENT_ERR_BUSY);
  CHECK_INT(ent_surgery_end(&second, ENT_ERR_BUSY), ENT_ERR_BUSY);
  CHECK_CODE(ent_surgery_begin(&look), ENT_ERR_BUSY);
  CHECK_INT(ent_surgery_end(&look, ENT_ERR_BUSY), ENT_ERR_BUSY);
  CHECK(exists(&at, ".lock"));
  CHECK_INT(ent_surgery_end(&first, ENT_OK), ENT_OK);
  CHECK(!exists(&at, ".lock"));
  fixture_close(&at);
}

static void what_the_machine_cannot_write_is_no_mistake_of_the_user(void) {
  fixture at;
  make_file(&at);
  ent_surgery look = {.command = "test", .path = at.path}, cut = look;
  CHECK_OK(ent_surgery_begin(&look));
  CHECK_INT(ent_surgery_end(&look, ENT_ERR_IO), ENT_ERR_IO);
  CHECK_OK(ent_surgery_begin(&cut));
  CHECK_OK(ent_surgery_copy(&cut));
  CHECK_INT(ent_surgery_end(&cut, ENT_ERR_IO), ENT_ERR_SYSTEM);
  CHECK(!exists(&at, ".lock") && !exists(&at, "~tmp"));
  fixture_close(&at);
}

static void its_lock_says_that_no_row_is_computed(void) {
  fixture at;
  int alive = 0;
  ent_lock_owner owner = {0};
  make_file(&at);
  ent_surgery own = {.command = "entrain test", .path = at.path};
  CHECK_OK(ent_surgery_begin(&own));
  CHECK_OK(ent_lock_read(at.path, &owner, &alive));
  CHECK(alive && owner.n_ranks == 0);
  CHECK_TEXT(owner.progress.note, "entrain test");
  ent_lock_owner_fini(&owner);
  CHECK_CODE(ent_lock_probe(at.path), ENT_ERR_BUSY);
  CHECK(strstr(ent_error_message(), " rows") == NULL);
  CHECK_INT(ent_surgery_end(&own, ENT_OK), ENT_OK);
  fixture_close(&at);
}

/* A checkpoint of a row in a slot; its numbers do not matter. */
static void write_checkpoint(ent_store *store, int64_t row, int64_t slot, int generation) {
  ent_point point;
  const ent_spec *spec = ent_store_spec(store);
  double x[64] = {0.5};
  unsigned char *bytes = NULL;
  ent_spec_point(spec, row, &point);
  const size_t size = ent_model_size(spec->model, &point);
  REQUIRE(size <= sizeof x / sizeof x[0]);
  CHECK_OK(ent_mem_alloc(1, ent_store_slot_bytes(store), &bytes));
  ent_checkpoint checkpoint = {.row = row,
                               .t = 1,
                               .next_step = 0.1,
                               .steps = 3,
                               .rhs_evals = 20,
                               .size = size,
                               .x = x,
                               .t_certain = NAN};
  for (size_t k = 0; k < ENT_MAX_DELTAS; k++) checkpoint.t_sync[k] = NAN;
  CHECK_OK(
    ent_store_write_checkpoint(store, slot, generation, bytes, ent_checkpoint_encode(&checkpoint, bytes)));
  free(bytes);
}

static bool holds_checkpoint(ent_store *store, int64_t slot, int generation) {
  unsigned char *bytes = NULL;
  ent_checkpoint checkpoint;
  const size_t length = ent_store_slot_bytes(store);
  CHECK_OK(ent_mem_alloc(1, length, &bytes));
  CHECK_OK(ent_store_read_checkpoint(store, slot, generation, bytes, ent_store_slot_bytes(store)));
  const bool holds = ent_checkpoint_decode(bytes, length, ent_store_spec(store), NULL, &checkpoint) == ENT_OK;
  free(bytes);
  return holds;
}

static void checkpoints_of_rows_are_forgotten(void) {
  fixture at;
  unsigned char rows[64] = {0};
  make_file(&at);
  REQUIRE(at.spec->grid.size <= (int64_t)sizeof rows);
  rows[30] = 1;
  ent_surgery own = {.command = "test", .path = at.path};
  CHECK_OK(ent_surgery_begin(&own));
  CHECK_OK(ent_surgery_copy(&own));
  write_checkpoint(own.made, 30, 0, 0);
  write_checkpoint(own.made, 31, 0, 1);
  write_checkpoint(own.made, 30, 3, 1);
  CHECK(holds_checkpoint(own.made, 0, 0) && holds_checkpoint(own.made, 3, 1));
  CHECK_OK(ent_surgery_forget(&own, rows));
  CHECK(!holds_checkpoint(own.made, 0, 0) && !holds_checkpoint(own.made, 3, 1));
  CHECK(holds_checkpoint(own.made, 0, 1));
  CHECK_OK(ent_surgery_finish(&own));
  CHECK_INT(ent_surgery_end(&own, ENT_OK), ENT_OK);
  fixture_close(&at);
}

static const ent_test tests[] = {
  {"checkpoints of some rows are forgotten, others stay", checkpoints_of_rows_are_forgotten},
  {"until the end nothing is changed, and an end without a finish leaves nothing",
   nothing_is_changed_before_the_end},
  {"the changed file takes the old one's place, which stays when asked", the_changed_file_takes_the_place},
  {"a second one on the same file is refused", a_second_one_is_refused},
  {"what the machine cannot write is no mistake of the user",
   what_the_machine_cannot_write_is_no_mistake_of_the_user},
  {"its lock says that no row is computed", its_lock_says_that_no_row_is_computed},
  {0},
};

ENT_TEST_MPI_MAIN("app/surgery", tests)
