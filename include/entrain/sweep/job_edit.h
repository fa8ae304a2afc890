#ifndef ENTRAIN_SWEEP_JOB_EDIT_H
#define ENTRAIN_SWEEP_JOB_EDIT_H

/*
 * Changes the text of a job file: a longer horizon, more or fewer values of an axis, the place of an input
 * file. Only the bytes of those values are replaced, so that comments, order and layout of everything else
 * stay. What the new text means is sweep/job_file's business, which reads it again.
 */

#include "entrain/sweep/spec.h"

typedef struct ent_job_edit ent_job_edit;

/*
 * Begins with the text of a specification, which must live as long as the edit.
 * Errors: ENT_ERR_MEMORY; ENT_ERR_FORMAT when the text is none that gave this specification. Not collective.
 */
ENT_MUST_CHECK int ent_job_edit_create(const ent_spec *spec, ent_job_edit **edit);

/* Frees it; accepts NULL, sets NULL. Not collective. */
void ent_job_edit_destroy(ent_job_edit **edit);

/*
 * Replaces the horizon.
 * [in]  value  a number as a job file writes it, above the horizon that it replaces
 * Errors: ENT_ERR_ARGUMENT, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_job_edit_horizon(ent_job_edit *edit, const char *value);

/*
 * Adds values behind those that an axis has; values that it has already stay where they are.
 * [in]  values  in any form that a job file knows: "[1, 2]", "{linspace: [5, 9, 5]}", "{count: 400}"
 * [out] added  number of values that are new
 * Errors: ENT_ERR_ARGUMENT (no such axis, no legal values, an axis named twice), ENT_ERR_MEMORY. Not
 * collective.
 */
ENT_MUST_CHECK int ent_job_edit_add(ent_job_edit *edit, const char *axis, const char *values, int64_t *added);

/*
 * Leaves only some values of an axis.
 * [in]  keep  [count of the axis] 1 for values that stay, at least one
 * Errors: ENT_ERR_ARGUMENT, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_job_edit_keep(ent_job_edit *edit, const char *axis, const unsigned char *keep);

/*
 * Replaces the path of an input of the specification.
 * Errors: ENT_ERR_FORMAT when there is none, ENT_ERR_ARGUMENT, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_job_edit_input(ent_job_edit *edit, const ent_input *input, const char *path);

/* Appends the changed text. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_job_edit_write(const ent_job_edit *edit, ent_text *text);

#endif
