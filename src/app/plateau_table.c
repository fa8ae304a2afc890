#include "entrain/app/plateau_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/base/text.h"
#include "entrain/store/visit.h"
#include "entrain/sweep/plateaus.h"

enum { NO_SERIES = -1, SERIES_ROWS = 256 };

/* What all rows are written with. */
typedef struct table {
  ent_store *store;
  FILE *stream;
  const ent_spec *spec;
  size_t series;           /* of the energy */
  unsigned char *finished; /* [grid size], as ent_store_scan found them */
  float *values;           /* [SERIES_ROWS, n_record] */
  ent_plateau *plateaus;   /* [n_record] */
} table;

static int64_t find_energy(const ent_spec *spec) {
  for (size_t k = 0; k < ent_spec_series_count(spec); k++) {
    char name[64];
    double delta;
    ent_spec_series(spec, k, &delta, name);
    if (strcmp(name, "energy") == 0) return (int64_t)k;
  }
  return NO_SERIES;
}

bool ent_plateau_table_has_energy(const ent_spec *spec) {
  return find_energy(spec) != NO_SERIES;
}

static int append_row(const table *it, int64_t row, const float *values, ent_text *text) {
  size_t found = 0;
  ENT_TRY(ent_plateaus_find(it->spec->n_record, it->spec->record, values, it->plateaus, &found));
  for (const ent_plateau *plateau = it->plateaus; plateau < it->plateaus + found; plateau++) {
    ENT_TRY(ent_text_append(text, "%" PRId64 ",", row));
    ENT_TRY(ent_text_append_real(text, plateau->from));
    ENT_TRY(ent_text_append(text, ","));
    ENT_TRY(ent_text_append_real(text, plateau->to));
    ENT_TRY(ent_text_append(text, ",%.9g\n", plateau->level));
  }
  return ENT_OK;
}

static int put(const ent_text *text, FILE *stream) {
  ENT_CHECK(fwrite(text->data, 1, text->length, stream) == text->length, ENT_ERR_IO, "cannot write: %s",
            strerror(errno));
  return ENT_OK;
}

/* Rows [count] from `first` on, not more than SERIES_ROWS. */
static int write_piece(const table *it, int64_t first, int64_t count, const unsigned char *rows) {
  int code = ENT_OK;
  ent_text text = {0};
  const ent_layout *layout = ent_store_layout(it->store);
  ENT_GOTO(ent_store_read_series(it->store, it->series, first, count, it->values));
  for (int64_t i = 0; i < count; i++) {
    ent_result result;
    ent_layout_decode(layout, rows + (size_t)i * layout->size, &result);
    if (!it->finished[first + i] || result.status != ENT_STATUS_DONE) continue;
    ENT_GOTO(append_row(it, first + i, it->values + (size_t)i * it->spec->n_record, &text));
  }
  if (text.length > 0) ENT_GOTO(put(&text, it->stream));

done:
  ent_text_fini(&text);
  return code;
}

static int write_chunk(void *context, int64_t first, int64_t count, unsigned char *rows) {
  const table *it = context;
  const size_t size = ent_store_layout(it->store)->size;
  for (int64_t begin = 0; begin < count; begin += SERIES_ROWS) {
    const int64_t piece = count - begin < SERIES_ROWS ? count - begin : SERIES_ROWS;
    ENT_TRY(write_piece(it, first + begin, piece, rows + (size_t)begin * size));
  }
  return ENT_OK;
}

int ent_plateau_table_write(ent_store *store, FILE *stream) {
  int code = ENT_OK;
  int64_t broken = 0;
  table it = {.store = store, .stream = stream, .spec = ent_store_spec(store)};
  const int64_t energy = find_energy(it.spec);
  ENT_CHECK(energy != NO_SERIES, ENT_ERR_ARGUMENT,
            "the job does not record its energy: 'energy' under 'observe', and times under 'time.record'");
  it.series = (size_t)energy;
  ENT_GOTO(ent_mem_alloc((size_t)it.spec->grid.size, 1, &it.finished));
  ENT_GOTO(ent_mem_alloc(SERIES_ROWS * it.spec->n_record, sizeof(*it.values), &it.values));
  ENT_GOTO(ent_mem_alloc(it.spec->n_record, sizeof(*it.plateaus), &it.plateaus));
  ENT_GOTO(ent_store_scan(store, it.finished, &broken));
  ENT_CHECK_GOTO(fputs("row,from,to,level\n", stream) >= 0, ENT_ERR_IO, "cannot write: %s", strerror(errno));
  ENT_GOTO(ent_visit_rows(store, &(ent_row_visitor){.see = write_chunk, .context = &it}));
  ENT_CHECK_GOTO(fflush(stream) == 0, ENT_ERR_IO, "cannot write: %s", strerror(errno));

done:
  free(it.finished);
  free(it.values);
  free(it.plateaus);
  return code;
}
