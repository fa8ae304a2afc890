#ifndef ENTRAIN_TESTS_GUARD_FIXTURE_H
#define ENTRAIN_TESTS_GUARD_FIXTURE_H

/* What the tests of the guard share: a full file, and the means to damage it. */

#include "entrain/store/guard.h"

#include "store_fixture.h"

/* Where the parts of the guard stand, docs/results-format.md. */
enum { PAGE = 4096, HEADER_A = PAGE, HEADER_B = 2 * PAGE, TABLE = 3 * PAGE, OPEN_MARK = 20 };
enum { AT_FORMAT = 8, AT_HEADER_C = 40, AT_TABLE_2 = 56, AT_COPY = 64, AT_RANGES = 80, AT_CRC = PAGE - 4 };

enum { FIXTURE_ROWS = 48 };

/* Makes a file of fixture_job with every row written. */
void fixture_make_full(fixture *at);

/* Reads or writes bytes of a file; changes a bit of one byte, back when called again. */
void fixture_read_at(const char *path, int64_t offset, size_t length, void *bytes);
void fixture_write_at(const char *path, int64_t offset, size_t length, const void *bytes);
void fixture_flip(const char *path, int64_t offset);

/* A place that the first header names in one of its fields. */
int64_t fixture_place(const char *path, int field);

int64_t fixture_size(const char *path);

/* What ent_store_check_guard says. */
ent_guard_report fixture_check(const char *path);

/* Every row is there, and nothing is damaged. */
void fixture_check_all_there(const char *path);

#endif
