#ifndef ENTRAIN_STORE_KEPT_H
#define ENTRAIN_STORE_KEPT_H

/*
 * Checkpoints as they stand in the slots of a results file: read and decoded, what is none left out. A slot
 * of a large job has gigabytes, so no more is read than was written.
 */

#include "entrain/store/store.h"
#include "entrain/sweep/checkpoint.h"

/* Where a checkpoint may stand. */
typedef struct ent_kept_place {
  int64_t slot;
  int generation; /* 0 or 1 */
} ent_kept_place;

/*
 * Reads the checkpoint in a place.
 * [in]  arena  owner of its arrays; NULL: they are not wanted
 * [in,out] bytes  [ent_store_slot_bytes] scratch
 * [out] found  its row is -1 where nothing was written, or nothing that can be read
 * Errors: ENT_ERR_HDF5, ENT_ERR_ARGUMENT, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_kept_read(ent_store *store, ent_kept_place place, ent_arena *arena,
                                 unsigned char *bytes, ent_checkpoint *found);

#endif
