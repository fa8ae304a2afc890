#ifndef ENTRAIN_ENGINE_RUN_FOLDER_H
#define ENTRAIN_ENGINE_RUN_FOLDER_H

/*
 * The folder of a run that was started by hand: Open MPI's shared memory and session files lie in it, so that
 * what a killed run leaves behind is known to be ours; and notes by which the master tells the parent what
 * no exit status of mpirun does.
 *
 * It is `entrain-run-<uid>-XXXXXX`, mode 0700, in OMPI_MCA_btl_vader_backing_directory where the user has set
 * that, else in /dev/shm, else in TMPDIR. Who uses it holds a lock (flock) on it, which the kernel gives back
 * with the death of the last process that has inherited it: the parent and mpirun. A folder of this name and
 * user whose lock is free is of a dead run, and the next start removes it. Nothing else is ever removed.
 */

#include <stdbool.h>
#include <stdint.h>

#include "entrain/base/error.h"

/* The variable that tells the ranks where it is. */
#define ENT_RUN_FOLDER "ENTRAIN_RUN_FOLDER"

/* Notes of the master. */
#define ENT_NOTE_MASTER "master" /* pid and start time */
#define ENT_NOTE_EXIT "exit"     /* its exit status, 0 */

typedef struct ent_run_folder {
  char path[512]; /* empty: there is none */
  int lock;       /* descriptor that mpirun inherits; -1 without a folder */
} ent_run_folder;

typedef struct ent_note {
  int64_t numbers[2];
} ent_note;

/* Removes the folders of dead runs, for a start that makes none. Not collective. */
void ent_run_folder_sweep(void);

/*
 * Removes the folders of dead runs, makes one for this run and locks it.
 * Errors: ENT_ERR_IO with the system's reason. Not collective.
 */
ENT_MUST_CHECK int ent_run_folder_create(ent_run_folder *folder);

/* Removes the folder with all that is in it; accepts one without a path. Not collective. */
void ent_run_folder_destroy(ent_run_folder *folder);

/* Removes all notes, for another start with the same folder. Not collective. */
void ent_run_folder_clear(const ent_run_folder *folder);

/* Reads a note; false when it is not there. Not collective. */
bool ent_run_folder_read(const ent_run_folder *folder, const char *name, ent_note *note);

/*
 * Leaves a note in the folder that ENT_RUN_FOLDER names; does nothing where there is none, on another host
 * for one. Not collective.
 */
void ent_run_folder_note(const char *name, const ent_note *note);

#endif
