#ifndef ENTRAIN_STORE_START_FILE_H
#define ENTRAIN_STORE_START_FILE_H

/* Starts from an HDF5 file, for `initial: {kind: file}`: one dataset [count, n, d] of unit vectors. */

#include "entrain/sweep/spec.h"

/*
 * Loads the dataset that `initial.path` and `initial.dataset` name and checks it against the sweep: f8 or
 * f4 values, shape [count, n, d], n and d those of every grid point, seeds below count, rows of norm 1
 * within 1e-6 (they are normalized).
 * [out] table  owned by the caller, ent_start_table_destroy it; NULL when the sweep has no file start
 * Errors: ENT_ERR_JOB_FILE with a message `path:line:column: error: ...`; ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_start_file_load(const ent_spec *spec, ent_start_table **table);

/* Frees it; accepts NULL, sets NULL. */
void ent_start_table_destroy(ent_start_table **table);

#endif
