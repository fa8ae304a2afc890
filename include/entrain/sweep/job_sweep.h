#ifndef ENTRAIN_SWEEP_JOB_SWEEP_H
#define ENTRAIN_SWEEP_JOB_SWEEP_H

/* The section `sweep` of a job file: its axes, zipped or not, as a grid. */

#include "entrain/sweep/job_systems.h"

/* Reads the section into job->spec->grid. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_job_read_sweep(ent_job *job, const ent_yaml_node *node);

#endif
