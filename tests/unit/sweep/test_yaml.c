#include <stdio.h>
#include <string.h>

#include "entrain/sweep/yaml.h"

#include "check.h"

/* Reads a text that is one scalar, and compares its value. */
static void check_scalar(const char *text, const char *expected, size_t length) {
  ent_arena *arena = NULL;
  ent_faults faults = {0};
  const ent_yaml_node *root = NULL;
  CHECK_OK(ent_arena_create(&arena));
  ent_faults_init(&faults, arena);
  CHECK_OK(ent_yaml_parse(arena, text, strlen(text), &faults, &root));
  REQUIRE(root != NULL && root->kind == ENT_YAML_SCALAR);
  CHECK_INT(faults.count, 0);
  CHECK_INT(root->length, length);
  CHECK(memcmp(root->text, expected, length) == 0);
  CHECK_INT(root->text[length], 0);
  ent_faults_fini(&faults);
  ent_arena_destroy(&arena);
}

#define CHECK_SCALAR(text, expected) check_scalar((text), (expected), sizeof(expected) - 1)

static void reads_scalars(void) {
  CHECK_SCALAR("plain words", "plain words");
  CHECK_SCALAR("plain\nin two\n\nlines", "plain in two\nlines");
  CHECK_SCALAR("\"\"", "");
  CHECK_SCALAR("'it''s ''x'''", "it's 'x'");
  CHECK_SCALAR("\"\\\"a\\n\\u00e9\\x41\\\\\"", "\"a\n\xc3\xa9"
                                               "A\\");
  CHECK_SCALAR("\"a\\0b\"", "a\0b");
  CHECK_SCALAR("|\n  first\n  second\n", "first\nsecond\n");
  CHECK_SCALAR(">-\n  folded\n  text\n", "folded text");
}

/* libfyaml misreads them, and leaks where the leak checker would see it; found by fuzzing. */
static void refuses_quotes_in_a_row(void) {
  enum { PAIRS = 200 };
  char text[2 * PAIRS + 3] = "'";
  ent_arena *arena = NULL;
  ent_faults faults = {0};
  const ent_yaml_node *root = NULL;
  for (size_t i = 0; i < PAIRS; i++) snprintf(text + 1 + 2 * i, 3, "''");
  snprintf(text + 1 + 2 * PAIRS, 2, "'");
  CHECK_OK(ent_arena_create(&arena));
  ent_faults_init(&faults, arena);
  CHECK_OK(ent_yaml_parse(arena, text, strlen(text), &faults, &root));
  CHECK_INT(faults.count, 1);
  CHECK_OK(ent_yaml_parse(arena, "'a''''b'", 8, &faults, &root));
  CHECK_INT(faults.count, 2);
  ent_faults_fini(&faults);
  ent_arena_destroy(&arena);
}

/* Reads a text whose one fault is a key with a question mark; column 0: there is none. */
static void check_marked_key(const char *text, int line, int column) {
  ent_arena *arena = NULL;
  ent_faults faults = {0};
  const ent_yaml_node *root = NULL;
  CHECK_OK(ent_arena_create(&arena));
  ent_faults_init(&faults, arena);
  CHECK_OK(ent_yaml_parse(arena, text, strlen(text), &faults, &root));
  REQUIRE(faults.count == (column > 0 ? 1 : 0));
  if (column > 0) {
    CHECK(strstr(faults.items[0].message, "'? '") != NULL);
    CHECK_INT(faults.items[0].line, line);
    CHECK_INT(faults.items[0].column, column);
  }
  ent_faults_fini(&faults);
  ent_arena_destroy(&arena);
}

/* libfyaml writes through a bad pointer at the first of these texts; found by fuzzing. */
static void refuses_marked_keys(void) {
  check_marked_key("? 1:\t?", 1, 1);
  check_marked_key("\xef\xbb\xbf? 1:\t?", 1, 2);
  check_marked_key("a: 1 # \xc3\xa9\n- \xc3\xa9\n  - ? 1:\t?", 3, 5);
  check_marked_key("{\xc3\xa9: 1, ? 1:\t?}", 1, 8);
  check_marked_key("[? 1:\t?]", 1, 2);
  check_marked_key("&a !b ?\n", 1, 7);
  check_marked_key("--- ? 1:\t?", 1, 5);
  check_marked_key("a: # ? comment\n  why ?\n", 0, 0);
  check_marked_key("a: why ? -? ?b\n", 0, 0);
  check_marked_key("?a: b ?\n", 0, 0);
  check_marked_key("{\"x # \\\" y\": 1, ? 1:\t?}", 1, 17);
  check_marked_key("{'it''s # y':'#', ? 1:\t?}", 1, 19);
  check_marked_key("{x:'y, ? 1:\t?}", 1, 8);
  check_marked_key("{&a,? 1:\t?}", 1, 5);
  check_marked_key("name: \"what: ? is, ? this\"\n", 0, 0);
  check_marked_key("name: 'what''s: ? is\n  ? this'\n", 0, 0);
}

static const ent_test tests[] = {
  {"scalars of every style have their value", reads_scalars},
  {"quotes in a row within single quotes are a fault", refuses_quotes_in_a_row},
  {"a key that begins with a question mark is a fault", refuses_marked_keys},
  {0},
};

ENT_TEST_MAIN("sweep/yaml", tests)
