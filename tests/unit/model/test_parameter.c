#include <float.h>
#include <math.h>
#include <string.h>

#include "entrain/model/parameter.h"

#include "check.h"

static const char *const two[] = {"softmax", "mean", NULL};
static const char *const three[] = {"a", "b", "c", NULL};

static const ent_parameter table[] = {
  {.name = "weights", .kind = ENT_PARAM_CHOICE, .choices = two},
  {.name = "beta", .kind = ENT_PARAM_REAL, .min = -INFINITY, .max = INFINITY},
  {.name = "rtol", .kind = ENT_PARAM_REAL, .open_min = true, .min = 0.0, .max = 0.1},
  {.name = "n", .kind = ENT_PARAM_INTEGER, .min = 1.0, .max = 2147483647.0},
  {.name = "masses", .kind = ENT_PARAM_LIST, .open_min = true, .min = 0.0, .max = DBL_MAX},
  {.name = "path", .kind = ENT_PARAM_TEXT},
  {.name = "edges", .kind = ENT_PARAM_FILE, .min = 0.0, .max = DBL_MAX},
  {0},
};

static void finds_names(void) {
  CHECK_INT(ent_parameter_count(table), 7);
  CHECK_INT(ent_parameter_find(table, "beta", 4), 1);
  CHECK_INT(ent_parameter_find(table, "beta2", 4), 1);
  CHECK_INT(ent_parameter_find(table, "bet", 3), -1);
  CHECK_INT(ent_parameter_find(table, "", 0), -1);
  CHECK_INT(ent_parameter_choice(&table[0], "mean", 4), 1);
  CHECK_INT(ent_parameter_choice(&table[0], "means", 5), -1);
  CHECK_INT(ent_parameter_choice(&table[1], "mean", 4), -1);
}

static void accepts_numbers_in_range(void) {
  CHECK(ent_parameter_accepts(&table[1], -1e300));
  CHECK(!ent_parameter_accepts(&table[1], (double)NAN));
  CHECK(!ent_parameter_accepts(&table[1], (double)INFINITY));
  CHECK(!ent_parameter_accepts(&table[2], 0.0));
  CHECK(ent_parameter_accepts(&table[2], 1e-300));
  CHECK(ent_parameter_accepts(&table[2], 0.1));
  CHECK(!ent_parameter_accepts(&table[2], 0.11));
  CHECK(ent_parameter_accepts(&table[3], 1.0));
  CHECK(!ent_parameter_accepts(&table[3], 1.5));
  CHECK(!ent_parameter_accepts(&table[3], 0.0));
  CHECK(!ent_parameter_accepts(&table[4], 0.0));
  CHECK(ent_parameter_accepts(&table[4], 2.5));
  CHECK(!ent_parameter_accepts(&table[6], -1.0));
  CHECK(ent_parameter_accepts(&table[6], 7.0));
}

static void accepts_indices_of_choices(void) {
  CHECK(ent_parameter_accepts(&table[0], 0.0));
  CHECK(ent_parameter_accepts(&table[0], 1.0));
  CHECK(!ent_parameter_accepts(&table[0], 2.0));
  CHECK(!ent_parameter_accepts(&table[0], 0.5));
  CHECK(!ent_parameter_accepts(&table[0], -1.0));
  CHECK(!ent_parameter_accepts(&table[5], 0.0));
}

static void writes_what_is_legal(void) {
  static const ent_parameter letters = {.name = "letter", .kind = ENT_PARAM_CHOICE, .choices = three};
  const char *const expected[] = {"softmax or mean",
                                  "a finite number",
                                  "a number in (0, 0.1]",
                                  "a whole number in [1, 2147483647]",
                                  "a list of numbers in (0, inf)",
                                  "text",
                                  "the path of a text file of numbers in [0, inf)"};
  char buffer[64];
  for (size_t i = 0; table[i].name; i++) {
    ent_parameter_legal(&table[i], sizeof(buffer), buffer);
    CHECK_TEXT(buffer, expected[i]);
  }
  ent_parameter_legal(&letters, sizeof(buffer), buffer);
  CHECK_TEXT(buffer, "a, b or c");
}

static void cuts_what_does_not_fit(void) {
  char buffer[8];
  memset(buffer, 'x', sizeof(buffer));
  ent_parameter_legal(&table[0], 6, buffer);
  CHECK_TEXT(buffer, "softm");
  CHECK_INT(buffer[6], 'x');
}

static void tells_single_numbers(void) {
  const bool expected[] = {true, true, true, true, false, false, false};
  for (size_t i = 0; table[i].name; i++) CHECK_INT(ent_parameter_is_number(&table[i]), expected[i]);
}

static void fills_refusals(void) {
  ent_refusal refusal;
  CHECK(!ent_refuse(&refusal, "parameters.masses", "%d masses for n = %d", 3, 4));
  CHECK_TEXT(refusal.key, "parameters.masses");
  CHECK_TEXT(refusal.why, "3 masses for n = 4");
}

static const ent_test tests[] = {{"names are found by their whole length", finds_names},
                                 {"numbers are accepted in their range", accepts_numbers_in_range},
                                 {"choices are accepted by their index", accepts_indices_of_choices},
                                 {"what is legal is written in words", writes_what_is_legal},
                                 {"a legal text that is too long is cut", cuts_what_does_not_fit},
                                 {"lists, texts and files are no single numbers", tells_single_numbers},
                                 {"a refusal carries its key and its reason", fills_refusals},
                                 {0}};
ENT_TEST_MAIN("model/parameter", tests)
