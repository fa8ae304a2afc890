#ifndef ENTRAIN_ENGINE_EVIDENCE_H
#define ENTRAIN_ENGINE_EVIDENCE_H

/*
 * What a lost worker has left in the results file. It computed the rows of a lease in order and wrote each
 * when it was done, so the file says how far it came. Only the master looks.
 */

#include "entrain/store/store.h"
#include "entrain/sweep/dispatch.h"

/*
 * Settles all leases of a lost worker: what is in the file is done, the rest is handed out again.
 * [in]  store  open for writing: that driver keeps no copies of what others write
 * [out] at_work  position that the worker was at, the first that is missing; -1: it held no lease, or all of
 *                it is there
 * Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_evidence_settle(ent_store *store, ent_dispatch *dispatch, int worker,
                                       int64_t *at_work);

#endif
