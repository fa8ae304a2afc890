#ifndef ENTRAIN_ENGINE_SEGMENT_H
#define ENTRAIN_ENGINE_SEGMENT_H

/*
 * The stretch of a run in the results file: its entry in /segments, and what its end fills in. Only the
 * master begins and ends one.
 */

#include <stdbool.h>
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

/*
 * The last stretch that the file knows: its number is the column `attempt` of the rows written in it.
 * [out] last  all zero when there is none
 * [out] number  1, 2, ...; 0 when there is none
 * Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_run_segment_last(ent_store *store, ent_segment *last, int32_t *number);

/*
 * Whether an earlier start of the Slurm job that this process is in has worked on the file at a path, before
 * the job was requeued. False outside of Slurm, and for a file that is not there or cannot be read. Not
 * collective.
 */
bool ent_run_segment_is_requeued(const char *path);

#endif
