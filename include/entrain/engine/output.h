#ifndef ENTRAIN_ENGINE_OUTPUT_H
#define ENTRAIN_ENGINE_OUTPUT_H

/* The results file of a run: where it is, whether it may be used, and its creation. Only the master does
 * this. */

#include "entrain/engine/run.h"

/*
 * Makes the path of the results file: what the user gave, or results/<name>.h5. Errors: ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_output_path(const char *given, const ent_spec *spec, ent_text *path);

/*
 * Refuses a results file that this run may not use: another study's, or one that is no results file. A path
 * without a file is fine, and with `fresh` everything is. Errors: ENT_ERR_MISMATCH, ENT_ERR_FORMAT,
 * ENT_ERR_IO. Nothing is written.
 */
ENT_MUST_CHECK int ent_output_check(const char *path, const ent_spec *spec, bool fresh);

/*
 * Makes the file ready under its lock: creates missing folders and the file, with `fresh` after keeping the
 * older one as path~. Errors: ENT_ERR_IO, ENT_ERR_HDF5.
 */
ENT_MUST_CHECK int ent_output_prepare(const char *path, const ent_spec *spec, bool fresh);

/* Creates the folder of a path and those above it. Errors: ENT_ERR_IO. */
ENT_MUST_CHECK int ent_output_make_folder(const char *path);

#endif
