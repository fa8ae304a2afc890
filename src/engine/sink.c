#include "entrain/engine/sink.h"

#include "entrain/base/clock.h"

static int write_job(void *own, int64_t row, const ent_result *result, const float *series,
                     const double *final_state) {
  ent_store_sink *sink = own;
  if (sink->batch.rows) {
    ENT_TRY(ent_batch_add(&sink->batch, row, result, series, final_state));
  } else {
    ENT_TRY(ent_store_write_job(sink->store, row, result, series, final_state));
  }
  sink->is_dirty = true;
  return ENT_OK;
}

static int flush(void *own) {
  ent_store_sink *sink = own;
  ENT_TRY(ent_batch_write(&sink->batch));
  return ENT_OK;
}

static int write_checkpoint(void *own, int64_t slot, int generation, const unsigned char *bytes,
                            size_t length) {
  ent_store_sink *sink = own;
  ENT_TRY(ent_store_write_checkpoint(sink->store, slot, generation, bytes, length));
  sink->is_dirty = true;
  return ENT_OK;
}

static int sync_store(void *own, bool is_last) {
  ent_store_sink *sink = own;
  if (!sink->is_dirty) return ENT_OK;
  const double now = ent_clock_now();
  if (!is_last && now - sink->last_sync < ENT_SINK_SYNC_SECONDS) return ENT_OK;
  ENT_TRY(ent_store_sync(sink->store));
  sink->last_sync = now;
  sink->is_dirty = false;
  return ENT_OK;
}

ent_sink ent_sink_to_store(ent_store_sink *state, ent_store *store) {
  static const ent_sink_operations operations = {
    .job = write_job, .flush = flush, .checkpoint = write_checkpoint, .sync = sync_store};
  *state = (ent_store_sink){.store = store, .last_sync = ent_clock_now()};
  return (ent_sink){.operations = &operations, .own = state};
}

int ent_sink_gather(ent_store_sink *state) {
  ENT_TRY(ent_batch_init(&state->batch, state->store));
  return ENT_OK;
}

void ent_sink_fini(ent_store_sink *state) {
  ent_batch_fini(&state->batch);
}
