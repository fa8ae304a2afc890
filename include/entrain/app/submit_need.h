#ifndef ENTRAIN_APP_SUBMIT_NEED_H
#define ENTRAIN_APP_SUBMIT_NEED_H

/* Whether a sweep needs a job: not when nothing is pending, and not when Slurm has one for it. */

#include "entrain/app/submit_script.h"

/*
 * Refuses a results file for which Slurm has a job, by its batch script; of the array of which the file is a
 * part, too. A Slurm that does not answer refuses nothing.
 * Errors: ENT_ERR_BUSY, ENT_ERR_MEMORY, ENT_ERR_SYSTEM.
 */
ENT_MUST_CHECK int ent_submit_refuse_twice(const char *output);

/*
 * Looks for rows to compute: pending ones in the file, and of an array in the parts, each within its share. A
 * file that is not there is all pending.
 * [in]  submission  parts, total
 * [out] is_needed  there are some
 * Errors: those of the store, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_submit_needs(const char *output, const ent_submission *submission, bool *is_needed);

#endif
