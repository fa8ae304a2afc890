#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/base/text.h"

#include "check.h"

static void appending_grows_the_text(void) {
  ent_text text = {0};
  for (int i = 0; i < 1000; i++) CHECK_OK(ent_text_append(&text, "%03d ", i));
  CHECK_INT(text.length, 4000);
  CHECK_INT(strlen(text.data), 4000);
  CHECK(strncmp(text.data + 3996, "999 ", 5) == 0);
  ent_text_fini(&text);
  CHECK(text.data == NULL && text.length == 0 && text.capacity == 0);
  ent_text_fini(&text);
}

static void check_number(double value, const char *expected) {
  ent_text text = {0};
  CHECK_OK(ent_text_append_real(&text, value));
  CHECK_TEXT(text.data, expected);
  ent_text_fini(&text);
}

static void rates_have_three_digits(void) {
  static const struct {
    double value;
    const char *text;
  } known[] = {{2987.4, "2990"}, {0.01234, "0.0123"}, {2.5, "2.5"}, {99.96, "100"},
               {100, "100"},     {123456, "123000"},  {0, "0"}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    char text[32];
    ent_text_rate(known[i].value, sizeof text, text);
    CHECK_TEXT(text, known[i].text);
  }
}

static void numbers_are_the_shortest_that_read_back(void) {
  check_number(0.1, "0.1");
  check_number(-2.0, "-2");
  check_number(0.0, "0");
  check_number(-0.0, "-0");
  check_number(1.0 / 3.0, "0.3333333333333333");
  check_number(0.1 + 0.2, "0.30000000000000004");
  check_number(1e300, "1e+300");
  check_number(DBL_TRUE_MIN, "4.94065645841247e-324");
  check_number(NAN, "nan");
  check_number(-NAN, "nan");
  check_number(INFINITY, "inf");
  check_number(-INFINITY, "-inf");
}

static void json_text_is_escaped(void) {
  ent_text text = {0};
  CHECK_OK(ent_text_append_json(&text, "a \"b\" \\ \n\t\x01 \xc3\xa4"));
  CHECK_TEXT(text.data, "a \\\"b\\\" \\\\ \\n\\t\\u0001 \xc3\xa4");
  ent_text_fini(&text);
  CHECK_OK(ent_text_append_json(&text, ""));
  CHECK_TEXT(text.data, "");
  ent_text_fini(&text);
}

static void json_has_no_missing_numbers(void) {
  ent_text text = {0};
  CHECK_OK(ent_text_append_json_real(&text, 0.1));
  CHECK_OK(ent_text_append(&text, " "));
  CHECK_OK(ent_text_append_json_real(&text, NAN));
  CHECK_OK(ent_text_append(&text, " "));
  CHECK_OK(ent_text_append_json_real(&text, -INFINITY));
  CHECK_TEXT(text.data, "0.1 null null");
  ent_text_fini(&text);
}

static void durations_read_well(void) {
  static const struct {
    double seconds;
    const char *text;
  } cases[] = {{0.0, "0.0 us"},        {2.5e-6, "2.5 us"},   {1.2e-3, "1.2 ms"},   {0.43, "430 ms"},
               {0.9996, "1.0 s"},      {9.96, "10 s"},       {43.2, "43 s"},       {59.6, "1 min 00 s"},
               {61.0, "1 min 01 s"},   {3599.7, "1 h 00 m"}, {7500.0, "2 h 05 m"}, {86399.0, "1 d 00 h"},
               {274000.0, "3 d 04 h"}, {-43.0, "-43 s"},     {NAN, "unknown"},     {INFINITY, "unknown"},
               {999.6e-6, "1.0 ms"},   {999.4e-6, "999 us"}, {0.9994, "999 ms"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char buffer[32];
    ent_text_duration(cases[i].seconds, sizeof buffer, buffer);
    CHECK_TEXT(buffer, cases[i].text);
  }
}

/* A new folder under $TMPDIR, and the path of a file in it. */
static void make_folder(char folder[256], char path[300]) {
  const char *base = getenv("TMPDIR");
  (void)snprintf(folder, 256, "%s/entrain-text-XXXXXX", base ? base : "/tmp");
  REQUIRE(mkdtemp(folder) != NULL);
  (void)snprintf(path, 300, "%s/file", folder);
}

static void files_round_trip(void) {
  enum { LENGTH = 100000 };
  char folder[256], path[300], temporary[310];
  char *data = malloc(LENGTH);
  REQUIRE(data != NULL);
  ent_text text = {0};
  for (int i = 0; i < LENGTH; i++) data[i] = (char)(i % 256);
  make_folder(folder, path);
  CHECK_OK(ent_text_write_file(path, "old", 3));
  CHECK_OK(ent_text_write_file(path, data, LENGTH));
  CHECK_OK(ent_text_read_file(path, &text));
  CHECK_INT(text.length, LENGTH);
  CHECK(memcmp(text.data, data, LENGTH) == 0 && text.data[LENGTH] == '\0');
  ent_text_fini(&text);
  (void)snprintf(temporary, sizeof temporary, "%s~tmp", path);
  CHECK(access(temporary, F_OK) != 0);
  CHECK_OK(ent_text_write_file(path, "", 0));
  CHECK_OK(ent_text_read_file(path, &text));
  CHECK_TEXT(text.data, "");
  ent_text_fini(&text);
  free(data);
  CHECK_INT(unlink(path), 0);
  CHECK_INT(rmdir(folder), 0);
}

static void faults_of_the_system_are_told(void) {
  char folder[256], path[300], inside[320];
  ent_text text = {0};
  make_folder(folder, path);
  CHECK_CODE(ent_text_read_file(path, &text), ENT_ERR_IO);
  CHECK_CONTAINS(ent_error_message(), "/file': No such file or directory");
  CHECK_CODE(ent_text_read_file(folder, &text), ENT_ERR_IO);
  CHECK_CONTAINS(ent_error_message(), "Is a directory");
  CHECK(text.data == NULL);
  (void)snprintf(inside, sizeof inside, "%s/inside", path);
  CHECK_CODE(ent_text_write_file(inside, "x", 1), ENT_ERR_IO);
  CHECK_CODE(ent_text_write_file(folder, "x", 1), ENT_ERR_IO);
  CHECK_CONTAINS(ent_error_message(), "Is a directory");
  CHECK_INT(access(folder, W_OK), 0);
  CHECK_INT(rmdir(folder), 0);
}

static void one_thing_is_no_plural(void) {
  CHECK_TEXT(ent_text_plural(1), "");
  CHECK_TEXT(ent_text_plural(0), "s");
  CHECK_TEXT(ent_text_plural(2), "s");
  CHECK_TEXT(ent_text_plural(-1), "s");
}

static const ent_test tests[] = {
  {"rates have three digits and no exponent", rates_have_three_digits},
  {"appending grows the text", appending_grows_the_text},
  {"numbers are the shortest decimals that read back", numbers_are_the_shortest_that_read_back},
  {"JSON text is escaped", json_text_is_escaped},
  {"a number that JSON does not have is null", json_has_no_missing_numbers},
  {"durations read well", durations_read_well},
  {"one thing is no plural", one_thing_is_no_plural},
  {"a file is read as it was written, and nothing else is left", files_round_trip},
  {"the system's reason for a failure is told", faults_of_the_system_are_told},
  {0}};

ENT_TEST_MAIN("base/text", tests)
