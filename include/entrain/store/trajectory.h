#ifndef ENTRAIN_STORE_TRAJECTORY_H
#define ENTRAIN_STORE_TRAJECTORY_H

/*
 * The trajectory of one job as an HDF5 file of its own: `time` f8 [times] and `x` f8 [times, n, d], unit
 * vectors, with the row of the sweep as attribute `job`. Made by `entrain replay`; it is not a results file.
 */

#include <stdint.h>

#include "entrain/base/error.h"

typedef struct ent_trajectory ent_trajectory;

/*
 * Begins the file beside its place, where an older one stays until the new one is closed; serial driver.
 * Errors: ENT_ERR_IO when the place is no regular file, ENT_ERR_HDF5, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_trajectory_create(const char *path, int64_t job, int64_t n, int64_t d,
                                         ent_trajectory **trajectory);

/* Appends the state vectors [n, d] at t. Errors: ENT_ERR_HDF5. */
ENT_MUST_CHECK int ent_trajectory_append(ent_trajectory *trajectory, double t, const double *vectors);

/*
 * Closes the complete file and puts it in its place; accepts NULL, sets NULL. Errors: ENT_ERR_HDF5,
 * ENT_ERR_IO.
 */
ENT_MUST_CHECK int ent_trajectory_close(ent_trajectory **trajectory);

/* Removes what was written, an older file stays; accepts NULL, sets NULL. */
void ent_trajectory_abort(ent_trajectory **trajectory);

#endif
