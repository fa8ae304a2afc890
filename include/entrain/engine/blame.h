#ifndef ENTRAIN_ENGINE_BLAME_H
#define ENTRAIN_ENGINE_BLAME_H

/*
 * Jobs at work when their worker died. Each such death is counted in /kills; the job is handed out alone from
 * then on, at once after the first death and after all others after the second. At the third it is given up:
 * its row says quarantined, error `killed`. Only the master. Deterministic: the same deaths give the same
 * rows.
 */

#include "entrain/store/store.h"
#include "entrain/sweep/dispatch.h"

enum { ENT_BLAME_LIMIT = 3 }; /* deaths at which a job is given up */

typedef struct ent_blame {
  ent_store *store; /* open for writing */
  ent_dispatch *dispatch;
  int workers;
  int32_t attempt;  /* for the rows of jobs that are given up */
  int64_t *charged; /* [workers] position that a silent worker was charged with, -1: none; owned */
} ent_blame;

/* Begins; store and dispatcher outlive it. Errors: ENT_ERR_MEMORY, ENT_ERR_HDF5. Not collective. */
ENT_MUST_CHECK int ent_blame_init(ent_blame *blame, ent_store *store, ent_dispatch *dispatch, int workers);
void ent_blame_fini(ent_blame *blame);

/*
 * Reads /kills and treats the pending positions accordingly, before anything is handed out.
 * [in]  finished  [size] of positions, as for the dispatcher
 * Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_blame_recall(ent_blame *blame, const unsigned char *finished);

/*
 * A position, pending again, was at work when a worker was lost.
 * [in]  may_return  the worker was only silent: the charge can be taken back
 * Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_blame_charge(ent_blame *blame, int worker, int64_t position, bool may_return);

/* A silent worker is back: what it was charged with is taken back, unless it was given up meanwhile. Errors:
 * ENT_ERR_HDF5. Not collective. */
ENT_MUST_CHECK int ent_blame_forgive(ent_blame *blame, int worker);

#endif
