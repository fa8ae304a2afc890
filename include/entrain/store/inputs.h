#ifndef ENTRAIN_STORE_INPUTS_H
#define ENTRAIN_STORE_INPUTS_H

/*
 * The input files of a study, for whoever computes its rows: the numbers of FILE parameters and the starts of
 * `initial: {kind: file}`. A specification that came out of a results file has their digests only.
 */

#include "entrain/sweep/spec.h"

/*
 * Reads the files that the specification names, unless it has their numbers already, and checks that they are
 * the ones that the study was made with.
 * [in,out] spec  its FILE parameters have their numbers then, in its arena
 * [out] table  the starts, as of ent_start_file_load: the caller's, ent_start_table_destroy it
 * Errors: ENT_ERR_JOB_FILE with a message `path:line:column: error: ...`; ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_inputs_load(ent_spec *spec, ent_start_table **table);

/*
 * Raises ENT_ERR_JOB_FILE at the place where the job file names an input: `path:line:column: error: why`.
 * Returns that code. Not collective.
 */
int ent_inputs_fault(const ent_spec *spec, const ent_input *input, const char *why);

/*
 * Raises a fault unless the digest of an input's content is the one that the study was made with, or that one
 * is not known. Errors: ENT_ERR_JOB_FILE. Not collective.
 */
ENT_MUST_CHECK int ent_inputs_check(const ent_spec *spec, const ent_input *input, const char *digest);

#endif
