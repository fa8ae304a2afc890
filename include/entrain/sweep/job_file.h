#ifndef ENTRAIN_SWEEP_JOB_FILE_H
#define ENTRAIN_SWEEP_JOB_FILE_H

/*
 * From YAML text to a resolved specification. Strict: every fault of the file is found in one pass and
 * reported with its position. The format is docs/job-format.md.
 */

#include "entrain/sweep/spec.h"

/*
 * Reads and resolves a job file; its input files are read and hashed, so that the numbers of FILE parameters
 * are there.
 * [in]  petsc_options  what stood after `--`, "" for nothing
 * [out] spec  owned by the caller, ent_spec_destroy it; untouched on failure
 * [out] faults  on ENT_ERR_JOB_FILE: a line for each, `path:line:column: error: ...`, in file order
 * Errors: ENT_ERR_JOB_FILE (faults in the file, or it cannot be read), ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_job_file_read(const char *path, const char *petsc_options, ent_spec **spec,
                                     ent_text *faults);

/*
 * The same from zero-terminated text that was stored in a results file. Input files are not touched:
 * `input_digests` is the specification's text of that name which was stored with the text, `path` is that of
 * the original job file.
 */
ENT_MUST_CHECK int ent_job_file_parse(const char *text, const char *path, const char *petsc_options,
                                      const char *input_digests, ent_spec **spec, ent_text *faults);

#endif
