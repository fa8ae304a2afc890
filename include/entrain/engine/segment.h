#ifndef ENTRAIN_ENGINE_SEGMENT_H
#define ENTRAIN_ENGINE_SEGMENT_H

/*
 * The stretch of a run in the results file: its entry in /segments, and what its end fills in. Only the
 * master.
 */

#include <stdint.h>

#include "entrain/store/lock.h"
#include "entrain/store/store.h"

/*
 * Takes a slot of /segments for a run of these ranks, which begins now.
 * [in]  store  open for writing
 * [out] slot
 * Errors: ENT_ERR_HDF5. Not collective.
 */
ENT_MUST_CHECK int ent_run_segment_begin(ent_store *store, const ent_lock_owner *owner, size_t *slot);

/*
 * Fills /phase from the rows, closes the slot, and syncs the file.
 * Errors: those of the store, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_run_segment_end(ent_store *store, size_t slot, int exit_status);

/* A whole number from the environment, `otherwise` where there is none. Not collective. */
int64_t ent_run_environment_number(const char *name, int64_t otherwise);

#endif
