#include "check.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/CUnit.h>
#include <CUnit/TestDB.h>
#include <CUnit/TestRun.h>

/* CUnit's handlers carry no context, so what they need is here. */
static struct {
  const char *program, *who, *current;
  const ent_test *tests;
  int *failed;
  bool verbose;
} run;

static void report_failure(const char *what, const ent_place *place) {
  fprintf(stderr, "%s%s: \"%s\" failed\n%s  %s:%d: %s\n", run.who, run.program, run.current, run.who,
          place->file, place->line, what);
  fflush(stderr);
}

/* One check: counted by CUnit, which ends the test by longjmp when a fatal one does not hold. */
__attribute__((format(printf, 4, 5))) static bool record(bool holds, bool fatal, const ent_place *place,
                                                         const char *format, ...) {
  if (!holds) {
    char what[4096];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    report_failure(what, place);
  }
  (void)CU_assertImplementation(holds, (unsigned)place->line, place->text, place->file, run.current, fatal);
  return holds;
}

bool ent_check_true(bool holds, const ent_place *place) {
  return record(holds, false, place, "%s does not hold", place->text);
}

bool ent_check_required(bool holds, const ent_place *place) {
  return record(holds, true, place, "%s does not hold", place->text);
}

bool ent_check_ok(int code, const ent_place *place) {
  return record(code == ENT_OK, true, place, "%s: returned %s: %s\n%s", place->text, ent_error_name(code),
                ent_error_message(), ent_error_frames());
}

bool ent_check_code(int code, int expected, const ent_place *place) {
  return record(code == expected, false, place, "%s: returned %s (%s), expected %s", place->text,
                ent_error_name(code), ent_error_message(), ent_error_name(expected));
}

bool ent_check_int(intmax_t actual, intmax_t expected, const ent_place *place) {
  return record(actual == expected, false, place, "%s: is %jd, expected %jd", place->text, actual, expected);
}

bool ent_check_real(double actual, double expected, double tolerance, const ent_place *place) {
  const bool same = (isnan(actual) && isnan(expected)) || (isinf(actual) && actual == expected);
  const double error = fabs(actual - expected);
  return record(same || error <= tolerance, false, place,
                "%s: is %.17g, expected %.17g, off by %.3g, allowed %.3g", place->text, actual, expected,
                error, tolerance);
}

bool ent_check_text(const char *actual, const char *expected, const ent_place *place) {
  const bool same = actual && expected ? strcmp(actual, expected) == 0 : actual == expected;
  return record(same, false, place, "%s:\n    is       \"%s\"\n    expected \"%s\"", place->text,
                actual ? actual : "(NULL)", expected ? expected : "(NULL)");
}

bool ent_check_contains(const char *actual, const char *part, const ent_place *place) {
  return record(actual && strstr(actual, part), false, place, "%s:\n    \"%s\"\n    does not contain \"%s\"",
                place->text, actual ? actual : "(NULL)", part);
}

static int index_of(const char *name) {
  int i = 0;
  while (strcmp(run.tests[i].name, name) != 0) i++;
  return i;
}

static void at_start(const CU_pTest test, const CU_pSuite suite) {
  (void)suite;
  run.current = test->pName;
  ent_error_clear();
  if (run.verbose) fprintf(stderr, "> %s%s: %s\n", run.who, run.program, test->pName);
}

static void at_end(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure) {
  (void)suite;
  if (run.failed) run.failed[index_of(test->pName)] = failure != NULL;
}

static bool add_tests(const ent_test *tests, const char *filter) {
  CU_pSuite suite = CU_add_suite(run.program, NULL, NULL);
  if (!suite) return false;
  for (const ent_test *test = tests; test->name; test++) {
    if (filter && !strstr(test->name, filter)) continue;
    if (!CU_add_test(suite, test->name, test->run)) return false;
  }
  return true;
}

int ent_test_count(const ent_test *tests) {
  int count = 0;
  while (tests[count].name) count++;
  return count;
}

bool ent_test_run(const char *program, const ent_test *tests, int argc, char **argv, const char *who,
                  int *failed) {
  const bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
  const char *filter = argc > 1 + verbose ? argv[1 + verbose] : NULL;
  run.program = program;
  run.who = who;
  run.tests = tests;
  run.failed = failed;
  run.verbose = verbose;
  for (int i = 0; failed && tests[i].name; i++) failed[i] = -1;
  if (CU_initialize_registry() != CUE_SUCCESS) return false;
  CU_set_error_action(CUEA_IGNORE);
  CU_set_test_start_handler(at_start);
  CU_set_test_complete_handler(at_end);
  const bool worked = add_tests(tests, filter) && CU_run_all_tests() == CUE_SUCCESS;
  if (!worked) fprintf(stderr, "%s%s: CUnit failed: %s\n", who, program, CU_get_error_msg());
  CU_cleanup_registry();
  return worked;
}

int ent_test_close(const char *program, int count, const int *failed) {
  int passes = 0, failures = 0;
  for (int i = 0; i < count; i++) {
    passes += failed[i] == 0;
    failures += failed[i] > 0;
  }
  printf("%s: %d passed, %d failed\n", program, passes, failures);
  (void)fflush(stdout);
  return failures > 0 || passes == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

bool ent_test_at_once(void *context) {
  (void)context;
  return true;
}

int ent_test_main(const char *program, const ent_test *tests, int argc, char **argv) {
  const int count = ent_test_count(tests);
  int *failed = calloc((size_t)count + 1, sizeof *failed);
  if (!failed) return EXIT_FAILURE;
  const bool worked = ent_test_run(program, tests, argc, argv, "", failed);
  const int status = ent_test_close(program, count, failed);
  free(failed);
  return worked ? status : EXIT_FAILURE;
}
