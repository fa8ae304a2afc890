#include <string.h>

#include "entrain/store/visit.h"

#include "check.h"
#include "store_fixture.h"

enum { ROWS = 10000 };

/* More rows than one chunk holds. */
static const char *const many_job = "name: many\nmodel: attention\n"
                                    "sweep: {beta: [1], n: [2], d: [2], seed: {count: 10000}}\n"
                                    "time: {horizon: 1}\n";

typedef struct seen {
  ent_store *store;
  int64_t rows, chunks;
  int64_t enough; /* rows after which nothing more is wanted */
  bool is_right;  /* they came in order, with the axes of their places */
  int code;       /* what the visitor returns */
} seen;

static int see(void *context, int64_t first, int64_t count, unsigned char *rows) {
  seen *own = context;
  const ent_layout *layout = ent_store_layout(own->store);
  const ent_column *seed = ent_layout_find(layout, "seed");
  own->is_right &= first == own->rows && count > 0;
  for (int64_t i = 0; i < count; i++)
    own->is_right &= ent_column_value(seed, rows + (size_t)i * layout->size) == (double)(first + i);
  own->rows += count;
  own->chunks++;
  return own->code;
}

static bool has_enough(void *context) {
  const seen *own = context;
  return own->rows >= own->enough;
}

/* Visits a file of its own. [in,out] own  enough, code */
static int visit(seen *own) {
  fixture at;
  const ent_row_visitor visitor = {
    .see = see, .has_enough = own->enough > 0 ? has_enough : NULL, .context = own};
  fixture_open(&at, many_job);
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &own->store));
  own->is_right = true;
  const int code = ent_visit_rows(own->store, &visitor);
  CHECK_OK(ent_store_close(&own->store));
  fixture_close(&at);
  return code;
}

static void shows_every_row(void) {
  seen own = {0};
  CHECK_OK(visit(&own));
  CHECK(own.is_right && own.chunks > 1);
  CHECK_INT(own.rows, ROWS);
}

static void ends_when_told(void) {
  seen own = {.enough = 1};
  CHECK_OK(visit(&own));
  CHECK_INT(own.chunks, 1);
  CHECK(own.is_right && own.rows < ROWS);
}

static void passes_errors_on(void) {
  seen own = {.code = ENT_ERR_ARGUMENT};
  CHECK_CODE(visit(&own), ENT_ERR_ARGUMENT);
  CHECK_INT(own.chunks, 1);
}

static const ent_test tests[] = {{"every row is shown once, in order", shows_every_row},
                                 {"a visitor that has enough ends the visit", ends_when_told},
                                 {"an error of the visitor ends the visit", passes_errors_on},
                                 {0}};

ENT_TEST_MAIN("store/visit", tests)
