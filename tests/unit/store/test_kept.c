#include <stdlib.h>
#include <string.h>

#include "entrain/store/kept.h"

#include "check.h"
#include "store_fixture.h"

static fixture at;
static ent_store *store;
static unsigned char *bytes;

/* The rows of n = 400 need generations of several pages; row 13 is one of n = 2. */
static const char *const job = "name: fixture\nmodel: attention\ntime: {horizon: 2}\n"
                               "sweep: {beta: [1], n: [2, 400], d: [3], seed: {count: 16}}\n";

static void open_file(void) {
  fixture_open(&at, job);
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_EDIT, &store));
  CHECK_OK(ent_mem_alloc(ent_store_slot_bytes(store), 1, &bytes));
}

static void close_file(void) {
  free(bytes);
  CHECK_OK(ent_store_close(&store));
  fixture_close(&at);
}

enum { ROW = 13, SLOT = 1 };

static ent_checkpoint read_place(int generation, ent_arena *arena) {
  ent_checkpoint found = {.row = -7};
  CHECK_OK(ent_kept_read(store, (ent_kept_place){SLOT, generation}, arena, bytes, &found));
  return found;
}

static void write_place(int generation) {
  const ent_checkpoint made = fixture_checkpoint(at.spec, ROW, 0.5);
  const size_t length = ent_checkpoint_encode(&made, bytes);
  CHECK_OK(ent_store_write_checkpoint(store, SLOT, generation, bytes, length));
}

static void reads_what_was_written(void) {
  ent_arena *arena = NULL;
  open_file();
  CHECK_OK(ent_arena_create(&arena));
  write_place(1);
  const ent_checkpoint peeked = read_place(1, NULL), whole = read_place(1, arena);
  CHECK_INT(peeked.row, ROW);
  CHECK_REAL(peeked.t, 0.5, 0);
  CHECK(peeked.x == NULL);
  CHECK_INT(whole.row, ROW);
  REQUIRE(whole.x != NULL);
  CHECK_REAL(whole.x[1], 1.5, 0);
  ent_arena_destroy(&arena);
  close_file();
}

static void nothing_is_no_error(void) {
  open_file();
  CHECK_INT(read_place(0, NULL).row, -1);
  write_place(0);
  bytes[20] ^= 1; /* what was written, damaged */
  CHECK_OK(ent_store_write_checkpoint(store, SLOT, 0, bytes, ent_store_slot_bytes(store)));
  CHECK_INT(read_place(0, NULL).row, -1);
  close_file();
}

/* What lies behind the length that is written is not even looked at, nor is a head that says too much. */
static void reads_no_more_than_was_written(void) {
  open_file();
  write_place(0);
  const size_t room = ent_store_slot_bytes(store);
  const ent_checkpoint made = fixture_checkpoint(at.spec, ROW, 0.5);
  const size_t length = ent_checkpoint_encode(&made, bytes);
  REQUIRE(length < room);
  memset(bytes, 0xab, room);
  CHECK_INT(read_place(0, NULL).row, ROW);
  for (size_t i = length > 4096 ? length : 4096; i < room; i++) REQUIRE(bytes[i] == 0xab);
  (void)ent_checkpoint_encode(&made, bytes);
  bytes[23] = 0x7f; /* a length beyond any file */
  CHECK_OK(ent_store_write_checkpoint(store, SLOT, 0, bytes, length));
  CHECK_INT(read_place(0, NULL).row, -1);
  close_file();
}

static void places_are_checked(void) {
  ent_checkpoint found;
  open_file();
  const ent_kept_place beyond = {ent_store_slots(store), 0}, third = {SLOT, 2};
  CHECK_CODE(ent_kept_read(store, beyond, NULL, bytes, &found), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_kept_read(store, third, NULL, bytes, &found), ENT_ERR_ARGUMENT);
  close_file();
}

static const ent_test tests[] = {
  {"what was written is read, with its arrays when asked", reads_what_was_written},
  {"a place with nothing, or nothing whole, holds no checkpoint", nothing_is_no_error},
  {"no more is read than was written", reads_no_more_than_was_written},
  {"a place that the file does not have is refused", places_are_checked},
  {0}};

ENT_TEST_MAIN("store/kept", tests)
