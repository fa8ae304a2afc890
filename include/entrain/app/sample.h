#ifndef ENTRAIN_APP_SAMPLE_H
#define ENTRAIN_APP_SAMPLE_H

/* Some rows of a results file integrated again and compared with it, for `entrain verify`. */

#include "entrain/store/store.h"

/*
 * Draws rows, integrates them and prints those that differ, and a summary. Rows must have the same bits where
 * the same engine made the file; otherwise they must agree within a tolerance, which is said. MPI is
 * initialized by the caller.
 * [in]  faulty  [grid size] 1 for rows that are known to be damaged; they are not drawn
 * [in]  count  of the rows to draw; all that can be compared when there are fewer
 * [in]  seed  the same seed draws the same rows
 * [out] wrong  rows that differ
 * Errors: those of solve/integrate and of the store; ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_sample_check(ent_store *store, const unsigned char *faulty, int64_t count,
                                    int64_t seed, int64_t *wrong);

#endif
