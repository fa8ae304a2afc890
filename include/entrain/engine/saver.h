#ifndef ENTRAIN_ENGINE_SAVER_H
#define ENTRAIN_ENGINE_SAVER_H

/*
 * The checkpoints of one worker: when one is due, where it goes, and the newest one of a job that goes on. Of
 * the two generations of a slot the older one is written over, so that a writer that dies leaves the other.
 */

#include "entrain/engine/sink.h"
#include "entrain/sweep/checkpoint.h"

typedef struct ent_saver {
  ent_store *store; /* read from; may be open for reading only */
  const ent_sink *sink;
  const ent_spec *spec;
  size_t room;          /* bytes of a generation */
  unsigned char *bytes; /* [larger one of room and ent_checkpoint_bytes], owned */
  ent_arena *arena;     /* of the checkpoint that the running job goes on from, owned */
  int64_t slot;         /* of the running job; -1: none */
  bool knows_slot;      /* what follows is of this slot */
  int64_t sequence;     /* largest one in it */
  int newest;           /* its generation */
  double last;          /* clock at which the job began or was last kept */
} ent_saver;

/* Makes a saver; the arguments outlive it. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_saver_init(ent_saver *saver, ent_store *store, const ent_sink *sink,
                                  const ent_spec *spec);
void ent_saver_fini(ent_saver *saver);

/*
 * A job begins.
 * [in]  slot  for its checkpoints, -1: none
 * [in]  resumes  whether one is looked for there
 * [out] from  to go on from, its arrays valid until the next job; row -1 if there is none
 * Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_saver_begin(ent_saver *saver, int64_t row, int64_t slot, bool resumes,
                                   ent_checkpoint *from);

/* Whether a checkpoint of the running job is due: limits.checkpoint has passed. Not collective. */
bool ent_saver_is_due(const ent_saver *saver);

/* Keeps a checkpoint of the running job, if it has a slot. Errors: those of the sink, ENT_ERR_HDF5. Not
 * collective. */
ENT_MUST_CHECK int ent_saver_keep(ent_saver *saver, const ent_checkpoint *checkpoint);

#endif
