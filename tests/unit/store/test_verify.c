#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hdf5.h>

#include "entrain/base/rng.h"
#include "entrain/store/store.h"
#include "entrain/store/verify.h"

#include "check.h"
#include "store_fixture.h"

enum { ROWS = 48, FLIPS = 1000 };

/* Bytes of one dataset in the file. */
typedef struct extent {
  int64_t offset, length;
} extent;

static const char *const checked[] = {
  "jobs",        "series/order_parameter", "series/pair_overlap", "final/2x2/x", "final/2x3/x", "final/3x2/x",
  "final/3x3/x", "series/pair_overlap_2"};

enum { CHECKED = sizeof checked / sizeof checked[0] };

/* Where HDF5 says that rows, series and final states are. */
static void find_data(const char *path, extent extents[CHECKED]) {
  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  REQUIRE(file >= 0);
  for (int i = 0; i < CHECKED; i++) {
    const hid_t data = H5Dopen2(file, checked[i], H5P_DEFAULT);
    REQUIRE(data >= 0);
    extents[i] = (extent){(int64_t)H5Dget_offset(data), (int64_t)H5Dget_storage_size(data)};
    H5Dclose(data);
  }
  H5Fclose(file);
}

static int64_t place_of(const char *path, const char *name) {
  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t data = H5Dopen2(file, name, H5P_DEFAULT);
  const int64_t offset = (int64_t)H5Dget_offset(data);
  CHECK(H5Dclose(data) >= 0 && H5Fclose(file) >= 0);
  return offset;
}

/* A file with the rows [0, written). */
static void make_file(fixture *at, int64_t written) {
  ent_store *store = NULL;
  fixture_open(at, fixture_job);
  CHECK_OK(ent_store_create(at->path, at->spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at->path, ENT_STORE_EDIT, &store));
  for (int64_t i = 0; i < written; i++) CHECK_OK(fixture_write(store, i));
  CHECK_OK(ent_store_close(&store));
}

static void flip_bit(const char *path, int64_t bit) {
  unsigned char byte = 0;
  const int file = open(path, O_RDWR);
  REQUIRE(file >= 0 && pread(file, &byte, 1, bit / 8) == 1);
  byte ^= (unsigned char)(1 << (bit % 8));
  REQUIRE(pwrite(file, &byte, 1, bit / 8) == 1);
  close(file);
}

/* The faulty rows that a verification told of. */
typedef struct fault_list {
  int64_t count, row;
  ent_row_fault fault;
} fault_list;

static int note(void *context, int64_t row, ent_row_fault fault) {
  fault_list *list = context;
  list->count++;
  list->row = row;
  list->fault = fault;
  return ENT_OK;
}

static ent_verification verify(const char *path, fault_list *list) {
  ent_store *store = NULL;
  ent_verification found = {0};
  *list = (fault_list){.row = -1};
  CHECK_OK(ent_store_open(path, ENT_STORE_READ, &store));
  CHECK_OK(ent_store_verify(store, note, list, &found));
  CHECK_OK(ent_store_close(&store));
  return found;
}

static void good_files_have_no_faults(void) {
  for (int64_t written = 0; written <= ROWS; written += ROWS / 2) {
    fixture at;
    fault_list list;
    make_file(&at, written);
    const ent_verification found = verify(at.path, &list);
    CHECK_INT(found.rows, ROWS);
    CHECK_INT(found.finished, written);
    CHECK_INT(list.count, 0);
    CHECK_INT(found.misplaced, 0);
    for (int k = 0; k < ENT_ROW_FAULT_COUNT; k++) CHECK_INT(found.faults[k], 0);
    fixture_close(&at);
  }
}

/* A random bit of rows, series or final states of finished jobs: exactly one job is found. */
static void finds_every_flip(void) {
  fixture at;
  extent extents[CHECKED];
  int64_t total = 0;
  ent_rng random;
  make_file(&at, ROWS);
  find_data(at.path, extents);
  for (int i = 0; i < CHECKED; i++) total += extents[i].length;
  ent_rng_init(&random, 1, 2, 3, 4, ENT_STREAM_SAMPLE);
  for (int flip = 0; flip < FLIPS; flip++) {
    fault_list list;
    int64_t byte = (int64_t)(ent_rng_uniform(&random) * (double)total);
    const int64_t bit = (int64_t)(ent_rng_uniform(&random) * 8);
    int i = 0;
    for (; byte >= extents[i].length; i++) byte -= extents[i].length;
    flip_bit(at.path, 8 * (extents[i].offset + byte) + bit);
    const ent_verification found = verify(at.path, &list);
    CHECK_INT(found.finished, ROWS - 1);
    CHECK_INT(list.count, 1);
    CHECK_INT(list.fault, ENT_ROW_FAULT_CHECKSUM);
    if (i == 0) CHECK_INT(list.row, byte / (extents[0].length / ROWS));
    flip_bit(at.path, 8 * (extents[i].offset + byte) + bit);
  }
  fixture_close(&at);
}

/* Every bit of a pending row: it is zero but for its axes, and these are the grid's. */
static void finds_flips_in_pending_rows(void) {
  fixture at;
  extent extents[CHECKED];
  int64_t seen[ENT_ROW_FAULT_COUNT] = {0};
  make_file(&at, 0);
  find_data(at.path, extents);
  const int64_t size = extents[0].length / ROWS, row = 29;
  for (int64_t bit = 0; bit < 8 * size; bit++) {
    fault_list list;
    const int64_t place = 8 * (extents[0].offset + row * size) + bit;
    flip_bit(at.path, place);
    const ent_verification found = verify(at.path, &list);
    CHECK_INT(found.finished, 0);
    CHECK_INT(list.count, 1);
    CHECK_INT(list.row, row);
    seen[list.fault]++;
    flip_bit(at.path, place);
  }
  CHECK_INT(seen[ENT_ROW_FAULT_AXES], 8 * 24);     /* f8, i4, i4, i8 come first */
  CHECK_INT(seen[ENT_ROW_FAULT_CHECKSUM], 2 * 32); /* those of status and checksum */
  CHECK(seen[ENT_ROW_FAULT_LEFT_OVER] > 100);
  fixture_close(&at);
}

/* What a killed writer leaves are series and final states of a row that is still pending. */
static void left_series_are_no_fault(void) {
  fixture at;
  fault_list list;
  ent_store *store = NULL;
  make_file(&at, ROWS);
  CHECK_OK(ent_store_open(at.path, ENT_STORE_EDIT, &store));
  CHECK_OK(ent_store_reset_job(store, 11));
  CHECK_OK(ent_store_close(&store));
  const ent_verification found = verify(at.path, &list);
  CHECK_INT(found.finished, ROWS - 1);
  CHECK_INT(list.count, 0);
  fixture_close(&at);
}

/* The same in a file in which half of the jobs are finished and one was: rows only. */
static void finds_every_flip_of_a_running_sweep(void) {
  fixture at;
  extent extents[CHECKED];
  ent_store *store = NULL;
  ent_rng random;
  make_file(&at, ROWS / 2);
  CHECK_OK(ent_store_open(at.path, ENT_STORE_EDIT, &store));
  CHECK_OK(ent_store_reset_job(store, 7));
  CHECK_OK(ent_store_close(&store));
  find_data(at.path, extents);
  ent_rng_init(&random, 4, 3, 2, 1, ENT_STREAM_SAMPLE);
  for (int flip = 0; flip < FLIPS; flip++) {
    fault_list list;
    const int64_t bit = (int64_t)(ent_rng_uniform(&random) * 8 * (double)extents[0].length);
    flip_bit(at.path, 8 * extents[0].offset + bit);
    verify(at.path, &list);
    CHECK_INT(list.count, 1);
    CHECK_INT(list.row, bit / 8 / (extents[0].length / ROWS));
    flip_bit(at.path, 8 * extents[0].offset + bit);
  }
  fixture_close(&at);
}

/* A whole row in the place of another one: its checksum is good. */
static void finds_moved_rows(void) {
  fixture at;
  fault_list list;
  ent_store *store = NULL;
  unsigned char row[512], finished[ROWS];
  int64_t broken = 0;
  bool holds = true;
  fixture_open(&at, fixture_plain_job);
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_EDIT, &store));
  for (int64_t i = 0; i < ROWS; i++) CHECK_OK(fixture_write(store, i));
  CHECK_OK(ent_store_close(&store));
  const off_t rows = (off_t)place_of(at.path, "jobs");
  CHECK_OK(ent_store_open(at.path, ENT_STORE_EDIT, &store));
  const off_t size = (off_t)ent_store_layout(store)->size;
  CHECK_OK(ent_store_read_rows(store, 6, 1, row));
  const int raw = open(at.path, O_RDWR);
  CHECK_INT(pwrite(raw, row, (size_t)size, rows + 5 * size), size);
  close(raw);
  CHECK_OK(ent_store_scan(store, finished, &broken));
  CHECK_INT(broken, 1);
  for (int64_t i = 0; i < ROWS; i++) CHECK_INT(finished[i], i != 5);
  CHECK_OK(ent_store_read_job(store, 5, row, NULL, NULL, &holds));
  CHECK(!holds);
  CHECK_OK(ent_store_close(&store));
  verify(at.path, &list);
  CHECK(list.count == 1 && list.row == 5 && list.fault == ENT_ROW_FAULT_AXES);
  fixture_close(&at);
}

static void finds_misplaced_jobs(void) {
  fixture at;
  fault_list list;
  make_file(&at, ROWS);
  flip_bit(at.path, 8 * (place_of(at.path, "final/3x2/job") + 16) + 2);
  CHECK_INT(verify(at.path, &list).misplaced, 1);
  CHECK_INT(list.count, 0);
  fixture_close(&at);
}

static int refuse(void *context, int64_t row, ent_row_fault fault) {
  (void)context;
  (void)fault;
  return row == 3 ? ENT_ERR_ARGUMENT : ENT_OK;
}

static void ends_when_told(void) {
  fixture at;
  ent_store *store = NULL;
  ent_verification found = {.rows = -7};
  make_file(&at, 5);
  extent extents[CHECKED];
  find_data(at.path, extents);
  flip_bit(at.path, 8 * (extents[0].offset + 3 * (extents[0].length / ROWS)));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store));
  CHECK_CODE(ent_store_verify(store, refuse, NULL, &found), ENT_ERR_ARGUMENT);
  CHECK_INT(found.rows, -7);
  CHECK_OK(ent_store_verify(store, NULL, NULL, &found));
  CHECK_INT(found.faults[ENT_ROW_FAULT_CHECKSUM], 1);
  CHECK_OK(ent_store_close(&store));
  fixture_close(&at);
}

static const ent_test tests[] = {
  {"a good file has no faults", good_files_have_no_faults},
  {"each of 1000 random bit flips in rows, series and final states is found", finds_every_flip},
  {"each of 1000 random bit flips in rows of a running sweep is found", finds_every_flip_of_a_running_sweep},
  {"a flip anywhere in a pending row is found", finds_flips_in_pending_rows},
  {"series of a row that is pending again are no fault", left_series_are_no_fault},
  {"a row in the place of another one does not count", finds_moved_rows},
  {"a wrong job number of a final state is found", finds_misplaced_jobs},
  {"a verification ends when its listener fails", ends_when_told},
  {0},
};

ENT_TEST_MAIN("store/verify", tests)
