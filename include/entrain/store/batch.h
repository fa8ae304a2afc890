#ifndef ENTRAIN_STORE_BATCH_H
#define ENTRAIN_STORE_BATCH_H

/*
 * Rows that are finished and not yet in the results file: a few hundred of them are written by one call
 * of HDF5 where they are neighbours, and jobs of a few microseconds then cost little beside themselves. How
 * long a row may wait is its owner's business (engine/worker). A process that dies loses what waits, and
 * nothing that was written.
 */

#include "entrain/store/store.h"

enum { ENT_BATCH_ROWS = 256 };

/* {0} is valid and empty, and has no room. */
typedef struct ent_batch {
  ent_store *store;
  size_t count;
  int64_t *index;      /* [count] of [ENT_BATCH_ROWS] rows in the order in which they came, owned */
  unsigned char *rows; /* [count, layout size], owned */
} ent_batch;

/* Makes an empty batch for a store that is open for writing and outlives it. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_batch_init(ent_batch *batch, ent_store *store);

/* Frees what it owns and empties it; what waits is lost. Not collective. */
void ent_batch_fini(ent_batch *batch);

/*
 * Takes a job as ent_store_write_job does: its series and final state are written at once, its row when the
 * batch is. Writes the batch first when it is full.
 * Errors: those of ent_store_write_job. Not collective.
 */
ENT_MUST_CHECK int ent_batch_add(ent_batch *batch, int64_t index, const ent_result *result,
                                 const float *series, const double *final_state);

/*
 * Writes the rows that wait, in the order in which they came: a process that dies meanwhile leaves the first
 * ones. After an error all of them wait still. Errors: ENT_ERR_HDF5. Not collective.
 */
ENT_MUST_CHECK int ent_batch_write(ent_batch *batch);

#endif
