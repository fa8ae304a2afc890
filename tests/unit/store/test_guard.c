#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/store/guard.h"
#include "entrain/store/store.h"
#include "entrain/store/verify.h"

#include "check.h"
#include "store_fixture.h"

/* Where the parts of the guard stand, docs/results-format.md. */
enum { PAGE = 4096, HEADER_A = PAGE, HEADER_B = 2 * PAGE, TABLE = 3 * PAGE, OPEN_MARK = 20 };
enum { AT_FORMAT = 8, AT_HEADER_C = 40, AT_TABLE_2 = 56, AT_COPY = 64, AT_RANGES = 80, AT_CRC = PAGE - 4 };

enum { ROWS = 48 };

/* A file with every row written. */
static void make_full(fixture *at) {
  ent_store *store = NULL;
  fixture_open(at, fixture_job);
  CHECK_OK(ent_store_create(at->path, at->spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at->path, ENT_STORE_EDIT, &store));
  for (int64_t i = 0; i < ROWS; i++) CHECK_OK(fixture_write(store, i));
  CHECK_OK(ent_store_close(&store));
}

static void read_at(const char *path, int64_t offset, size_t length, void *bytes) {
  const int file = open(path, O_RDONLY);
  REQUIRE(file >= 0 && pread(file, bytes, length, offset) == (ssize_t)length);
  close(file);
}

static void write_at(const char *path, int64_t offset, size_t length, const void *bytes) {
  const int file = open(path, O_RDWR);
  REQUIRE(file >= 0 && pwrite(file, bytes, length, offset) == (ssize_t)length);
  close(file);
}

static void flip(const char *path, int64_t offset) {
  unsigned char byte = 0;
  read_at(path, offset, 1, &byte);
  byte ^= 0x10;
  write_at(path, offset, 1, &byte);
}

/* A place that the header names. */
static int64_t place(const char *path, int field) {
  int64_t value = 0;
  read_at(path, HEADER_A + field, sizeof value, &value);
  return value;
}

static int64_t size_of(const char *path) {
  struct stat status;
  REQUIRE(stat(path, &status) == 0);
  return status.st_size;
}

static ent_guard_report check(const char *path) {
  ent_guard_report report = {0};
  CHECK_OK(ent_store_check_guard(path, &report));
  return report;
}

/* Every row is there, and nothing is damaged. */
static void check_all_there(const char *path) {
  ent_store *store = NULL;
  const ent_guard_report report = check(path);
  CHECK(ent_guard_is_whole(&report));
  CHECK_OK(ent_store_open(path, ENT_STORE_READ, &store));
  for (int64_t i = 0; i < ROWS; i++) CHECK(fixture_holds(store, i));
  CHECK_OK(ent_store_close(&store));
}

static void new_files_are_whole(void) {
  fixture at;
  ent_text text = {0};
  make_full(&at);
  const ent_guard_report report = check(at.path);
  CHECK(ent_guard_is_whole(&report) && ent_guard_is_repairable(&report));
  CHECK_INT(report.size, size_of(at.path));
  CHECK_INT(report.expected, report.size);
  CHECK(report.blocks >= 5);
  CHECK_INT(report.first_bad, -1);
  CHECK_OK(ent_guard_describe(&report, &text));
  CHECK_TEXT(text.data, "whole\n");
  CHECK(ent_store_is_results(at.path));
  check_all_there(at.path);
  ent_text_fini(&text);
  fixture_close(&at);
}

static void header_copies_stand_in(void) {
  fixture at;
  ent_guard_report report;
  make_full(&at);
  const int64_t third = place(at.path, AT_HEADER_C);
  const int64_t headers[] = {HEADER_A, HEADER_B, third};
  for (int left = 0; left < 3; left++) {
    for (int i = 0; i < 3; i++)
      if (i != left) flip(at.path, headers[i] + 100 * i + 7);
    report = check(at.path);
    CHECK_INT(report.bad_headers, 2);
    CHECK(!ent_guard_is_whole(&report) && ent_guard_is_repairable(&report));
    CHECK(ent_store_is_results(at.path));
    CHECK_OK(ent_store_repair(at.path, &report));
    CHECK_INT(report.bad_headers, 2);
    CHECK_INT(report.reset, 0);
    check_all_there(at.path);
  }
  fixture_close(&at);
}

/* Zeros over the start of the file, longer and longer; past the guard's table only the copy knows. Behind the
 * tenth page some final states begin. */
static void lost_heads_come_back(void) {
  static const unsigned char zeros[10 * PAGE];
  static const size_t lengths[] = {8, 100, PAGE, 2 * PAGE, 3 * PAGE, 7 * PAGE, 10 * PAGE};
  fixture at;
  make_full(&at);
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    ent_store *store = NULL;
    ent_guard_report report;
    write_at(at.path, 0, lengths[i], zeros);
    CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
    CHECK_CONTAINS(ent_error_message(), "entrain verify --repair");
    CHECK_CODE(ent_store_open(at.path, ENT_STORE_EDIT, &store), ENT_ERR_FORMAT);
    report = check(at.path);
    CHECK(report.bad_blocks > 0 && report.lost == 0);
    CHECK_INT(report.first_bad, 0);
    CHECK_OK(ent_store_repair(at.path, &report));
    check_all_there(at.path);
  }
  fixture_close(&at);
}

static void damaged_copies_come_back(void) {
  static const unsigned char zeros[2 * PAGE];
  fixture at;
  ent_guard_report report;
  make_full(&at);
  const int64_t copy = place(at.path, AT_COPY), table = place(at.path, AT_TABLE_2);
  write_at(at.path, copy, sizeof zeros, zeros);
  flip(at.path, table + 3);
  report = check(at.path);
  CHECK_INT(report.bad_copies, 2);
  CHECK_INT(report.bad_tables, 1);
  CHECK_INT(report.bad_blocks, 0);
  ent_store *store = NULL;
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store)); /* what counts is whole */
  CHECK_OK(ent_store_close(&store));
  CHECK_OK(ent_store_repair(at.path, &report));
  check_all_there(at.path);
  fixture_close(&at);
}

/* Other blocks in place and in the copy: each is restored from the other. */
static void halves_make_a_whole(void) {
  fixture at;
  ent_guard_report report;
  make_full(&at);
  const int64_t copy = place(at.path, AT_COPY);
  flip(at.path, 50);
  flip(at.path, copy + PAGE + 9);
  flip(at.path, copy + 2 * PAGE + 9);
  flip(at.path, TABLE + 1);
  report = check(at.path);
  CHECK(report.bad_blocks == 1 && report.bad_copies == 2 && report.lost == 0 && report.bad_tables == 1);
  CHECK_OK(ent_store_repair(at.path, &report));
  check_all_there(at.path);
  fixture_close(&at);
}

/* The file is as it was, byte for byte, when it cannot be repaired. */
static void hopeless_files_are_left_alone(void) {
  fixture at;
  ent_guard_report report;
  ent_text before = {0}, after = {0}, text = {0};
  make_full(&at);
  flip(at.path, 50);
  flip(at.path, place(at.path, AT_COPY) + 60); /* the same block */
  flip(at.path, HEADER_B + 5);
  CHECK_OK(ent_text_read_file(at.path, &before));
  report = check(at.path);
  CHECK_INT(report.lost, 1);
  CHECK(!ent_guard_is_repairable(&report));
  CHECK_OK(ent_guard_describe(&report, &text));
  CHECK_CONTAINS(text.data, "they cannot be restored");
  CHECK_CODE(ent_store_repair(at.path, &report), ENT_ERR_FORMAT);
  CHECK_CONTAINS(ent_error_message(), "cannot be repaired: 1 blocks");
  CHECK_OK(ent_text_read_file(at.path, &after));
  CHECK(before.length == after.length && memcmp(before.data, after.data, after.length) == 0);
  flip(at.path, TABLE + 1);
  flip(at.path, place(at.path, AT_TABLE_2) + 1);
  CHECK_CODE(ent_store_repair(at.path, &report), ENT_ERR_FORMAT);
  CHECK_CONTAINS(ent_error_message(), "both tables");
  ent_text_fini(&before);
  ent_text_fini(&after);
  ent_text_fini(&text);
  fixture_close(&at);
}

/* After a repair, rows are as they were written or pending, and nothing is left to complain of. */
static int64_t count_kept(const char *path) {
  ent_store *store = NULL;
  ent_verification found;
  unsigned char finished[ROWS];
  int64_t broken = -1, kept = 0;
  CHECK_OK(ent_store_open(path, ENT_STORE_READ, &store));
  CHECK_OK(ent_store_scan(store, finished, &broken));
  CHECK_INT(broken, 0);
  CHECK_OK(ent_store_verify(store, NULL, NULL, &found));
  for (int k = 0; k < ENT_FAULT_COUNT; k++) CHECK_INT(found.faults[k], 0);
  CHECK_INT(found.misplaced, 0);
  for (int64_t i = 0; i < ROWS; i++) {
    kept += finished[i];
    CHECK(!finished[i] || fixture_holds(store, i));
  }
  CHECK_OK(ent_store_close(&store));
  return kept;
}

static void truncated_files_keep_what_is_left(void) {
  enum { CUTS = 40 };
  fixture at;
  char copy[320];
  int64_t before = 0;
  make_full(&at);
  (void)snprintf(copy, sizeof copy, "%s.copy", at.path);
  const int64_t size = size_of(at.path), first = 20 * PAGE;
  for (int cut = 0; cut <= CUTS; cut++) {
    ent_guard_report report;
    ent_store *store = NULL;
    char missing[64];
    const int64_t length = first + (size - 1 - first) * cut / CUTS;
    fixture_copy(at.path, copy, length);
    (void)snprintf(missing, sizeof missing, "%lld of its %lld bytes are missing", (long long)(size - length),
                   (long long)size);
    CHECK_CODE(ent_store_open(copy, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
    CHECK_CONTAINS(ent_error_message(), missing);
    CHECK_OK(ent_store_repair(copy, &report));
    CHECK_INT(report.size, length);
    CHECK_INT(size_of(copy), size);
    const int64_t kept = count_kept(copy);
    CHECK_INT(report.reset, ROWS - kept);
    CHECK(kept >= before);
    before = kept;
  }
  CHECK_INT(before, ROWS);
  unlink(copy);
  fixture_close(&at);
}

/* A file of which the metadata are cut off too. */
static void stumps_are_refused(void) {
  fixture at;
  ent_guard_report report;
  make_full(&at);
  for (int64_t length = 16 * PAGE; length > 3 * PAGE; length -= PAGE) {
    CHECK_INT(truncate(at.path, length), 0);
    CHECK_CODE(ent_store_repair(at.path, &report), ENT_ERR_FORMAT);
    CHECK_INT(size_of(at.path), length);
  }
  fixture_close(&at);
}

static void appended_bytes_are_cut_off(void) {
  fixture at;
  ent_guard_report report;
  ent_store *store = NULL;
  ent_text text = {0};
  make_full(&at);
  const int64_t size = size_of(at.path);
  write_at(at.path, size + 100, 4, "junk");
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store));
  CHECK_OK(ent_store_close(&store));
  report = check(at.path);
  CHECK(!ent_guard_is_whole(&report));
  CHECK_OK(ent_guard_describe(&report, &text));
  CHECK_CONTAINS(text.data, "too long: 104 bytes");
  CHECK_OK(ent_store_repair(at.path, &report));
  CHECK_INT(size_of(at.path), size);
  check_all_there(at.path);
  ent_text_fini(&text);
  fixture_close(&at);
}

/* Gives the header of a file another format, in all its copies. */
static void set_format(const char *path, uint32_t format) {
  const int64_t third = place(path, AT_HEADER_C), headers[] = {HEADER_A, HEADER_B, third};
  unsigned char page[PAGE];
  read_at(path, HEADER_A, PAGE, page);
  memcpy(page + AT_FORMAT, &format, sizeof format);
  const uint32_t crc = ent_digest_crc(0, page, AT_CRC);
  memcpy(page + AT_CRC, &crc, sizeof crc);
  for (int i = 0; i < 3; i++) write_at(path, headers[i], PAGE, page);
}

static void other_formats_are_refused(void) {
  fixture at;
  ent_store *store = NULL;
  ent_guard_report report;
  make_full(&at);
  set_format(at.path, ENT_STORE_FORMAT + 1);
  CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
  CHECK_CONTAINS(ent_error_message(), "is of format 3, this program reads up to 2: use a newer entrain");
  CHECK_CODE(ent_store_repair(at.path, &report), ENT_ERR_FORMAT);
  CHECK(ent_store_is_results(at.path));
  set_format(at.path, 1);
  CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
  set_format(at.path, ENT_STORE_FORMAT);
  check_all_there(at.path);
  fixture_close(&at);
}

/* What format 1 was: an HDF5 file with our attributes and no guard. */
static void files_without_guard_are_refused(void) {
  static const unsigned char zeros[PAGE];
  fixture at;
  ent_store *store = NULL;
  ent_guard_report report;
  make_full(&at);
  const int64_t third = place(at.path, AT_HEADER_C);
  write_at(at.path, HEADER_A, PAGE, zeros);
  write_at(at.path, HEADER_B, PAGE, zeros);
  write_at(at.path, third, PAGE, zeros);
  CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
  CHECK_CONTAINS(ent_error_message(), "without a guard: of format 1");
  CHECK(!ent_store_is_results(at.path));
  CHECK_CODE(ent_store_check_guard(at.path, &report), ENT_ERR_FORMAT);
  CHECK_CODE(ent_store_check_guard(at.folder, &report), ENT_ERR_FORMAT);
  CHECK_CODE(ent_store_check_guard("/nonexistent/OUT.h5", &report), ENT_ERR_IO);
  fixture_close(&at);
}

/* A killed editor leaves HDF5's mark that it has the file open: of no consequence. */
static void open_marks_do_no_harm(void) {
  fixture at;
  ent_guard_report report;
  ent_store *editor = NULL, *reader = NULL;
  make_full(&at);
  CHECK_OK(ent_store_open(at.path, ENT_STORE_EDIT, &editor));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &reader));
  CHECK(fixture_holds(reader, 0));
  CHECK_OK(ent_store_close(&reader));
  CHECK_OK(ent_store_close(&editor));
  write_at(at.path, OPEN_MARK, 1, "\1");
  check_all_there(at.path);
  write_at(at.path, OPEN_MARK, 1, "\2");
  report = check(at.path);
  CHECK_INT(report.bad_blocks, 1);
  CHECK_OK(ent_store_repair(at.path, &report));
  check_all_there(at.path);
  fixture_close(&at);
}

/* Whether a flip of that byte is seen as damage of just one thing. */
static bool is_noticed(const char *path, int64_t byte) {
  flip(path, byte);
  const ent_guard_report report = check(path);
  flip(path, byte);
  return !ent_guard_is_whole(&report) && report.bad_headers + report.bad_blocks == 1;
}

/* Headers, and the metadata where the table says that they are. */
static void every_byte_counts(void) {
  fixture at;
  uint32_t n_ranges = 0;
  int64_t flips = 0;
  make_full(&at);
  for (int64_t byte = HEADER_A; byte < TABLE; byte += 13) CHECK(is_noticed(at.path, byte));
  read_at(at.path, HEADER_A + AT_RANGES, sizeof n_ranges, &n_ranges);
  for (uint32_t i = 0; i < n_ranges; i++) {
    int64_t range[2];
    read_at(at.path, TABLE + 16 * i, sizeof range, range);
    for (int64_t byte = range[0]; byte < range[0] + range[1]; byte += 13, flips++)
      CHECK(is_noticed(at.path, byte));
  }
  CHECK(flips > 1000);
  check_all_there(at.path);
  fixture_close(&at);
}

/* Hundreds of groups of final states: the table has room for each dataset. */
static void guards_any_number_of_datasets(void) {
  fixture at;
  ent_guard_report report;
  ent_text job = {0};
  CHECK_OK(ent_text_append(&job, "model: attention\nsweep:\n  beta: [1]\n  seed: {count: 1}\n  d: {range: "
                                 "[2, 31, 1]}\n  n: {range: [2, 41, 1]}\ntime: {horizon: 1, record: [0, 1]}\n"
                                 "observe: [order_parameter]\noutput: {final_state: true}\n"));
  fixture_open(&at, job.data);
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  report = check(at.path);
  CHECK(ent_guard_is_whole(&report));
  CHECK(report.blocks > 1000 / 2);
  flip(at.path, 300 * PAGE);
  ent_store *store = NULL;
  CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
  CHECK_OK(ent_store_repair(at.path, &report));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store));
  CHECK_OK(ent_store_close(&store));
  ent_text_fini(&job);
  fixture_close(&at);
}

static const ent_test tests[] = {
  {"a new file is whole", new_files_are_whole},
  {"one header of three is enough for a repair", header_copies_stand_in},
  {"a file whose start was overwritten comes back with every row", lost_heads_come_back},
  {"a damaged copy of the metadata is made anew", damaged_copies_come_back},
  {"blocks are restored each from where it is good", halves_make_a_whole},
  {"a file that cannot be repaired is left as it is", hopeless_files_are_left_alone},
  {"a truncated file keeps the rows that are left, the others are pending",
   truncated_files_keep_what_is_left},
  {"a file that lost its metadata to a truncation is refused", stumps_are_refused},
  {"bytes appended to a file do no harm and are cut off", appended_bytes_are_cut_off},
  {"another format is refused and named", other_formats_are_refused},
  {"an HDF5 file without a guard is refused", files_without_guard_are_refused},
  {"the mark of a killed editor does no harm", open_marks_do_no_harm},
  {"a flip in any byte of the metadata is found", every_byte_counts},
  {"the guard has room for any number of datasets", guards_any_number_of_datasets},
  {0},
};

ENT_TEST_MAIN("store/guard", tests)
