/* TEST np=1 */
#include <stdlib.h>
#include <string.h>

#include "entrain/engine/delivery.h"

#include "check.h"
#include "store_fixture.h"

static fixture at;
static ent_store *store;
static ent_store_sink state;
static ent_sink sink;

static void open_file(const char *job) {
  fixture_open(&at, job);
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_WRITE, &store));
  sink = ent_sink_to_store(&state, store);
}

static void close_file(void) {
  CHECK_OK(ent_store_close(&store));
  fixture_close(&at);
}

static void make_job(int64_t row, ent_text *record) {
  ent_result result;
  float series[64];
  double final_state[64];
  fixture_record(at.spec, row, &result, series, final_state);
  CHECK_OK(ent_delivery_job(store, row, &result, series, final_state, record));
}

static int deliver(const ent_text *record, size_t length) {
  return ent_delivery_write((const unsigned char *)record->data, length, store, &sink);
}

static void check_jobs(const char *job) {
  ent_text record = {0};
  open_file(job);
  for (int64_t row = 0; row < at.spec->grid.size; row++) {
    make_job(row, &record);
    CHECK_OK(deliver(&record, record.length));
    CHECK(fixture_holds(store, row));
  }
  ent_text_fini(&record);
  close_file();
}

static void jobs_arrive(void) {
  check_jobs(fixture_job);
  check_jobs(fixture_plain_job);
}

static void checkpoints_arrive(void) {
  static const unsigned char bytes[] = {1, 2, 3, 0, 255};
  ent_text record = {0};
  open_file(fixture_job);
  CHECK_OK(ent_delivery_checkpoint(3, 1, bytes, sizeof bytes, &record));
  CHECK_OK(deliver(&record, record.length));
  unsigned char *read = malloc(ent_store_slot_bytes(store));
  REQUIRE(read != NULL);
  CHECK_OK(ent_store_read_checkpoint(store, 3, 1, read, ent_store_slot_bytes(store)));
  CHECK(memcmp(read, bytes, sizeof bytes) == 0);
  free(read);
  ent_text_fini(&record);
  close_file();
}

/* Every cut of a job's record, and every other value of the bytes that say what it is. */
static void nonsense_is_refused(void) {
  ent_text record = {0};
  open_file(fixture_job);
  make_job(5, &record);
  for (size_t length = 0; length < record.length; length++) {
    unsigned char *cut = malloc(length + 1);
    REQUIRE(cut != NULL);
    memcpy(cut, record.data, length);
    CHECK_CODE(ent_delivery_write(cut, length, store, &sink), ENT_ERR_FORMAT);
    free(cut);
  }
  for (int value = 0; value < 256; value++) {
    if (value == 1 || value == 2) continue;
    record.data[0] = (char)value;
    CHECK_CODE(deliver(&record, record.length), ENT_ERR_FORMAT);
  }
  record.data[0] = 2;
  record.data[16] = 2;
  CHECK_CODE(deliver(&record, record.length), ENT_ERR_FORMAT);
  record.data[0] = 1;
  record.data[15] = (char)0x80; /* a row below 0 */
  CHECK_CODE(deliver(&record, record.length), ENT_ERR_FORMAT);
  record.data[15] = 0x40;
  CHECK_CODE(deliver(&record, record.length), ENT_ERR_FORMAT);
  ent_text_fini(&record);
  close_file();
}

static const ent_test tests[] = {{"jobs arrive with all their parts", jobs_arrive},
                                 {"checkpoints arrive", checkpoints_arrive},
                                 {"what is no record of this file is refused", nonsense_is_refused},
                                 {0}};

ENT_TEST_MPI_MAIN("engine/delivery", tests)
