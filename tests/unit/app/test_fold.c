#include <string.h>

#include "entrain/app/fold.h"

#include "check.h"

static void folds(const char *lines, int columns, bool breaks_words, const char *expected) {
  ent_text text = {0};
  CHECK_OK(ent_fold_append(lines, columns, breaks_words, &text));
  CHECK_TEXT(text.data ? text.data : "", expected);
  ent_text_fini(&text);
}

static void short_lines_stay(void) {
  folds("", 20, false, "");
  folds("one\n  two  three\n\nfour\n", 20, false, "one\n  two  three\n\nfour\n");
  folds("exactly 20 columns..\n", 20, false, "exactly 20 columns..\n");
  folds("without an end", 20, false, "without an end\n");
}

static void long_lines_go_on_deeper(void) {
  folds("one two three four five six\n", 20, false, "one two three four\n  five six\n");
  folds("    one two three four five\n", 20, false, "    one two three\n      four five\n");
  folds("one two  three four   five six\n", 12, false, "one two\n  three four\n  five six\n");
  folds("ends in spaces at the edge       \n", 26, false, "ends in spaces at the edge\n");
}

static void columns_are_kept(void) {
  folds("held by   process 12 on a host, 5 ranks\n", 24, false,
        "held by   process 12 on\n          a host, 5\n          ranks\n");
  folds("              row 3, 4.5 s at worker 1: beta\n", 30, false,
        "              row 3, 4.5 s at\n              worker 1: beta\n");
  folds("  a gap far beyond the middle  and more of it\n", 24, false,
        "  a gap far beyond the\n    middle  and more of\n    it\n");
}

static void wide_words_are_broken_on_request(void) {
  folds("see /a/very/long/path/indeed now\n", 10, false, "see\n  /a/very/long/path/indeed\n  now\n");
  folds("see /a/very/long/path/indeed now\n", 10, true, "see\n  /a/very/\n  long/pat\n  h/indeed\n  now\n");
  folds("          /a/very/long/path\n", 8, true, "        \n/a/very/\nlong/pat\nh\n");
}

static void letters_count_and_controls_are_shown(void) {
  folds("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 \xc3\xa9\xc3\xa9\xc3\xa9\n", 8, false,
        "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 \xc3\xa9\xc3\xa9\xc3\xa9\n");
  folds("a\033[2Jb\tc\x7f\n", 40, false, "a?[2Jb?c?\n");
}

/* Whatever the width, no line is wider, and no word is lost. */
static void nothing_is_lost(void) {
  static const char line[] =
    "  key   some words of several lengths, antidisestablishmentarianism included, end\n";
  for (int columns = 8; columns <= 90; columns++) {
    ent_text text = {0};
    char letters[sizeof line] = "", expected[sizeof line] = "";
    size_t n = 0, m = 0;
    CHECK_OK(ent_fold_append(line, columns, true, &text));
    CHECK_INT(ent_fold_rows(text.data, columns), ent_fold_rows(text.data, 1000));
    for (const char *at = text.data; *at; at++)
      if (*at != ' ' && *at != '\n') letters[n++] = *at;
    for (const char *at = line; *at; at++)
      if (*at != ' ' && *at != '\n') expected[m++] = *at;
    CHECK_TEXT(letters, expected);
    ent_text_fini(&text);
  }
}

static void commands_stay_whole(void) {
  static const char line[] = "next  a\x1f"
                             "command\x1fwith\x1fwords and more\n";
  ent_text text = {0};
  CHECK_OK(ent_fold_append(line, 16, true, &text));
  CHECK_TEXT(text.data, "next\n      a command with words\n      and more\n");
  ent_text_fini(&text);
}

static void rows_of_a_narrower_terminal(void) {
  CHECK_INT(ent_fold_rows("", 10), 0);
  CHECK_INT(ent_fold_rows("\n", 10), 1);
  CHECK_INT(ent_fold_rows("1234567890\nab\n", 10), 2);
  CHECK_INT(ent_fold_rows("12345678901\nab\n", 10), 3);
  CHECK_INT(ent_fold_rows("123456789012345678901\n", 10), 3);
}

static const ent_test tests[] = {
  {"lines that fit stay as they are", short_lines_stay},
  {"a long line goes on two columns deeper", long_lines_go_on_deeper},
  {"text under a gap stays in its column", columns_are_kept},
  {"a word that is too wide is broken only on request", wide_words_are_broken_on_request},
  {"a letter is a column, a control character a question mark", letters_count_and_controls_are_shown},
  {"no line is too wide and no letter is lost", nothing_is_lost},
  {"a command that is to be copied is never broken", commands_stay_whole},
  {"a terminal that became narrower takes more rows", rows_of_a_narrower_terminal},
  {0},
};

ENT_TEST_MAIN("app/fold", tests)
