#include "entrain/store/batch.h"

#include <stdlib.h>

#include "store_impl.h"

int ent_batch_init(ent_batch *batch, ent_store *store) {
  int code = ENT_OK;
  ent_batch made = {.store = store};
  ENT_GOTO(ent_mem_alloc(ENT_BATCH_ROWS, sizeof *made.index, &made.index));
  ENT_GOTO(ent_mem_alloc(ENT_BATCH_ROWS, store->layout->size, &made.rows));
  *batch = made;
  return ENT_OK;
done:
  ent_batch_fini(&made);
  return code;
}

void ent_batch_fini(ent_batch *batch) {
  free(batch->index);
  free(batch->rows);
  *batch = (ent_batch){0};
}

int ent_batch_add(ent_batch *batch, int64_t index, const ent_result *result, const float *series,
                  const double *final_state) {
  ent_store *store = batch->store;
  if (batch->count == ENT_BATCH_ROWS) ENT_TRY(ent_batch_write(batch));
  const ent_job_parts parts = {.result = result, .series = series, .final_state = final_state};
  ENT_TRY(ent_job_write_parts(store, index, &parts, batch->rows + batch->count * store->layout->size));
  batch->index[batch->count++] = index;
  return ENT_OK;
}

/* Rows from `at` on whose numbers follow each other. */
static size_t run_length(const ent_batch *batch, size_t at) {
  size_t length = 1;
  while (at + length < batch->count && batch->index[at + length] == batch->index[at] + (int64_t)length)
    length++;
  return length;
}

int ent_batch_write(ent_batch *batch) {
  ent_store *store = batch->store;
  for (size_t at = 0, length = 0; at < batch->count; at += length) {
    length = run_length(batch, at);
    ENT_TRY(ent_array_write(&store->jobs, 0, batch->index[at], (int64_t)length,
                            batch->rows + at * store->layout->size));
  }
  batch->count = 0;
  return ENT_OK;
}
