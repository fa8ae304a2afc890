#include "entrain/app/sample.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "entrain/app/recompute.h"
#include "entrain/base/mem.h"
#include "entrain/base/rng.h"
#include "entrain/base/text.h"
#include "entrain/store/visit.h"

/*
 * Between engines or machines rows agree as far as rounding is not amplified; this is what is asked of
 * them.
 */
#define TOLERANCE 1e-6

/* Rows drawn so far. */
typedef struct draw {
  const ent_layout *layout;
  const unsigned char *faulty; /* [grid size] rows that are not to be drawn */
  int64_t *rows;               /* [most] */
  int64_t most;                /* that are wanted */
  int64_t offered;             /* rows that could have been drawn */
  ent_rng rng;
} draw;

static int64_t drawn(const draw *own) {
  return own->offered < own->most ? own->offered : own->most;
}

/* Each of the rows offered so far is drawn with the same probability (Vitter 1985, algorithm R). */
static void offer(draw *own, int64_t row) {
  const int64_t place = own->offered < own->most
                          ? own->offered
                          : (int64_t)(ent_rng_uniform(&own->rng) * (double)(own->offered + 1));
  own->offered++;
  if (place < own->most) own->rows[place] = row;
}

static int compare_numbers(const void *left, const void *right) {
  const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
  return (a > b) - (a < b);
}

static int offer_rows(void *context, int64_t first, int64_t count, unsigned char *rows) {
  draw *own = context;
  for (int64_t i = 0; i < count; i++) {
    ent_result result;
    ent_layout_decode(own->layout, rows + (size_t)i * own->layout->size, &result);
    if (!own->faulty[first + i] && !ent_recompute_obstacle(&result)) offer(own, first + i);
  }
  return ENT_OK;
}

static int draw_rows(ent_store *store, draw *own) {
  ENT_TRY(ent_visit_rows(store, &(ent_row_visitor){.see = offer_rows, .context = own}));
  qsort(own->rows, (size_t)drawn(own), sizeof *own->rows, compare_numbers);
  return ENT_OK;
}

/* What one comparison needs. */
typedef struct bench {
  ent_store *store;
  ent_recompute solver;
  ent_comparison how;
  ent_record stored, again;
} bench;

/* Integrates a row again. [in,out] wrong */
static int check_row(bench *own, int64_t row, int64_t *wrong) {
  int code = ENT_OK, differing = 0;
  ent_text lines = {0};
  ENT_GOTO(ent_record_read(own->store, row, &own->stored));
  ENT_GOTO(ent_recompute_row(&own->solver, row, &own->stored, NULL, &own->again));
  ENT_GOTO(ent_record_compare(own->store, &own->how, &own->stored, &own->again, &lines, &differing));
  if (differing > 0) printf("  row %" PRId64 " differs:\n%s", row, lines.data);
  *wrong += differing > 0;
done:
  ent_text_fini(&lines);
  return code;
}

static int check_rows(bench *own, const draw *of, int64_t *wrong) {
  ENT_TRY(ent_record_init(own->store, &own->stored));
  ENT_TRY(ent_record_init(own->store, &own->again));
  ENT_TRY(ent_recompute_begin(own->store, &own->solver));
  own->how = (ent_comparison){
    .first = "in the file", .second = "now", .tolerance = own->solver.is_elsewhere ? TOLERANCE : 0};
  for (int64_t i = 0; i < drawn(of); i++) ENT_TRY(check_row(own, of->rows[i], wrong));
  return ENT_OK;
}

int ent_sample_check(ent_store *store, const unsigned char *faulty, int64_t count, int64_t seed,
                     int64_t *wrong) {
  int code = ENT_OK;
  const int64_t size = ent_store_spec(store)->grid.size;
  draw of = {.layout = ent_store_layout(store), .faulty = faulty, .most = count < size ? count : size};
  bench own = {.store = store};
  *wrong = 0;
  ent_rng_init(&of.rng, 0, 0, 0, seed, ENT_STREAM_SAMPLE);
  ENT_GOTO(ent_mem_alloc((size_t)of.most, sizeof *of.rows, &of.rows));
  ENT_GOTO(draw_rows(store, &of));
  ENT_GOTO(check_rows(&own, &of, wrong));
  printf("sample: %" PRId64 " of %" PRId64 " row%s integrated again (seed %" PRId64 "), %" PRId64 " differ",
         drawn(&of), of.offered, ent_text_plural(of.offered), seed, *wrong);
  if (own.solver.is_elsewhere)
    printf(" by more than %g: made elsewhere, bits are not compared\n", TOLERANCE);
  else
    printf("; all bits were compared\n");
done:
  ent_recompute_end(&own.solver);
  ent_record_fini(&own.stored);
  ent_record_fini(&own.again);
  free(of.rows);
  return code;
}
