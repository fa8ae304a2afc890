#ifndef ENTRAIN_STORE_GUARD_H
#define ENTRAIN_STORE_GUARD_H

/*
 * The guard of a results file (docs/results-format.md): HDF5's metadata never change after creation, so their
 * checksums and a copy of them stand in the file. They are looked at with plain reads before HDF5 sees the
 * file, because damaged metadata make HDF5 itself crash or hang, and they are restored from the copy.
 * Rows are none of its business, but a repair leaves them as store/verify wants them.
 */

#include <stdbool.h>
#include <stdint.h>

#include "entrain/base/text.h"
#include "entrain/sweep/spec.h"

enum { ENT_GUARD_HEADERS = 3, ENT_GUARD_TABLES = 2 }; /* copies of each */

/* The state of a guard and of what it guards. */
typedef struct ent_guard_report {
  int64_t size;       /* bytes of the file */
  int64_t expected;   /* that it should have */
  int bad_headers;    /* of ENT_GUARD_HEADERS */
  int bad_tables;     /* of ENT_GUARD_TABLES */
  int64_t blocks;     /* of metadata; 0 when both tables are bad */
  int64_t bad_blocks; /* damaged in their place */
  int64_t bad_copies; /* damaged in the copy */
  int64_t lost;       /* damaged in both */
  int64_t first_bad;  /* byte of the file at which the first damaged block begins, -1 if none */
  int64_t reset;      /* rows that a repair made pending again */
} ent_guard_report;

/* Whether nothing is damaged or missing. */
bool ent_guard_is_whole(const ent_guard_report *report);

/* Whether what is damaged can be restored. */
bool ent_guard_is_repairable(const ent_guard_report *report);

/*
 * Appends what is damaged and what a repair can do, one fact a line, "whole" when nothing is.
 * Errors: ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_guard_describe(const ent_guard_report *report, ent_text *text);

/* Whether a file has the guard of a results file, of any format; false when it cannot be read. */
bool ent_store_is_results(const char *path);

/*
 * Examines the guard and the metadata of a file; damage is in the report and no error. Reads only, also while
 * the file is written.
 * Errors: ENT_ERR_IO (cannot be read); ENT_ERR_FORMAT when no header of a guard is left, or one of another
 * format; ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_store_check_guard(const char *path, ent_guard_report *report);

/*
 * The first half of ent_store_repair: the metadata, their copy and the file's length; no row is changed.
 * Errors: as there.
 */
ENT_MUST_CHECK int ent_store_restore(const char *path, ent_guard_report *report);

/*
 * Repairs a file in its place: headers, tables, metadata and their copy are restored from what is good of
 * them; a truncated file gets its length back, filled with zeros; rows that are broken become pending again.
 * What is still good is never overwritten, so a repair that is interrupted can be done again. The caller
 * holds the file's lock.
 * [out] report  as it was found, and the rows that were reset
 * Errors: those of ent_store_check_guard; ENT_ERR_FORMAT, nothing written, when it is not repairable; those
 * of ent_store_open; ENT_ERR_IO, ENT_ERR_HDF5. Not collective.
 */
ENT_MUST_CHECK int ent_store_repair(const char *path, ent_guard_report *report);

/*
 * Fills the guard of a closed file, as the last act of its creation.
 * Errors: ENT_ERR_IO, ENT_ERR_HDF5, ENT_ERR_MEMORY; ENT_ERR_INTERNAL when the room for it is too small.
 */
ENT_MUST_CHECK int ent_guard_seal(const char *path, const ent_grid *grid);

#endif
