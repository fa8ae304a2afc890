#ifndef ENTRAIN_ENGINE_EVIDENCE_H
#define ENTRAIN_ENGINE_EVIDENCE_H

/*
 * What a lost worker has left in the results file. It computed the rows of a lease in order and wrote them in
 * order, so the file says how far it has written. Rows of quick jobs wait for each other (engine/worker): up
 * to ENT_BATCH_ROWS jobs behind the last row that is there may be done too, and what was at work the worker's
 * trail says (engine/trail), which a worker on another host does not have. Only the master looks.
 */

#include "entrain/store/store.h"
#include "entrain/sweep/dispatch.h"

typedef struct ent_trace {
  int64_t at_work; /* position that the worker was at; -1: none that is missing */
  int64_t others;  /* so many positions behind it may have been at work instead; 0 when a trail says it */
} ent_trace;

/*
 * Settles all leases of a lost worker: what is in the file is done, the rest is handed out again.
 * [in]  store  open for writing: that driver keeps no copies of what others write
 * [in]  noted  what the worker's trail says (engine/trail); ENT_TRAIL_NONE: the first missing position was at
 *              work, or one shortly behind it
 * [out] trace
 * Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_evidence_settle(ent_store *store, ent_dispatch *dispatch, int worker, int64_t noted,
                                       ent_trace *trace);

#endif
