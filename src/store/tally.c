#include "entrain/store/tally.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/base/text.h"
#include "entrain/store/visit.h"

enum { CHUNK_VALUES = 1 << 20 };

static int64_t smaller(int64_t a, int64_t b) {
  return a < b ? a : b;
}

int64_t ent_tally_failed(const ent_tally *tally) {
  return tally->status[ENT_STATUS_FAILED] + tally->status[ENT_STATUS_QUARANTINED];
}

/* finished as in ent_phase_add_rows. */
static void tally_add(ent_tally *tally, const ent_layout *layout, int64_t count, const unsigned char *rows,
                      const unsigned char *finished) {
  for (int64_t i = 0; i < count; i++) {
    ent_result result;
    ent_layout_decode(layout, rows + (size_t)i * layout->size, &result);
    const bool known = result.status > ENT_STATUS_PENDING && result.status < ENT_STATUS_COUNT;
    const int32_t status = known && (!finished || finished[i]) ? result.status : ENT_STATUS_PENDING;
    tally->total++;
    tally->status[status]++;
    if (status == ENT_STATUS_DONE && result.outcome >= 0 && result.outcome < ENT_OUTCOME_COUNT)
      tally->outcome[result.outcome]++;
    if (status == ENT_STATUS_FAILED || status == ENT_STATUS_QUARANTINED)
      tally
        ->error[result.error >= 0 && result.error < ENT_TALLY_ERRORS ? result.error : ENT_TALLY_ERRORS - 1]++;
  }
}

/* What rows are added to. */
typedef struct rows_sum {
  const ent_layout *layout;
  const unsigned char *finished; /* [grid size]; NULL: what rows say of themselves */
  ent_phase *phase;              /* NULL for none */
  ent_tally *tally;
} rows_sum;

static int add_rows(void *context, int64_t first, int64_t count, unsigned char *rows) {
  const rows_sum *sum = context;
  const unsigned char *marks = sum->finished ? sum->finished + first : NULL;
  tally_add(sum->tally, sum->layout, count, rows, marks);
  if (sum->phase) ent_phase_add_rows(sum->phase, sum->layout, first, count, rows, marks);
  return ENT_OK;
}

/* Reads all rows; phase may be NULL. */
static int read_rows(ent_store *store, const unsigned char *finished, ent_phase *phase, ent_tally *tally) {
  rows_sum sum = {.layout = ent_store_layout(store), .finished = finished, .phase = phase, .tally = tally};
  ENT_TRY(ent_visit_rows(store, &(ent_row_visitor){.see = add_rows, .context = &sum}));
  return ENT_OK;
}

int ent_tally_read(ent_store *store, ent_tally *tally) {
  ent_tally counted = {0};
  ENT_TRY(read_rows(store, NULL, NULL, &counted));
  *tally = counted;
  return ENT_OK;
}

static int read_series(ent_store *store, ent_phase *phase) {
  int code = ENT_OK;
  float *values = NULL;
  const int64_t size = phase->grid->size;
  if (phase->n_times == 0) return ENT_OK;
  const int64_t chunk = 1 + CHUNK_VALUES / (int64_t)phase->n_times;
  ENT_TRY(ent_mem_alloc((size_t)smaller(chunk, size), phase->n_times * sizeof *values, &values));
  for (size_t k = 0; k < phase->n_series; k++)
    for (int64_t first = 0; first < size; first += chunk) {
      const int64_t count = smaller(chunk, size - first);
      ENT_GOTO(ent_store_read_series(store, k, first, count, values));
      ent_phase_add_series(phase, k, first, count, values);
    }

done:
  free(values);
  return code;
}

int ent_tally_read_phase(ent_store *store, ent_phase **phase, ent_tally *tally) {
  int code = ENT_OK;
  ent_phase *read = NULL;
  unsigned char *finished = NULL;
  ent_tally counted = {0};
  const ent_spec *spec = ent_store_spec(store);
  ENT_GOTO(ent_mem_alloc((size_t)spec->grid.size, 1, &finished));
  ENT_GOTO(ent_phase_create(spec, &read));
  ENT_GOTO(ent_store_scan(store, finished, &counted.broken));
  ENT_GOTO(read_rows(store, finished, read, &counted));
  ENT_GOTO(read_series(store, read));
  ENT_GOTO(ent_phase_finish(read));
  *tally = counted;
  *phase = read;

done:
  if (code != ENT_OK) ent_phase_destroy(&read);
  free(finished);
  return code;
}

/* " (2 a, 1 b)": those of the counts that are not zero; nothing when all are. */
static int append_counts(const int64_t *counts, int n_counts, const char *(*label)(int), ent_text *text) {
  const char *separator = " (";
  for (int i = 0; i < n_counts; i++) {
    if (counts[i] == 0) continue;
    ENT_TRY(ent_text_append(text, "%s%" PRId64 " %s", separator, counts[i], label(i)));
    separator = ", ";
  }
  return ent_text_append(text, "%s", separator[0] == ',' ? ")" : "");
}

static const char *outcome_label(int outcome) {
  return outcome == ENT_OUTCOME_NONE ? "without outcome" : ent_outcome_names[outcome];
}

int ent_tally_append_outcomes(const ent_tally *tally, ent_text *text) {
  return append_counts(tally->outcome, ENT_OUTCOME_COUNT, outcome_label, text);
}

int ent_tally_append_errors(const ent_tally *tally, ent_text *text) {
  return append_counts(tally->error, ENT_TALLY_ERRORS, ent_job_error_label, text);
}

int ent_tally_append(const ent_tally *tally, ent_text *text) {
  ENT_TRY(ent_text_append(text, "%" PRId64 " row%s: %" PRId64 " done", tally->total,
                          ent_text_plural(tally->total), tally->status[ENT_STATUS_DONE]));
  ENT_TRY(ent_tally_append_outcomes(tally, text));
  ENT_TRY(ent_text_append(text, ", %" PRId64 " failed", ent_tally_failed(tally)));
  ENT_TRY(ent_tally_append_errors(tally, text));
  ENT_TRY(ent_text_append(text, ", %" PRId64 " pending", tally->status[ENT_STATUS_PENDING]));
  if (tally->broken > 0)
    ENT_TRY(ent_text_append(text, " (%" PRId64 " with a broken checksum)", tally->broken));
  return ENT_OK;
}
