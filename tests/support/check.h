#ifndef ENTRAIN_TESTS_CHECK_H
#define ENTRAIN_TESTS_CHECK_H

/*
 * The test harness: CUnit's bookkeeping under macros that print both operands, and an error's name and
 * message. A test program is a table of named functions and one of the two mains:
 *
 *   static const ent_test tests[] = {{"a dead worker's range is given out again", gives_out_again}, {0}};
 *   ENT_TEST_MAIN("sweep/dispatch", tests)
 *
 * A program runs all its tests, or those whose name contains its first argument; `-v` lists them as they run.
 * Its last line is `sweep/dispatch: 7 passed, 0 failed`, its exit status 1 when a test failed.
 *
 * What the program needs stands in the first line of its source: np, the process counts it is run with, and
 * libs, the pkg-config modules it is linked with:  TEST np=1,4 libs=gsl  inside a comment.
 */

#include <stdbool.h>
#include <stdint.h>

#include "entrain/base/error.h"

typedef struct ent_test {
  const char *name; /* a sentence; NULL terminates the table */
  void (*run)(void);
} ent_test;

/* Where a check stands. */
typedef struct ent_place {
  const char *text; /* the checked expression as written */
  const char *file;
  int line;
} ent_place;

#define ENT_PLACE(text) (&(const ent_place){text, __FILE__, __LINE__})

/* The condition holds; when it does not, the test goes on. */
#define CHECK(condition) ent_check_true(!!(condition), ENT_PLACE("CHECK(" #condition ")"))

/* The condition holds; when it does not, the test ends: for what later lines rely on. */
#define REQUIRE(condition) ent_check_required(!!(condition), ENT_PLACE("REQUIRE(" #condition ")"))

/* The call returns ENT_OK; when it does not, the test ends. */
#define CHECK_OK(call) ent_check_ok((call), ENT_PLACE("CHECK_OK(" #call ")"))

/* The call fails with this code. */
#define CHECK_CODE(call, code) ent_check_code((call), (code), ENT_PLACE("CHECK_CODE(" #call ", " #code ")"))

/* Equal whole numbers. */
#define CHECK_INT(actual, expected)                                                                          \
  ent_check_int((intmax_t)(actual), (intmax_t)(expected), ENT_PLACE("CHECK_INT(" #actual ", " #expected ")"))

/* Real numbers at most `tolerance` (absolute) apart; NaN equals NaN, infinities equal themselves. */
#define CHECK_REAL(actual, expected, tolerance)                                                              \
  ent_check_real((actual), (expected), (tolerance),                                                          \
                 ENT_PLACE("CHECK_REAL(" #actual ", " #expected ", " #tolerance ")"))

/* Equal texts; NULL equals NULL only. */
#define CHECK_TEXT(actual, expected)                                                                         \
  ent_check_text((actual), (expected), ENT_PLACE("CHECK_TEXT(" #actual ", " #expected ")"))

/* The first text contains the second. */
#define CHECK_CONTAINS(actual, part)                                                                         \
  ent_check_contains((actual), (part), ENT_PLACE("CHECK_CONTAINS(" #actual ", " #part ")"))

/* What the macros call; each returns whether the check held. */
bool ent_check_true(bool holds, const ent_place *place);
bool ent_check_required(bool holds, const ent_place *place);
bool ent_check_ok(int code, const ent_place *place);
bool ent_check_code(int code, int expected, const ent_place *place);
bool ent_check_int(intmax_t actual, intmax_t expected, const ent_place *place);
bool ent_check_real(double actual, double expected, double tolerance, const ent_place *place);
bool ent_check_text(const char *actual, const char *expected, const ent_place *place);
bool ent_check_contains(const char *actual, const char *part, const ent_place *place);

/*
 * Runs the tests that argv selects.
 * [in]  who  put before each failure, "rank 2: " or ""
 * [out] failed  one flag a test of the table, 1 where it failed, 0 where it passed, -1 where it was not
 *       run; may be NULL
 * Returns whether CUnit itself worked.
 */
bool ent_test_run(const char *program, const ent_test *tests, int argc, char **argv, const char *who,
                  int *failed);

/* Number of tests of a table. */
int ent_test_count(const ent_test *tests);

/* Prints the closing line and returns the exit status. */
int ent_test_close(const char *program, int count, const int *failed);

int ent_test_main(const char *program, const ent_test *tests, int argc, char **argv);
int ent_test_mpi_main(const char *program, const ent_test *tests, int argc, char **argv);

/* Answers true: what a brake that gives up at its first question asks. Not collective. */
bool ent_test_at_once(void *context);

/* main of a program that runs alone. */
#define ENT_TEST_MAIN(program, tests)                                                                        \
  int main(int argc, char **argv) {                                                                          \
    return ent_test_main((program), (tests), argc, argv);                                                    \
  }

/* main of a program whose every rank runs every test; a test passes when it does so on all ranks. */
#define ENT_TEST_MPI_MAIN(program, tests)                                                                    \
  int main(int argc, char **argv) {                                                                          \
    return ent_test_mpi_main((program), (tests), argc, argv);                                                \
  }

#endif
