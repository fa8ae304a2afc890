#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/base/text.h"
#include "entrain/sweep/number_file.h"

#include "check.h"

static const ent_parameter any = {.name = "any", .kind = ENT_PARAM_FILE, .min = -DBL_MAX, .max = DBL_MAX};
static const ent_parameter share = {.name = "share", .kind = ENT_PARAM_FILE, .open_min = true, .max = 1};

static void check_numbers(const char *text, size_t count, const double *expected) {
  ent_arena *arena = NULL;
  ent_value value = {0};
  CHECK_OK(ent_arena_create(&arena));
  CHECK_OK(ent_number_file_parse(text, strlen(text), &any, arena, &value));
  REQUIRE(value.count == count);
  for (size_t i = 0; i < count; i++) CHECK_REAL(value.list[i], expected[i], 0.0);
  ent_arena_destroy(&arena);
}

#define CHECK_NUMBERS(text, ...)                                                                             \
  check_numbers((text), sizeof((double[]){__VA_ARGS__}) / sizeof(double), (double[]){__VA_ARGS__})

static void reads_numbers(void) {
  CHECK_NUMBERS("1", 1);
  CHECK_NUMBERS("1 2\t3\n4\r\n5", 1, 2, 3, 4, 5);
  CHECK_NUMBERS("0,1\n1,2\n", 0, 1, 1, 2);
  CHECK_NUMBERS("0, 1,\n2 ,3,", 0, 1, 2, 3);
  CHECK_NUMBERS("# i j\n0 1 # an edge, the first\n#\n1 2#2\n", 0, 1, 1, 2);
  CHECK_NUMBERS("-0.5 +.5 1e-3 2.5E2 -0", -0.5, 0.5, 1e-3, 250, 0);
}

static void check_refusal(const char *text, size_t length, const ent_parameter *legal, const char *message) {
  ent_arena *arena = NULL;
  ent_value value = {0};
  CHECK_OK(ent_arena_create(&arena));
  CHECK_CODE(ent_number_file_parse(text, length, legal, arena, &value), ENT_ERR_FORMAT);
  CHECK_TEXT(ent_error_message(), message);
  CHECK(value.list == NULL && value.count == 0);
  ent_arena_destroy(&arena);
}

static void refuses(const char *text, const char *message) {
  check_refusal(text, strlen(text), &any, message);
}

static void says_where_a_fault_is(void) {
  refuses("1 2\n3  4x 5\n", "line 2, column 4: '4x', must be a finite number");
  refuses("abc", "line 1, column 1: 'abc', must be a finite number");
  refuses("1 # 2 x\n\n  0x10", "line 3, column 3: '0x10', must be a finite number");
  refuses("1 nan", "line 1, column 3: 'nan', must be a finite number");
  refuses("1 1e999", "line 1, column 3: '1e999', must be a finite number");
  refuses("1,,2", "line 1, column 3: ',', must be a number");
  refuses("1, # two\n,2", "line 2, column 1: ',', must be a number");
  refuses(" ,1", "line 1, column 2: ',', must be a number");
  refuses("1\n\xc3\xa4", "line 2, column 1: '\?\?', must be a finite number");
  refuses("1 -", "line 1, column 3: '-', must be a finite number");
  refuses("1;2", "line 1, column 1: '1;2', must be a finite number");
}

static void refuses_bytes_behind_a_zero(void) {
  check_refusal("1\0002", 3, &any, "line 1, column 1: '1?2', must be a finite number");
  check_refusal("1 \0", 3, &any, "line 1, column 3: '?', must be a finite number");
}

static void refuses_what_is_out_of_range(void) {
  check_refusal("0.5 1\n 1.5", 10, &share, "line 2, column 2: '1.5', must be a number in (0, 1]");
  check_refusal("0", 1, &share, "line 1, column 1: '0', must be a number in (0, 1]");
}

static void refuses_a_file_without_numbers(void) {
  refuses("", "it has no numbers");
  refuses("# nothing\n \n", "it has no numbers");
}

static void hashes_what_it_has_read(void) {
  char path[] = "/tmp/entrain-numbers-XXXXXX", digest[ENT_DIGEST_SIZE] = "", expected[ENT_DIGEST_SIZE];
  ent_arena *arena = NULL;
  ent_value value = {.text = path};
  const int file = mkstemp(path);
  REQUIRE(file >= 0);
  close(file);
  CHECK_OK(ent_arena_create(&arena));
  CHECK_OK(ent_text_write_file(path, "3 4", 3));
  CHECK_OK(ent_number_file_read(path, &any, arena, &value, digest));
  ent_digest_bytes("3 4", 3, expected);
  CHECK_TEXT(digest, expected);
  CHECK_INT(value.count, 2);
  CHECK(value.text == path);
  unlink(path);
  CHECK_CODE(ent_number_file_read(path, &any, arena, &value, digest), ENT_ERR_IO);
  ent_arena_destroy(&arena);
}

static const ent_test tests[] = {
  {"numbers stand between blanks, commas and comments", reads_numbers},
  {"a fault is told with its line and column", says_where_a_fault_is},
  {"zeros in the text hide nothing", refuses_bytes_behind_a_zero},
  {"numbers out of range are refused", refuses_what_is_out_of_range},
  {"a file without numbers is refused", refuses_a_file_without_numbers},
  {"a file is hashed as it was read", hashes_what_it_has_read},
  {0},
};

ENT_TEST_MAIN("sweep/number_file", tests)
