#ifndef ENTRAIN_ENGINE_STUDY_H
#define ENTRAIN_ENGINE_STUDY_H

/*
 * What a worker must know to begin, as bytes: where the results file is, and the job file as the master has
 * read it, so that the worker needs neither that file nor its folder. The limits are those of today, which
 * may differ from those in the results file.
 */

#include "entrain/sweep/gather.h"
#include "entrain/sweep/spec.h"

/*
 * Appends the study of a specification to an (empty) text, which may hold zeros then.
 * [in]  path  of the results file
 * Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_study_write(const ent_spec *spec, const char *path, ent_text *study);

/*
 * Reads it.
 * [out] spec  owned by the caller
 * [out] path  of the results file, inside of `bytes`
 * Errors: ENT_ERR_FORMAT for bytes that are no study; those of ent_job_file_parse. Not collective.
 */
ENT_MUST_CHECK int ent_study_read(const unsigned char *bytes, size_t length, ent_spec **spec,
                                  const char **path);

#endif
