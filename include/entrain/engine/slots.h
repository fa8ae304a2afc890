#ifndef ENTRAIN_ENGINE_SLOTS_H
#define ENTRAIN_ENGINE_SLOTS_H

/*
 * Who uses which slot of /checkpoints: the master's view. Every worker has a slot of its own, for
 * whatever job it is at. A slot that holds the newest checkpoint of a job which is still pending belongs
 * to that job until it is done: whoever gets the job goes on with that slot.
 */

#include "entrain/store/store.h"
#include "entrain/sweep/dispatch.h"

enum { ENT_SLOT_NONE = -1 };

typedef struct ent_slot {
  int64_t row; /* that it holds; -1: none */
  int worker;  /* whose own it is; -1: nobody's */
} ent_slot;

typedef struct ent_slots {
  ent_store *store;
  int64_t count;
  ent_slot *slots;      /* [count], owned */
  unsigned char *bytes; /* of one generation, owned */
} ent_slots;

/*
 * Reads all slots.
 * [in]  finished  [size] of rows: 1 where a checkpoint is of no use
 * Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_slots_init(ent_slots *slots, ent_store *store, const unsigned char *finished);
void ent_slots_fini(ent_slots *slots);

/* The slot that holds a row, ENT_SLOT_NONE if none does. Not collective. */
int64_t ent_slots_of_row(const ent_slots *slots, int64_t row);

/* A worker's own slot, a free one if it has none yet; ENT_SLOT_NONE when all are in use. Not collective. */
int64_t ent_slots_of_worker(ent_slots *slots, int worker);

/*
 * The slot that a worker uses for a lease: that of its row, if it is alone and holds one, otherwise the
 * worker's own.
 * [out] resumes  whether it holds the row
 * Not collective.
 */
int64_t ent_slots_of_lease(ent_slots *slots, const ent_lease *lease, bool *resumes);

/* The first `done` positions of a lease are in the file: their rows hold no slot any more. Not collective. */
void ent_slots_release(ent_slots *slots, const ent_lease *lease, int64_t done);

/*
 * A worker is lost. Its slot belongs to the row that was at work if it holds that, and is free otherwise.
 * [in]  row  -1: none
 * Errors: ENT_ERR_HDF5. Not collective.
 */
ENT_MUST_CHECK int ent_slots_leave(ent_slots *slots, int worker, int64_t row);

#endif
