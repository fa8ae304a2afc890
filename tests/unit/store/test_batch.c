/* TEST np=1 */
#include <stdlib.h>

#include "entrain/store/batch.h"

#include "check.h"
#include "store_fixture.h"

enum { MAX_SERIES = 64, MAX_STATE = 64 };

static fixture at;
static ent_store *store;
static ent_batch batch;

static void open_batch(const char *job) {
  fixture_open(&at, job);
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_WRITE, &store));
  CHECK_OK(ent_batch_init(&batch, store));
}

static void close_batch(void) {
  ent_batch_fini(&batch);
  ent_batch_fini(&batch);
  CHECK_OK(ent_store_close(&store));
  fixture_close(&at);
}

static void add(int64_t row) {
  ent_result result;
  float series[MAX_SERIES];
  double state[MAX_STATE];
  fixture_record(at.spec, row, &result, series, state);
  CHECK_OK(ent_batch_add(&batch, row, &result, series, state));
}

/* Rows of both kinds: neighbours, and those that stand apart, upwards and downwards. */
static void all_rows_arrive(const char *job) {
  static const int64_t rows[] = {5, 6, 7, 20, 9, 8, 24, 26, 28, 29};
  open_batch(job);
  for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
    add(rows[k]);
    CHECK(!fixture_holds(store, rows[k]));
  }
  CHECK_OK(ent_batch_write(&batch));
  for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) CHECK(fixture_holds(store, rows[k]));
  CHECK(!fixture_holds(store, 4) && !fixture_holds(store, 10) && !fixture_holds(store, 25));
  CHECK_OK(ent_batch_write(&batch));
  close_batch();
}

static void rows_wait_and_arrive(void) {
  all_rows_arrive(fixture_job);
  all_rows_arrive(fixture_plain_job);
}

static void a_full_batch_is_written(void) {
  open_batch(fixture_job);
  const int64_t size = at.spec->grid.size;
  for (int64_t k = 0; k <= ENT_BATCH_ROWS; k++) add(k % size);
  CHECK_INT(batch.count, 1);
  for (int64_t row = 0; row < size; row++) CHECK(fixture_holds(store, row));
  close_batch();
}

static void what_is_wrong_is_refused(void) {
  ent_result result;
  float series[MAX_SERIES];
  double state[MAX_STATE];
  open_batch(fixture_job);
  fixture_record(at.spec, 0, &result, series, state);
  CHECK_CODE(ent_batch_add(&batch, at.spec->grid.size, &result, series, state), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_batch_add(&batch, 0, &result, NULL, state), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_batch_add(&batch, 0, &result, series, NULL), ENT_ERR_ARGUMENT);
  CHECK_INT(batch.count, 0);
  close_batch();
}

static const ent_test tests[] = {
  {"rows wait, and are all there when the batch is written", rows_wait_and_arrive},
  {"a full batch is written for the next row", a_full_batch_is_written},
  {"a job that lacks a part, or is none, is refused", what_is_wrong_is_refused},
  {0}};

ENT_TEST_MPI_MAIN("store/batch", tests)
