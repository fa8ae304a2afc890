#ifndef ENTRAIN_ENGINE_PENDING_H
#define ENTRAIN_ENGINE_PENDING_H

/*
 * What is left to be done of a study, as the results file tells: the dispatcher for the rows that are
 * missing, their checkpoints, and those that have killed workers. Only the master.
 */

#include "entrain/engine/blame.h"
#include "entrain/engine/slots.h"
#include "entrain/engine/teams.h"

typedef struct ent_row_range {
  int64_t first, last; /* rows first..last */
} ent_row_range;

typedef struct ent_pending_options {
  ent_store *store;          /* open for writing */
  int workers;               /* ids 0..workers-1 for the dispatcher */
  int queue;                 /* leases that a worker holds */
  int ranks_per_job;         /* workers that compute a large job together */
  size_t n_only;             /* ranges of rows that are asked for, 0: all */
  const ent_row_range *only; /* [n_only] */
} ent_pending_options;

typedef struct ent_pending {
  ent_dispatch *dispatch; /* owned */
  ent_slots slots;
  ent_blame blame;
  ent_teams teams;
  int64_t excluded; /* positions that nobody asked for: they are finished for the dispatcher */
} ent_pending;

/*
 * Reads the results file. Jobs with a checkpoint are handed out first, then large ones if there are teams,
 * those that killed their worker as engine/blame says.
 * Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_pending_init(ent_pending *pending, const ent_pending_options *options);
void ent_pending_fini(ent_pending *pending);

/*
 * Looks whether a run would compute rows: all of them while there is no file.
 * [in]  only  [n_only] the rows that are asked for, 0: all
 * Errors: those of ent_store_open, ENT_ERR_HDF5, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_pending_look(const char *path, size_t n_only, const ent_row_range *only, bool *is_any);

/*
 * A worker is lost or has left: its leases are settled by what is in the file, its slot is given up or kept
 * for the job that was at work.
 * [in]  noted  what its trail says, ENT_TRAIL_NONE without one (engine/evidence)
 * [out] at_work  position, pending again; -1: none
 * Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_pending_take_back(ent_pending *pending, int worker, int64_t noted, int64_t *at_work);

#endif
