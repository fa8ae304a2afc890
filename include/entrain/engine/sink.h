#ifndef ENTRAIN_ENGINE_SINK_H
#define ENTRAIN_ENGINE_SINK_H

/*
 * Where a worker's rows and checkpoints go: into the results file, or to the master, who writes them there
 * (`output: {writer: master}`).
 */

#include "entrain/store/batch.h"

/* What a sink does; `own` is the sink's. All REQUIRED. Errors are engine failures. */
typedef struct ent_sink_operations {
  /* Takes a job as ent_store_write_job does; its row may wait for the next flush. */
  int (*job)(void *own, int64_t row, const ent_result *result, const float *series,
             const double *final_state);
  /* Sees to it that every job it has taken is written, or on its way to who writes it. */
  int (*flush)(void *own);
  /* Writes a checkpoint as ent_store_write_checkpoint does. */
  int (*checkpoint)(void *own, int64_t slot, int generation, const unsigned char *bytes, size_t length);
  /* Makes what was written durable; `is_last`: now, otherwise when it is time. */
  int (*sync)(void *own, bool is_last);
} ent_sink_operations;

typedef struct ent_sink {
  const ent_sink_operations *operations;
  void *own;
} ent_sink;

/* Seconds after which what was written is made durable: what a host loses when it goes down. */
#define ENT_SINK_SYNC_SECONDS 60.0

/* The state of a sink that writes itself. */
typedef struct ent_store_sink {
  ent_store *store;
  double last_sync; /* clock */
  bool is_dirty;    /* something was written since */
  ent_batch batch;  /* has room when rows wait for a flush */
} ent_store_sink;

/*
 * A sink that writes into an open store.
 * [in]  state  the sink's, uninitialized; it and the store outlive the sink
 * Not collective.
 */
ent_sink ent_sink_to_store(ent_store_sink *state, ent_store *store);

/* From now on rows wait for a flush, or until there are many. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_sink_gather(ent_store_sink *state);

/* Frees what the state owns, if it gathers; accepts one that is all zero. Not collective. */
void ent_sink_fini(ent_store_sink *state);

#endif
