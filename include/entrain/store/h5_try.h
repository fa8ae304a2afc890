#ifndef ENTRAIN_STORE_H5_TRY_H
#define ENTRAIN_STORE_H5_TRY_H

/*
 * The border to HDF5: its failures become ours, with the innermost of its messages in the record, and it
 * prints nothing. The only place with `#if` on its version.
 */

#include <hdf5.h>

#include "entrain/base/error.h"

/* Calls something that returns a negative number on failure (a herr_t, an hid_t, or an assignment of one). */
#define ENT_GOTO_H5(call)                                                                                    \
  do {                                                                                                       \
    if ((call) < 0) {                                                                                        \
      code = ent_h5_raise(__func__, __FILE__, __LINE__);                                                     \
      goto done;                                                                                             \
    }                                                                                                        \
  } while (0)

/* The same for functions that own nothing. */
#define ENT_TRY_H5(call)                                                                                     \
  do {                                                                                                       \
    if ((call) < 0) return ent_h5_raise(__func__, __FILE__, __LINE__);                                       \
  } while (0)

/* Records HDF5's innermost message; returns ENT_ERR_HDF5. Used through the macros. */
int ent_h5_raise(const char *function, const char *file, int line);

/*
 * Makes an access list for all our files: HDF5's error printing off, no locking (it fails on some file
 * systems, and store/lock does the work), strong close, no sieve buffer (it would show a reader old rows).
 * [out] access  owned by the caller, ent_h5_close it.
 * Errors: ENT_ERR_HDF5. Not collective.
 */
ENT_MUST_CHECK int ent_h5_access(hid_t *access);

/*
 * Closes a file that was made here, with the serial driver. HDF5 cannot bear it when the metadata that it
 * holds in memory find no room on the disk: closing fails, and the library crashes when the program ends. So
 * the room is looked for first, and a file that cannot be completed is closed without writing any more of it.
 * [in]  code  what the caller has come to; other than ENT_OK: the file is given up
 * Returns code, or what closing gave: ENT_ERR_IO with the system's reason, ENT_ERR_HDF5. Accepts 0, sets 0.
 */
ENT_MUST_CHECK int ent_h5_close_made(hid_t *file, const char *path, int code);

/* Closes any object but a file; accepts 0 and invalid ones, sets 0. Failures are of no consequence. */
void ent_h5_close(hid_t *object);

#endif
