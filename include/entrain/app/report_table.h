#ifndef ENTRAIN_APP_REPORT_TABLE_H
#define ENTRAIN_APP_REPORT_TABLE_H

/*
 * The phase diagram as CSV files: cells.csv, one line a cell, and series_<name>.csv, one line a cell and
 * time. Missing numbers are `nan`, choices stand by name, numbers read back to the same double.
 */

#include "entrain/app/report_curves.h"
#include "entrain/base/text.h"

/*
 * Writes the tables into a folder that exists.
 * [in,out] written  the paths are appended, one a line
 * Errors: ENT_ERR_IO, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_table_write(const ent_curves *curves, const char *folder, ent_text *written);

/*
 * Appends a value of a row's column as it stands in CSV: an enum by name, whole numbers exactly, real numbers
 * so that they read back to the same double. Errors: ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_table_append_column(const ent_column *column, const unsigned char *row,
                                           ent_text *text);

#endif
