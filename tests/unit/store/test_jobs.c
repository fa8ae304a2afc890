#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/store/store.h"

#include "check.h"
#include "store_fixture.h"

enum { ROW_BYTES = 512, VALUES = 64 };

/* The fixture's sweep with its axes in another order and fewer series and final states of their own kind. */
static const char *const turned_job =
  "name: turned\nmodel: attention\n"
  "sweep:\n  seed: {count: 9}\n  d: [3, 2]\n  n: [2, 3, 5]\n  beta: [4, -1, 0.5]\n"
  "detect: {delta: [1.0e-3, 1.0e-2]}\nobserve: [pair_overlap, order_parameter]\n"
  "time: {horizon: 2, record: [0, 1, 2]}\noutput: {final_state: true}\n";

static const char *const other_times_job =
  "name: other\nmodel: attention\n"
  "sweep:\n  beta: [-1]\n  n: [3]\n  d: [2]\n  seed: {count: 4}\n"
  "detect: {delta: [1.0e-3, 1.0e-2]}\nobserve: [order_parameter, pair_overlap]\n"
  "time: {horizon: 2, record: [0, 1, 1.5]}\n";

static const char *const more_job =
  "name: more\nmodel: attention\n"
  "sweep:\n  beta: [-1]\n  n: [3]\n  d: [2]\n  seed: {count: 4}\n"
  "detect: {delta: [1.0e-3, 1.0e-2]}\nobserve: [order_parameter, pair_overlap, energy]\n"
  "time: {horizon: 2, record: [0, 1, 2]}\n";

/* A new file, open for editing. */
static ent_store *open_new(fixture *at, const char *job) {
  ent_store *store = NULL;
  fixture_open(at, job);
  CHECK_OK(ent_store_create(at->path, at->spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at->path, ENT_STORE_EDIT, &store));
  REQUIRE(store != NULL);
  return store;
}

static void close_both(fixture *at, ent_store **store) {
  CHECK_OK(ent_store_close(store));
  fixture_close(at);
}

/* The row of a grid with the axis values of another grid's row. */
static int64_t same_point(const ent_grid *grid, const ent_grid *other, int64_t row) {
  for (int64_t i = 0; i < grid->size; i++) {
    int64_t a[ENT_MAX_AXES], b[ENT_MAX_AXES];
    bool same = true;
    ent_grid_coordinates(grid, i, a);
    ent_grid_coordinates(other, row, b);
    for (size_t k = 0; k < grid->n_axes; k++) {
      const ent_axis *axis = &grid->axes[k], *like = ent_grid_axis(other, axis->name);
      same = same && ent_axis_value(axis, a[axis->dim]) == ent_axis_value(like, b[like->dim]);
    }
    if (same) return i;
  }
  return -1;
}

static double column(const ent_layout *layout, const unsigned char *row, const char *name) {
  return ent_column_value(ent_layout_find(layout, name), row);
}

/* Compares a job with its copy in a file whose axes and series stand in another order. */
static void check_copy(ent_store *from, int64_t a, ent_store *to, int64_t b) {
  static const char *const same[] = {"beta",   "n",     "d",       "seed",   "status",
                                     "t_sync", "steps", "outcome", "worker", "attempt"};
  unsigned char old[ROW_BYTES], row[ROW_BYTES];
  float old_series[VALUES], series[VALUES];
  double old_state[VALUES] = {0}, state[VALUES] = {0};
  bool held = false, holds = false;
  CHECK_OK(ent_store_read_job(from, a, old, old_series, old_state, &held));
  CHECK_OK(ent_store_read_job(to, b, row, series, state, &holds));
  CHECK(held && holds);
  for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
    CHECK_REAL(column(ent_store_layout(to), row, same[i]), column(ent_store_layout(from), old, same[i]), 0);
  const size_t n_record = ent_store_spec(to)->n_record; /* one series, then two of the other observable */
  CHECK(memcmp(series, old_series + n_record, 2 * n_record * sizeof *series) == 0);
  CHECK(memcmp(series + 2 * n_record, old_series, n_record * sizeof *series) == 0);
  CHECK(memcmp(state, old_state, sizeof state) == 0);
}

static void copies_between_files(void) {
  fixture at, beside;
  int64_t broken = -1, copied = 0;
  unsigned char finished[512];
  ent_store *from = open_new(&at, fixture_job), *to = open_new(&beside, turned_job);
  for (int64_t i = 0; i < at.spec->grid.size; i++) CHECK_OK(fixture_write(from, i));
  for (int64_t i = 0; i < at.spec->grid.size; i++) {
    const int64_t row = same_point(&beside.spec->grid, &at.spec->grid, i);
    REQUIRE(row >= 0);
    CHECK_OK(ent_store_copy_job(from, i, to, row));
    check_copy(from, i, to, row);
  }
  CHECK_OK(ent_store_scan(to, finished, &broken));
  for (int64_t i = 0; i < beside.spec->grid.size; i++) copied += finished[i];
  CHECK_INT(copied, at.spec->grid.size);
  CHECK_INT(broken, 0);
  close_both(&at, &from);
  close_both(&beside, &to);
}

static void refuses_copies_that_lack_something(void) {
  fixture at, beside;
  ent_store *from = open_new(&at, fixture_job), *to = NULL;
  CHECK_OK(fixture_write(from, 0));
  to = open_new(&beside, fixture_job);
  CHECK_CODE(ent_store_copy_job(from, 1, to, 1), ENT_ERR_ARGUMENT);
  CHECK_CONTAINS(ent_error_message(), "is not finished");
  CHECK_CODE(ent_store_copy_job(from, 48, to, 0), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_store_copy_job(from, 0, to, -1), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_store_copy_job(from, 0, to, at.spec->grid.size - 1), ENT_ERR_MISMATCH);
  CHECK_CONTAINS(ent_error_message(), "another n or d");
  close_both(&beside, &to);
  to = open_new(&beside, other_times_job);
  CHECK_CODE(ent_store_copy_job(from, 0, to, 0), ENT_ERR_MISMATCH);
  CHECK_CONTAINS(ent_error_message(), "other times");
  close_both(&beside, &to);
  to = open_new(&beside, more_job);
  CHECK_CODE(ent_store_copy_job(from, 0, to, 0), ENT_ERR_MISMATCH);
  CHECK_CONTAINS(ent_error_message(), "no series 'energy'");
  CHECK_CODE(ent_store_copy_job(to, 0, from, 0), ENT_ERR_MISMATCH);
  CHECK_CONTAINS(ent_error_message(), "keeps no final states");
  close_both(&beside, &to);
  close_both(&at, &from);
}

static void resets_jobs(void) {
  fixture at;
  unsigned char row[ROW_BYTES], expected[ROW_BYTES] = {0}, finished[64];
  int64_t broken = -1;
  ent_store *store = open_new(&at, fixture_job);
  for (int64_t i = 0; i < 6; i++) CHECK_OK(fixture_write(store, i));
  CHECK_OK(ent_store_reset_job(store, 3));
  CHECK_OK(ent_store_read_rows(store, 3, 1, row));
  ent_layout_encode_axes(ent_store_layout(store), &at.spec->grid, 3, expected);
  CHECK(memcmp(row, expected, ent_store_layout(store)->size) == 0);
  CHECK_OK(ent_store_scan(store, finished, &broken));
  for (int64_t i = 0; i < at.spec->grid.size; i++) CHECK_INT(finished[i], i < 6 && i != 3);
  CHECK_INT(broken, 0);
  CHECK_OK(fixture_write(store, 3));
  CHECK(fixture_holds(store, 3));
  CHECK_CODE(ent_store_reset_job(store, 48), ENT_ERR_ARGUMENT);
  close_both(&at, &store);
}

static void counts_kills(void) {
  fixture at;
  uint8_t kills[48];
  ent_store *store = open_new(&at, fixture_plain_job);
  CHECK_OK(ent_store_read_kills(store, 0, 48, kills));
  for (int i = 0; i < 48; i++) CHECK_INT(kills[i], 0);
  CHECK_OK(ent_store_write_kills(store, 47, 3));
  CHECK_OK(ent_store_write_kills(store, 5, 255));
  CHECK_CODE(ent_store_write_kills(store, 48, 1), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_store_read_kills(store, 40, 9, kills), ENT_ERR_ARGUMENT);
  CHECK_OK(ent_store_close(&store));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store));
  CHECK_OK(ent_store_read_kills(store, 0, 48, kills));
  for (int i = 0; i < 48; i++) CHECK_INT(kills[i], i == 47 ? 3 : i == 5 ? 255 : 0);
  close_both(&at, &store);
}

/* Every byte of every generation holds its own number, also where another store wrote it. */
static void keeps_checkpoints_apart(void) {
  fixture at;
  ent_store *store = open_new(&at, fixture_job), *reader = NULL;
  unsigned char *bytes = NULL;
  const int64_t slots = ent_store_slots(store);
  const size_t room = ent_store_slot_bytes(store);
  CHECK_INT(slots, 48);
  CHECK_INT(room % 4096, 0);
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &reader));
  CHECK_OK(ent_mem_alloc(room, 1, &bytes));
  CHECK_OK(ent_store_read_checkpoint(reader, slots - 1, 1, bytes, room));
  for (size_t i = 0; i < room; i++) REQUIRE(bytes[i] == 0);
  for (int64_t k = 0; k < 2 * slots; k++) {
    memset(bytes, (int)k + 1, room);
    CHECK_OK(ent_store_write_checkpoint(store, k / 2, (int)(k % 2), bytes, k == 6 ? 100 : room));
  }
  for (int64_t k = 0; k < 2 * slots; k++) {
    CHECK_OK(ent_store_read_checkpoint(reader, k / 2, (int)(k % 2), bytes, room));
    for (size_t i = 0; i < room; i++) REQUIRE(bytes[i] == (k == 6 && i >= 100 ? 0 : k + 1));
  }
  free(bytes);
  CHECK_OK(ent_store_close(&reader));
  close_both(&at, &store);
}

static void refuses_checkpoints_without_room(void) {
  fixture at;
  unsigned char bytes[16] = {0};
  ent_store *store = open_new(&at, fixture_plain_job);
  CHECK_CODE(ent_store_write_checkpoint(store, 48, 0, bytes, 16), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_store_write_checkpoint(store, -1, 0, bytes, 16), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_store_write_checkpoint(store, 0, 2, bytes, 16), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_store_write_checkpoint(store, 0, 0, bytes, ent_store_slot_bytes(store) + 1),
             ENT_ERR_ARGUMENT);
  CHECK_CONTAINS(ent_error_message(), "there is room for");
  CHECK_CODE(ent_store_read_checkpoint(store, 0, -1, bytes, 16), ENT_ERR_ARGUMENT);
  close_both(&at, &store);
}

/* 256 slots at most; large jobs share a gigabyte, and 8 of them have room whatever it takes. */
static void limits_slots(void) {
  static const struct {
    const char *n;
    int seeds, slots;
  } cases[] = {{"2", 1000, 256}, {"2", 3, 3}, {"400000", 1000, 16}, {"4000000", 1000, 8}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    fixture at;
    char job[256];
    (void)snprintf(job, sizeof job,
                   "model: attention\nsweep: {beta: [1], n: [%s], d: [3], seed: {count: %d}}\n"
                   "time: {horizon: 2}\n",
                   cases[i].n, cases[i].seeds);
    ent_store *store = open_new(&at, job);
    CHECK(ent_store_slots(store) <= 256);
    CHECK(ent_store_slots(store) <= cases[i].slots && 2 * ent_store_slots(store) > cases[i].slots);
    close_both(&at, &store);
  }
}

static void readers_write_nothing(void) {
  fixture at;
  ent_store *store = open_new(&at, fixture_plain_job);
  CHECK_OK(fixture_write(store, 0));
  CHECK_OK(ent_store_close(&store));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store));
  CHECK_CODE(ent_store_reset_job(store, 0), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_store_write_kills(store, 0, 1), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_store_write_checkpoint(store, 0, 0, "x", 1), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_store_copy_job(store, 0, store, 1), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_store_end_segment(store, 0, 1, 0), ENT_ERR_ARGUMENT);
  CHECK_CONTAINS(ent_error_message(), "open for reading only");
  close_both(&at, &store);
}

static void notices_a_lost_path(void) {
  fixture at;
  char moved[320];
  ent_store *store = open_new(&at, fixture_plain_job);
  (void)snprintf(moved, sizeof moved, "%s.moved", at.path);
  CHECK(ent_store_is_there(store));
  CHECK_INT(rename(at.path, moved), 0);
  CHECK(!ent_store_is_there(store));
  fixture_copy(moved, at.path, -1);
  CHECK(!ent_store_is_there(store)); /* another file of the same name */
  CHECK_INT(rename(moved, at.path), 0);
  CHECK(ent_store_is_there(store));
  CHECK_INT(unlink(at.path), 0);
  CHECK(!ent_store_is_there(store));
  close_both(&at, &store);
}

static const ent_test tests[] = {
  {"jobs are copied by name into a file with other axes", copies_between_files},
  {"a copy that would lack something is refused", refuses_copies_that_lack_something},
  {"a reset job is pending as if it had never run", resets_jobs},
  {"kills are counted by row", counts_kills},
  {"slots and generations of checkpoints do not touch each other", keeps_checkpoints_apart},
  {"a checkpoint without room is refused", refuses_checkpoints_without_room},
  {"slots are bounded in number and in bytes", limits_slots},
  {"a store that is open for reading writes nothing", readers_write_nothing},
  {"a file that was deleted or replaced is noticed", notices_a_lost_path},
  {0},
};

ENT_TEST_MAIN("store/jobs", tests)
