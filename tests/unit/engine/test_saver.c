/* TEST np=1 */
#include <math.h>
#include <string.h>

#include "entrain/engine/saver.h"

#include "check.h"
#include "store_fixture.h"

enum { ROW = 13, OTHER_ROW = 14, SLOT = 2 };

static fixture at;
static ent_store *store;
static ent_store_sink state;
static ent_sink sink;
static ent_saver saver;

static void open_saver(void) {
  CHECK_OK(ent_store_open(at.path, ENT_STORE_WRITE, &store));
  sink = ent_sink_to_store(&state, store);
  CHECK_OK(ent_saver_init(&saver, store, &sink, at.spec));
}

static void close_saver(void) {
  ent_saver_fini(&saver);
  CHECK_OK(ent_store_close(&store));
}

/* Another process takes over. */
static void change_hands(void) {
  close_saver();
  open_saver();
}

static void open_file(void) {
  fixture_open(&at, fixture_job);
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  open_saver();
}

static void close_file(void) {
  close_saver();
  fixture_close(&at);
}

/* Keeps a checkpoint that can be told from others by its time. */
static int keep(int64_t row, double t) {
  const ent_checkpoint made = fixture_checkpoint(at.spec, row, t);
  return ent_saver_keep(&saver, &made);
}

/* The time of the checkpoint from which a row goes on; -1: it begins anew. */
static double resume(int64_t row) {
  ent_checkpoint from;
  CHECK_OK(ent_saver_begin(&saver, row, SLOT, true, &from));
  if (from.row < 0) return -1;
  CHECK_INT(from.row, row);
  CHECK_REAL(from.x[1], from.t + 1, 0);
  return from.t;
}

static void begin(int64_t row, int64_t slot) {
  ent_checkpoint from;
  CHECK_OK(ent_saver_begin(&saver, row, slot, false, &from));
  CHECK_INT(from.row, -1);
}

/* Spoils a generation, as a writer that dies does. */
static void spoil(int generation) {
  const unsigned char noise[100] = {1, 2, 3};
  CHECK_OK(ent_store_write_checkpoint(store, SLOT, generation, noise, sizeof noise));
}

static void the_newest_counts(void) {
  open_file();
  CHECK_REAL(resume(ROW), -1, 0);
  for (int i = 1; i <= 5; i++) {
    CHECK_OK(keep(ROW, 0.1 * i));
    change_hands();
    CHECK_REAL(resume(ROW), 0.1 * i, 0);
  }
  CHECK_REAL(resume(OTHER_ROW), -1, 0);
  close_file();
}

/* Whichever generation is spoilt, the checkpoint before or the last one is there. */
static void a_torn_one_leaves_the_other(void) {
  open_file();
  begin(ROW, SLOT);
  CHECK_OK(keep(ROW, 0.1));
  CHECK_OK(keep(ROW, 0.2));
  spoil(1 - saver.newest);
  change_hands();
  CHECK_REAL(resume(ROW), 0.2, 0);
  CHECK_OK(keep(ROW, 0.3));
  spoil(saver.newest);
  change_hands();
  CHECK_REAL(resume(ROW), 0.2, 0);
  CHECK_OK(keep(ROW, 0.4));
  change_hands();
  CHECK_REAL(resume(ROW), 0.4, 0);
  spoil(0);
  spoil(1);
  CHECK_REAL(resume(ROW), -1, 0);
  close_file();
}

/* The slot held other rows before; theirs are older. */
static void a_slot_goes_from_row_to_row(void) {
  open_file();
  begin(OTHER_ROW, SLOT);
  for (int i = 1; i <= 7; i++) CHECK_OK(keep(OTHER_ROW, 1 + 0.1 * i));
  change_hands();
  begin(ROW, SLOT);
  CHECK_OK(keep(ROW, 0.1));
  change_hands();
  CHECK_REAL(resume(ROW), 0.1, 0);
  CHECK_REAL(resume(OTHER_ROW), 1 + 0.1 * 7, 0); /* only the one before was written over */
  CHECK_REAL(resume(ROW), 0.1, 0);
  CHECK_OK(keep(ROW, 0.2)); /* not over the one it goes on from */
  change_hands();
  CHECK_REAL(resume(ROW), 0.2, 0);
  CHECK_REAL(resume(OTHER_ROW), -1, 0);
  close_file();
}

static void without_a_slot_nothing_is_kept(void) {
  open_file();
  begin(ROW, -1);
  CHECK(!ent_saver_is_due(&saver));
  CHECK_OK(keep(ROW, 0.1));
  CHECK_REAL(resume(ROW), -1, 0);
  close_file();
}

static void it_is_due_after_the_interval(void) {
  open_file();
  begin(ROW, SLOT);
  at.spec->checkpoint_seconds = 0;
  CHECK(ent_saver_is_due(&saver));
  at.spec->checkpoint_seconds = 1e6;
  CHECK(!ent_saver_is_due(&saver));
  at.spec->checkpoint_seconds = INFINITY;
  CHECK(!ent_saver_is_due(&saver));
  close_file();
}

static const ent_test tests[] = {
  {"a job goes on from its newest checkpoint", the_newest_counts},
  {"a checkpoint that is torn leaves the one before", a_torn_one_leaves_the_other},
  {"a slot goes from row to row", a_slot_goes_from_row_to_row},
  {"without a slot nothing is kept", without_a_slot_nothing_is_kept},
  {"a checkpoint is due after the interval, or never", it_is_due_after_the_interval},
  {0}};

ENT_TEST_MPI_MAIN("engine/saver", tests)
