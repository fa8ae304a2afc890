#ifndef ENTRAIN_APP_PLATEAU_TABLE_H
#define ENTRAIN_APP_PLATEAU_TABLE_H

/*
 * The plateaus of the recorded energies as CSV: row, from, to, level, a line for each plateau of a row that
 * is done, in the order of rows and times (sweep/plateaus says what a plateau is).
 */

#include <stdbool.h>
#include <stdio.h>

#include "entrain/store/store.h"

/* Whether the job records its energy. */
bool ent_plateau_table_has_energy(const ent_spec *spec);

/* Writes the table. Errors: ENT_ERR_ARGUMENT when no energy is recorded, ENT_ERR_IO, ENT_ERR_HDF5,
 * ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_plateau_table_write(ent_store *store, FILE *stream);

#endif
