#include "entrain/sweep/where.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/sweep/faults.h"

#include "where_token.h"

enum { MAX_DEPTH = 64, MAX_LENGTH = 4096, NUMBER_SIZE = 64 };

typedef enum { NODE_COMPARE, NODE_AND, NODE_OR, NODE_NOT } node_kind;

/* A side of a comparison: a column, or a value. */
typedef struct operand {
  const ent_column *column; /* NULL: the value */
  double value;
} operand;

typedef struct node node;
struct node {
  node_kind kind;
  const node *left, *right; /* NOT: left only */
  ent_relation relation;    /* COMPARE */
  operand a, b;
};

struct ent_where {
  ent_arena *arena; /* owns all of it */
  const node *root;
};

typedef struct reader {
  ent_arena *arena;
  const ent_layout *layout;
  ent_where_text source;
  int depth;
} reader;

static const struct {
  const char *label;
  int number;
} job_errors[] = {
#define ERROR_ENTRY(name, number, label, text) {label, number},
  ENT_JOB_ERRORS(ERROR_ENTRY)
#undef ERROR_ENTRY
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Whether a word is a decimal number, or nan or inf; hexadecimal ones are names that nobody knows. */
static bool is_number(const reader *own, const ent_token *word, double *value) {
  char buffer[NUMBER_SIZE], *end = NULL;
  if (word->is_quoted || word->length == 0 || word->length >= sizeof buffer) return false;
  memcpy(buffer, own->source.text + word->at, word->length);
  buffer[word->length] = '\0';
  if (strpbrk(buffer, "xXpP") != NULL) return false;
  *value = strtod(buffer, &end);
  return *end == '\0';
}

static const ent_column *find_column(const reader *own, const ent_token *word) {
  char name[sizeof(((ent_column *)0)->name)];
  if (word->is_quoted || word->length >= sizeof name) return NULL;
  memcpy(name, own->source.text + word->at, word->length);
  name[word->length] = '\0';
  return ent_layout_find(own->layout, name);
}

static bool is_error_column(const ent_column *column) {
  return strcmp(column->name, "error") == 0;
}

/* Finds a value's name; otherwise adds all names of the column. */
static bool find_label(const reader *own, const ent_token *word, const ent_column *column, double *value,
                       ent_names *names) {
  for (size_t i = 0; column->labels && column->labels[i]; i++) {
    if (ent_where_is(&own->source, word, column->labels[i])) {
      *value = (double)i;
      return true;
    }
    ent_names_add(names, column->labels[i]);
  }
  for (size_t i = 0; is_error_column(column) && i < COUNT(job_errors); i++) {
    if (ent_where_is(&own->source, word, job_errors[i].label)) {
      *value = job_errors[i].number;
      return true;
    }
    ent_names_add(names, job_errors[i].label);
  }
  return false;
}

/* Refuses a word that is neither a column nor a number, beside no column that could explain it. */
static int refuse_word(const reader *own, const ent_token *word) {
  ent_names names = {0};
  char advice[ENT_WHERE_REASON / 2];
  for (size_t i = 0; i < own->layout->n_columns; i++) ent_names_add(&names, own->layout->columns[i].name);
  ent_names_advise(&names, own->source.text + word->at, word->length, sizeof advice, advice);
  ENT_WHERE_REFUSE(&own->source, word->at, "'%.*s' is no column and no number, %s", ent_where_shown(word),
                   own->source.text + word->at, advice);
}

/* Refuses a word that is no value of the column on the other side. */
static int refuse_label(const reader *own, const ent_token *word, const ent_column *column,
                        const ent_names *names) {
  char advice[ENT_WHERE_REASON / 2];
  if (names->count == 0) ENT_TRY(refuse_word(own, word));
  ent_names_advise(names, own->source.text + word->at, word->length, sizeof advice, advice);
  ENT_WHERE_REFUSE(&own->source, word->at, "'%.*s' is no value of '%s', %s", ent_where_shown(word),
                   own->source.text + word->at, column->name, advice);
}

/* What a word means beside another one, which may be a column with names for its values. */
static int resolve(const reader *own, const ent_token *word, const ent_token *other, ent_relation relation,
                   operand *side) {
  ent_names names = {0};
  double number = 0;
  const ent_column *beside = find_column(own, other);
  /* a value's name comes first: `scheme==5dp`, or a choice that is called like a column */
  const bool has_names = beside && (beside->labels || is_error_column(beside));
  if (has_names && find_label(own, word, beside, &side->value, &names)) {
    if (relation != ENT_EQUAL && relation != ENT_UNEQUAL)
      ENT_WHERE_REFUSE(&own->source, word->at,
                       "'%.*s' is a name, must be compared by == or !=", (int)word->length,
                       own->source.text + word->at);
    return ENT_OK;
  }
  side->column = find_column(own, word);
  if (side->column) return ENT_OK;
  if (is_number(own, word, &number)) {
    side->value = number;
    if (isnan(number) && relation != ENT_EQUAL && relation != ENT_UNEQUAL)
      ENT_WHERE_REFUSE(&own->source, word->at, "nan has no order, must be compared by == or !=");
    return ENT_OK;
  }
  if (beside) return refuse_label(own, word, beside, &names);
  return refuse_word(own, word);
}

static int make_node(reader *own, const node *like, const node **made) {
  node *copy = NULL;
  ENT_TRY(ent_arena_alloc(own->arena, 1, sizeof *copy, &copy));
  *copy = *like;
  *made = copy;
  return ENT_OK;
}

static int expect_word(const reader *own) {
  if (own->source.now.kind == ENT_TOKEN_WORD) return ENT_OK;
  if (own->source.now.kind == ENT_TOKEN_END)
    ENT_WHERE_REFUSE(&own->source, own->source.now.at,
                     "ends too early, a column, a number or a name must follow");
  ENT_WHERE_REFUSE(&own->source, own->source.now.at,
                   "'%.*s' is out of place, must be a column, a number or a name",
                   (int)own->source.now.length, own->source.text + own->source.now.at);
}

/* A comparison: two words and a relation between them. */
static int read_comparison(reader *own, const node **made) {
  node compare = {.kind = NODE_COMPARE};
  ENT_TRY(expect_word(own));
  const ent_token a = own->source.now;
  ENT_TRY(ent_where_advance(&own->source));
  if (own->source.now.kind != ENT_TOKEN_COMPARE)
    ENT_WHERE_REFUSE(&own->source, own->source.now.at,
                     "a comparison must follow '%.*s': == != < <= > >=", ent_where_shown(&a),
                     own->source.text + a.at);
  compare.relation = own->source.now.relation;
  ENT_TRY(ent_where_advance(&own->source));
  ENT_TRY(expect_word(own));
  const ent_token b = own->source.now;
  ENT_TRY(ent_where_advance(&own->source));
  if (own->source.now.kind == ENT_TOKEN_COMPARE)
    ENT_WHERE_REFUSE(&own->source, own->source.now.at,
                     "comparisons cannot be chained, join two of them with &&");
  ENT_TRY(resolve(own, &a, &b, compare.relation, &compare.a));
  ENT_TRY(resolve(own, &b, &a, compare.relation, &compare.b));
  if (!compare.a.column && !compare.b.column)
    ENT_WHERE_REFUSE(&own->source, a.at, "compares two values, one side must be a column");
  ENT_TRY(make_node(own, &compare, made));
  return ENT_OK;
}

static int read_or(reader *own, const node **made);

static int read_enclosed(reader *own, const node **made) {
  const size_t opened = own->source.now.at;
  ENT_TRY(ent_where_advance(&own->source));
  ENT_TRY(read_or(own, made));
  if (own->source.now.kind != ENT_TOKEN_CLOSE && own->source.now.kind != ENT_TOKEN_END)
    ENT_WHERE_REFUSE(&own->source, own->source.now.at, "'%.*s' is out of place, must be &&, || or )",
                     (int)own->source.now.length, own->source.text + own->source.now.at);
  if (own->source.now.kind != ENT_TOKEN_CLOSE)
    ENT_WHERE_REFUSE(&own->source, opened, "a parenthesis that is not closed");
  ENT_TRY(ent_where_advance(&own->source));
  return ENT_OK;
}

static int read_not(reader *own, const node **made) {
  node negation = {.kind = NODE_NOT};
  if (++own->depth > MAX_DEPTH)
    ENT_WHERE_REFUSE(&own->source, own->source.now.at, "nested too deeply, legal are %d levels", MAX_DEPTH);
  if (own->source.now.kind == ENT_TOKEN_NOT) {
    ENT_TRY(ent_where_advance(&own->source));
    ENT_TRY(read_not(own, &negation.left));
    ENT_TRY(make_node(own, &negation, made));
  } else if (own->source.now.kind == ENT_TOKEN_OPEN) {
    ENT_TRY(read_enclosed(own, made));
  } else {
    ENT_TRY(read_comparison(own, made));
  }
  own->depth--;
  return ENT_OK;
}

static int read_and(reader *own, const node **made) {
  ENT_TRY(read_not(own, made));
  while (own->source.now.kind == ENT_TOKEN_AND) {
    node both = {.kind = NODE_AND, .left = *made};
    ENT_TRY(ent_where_advance(&own->source));
    ENT_TRY(read_not(own, &both.right));
    ENT_TRY(make_node(own, &both, made));
  }
  return ENT_OK;
}

static int read_or(reader *own, const node **made) {
  ENT_TRY(read_and(own, made));
  while (own->source.now.kind == ENT_TOKEN_OR) {
    node either = {.kind = NODE_OR, .left = *made};
    ENT_TRY(ent_where_advance(&own->source));
    ENT_TRY(read_and(own, &either.right));
    ENT_TRY(make_node(own, &either, made));
  }
  return ENT_OK;
}

static double value_of(const operand *side, const unsigned char *row) {
  return side->column ? ent_column_value(side->column, row) : side->value;
}

static bool is_asked_for_nan(const node *at) {
  return (!at->a.column && isnan(at->a.value)) || (!at->b.column && isnan(at->b.value));
}

static bool compare(const node *at, const unsigned char *row) {
  const double a = value_of(&at->a, row), b = value_of(&at->b, row);
  if (is_asked_for_nan(at)) return (isnan(a) && isnan(b)) == (at->relation == ENT_EQUAL);
  switch (at->relation) {
    case ENT_EQUAL: return a == b;
    case ENT_UNEQUAL: return a != b;
    case ENT_LESS: return a < b;
    case ENT_LESS_EQUAL: return a <= b;
    case ENT_GREATER: return a > b;
    case ENT_GREATER_EQUAL: return a >= b;
  }
  return false;
}

static bool holds(const node *at, const unsigned char *row) {
  switch (at->kind) {
    case NODE_COMPARE: return compare(at, row);
    case NODE_AND: return holds(at->left, row) && holds(at->right, row);
    case NODE_OR: return holds(at->left, row) || holds(at->right, row);
    case NODE_NOT: return !holds(at->left, row);
  }
  return false;
}

static int read_all(reader *own, const node **root) {
  const char *text = own->source.text;
  ENT_CHECK(strlen(text) <= MAX_LENGTH, ENT_ERR_ARGUMENT, "the expression has %zu bytes, legal are %d",
            strlen(text), MAX_LENGTH);
  ENT_TRY(ent_where_advance(&own->source));
  ENT_CHECK(own->source.now.kind != ENT_TOKEN_END, ENT_ERR_ARGUMENT,
            "the expression is empty, must be like 'status==failed'");
  ENT_TRY(read_or(own, root));
  const ent_token *now = &own->source.now;
  if (now->kind != ENT_TOKEN_END)
    ENT_WHERE_REFUSE(&own->source, now->at, "'%.*s' is out of place, must be && or ||", ent_where_shown(now),
                     text + now->at);
  return ENT_OK;
}

int ent_where_parse(const char *text, const ent_layout *layout, ent_where **where) {
  int code = ENT_OK;
  ent_where *made = NULL;
  reader own = {.layout = layout, .source = {.text = text}};
  ENT_GOTO(ent_arena_create(&own.arena));
  ENT_GOTO(ent_arena_alloc(own.arena, 1, sizeof *made, &made));
  ENT_GOTO(read_all(&own, &made->root));
  made->arena = own.arena;
  own.arena = NULL;
  *where = made;
done:
  ent_arena_destroy(&own.arena);
  return code;
}

bool ent_where_holds(const ent_where *where, const unsigned char *row) {
  return holds(where->root, row);
}

void ent_where_destroy(ent_where **where) {
  if (where == NULL || *where == NULL) return;
  ent_arena *arena = (*where)->arena; /* the expression itself lies in it */
  *where = NULL;
  ent_arena_destroy(&arena);
}
