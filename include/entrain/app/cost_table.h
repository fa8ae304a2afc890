#ifndef ENTRAIN_APP_COST_TABLE_H
#define ENTRAIN_APP_COST_TABLE_H

/*
 * What jobs took against what the master's cost model makes of the other half of the rows (sweep/cost_check):
 * a table with a line for each cell, and a sentence.
 */

#include "entrain/base/text.h"
#include "entrain/store/store.h"

/*
 * Writes folder/costs.csv: the axes, the jobs that were predicted, and their mean seconds, predicted and
 * measured.
 * [in,out] written  the table's path is appended, in a line of its own, if there is one: not without rows of
 *                   both halves, nor for a grid that is too large
 * [out] summary  the sentence is appended
 * Errors: ENT_ERR_IO, ENT_ERR_HDF5, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_cost_table_write(ent_store *store, const char *folder, ent_text *written,
                                        ent_text *summary);

#endif
