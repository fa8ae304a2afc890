#ifndef ENTRAIN_APP_SURGERY_H
#define ENTRAIN_APP_SURGERY_H

/*
 * What the commands that change a results file share. The file's lock is held from the first look to the end.
 * The changed file is made beside the old one as `OUT.h5~tmp`, filled, synced, and takes its place by a
 * rename: until then the old file is untouched, and a kill at any moment leaves it there.
 */

#include <stdbool.h>
#include <stdint.h>

#include "entrain/base/draft.h"
#include "entrain/store/lock.h"
#include "entrain/store/store.h"

typedef struct ent_surgery {
  const char *command, *path; /* given: "entrain retry", the results file */
  bool keeps_old;             /* given: the old file stays as path~ */
  bool is_dry;                /* given: nothing will be changed, no lock is taken */
  ent_lock *lock;
  ent_lock_progress progress;
  double last_beat;
  ent_store *old;  /* open for reading */
  ent_draft draft; /* of the changed file */
  ent_store *made; /* the changed file, open for editing */
  bool has_begun;  /* the changed file is being made */
} ent_surgery;

/*
 * Takes the lock of a results file for a command that is at work on it.
 * [out] progress  what the lock says, for ent_lock_beat
 * Errors: those of ent_lock_take, ENT_ERR_SYSTEM.
 */
ENT_MUST_CHECK int ent_surgery_lock(const char *path, const char *command, ent_lock_progress *progress,
                                    ent_lock **lock);

/*
 * Takes the lock, or looks at it when nothing will be changed. Errors: those of ent_surgery_lock;
 * ENT_ERR_IO.
 */
ENT_MUST_CHECK int ent_surgery_take(ent_surgery *own);

/* The same, and opens the old file. Errors: those of ent_store_open, too. */
ENT_MUST_CHECK int ent_surgery_begin(ent_surgery *own);

/* Copies the old file beside, whatever is in it. Errors: those of ent_copy_file. */
ENT_MUST_CHECK int ent_surgery_duplicate(ent_surgery *own);

/* The same, and opens the copy. Errors: those of ent_store_open, too. */
ENT_MUST_CHECK int ent_surgery_copy(ent_surgery *own);

/*
 * Creates a file for another specification beside, by the same maker and with the same segments, and opens
 * it; all its rows are pending. Errors: those of ent_store_create_like and ent_store_open.
 */
ENT_MUST_CHECK int ent_surgery_create(ent_surgery *own, const ent_spec *spec);

/*
 * Lets the lock say that the command is still at work; `own` is an ent_surgery. Errors: ENT_ERR_BUSY,
 * ENT_ERR_IO.
 */
ENT_MUST_CHECK int ent_surgery_beat(void *own);

/*
 * Removes what checkpoint slots of the changed file hold of some rows.
 * [in]  rows  [grid size] 1 for those rows
 * Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_surgery_forget(ent_surgery *own, const unsigned char *rows);

/* Fills /phase anew, syncs the changed file and puts it in the place of the old one. Errors: of all kinds. */
ENT_MUST_CHECK int ent_surgery_finish(ent_surgery *own);

/*
 * Closes what is open, removes what was not finished and gives the lock back. Returns `code`, but
 * ENT_ERR_SYSTEM for ENT_ERR_IO while the changed file was made: then it is the machine that fails, a full
 * disk for instance.
 */
int ent_surgery_end(ent_surgery *own, int code);

#endif
