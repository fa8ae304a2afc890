#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/store/guard.h"

#include "check.h"
#include "guard_fixture.h"

static void new_files_are_whole(void) {
  fixture at;
  ent_text text = {0};
  fixture_make_full(&at);
  const ent_guard_report report = fixture_check(at.path);
  CHECK(ent_guard_is_whole(&report) && ent_guard_is_repairable(&report));
  CHECK_INT(report.size, fixture_size(at.path));
  CHECK_INT(report.expected, report.size);
  CHECK(report.blocks >= 5);
  CHECK_INT(report.first_bad, -1);
  CHECK_OK(ent_guard_describe(&report, &text));
  CHECK_TEXT(text.data, "whole\n");
  CHECK(ent_store_is_results(at.path));
  fixture_check_all_there(at.path);
  ent_text_fini(&text);
  fixture_close(&at);
}

static void header_copies_stand_in(void) {
  fixture at;
  ent_guard_report report;
  fixture_make_full(&at);
  const int64_t third = fixture_place(at.path, AT_HEADER_C);
  const int64_t headers[] = {HEADER_A, HEADER_B, third};
  for (int left = 0; left < 3; left++) {
    for (int i = 0; i < 3; i++)
      if (i != left) fixture_flip(at.path, headers[i] + 100 * i + 7);
    report = fixture_check(at.path);
    CHECK_INT(report.bad_headers, 2);
    CHECK(!ent_guard_is_whole(&report) && ent_guard_is_repairable(&report));
    CHECK(ent_store_is_results(at.path));
    CHECK_OK(ent_store_repair(at.path, &report));
    CHECK_INT(report.bad_headers, 2);
    CHECK_INT(report.reset, 0);
    fixture_check_all_there(at.path);
  }
  fixture_close(&at);
}

/* Gives the header of a file another format, in all its copies. */
static void set_format(const char *path, uint32_t format) {
  const int64_t third = fixture_place(path, AT_HEADER_C), headers[] = {HEADER_A, HEADER_B, third};
  unsigned char page[PAGE];
  fixture_read_at(path, HEADER_A, PAGE, page);
  memcpy(page + AT_FORMAT, &format, sizeof format);
  const uint32_t crc = ent_digest_crc(0, page, AT_CRC);
  memcpy(page + AT_CRC, &crc, sizeof crc);
  for (int i = 0; i < 3; i++) fixture_write_at(path, headers[i], PAGE, page);
}

static void other_formats_are_refused(void) {
  fixture at;
  ent_store *store = NULL;
  ent_guard_report report;
  fixture_make_full(&at);
  set_format(at.path, ENT_STORE_FORMAT + 1);
  CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
  CHECK_CONTAINS(ent_error_message(), "is of format 3, this program reads up to 2: use a newer entrain");
  CHECK_CODE(ent_store_repair(at.path, &report), ENT_ERR_FORMAT);
  CHECK(ent_store_is_results(at.path));
  set_format(at.path, 1);
  CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
  set_format(at.path, ENT_STORE_FORMAT);
  fixture_check_all_there(at.path);
  fixture_close(&at);
}

/* What format 1 was: an HDF5 file with our attributes and no guard. */
static void files_without_guard_are_refused(void) {
  static const unsigned char zeros[PAGE];
  fixture at;
  ent_store *store = NULL;
  ent_guard_report report;
  fixture_make_full(&at);
  const int64_t third = fixture_place(at.path, AT_HEADER_C);
  fixture_write_at(at.path, HEADER_A, PAGE, zeros);
  fixture_write_at(at.path, HEADER_B, PAGE, zeros);
  fixture_write_at(at.path, third, PAGE, zeros);
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
  fixture_make_full(&at);
  CHECK_OK(ent_store_open(at.path, ENT_STORE_EDIT, &editor));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &reader));
  CHECK(fixture_holds(reader, 0));
  CHECK_OK(ent_store_close(&reader));
  CHECK_OK(ent_store_close(&editor));
  fixture_write_at(at.path, OPEN_MARK, 1, "\1");
  fixture_check_all_there(at.path);
  fixture_write_at(at.path, OPEN_MARK, 1, "\2");
  report = fixture_check(at.path);
  CHECK_INT(report.bad_blocks, 1);
  CHECK_OK(ent_store_repair(at.path, &report));
  fixture_check_all_there(at.path);
  fixture_close(&at);
}

/* Whether a flip of that byte is seen as damage of just one thing. */
static bool is_noticed(const char *path, int64_t byte) {
  fixture_flip(path, byte);
  const ent_guard_report report = fixture_check(path);
  fixture_flip(path, byte);
  return !ent_guard_is_whole(&report) && report.bad_headers + report.bad_blocks == 1;
}

/* Headers, and the metadata where the table says that they are. */
static void every_byte_counts(void) {
  fixture at;
  uint32_t n_ranges = 0;
  int64_t flips = 0;
  fixture_make_full(&at);
  for (int64_t byte = HEADER_A; byte < TABLE; byte += 13) CHECK(is_noticed(at.path, byte));
  fixture_read_at(at.path, HEADER_A + AT_RANGES, sizeof n_ranges, &n_ranges);
  for (uint32_t i = 0; i < n_ranges; i++) {
    int64_t range[2];
    fixture_read_at(at.path, TABLE + 16 * i, sizeof range, range);
    for (int64_t byte = range[0]; byte < range[0] + range[1]; byte += 13, flips++)
      CHECK(is_noticed(at.path, byte));
  }
  CHECK(flips > 1000);
  fixture_check_all_there(at.path);
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
  report = fixture_check(at.path);
  CHECK(ent_guard_is_whole(&report));
  CHECK(report.blocks > 1000 / 2);
  fixture_flip(at.path, 300 * PAGE);
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
  {"another format is refused and named", other_formats_are_refused},
  {"an HDF5 file without a guard is refused", files_without_guard_are_refused},
  {"the mark of a killed editor does no harm", open_marks_do_no_harm},
  {"a flip in any byte of the metadata is found", every_byte_counts},
  {"the guard has room for any number of datasets", guards_any_number_of_datasets},
  {0},
};

ENT_TEST_MAIN("store/guard", tests)
