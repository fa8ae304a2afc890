/* TEST np=1,4 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpi.h>

#include "entrain/store/store.h"

#include "check.h"
#include "store_shared.h"

static void new_file_is_pending(void) {
  fixture at;
  ent_store *store = NULL;
  int64_t broken = -1;
  shared_open(&at, fixture_job);
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store));
  const ent_layout *layout = ent_store_layout(store);
  const int64_t rows = ent_store_spec(store)->grid.size;
  unsigned char row[512], expected[512], finished[64];
  CHECK_INT(rows, 48);
  for (int64_t i = 0; i < rows; i++) {
    memset(expected, 0, sizeof expected);
    ent_layout_encode_axes(layout, &at.spec->grid, i, expected);
    CHECK_OK(ent_store_read_rows(store, i, 1, row));
    CHECK(memcmp(row, expected, layout->size) == 0);
  }
  CHECK_OK(ent_store_scan(store, finished, &broken));
  for (int64_t i = 0; i < rows; i++) CHECK_INT(finished[i], 0);
  CHECK_INT(broken, 0);
  CHECK_OK(ent_store_close(&store));
  CHECK(store == NULL);
  CHECK_OK(ent_store_close(&store));
  shared_close(&at);
}

/* Every rank writes its share through a handle of its own; a serial reader that was open all along sees all.
 */
static void write_and_read(const char *job) {
  fixture at;
  ent_store *store = NULL, *reader = NULL;
  shared_open(&at, job);
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &reader));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_WRITE, &store));
  for (int64_t i = shared_rank; i < at.spec->grid.size; i += shared_size) {
    CHECK(!fixture_holds(reader, i));
    CHECK_OK(fixture_write(store, i));
    CHECK(fixture_holds(reader, i));
  }
  CHECK_OK(ent_store_sync(store));
  MPI_Barrier(MPI_COMM_WORLD);
  unsigned char finished[64];
  int64_t broken = -1;
  CHECK_OK(ent_store_scan(reader, finished, &broken));
  CHECK_INT(broken, 0);
  for (int64_t i = 0; i < at.spec->grid.size; i++) CHECK(finished[i] == 1 && fixture_holds(reader, i));
  CHECK_OK(ent_store_close(&store));
  CHECK_OK(ent_store_close(&reader));
  shared_close(&at);
}

static void writes_and_reads(void) {
  write_and_read(fixture_job);
}

static void writes_and_reads_rows_only(void) {
  write_and_read(fixture_plain_job);
}

/* What a killed writer leaves: a handle that is never closed while another opens the file. */
static void survives_missing_close(void) {
  fixture at;
  ent_store *abandoned = NULL, *store = NULL;
  unsigned char finished[64];
  int64_t broken = -1;
  shared_open(&at, fixture_job);
  if (shared_rank == 0) {
    CHECK_OK(ent_store_open(at.path, ENT_STORE_WRITE, &abandoned));
    for (int64_t i = 0; i < 7; i++) CHECK_OK(fixture_write(abandoned, i));
    CHECK_OK(ent_store_open(at.path, ENT_STORE_WRITE, &store));
    CHECK_OK(ent_store_scan(store, finished, &broken));
    for (int64_t i = 0; i < at.spec->grid.size; i++) CHECK_INT(finished[i], i < 7);
    for (int64_t i = 7; i < 9; i++) CHECK_OK(fixture_write(store, i));
    CHECK_OK(ent_store_close(&store));
    for (int64_t i = 0; i < 9; i++) CHECK(fixture_holds(abandoned, i));
    CHECK_OK(ent_store_close(&abandoned));
  }
  shared_close(&at);
}

/* Adds one to a byte of a file. */
static void change_byte(const char *path, long at) {
  FILE *file = fopen(path, "r+b");
  REQUIRE(file != NULL);
  REQUIRE(fseek(file, at, SEEK_SET) == 0);
  const int byte = getc(file);
  REQUIRE(fseek(file, at, SEEK_SET) == 0);
  putc(byte + 1, file);
  CHECK_INT(fclose(file), 0);
}

/* Where bytes [length] stand in a file. */
static long find_bytes(const char *path, const void *bytes, size_t length) {
  ent_text text = {0};
  CHECK_OK(ent_text_read_file(path, &text));
  const char *found = memmem(text.data, text.length, bytes, length);
  const long offset = found ? (long)(found - text.data) : -1;
  ent_text_fini(&text);
  REQUIRE(offset >= 0);
  return offset;
}

/* A changed byte in a row, a series and a final state: these jobs are pending again, no other is. */
static void finds_broken_records(void) {
  fixture at;
  ent_store *store = NULL;
  unsigned char finished[64];
  int64_t broken = -1;
  ent_result result;
  float series[16];
  double final_state[16];
  shared_open(&at, fixture_job);
  if (shared_rank == 0) {
    CHECK_OK(ent_store_open(at.path, ENT_STORE_WRITE, &store));
    for (int64_t i = 0; i < at.spec->grid.size; i++) CHECK_OK(fixture_write(store, i));
    CHECK_OK(ent_store_close(&store));
    fixture_record(at.spec, 5, &result, series, final_state);
    change_byte(at.path, find_bytes(at.path, &result.t_sync[0], sizeof(double)));
    fixture_record(at.spec, 17, &result, series, final_state);
    change_byte(at.path, find_bytes(at.path, series, 2 * sizeof *series) + 5);
    fixture_record(at.spec, 44, &result, series, final_state);
    change_byte(at.path, find_bytes(at.path, final_state, sizeof *final_state) + 2);
    CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store));
    CHECK_OK(ent_store_scan(store, finished, &broken));
    CHECK_INT(broken, 3);
    for (int64_t i = 0; i < at.spec->grid.size; i++) CHECK_INT(finished[i], i != 5 && i != 17 && i != 44);
    CHECK_OK(ent_store_close(&store));
  }
  shared_close(&at);
}

static void refuses_wrong_arguments(void) {
  fixture at;
  ent_store *store = NULL;
  ent_result result;
  float series[16];
  double final_state[16];
  unsigned char row[512];
  shared_open(&at, fixture_job);
  fixture_record(at.spec, 0, &result, series, final_state);
  CHECK_CODE(ent_store_open("/nonexistent/OUT.h5", ENT_STORE_READ, &store), ENT_ERR_IO);
  CHECK_CONTAINS(ent_error_message(), "/nonexistent/OUT.h5");
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store));
  CHECK_CODE(ent_store_write_job(store, 0, &result, series, final_state), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_store_read_rows(store, 48, 1, row), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_store_read_rows(store, -1, 1, row), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_store_read_series(store, 3, 0, 1, series), ENT_ERR_ARGUMENT);
  CHECK_OK(ent_store_close(&store));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_WRITE, &store));
  CHECK_CODE(ent_store_write_job(store, 48, &result, series, final_state), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_store_write_job(store, 0, &result, NULL, final_state), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_store_write_job(store, 0, &result, series, NULL), ENT_ERR_ARGUMENT);
  CHECK_OK(ent_store_close(&store));
  shared_close(&at);
}

static void keeps_segments(void) {
  fixture at;
  ent_store *store = NULL;
  ent_segment segment = {
    .start = 1000, .hosts = "a,b", .cpu = "c", .isa = "x86-64-v3", .ranks = 4, .exit = -1};
  ent_segment read[4];
  size_t slot = 9, count = 9;
  shared_open(&at, fixture_plain_job);
  if (shared_rank == 0) {
    CHECK_OK(ent_store_open(at.path, ENT_STORE_WRITE, &store));
    CHECK_OK(ent_store_read_segments(store, 4, read, &count));
    CHECK_INT(count, 0);
    segment.slurm_job = 12;
    for (int i = 0; i < ENT_STORE_SEGMENTS + 2; i++) {
      segment.restart_count = i;
      CHECK_OK(ent_store_begin_segment(store, &segment, &slot));
      CHECK_INT(slot, i < ENT_STORE_SEGMENTS ? i : ENT_STORE_SEGMENTS - 1);
      if (i == 1) CHECK_OK(ent_store_end_segment(store, slot, 2000, 75));
    }
    CHECK_OK(ent_store_read_segments(store, 4, read, &count));
    CHECK_INT(count, 4);
    CHECK_TEXT(read[1].hosts, "a,b");
    CHECK_TEXT(read[1].isa, "x86-64-v3");
    CHECK_INT(read[1].exit, 75);
    CHECK_INT(read[1].slurm_job, 12);
    CHECK_REAL(read[1].end, 2000, 0);
    CHECK_INT(read[2].exit, -1);
    CHECK_INT(read[3].restart_count, 3);
    CHECK_OK(ent_store_close(&store));
  }
  shared_close(&at);
}

static const ent_test tests[] = {
  {"a new file holds its axes and is pending", new_file_is_pending},
  {"rows, series and final states of many writers are seen by an open reader", writes_and_reads},
  {"a job without series and final states has rows only", writes_and_reads_rows_only},
  {"a writer that never closes loses nothing", survives_missing_close},
  {"a changed byte makes its job pending and no other", finds_broken_records},
  {"wrong arguments and missing files are refused", refuses_wrong_arguments},
  {"segments are kept, the last slot is used again", keeps_segments},
  {0},
};

ENT_TEST_MPI_MAIN("store/store", tests)
