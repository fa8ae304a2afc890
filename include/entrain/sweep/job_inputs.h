#ifndef ENTRAIN_SWEEP_JOB_INPUTS_H
#define ENTRAIN_SWEEP_JOB_INPUTS_H

/* The files that a job file names, while it is read: where they are, what is in them, their digests. */

#include "entrain/sweep/job_systems.h"

/*
 * Adds the file that a parameter names to the inputs: reads its numbers (FILE) and its digest, or takes over
 * the next digest that was stored with the job file. A parameter without a value is none.
 * Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_job_read_input(ent_job *job, ent_group group, int slot, const ent_yaml_node *node);

/*
 * Makes the text of all digests.
 * [in]  stored  what was stored with the job file, which it is then; NULL: the files were read
 * Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_job_join_digests(ent_job *job, const char *stored);

#endif
