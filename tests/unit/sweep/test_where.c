#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/rng.h"
#include "entrain/sweep/job_file.h"
#include "entrain/sweep/where.h"

#include "check.h"

enum { ROW_BYTES = 1024, TEXT_SIZE = 4096, ROUNDS = 20000 };

static const char *const job = "model: attention\n"
                               "parameters: {}\n"
                               "sweep:\n"
                               "  beta: [0.5, 5, 9]\n"
                               "  n: [16, 32]\n"
                               "  d: [2]\n"
                               "  weights: [softmax, mean]\n"
                               "  solver.scheme: [5dp, 3bs]\n"
                               "  seed: {count: 4}\n"
                               "time: {horizon: 30}\n"
                               "observe: [pair_overlap]\n";

typedef struct fixture {
  ent_spec *spec;
  ent_layout *layout;
  unsigned char row[ROW_BYTES];
} fixture;

/* The row beta = 9, n = 32, weights = mean, scheme = 3bs, seed = 3, ended by a wall-clock limit. */
static void open_fixture(fixture *at) {
  ent_text faults = {0};
  ent_result result;
  CHECK_OK(ent_job_file_parse(job, "where.yaml", "", "", &at->spec, &faults));
  CHECK_OK(ent_layout_create(at->spec, &at->layout));
  REQUIRE(at->layout->size <= ROW_BYTES);
  ent_result_init(&result);
  result.status = ENT_STATUS_FAILED;
  result.error = ENT_JOB_WALL_LIMIT;
  result.t_end = 0.75;
  result.steps = 1000;
  ent_layout_encode_axes(at->layout, &at->spec->grid, at->spec->grid.size - 1, at->row);
  ent_layout_encode(at->layout, &result, at->row);
}

static void close_fixture(fixture *at) {
  ent_layout_destroy(&at->layout);
  ent_spec_destroy(&at->spec);
}

/* 1 or 0 as the row is meant or not, -1 when the expression is refused. */
static int holds(const fixture *at, const char *text) {
  ent_where *where = NULL;
  if (ent_where_parse(text, at->layout, &where) != ENT_OK) {
    fprintf(stderr, "%s\n", ent_error_message());
    return -1;
  }
  const int answer = ent_where_holds(where, at->row);
  ent_where_destroy(&where);
  return answer;
}

typedef struct example {
  const char *text;
  int answer;
} example;

static void check_all(const example *examples) {
  fixture at;
  open_fixture(&at);
  for (const example *e = examples; e->text; e++) {
    if (!CHECK_INT(holds(&at, e->text), e->answer)) fprintf(stderr, "  of \"%s\"\n", e->text);
  }
  close_fixture(&at);
}

static void compares_numbers(void) {
  static const example examples[] = {
    {"beta>5", 1},
    {"beta>=9", 1},
    {"beta>9", 0},
    {"beta==9", 1},
    {"beta!=9", 0},
    {"beta<9.5", 1},
    {"beta<=8.9", 0},
    {"5<beta", 1},
    {"9.0e0 == beta", 1},
    {"n==32", 1},
    {"seed!=3", 0},
    {"seed == 3", 1},
    {"steps >= 1e3", 1},
    {"t_end<1", 1},
    {"t_end>-1", 1},
    {"beta<inf", 1},
    {"beta>-inf", 1},
    {"t_end < beta", 1},
    {"n<=d", 0},
    {"  beta\t>\n5 ", 1},
    {"beta>+5", 1},
    {"d == .2e1", 1},
    {0},
  };
  check_all(examples);
}

static void knows_names_of_values(void) {
  static const example examples[] = {
    {"status==failed", 1},     {"status!=failed", 0},
    {"status==done", 0},       {"failed == status", 1},
    {"error==wall-limit", 1},  {"error!=step-limit", 1},
    {"error==4", 1},           {"outcome==none", 1},
    {"weights==mean", 1},      {"weights!=softmax", 1},
    {"solver.scheme==3bs", 1}, {"solver.scheme == '5dp'", 0},
    {"status==\"failed\"", 1}, {"status==2", 1},
    {"error==\"none\"", 0},    {0},
  };
  check_all(examples);
}

static void binds_as_promised(void) {
  static const example examples[] = {
    /* 1 || (0 && 0), not (1 || 0) && 0 */
    {"n==32 || n==1 && n==2", 1},
    {"(n==32 || n==1) && n==2", 0},
    {"n==1 && n==2 || n==32", 1},
    {"n==1 && (n==2 || n==32)", 0},
    /* (!0) && 0, not !(0 && 0) */
    {"!n==1 && n==2", 0},
    {"!(n==1 && n==2)", 1},
    {"!n==1 || n==2", 1},
    {"! !n==32", 1},
    {"!!!n==32", 0},
    {"not n==1 and n==32 or n==5", 1},
    {"not (n==32 or n==5)", 0},
    {"error==wall-limit || (t_end<1 && seed!=3)", 1},
    {"error==step-limit || (t_end<1 && seed!=3)", 0},
    {"((((n==32))))", 1},
    {0},
  };
  check_all(examples);
}

static void nan_is_no_number(void) {
  static const example examples[] = {
    {"t_sync<1", 0},       {"t_sync>=1", 0},
    {"t_sync==1", 0},      {"t_sync!=1", 1},
    {"!(t_sync<1)", 1},    {"t_sync==nan", 1},
    {"t_sync!=nan", 0},    {"nan==t_sync", 1},
    {"beta==nan", 0},      {"beta!=nan", 1},
    {"t_sync==t_sync", 0}, {"t_sync != t_certain", 1},
    {"t_sync < t_end", 0}, {0},
  };
  check_all(examples);
}

static void refuses_with_the_place(void) {
  static const struct {
    const char *text, *message;
  } examples[] = {
    {"", "the expression is empty"},
    {"   ", "the expression is empty"},
    {"beta", "column 5: a comparison must follow 'beta'"},
    {"betta>5", "column 1: 'betta' is no column and no number, did you mean 'beta'"},
    {"beta > fife", "column 8: 'fife' is no column and no number"},
    {"xyz>5", "legal are beta, n, d"},
    {"status==faild", "column 9: 'faild' is no value of 'status', did you mean 'failed'"},
    {"status==x", "legal are pending, done, failed, quarantined"},
    {"error==wall-limt", "did you mean 'wall-limit'"},
    {"weights==max", "legal are"},
    {"status>failed", "column 8: 'failed' is a name, must be compared by == or !="},
    {"t_sync<nan", "nan has no order"},
    {"beta=5", "column 5: '=', must be '=='"},
    {"beta>5 & n==3", "column 8: '&', must be '&&'"},
    {"beta>5 | n==3", "column 8: '|', must be '||'"},
    {"1<beta<5", "column 7: comparisons cannot be chained"},
    {"beta>5 n==3", "column 8: 'n' is out of place, must be && or ||"},
    {"(beta>5", "column 1: a parenthesis that is not closed"},
    {"(beta>5 n==3)", "column 9: 'n' is out of place, must be &&, || or )"},
    {"beta>5)", "column 7: ')' is out of place"},
    {"beta>", "column 6: ends too early"},
    {"beta>5 &&", "column 10: ends too early"},
    {"&& beta>5", "column 1: '&&' is out of place"},
    {"beta>(5)", "column 6: '(' is out of place"},
    {"beta>5+n", "column 6: '5+n' is no column and no number"},
    {"beta*2>5", "column 5: '*' means nothing here"},
    {"beta>0x10", "column 6: '0x10'"},
    {"beta>5\x01", "column 7: byte 0x01 means nothing here"},
    {"status=='failed", "column 9: a quotation mark without its partner"},
    {"3<5", "column 1: compares two values, one side must be a column"},
    {"'beta'>5", "'beta' is no column and no number"},
    {"beta>5;rm -rf /", "column 7: ';' means nothing here"},
    {"\xff", "byte 0xff means nothing here"},
  };
  fixture at;
  open_fixture(&at);
  for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
    ent_where *where = NULL;
    if (!CHECK_CODE(ent_where_parse(examples[i].text, at.layout, &where), ENT_ERR_ARGUMENT) ||
        !CHECK_CONTAINS(ent_error_message(), examples[i].message))
      fprintf(stderr, "  of \"%s\"\n", examples[i].text);
    CHECK(where == NULL);
    ent_where_destroy(&where);
  }
  close_fixture(&at);
}

static void bounds_what_it_reads(void) {
  fixture at;
  char text[8192];
  ent_where *where = NULL;
  open_fixture(&at);
  memset(text, '(', 100);
  text[100] = '\0';
  CHECK_CODE(ent_where_parse(text, at.layout, &where), ENT_ERR_ARGUMENT);
  CHECK_CONTAINS(ent_error_message(), "nested too deeply");
  memset(text, '!', 100);
  CHECK_CODE(ent_where_parse(text, at.layout, &where), ENT_ERR_ARGUMENT);
  CHECK_CONTAINS(ent_error_message(), "nested too deeply");
  memset(text, ' ', sizeof text);
  text[sizeof text - 1] = '\0';
  CHECK_CODE(ent_where_parse(text, at.layout, &where), ENT_ERR_ARGUMENT);
  CHECK_CONTAINS(ent_error_message(), "legal are 4096");
  close_fixture(&at);
}

static size_t below(ent_rng *rng, size_t end) {
  return (size_t)(ent_rng_uniform(rng) * (double)end);
}

/* Pieces of which most texts are nearly expressions. */
static void random_text(ent_rng *rng, char text[TEXT_SIZE]) {
  static const char *const pieces[] = {"beta", "status", "failed", "error", "wall-limit", "t_sync", "nan",
                                       "5",    "-1e9",   "==",     "!=",    "<",          ">=",     "&&",
                                       "||",   "!",      "(",      ")",     " ",          "and",    "not",
                                       "'",    "\"",     "=",      "\xc3",  "5dp",        "seed",   "1e999",
                                       ".",    "inf",    "0x1p",   "%s"};
  size_t used = 0;
  text[0] = '\0';
  for (size_t i = below(rng, 24); i > 0; i--)
    used +=
      (size_t)snprintf(text + used, TEXT_SIZE - used, "%s%s",
                       pieces[below(rng, sizeof pieces / sizeof *pieces)], below(rng, 3) == 0 ? " " : "");
}

static void bears_any_text(void) {
  fixture at;
  ent_rng rng;
  int accepted = 0;
  open_fixture(&at);
  ent_rng_init(&rng, 20, 26, 11, 22, ENT_STREAM_START);
  for (int i = 0; i < ROUNDS; i++) {
    char text[TEXT_SIZE];
    ent_where *where = NULL;
    random_text(&rng, text);
    if (ent_where_parse(text, at.layout, &where) != ENT_OK) continue;
    accepted++;
    (void)ent_where_holds(where, at.row);
    ent_where_destroy(&where);
  }
  CHECK(accepted > 10);
  close_fixture(&at);
}

/* Writes a random expression with as few parentheses as its tree allows; returns what it is for the row. */
static bool random_expression(ent_rng *rng, int depth, int binding, ent_text *text) {
  static const struct {
    const char *text;
    bool holds;
  } leaves[] = {{"beta>5", true},      {"n == 16", false}, {"status==failed", true}, {"t_sync<1", false},
                {"t_sync==nan", true}, {"seed<3", false},  {"error!=4", false},      {"t_end <= 0.75", true}};
  const size_t kind = depth == 0 ? 3 : below(rng, 4);
  bool value = false;
  if (kind == 3) {
    const size_t leaf = below(rng, sizeof leaves / sizeof leaves[0]);
    CHECK_OK(ent_text_append(text, "%s", leaves[leaf].text));
    return leaves[leaf].holds;
  }
  /* kind 0: or, binding 0; kind 1: and, binding 1; kind 2: not, binding 2 */
  const bool is_enclosed = (int)kind < binding || below(rng, 8) == 0;
  if (is_enclosed) CHECK_OK(ent_text_append(text, "("));
  if (kind == 2) {
    CHECK_OK(ent_text_append(text, "%s", below(rng, 2) ? "!" : "not "));
    value = !random_expression(rng, depth - 1, 2, text);
  } else {
    const bool left = random_expression(rng, depth - 1, (int)kind, text);
    CHECK_OK(ent_text_append(text, "%s",
                             kind == 0 ? (below(rng, 2) ? "||" : " or ") : (below(rng, 2) ? "&&" : " and ")));
    const bool right = random_expression(rng, depth - 1, (int)kind, text);
    value = kind == 0 ? left || right : left && right;
  }
  if (is_enclosed) CHECK_OK(ent_text_append(text, ")"));
  return value;
}

static void agrees_with_the_tree(void) {
  fixture at;
  ent_rng rng;
  int held = 0;
  open_fixture(&at);
  ent_rng_init(&rng, 1, 2, 3, 4, ENT_STREAM_START);
  for (int i = 0; i < ROUNDS / 4; i++) {
    ent_text text = {0};
    const bool expected = random_expression(&rng, 5, 0, &text);
    if (text.length <= TEXT_SIZE && !CHECK_INT(holds(&at, text.data), expected))
      fprintf(stderr, "  of \"%s\"\n", text.data);
    held += expected;
    ent_text_fini(&text);
  }
  CHECK(held > ROUNDS / 16 && held < 3 * ROUNDS / 16);
  close_fixture(&at);
}

static const ent_test tests[] = {
  {"numbers are compared with columns, and columns with each other", compares_numbers},
  {"values of enums and job errors are known by name", knows_names_of_values},
  {"! binds closer than &&, && closer than ||", binds_as_promised},
  {"a value that is not a number is only unequal, and found by nan", nan_is_no_number},
  {"what is wrong is said with its column and with what is legal", refuses_with_the_place},
  {"depth and length are bounded", bounds_what_it_reads},
  {"no text makes it crash", bears_any_text},
  {"random expressions mean what their trees mean", agrees_with_the_tree},
  {0},
};

ENT_TEST_MAIN("sweep/where", tests)
