#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "entrain/store/verify.h"

#include "check.h"
#include "guard_fixture.h"

/* Zeros over the start of the file, longer and longer; past the guard's table only the copy knows. Behind the
 * tenth page some final states begin. */
static void lost_heads_come_back(void) {
  static const unsigned char zeros[10 * PAGE];
  static const size_t lengths[] = {8, 100, PAGE, 2 * PAGE, 3 * PAGE, 7 * PAGE, 10 * PAGE};
  fixture at;
  fixture_make_full(&at);
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    ent_store *store = NULL;
    ent_guard_report report;
    fixture_write_at(at.path, 0, lengths[i], zeros);
    CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
    CHECK_CONTAINS(ent_error_message(), "entrain verify --repair");
    CHECK_CODE(ent_store_open(at.path, ENT_STORE_EDIT, &store), ENT_ERR_FORMAT);
    report = fixture_check(at.path);
    CHECK(report.bad_blocks > 0 && report.lost == 0);
    CHECK_INT(report.first_bad, 0);
    CHECK_OK(ent_store_repair(at.path, &report));
    fixture_check_all_there(at.path);
  }
  fixture_close(&at);
}

static void damaged_copies_come_back(void) {
  static const unsigned char zeros[2 * PAGE];
  fixture at;
  ent_guard_report report;
  fixture_make_full(&at);
  const int64_t copy = fixture_place(at.path, AT_COPY), table = fixture_place(at.path, AT_TABLE_2);
  fixture_write_at(at.path, copy, sizeof zeros, zeros);
  fixture_flip(at.path, table + 3);
  report = fixture_check(at.path);
  CHECK_INT(report.bad_copies, 2);
  CHECK_INT(report.bad_tables, 1);
  CHECK_INT(report.bad_blocks, 0);
  ent_store *store = NULL;
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store)); /* what counts is whole */
  CHECK_OK(ent_store_close(&store));
  CHECK_OK(ent_store_repair(at.path, &report));
  fixture_check_all_there(at.path);
  fixture_close(&at);
}

/* Other blocks in place and in the copy: each is restored from the other. */
static void halves_make_a_whole(void) {
  fixture at;
  ent_guard_report report;
  fixture_make_full(&at);
  const int64_t copy = fixture_place(at.path, AT_COPY);
  fixture_flip(at.path, 50);
  fixture_flip(at.path, copy + PAGE + 9);
  fixture_flip(at.path, copy + 2 * PAGE + 9);
  fixture_flip(at.path, TABLE + 1);
  report = fixture_check(at.path);
  CHECK(report.bad_blocks == 1 && report.bad_copies == 2 && report.lost == 0 && report.bad_tables == 1);
  CHECK_OK(ent_store_repair(at.path, &report));
  fixture_check_all_there(at.path);
  fixture_close(&at);
}

/* The file is as it was, byte for byte, when it cannot be repaired. */
static void hopeless_files_are_left_alone(void) {
  fixture at;
  ent_guard_report report;
  ent_text before = {0}, after = {0}, text = {0};
  fixture_make_full(&at);
  fixture_flip(at.path, 50);
  fixture_flip(at.path, fixture_place(at.path, AT_COPY) + 60); /* the same block */
  fixture_flip(at.path, HEADER_B + 5);
  CHECK_OK(ent_text_read_file(at.path, &before));
  report = fixture_check(at.path);
  CHECK_INT(report.lost, 1);
  CHECK(!ent_guard_is_repairable(&report));
  CHECK_OK(ent_guard_describe(&report, &text));
  CHECK_CONTAINS(text.data, "they cannot be restored");
  CHECK_CODE(ent_store_repair(at.path, &report), ENT_ERR_FORMAT);
  CHECK_CONTAINS(ent_error_message(), "cannot be repaired: 1 blocks");
  CHECK_OK(ent_text_read_file(at.path, &after));
  CHECK(before.length == after.length && memcmp(before.data, after.data, after.length) == 0);
  fixture_flip(at.path, TABLE + 1);
  fixture_flip(at.path, fixture_place(at.path, AT_TABLE_2) + 1);
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
  unsigned char finished[FIXTURE_ROWS];
  int64_t broken = -1, kept = 0;
  CHECK_OK(ent_store_open(path, ENT_STORE_READ, &store));
  CHECK_OK(ent_store_scan(store, finished, &broken));
  CHECK_INT(broken, 0);
  CHECK_OK(ent_store_verify(store, NULL, NULL, &found));
  for (int k = 0; k < ENT_ROW_FAULT_COUNT; k++) CHECK_INT(found.faults[k], 0);
  CHECK_INT(found.misplaced, 0);
  for (int64_t i = 0; i < FIXTURE_ROWS; i++) {
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
  fixture_make_full(&at);
  (void)snprintf(copy, sizeof copy, "%s.copy", at.path);
  const int64_t size = fixture_size(at.path), first = 20 * PAGE;
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
    CHECK_INT(fixture_size(copy), size);
    const int64_t kept = count_kept(copy);
    CHECK_INT(report.reset, FIXTURE_ROWS - kept);
    CHECK(kept >= before);
    before = kept;
  }
  CHECK_INT(before, FIXTURE_ROWS);
  unlink(copy);
  fixture_close(&at);
}

/* A file of which the metadata are cut off too. */
static void stumps_are_refused(void) {
  fixture at;
  ent_guard_report report;
  fixture_make_full(&at);
  for (int64_t length = 16 * PAGE; length > 3 * PAGE; length -= PAGE) {
    CHECK_INT(truncate(at.path, length), 0);
    CHECK_CODE(ent_store_repair(at.path, &report), ENT_ERR_FORMAT);
    CHECK_INT(fixture_size(at.path), length);
  }
  fixture_close(&at);
}

static void appended_bytes_are_cut_off(void) {
  fixture at;
  ent_guard_report report;
  ent_store *store = NULL;
  ent_text text = {0};
  fixture_make_full(&at);
  const int64_t size = fixture_size(at.path);
  fixture_write_at(at.path, size + 100, 4, "junk");
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store));
  CHECK_OK(ent_store_close(&store));
  report = fixture_check(at.path);
  CHECK(!ent_guard_is_whole(&report));
  CHECK_OK(ent_guard_describe(&report, &text));
  CHECK_CONTAINS(text.data, "too long: 104 bytes");
  CHECK_OK(ent_store_repair(at.path, &report));
  CHECK_INT(fixture_size(at.path), size);
  fixture_check_all_there(at.path);
  ent_text_fini(&text);
  fixture_close(&at);
}

static const ent_test tests[] = {
  {"a file whose start was overwritten comes back with every row", lost_heads_come_back},
  {"a damaged copy of the metadata is made anew", damaged_copies_come_back},
  {"blocks are restored each from where it is good", halves_make_a_whole},
  {"a file that cannot be repaired is left as it is", hopeless_files_are_left_alone},
  {"a truncated file keeps the rows that are left, the others are pending",
   truncated_files_keep_what_is_left},
  {"a file that lost its metadata to a truncation is refused", stumps_are_refused},
  {"bytes appended to a file do no harm and are cut off", appended_bytes_are_cut_off},
  {0},
};

ENT_TEST_MAIN("store/repair", tests)
