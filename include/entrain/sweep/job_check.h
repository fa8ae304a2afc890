#ifndef ENTRAIN_SWEEP_JOB_CHECK_H
#define ENTRAIN_SWEEP_JOB_CHECK_H

/*
 * What can be wrong with a job file although every key is right by itself: combinations that the model or the
 * initial condition refuses, dimensions other than 2 on the circle, a time unit without its beta.
 */

#include "entrain/sweep/job_systems.h"

/*
 * Checks a job whose model, parameters, sweep, initial and solver have no faults. All combinations of axes
 * but the seeds are tried; of more than 10^6, those along each axis, with the other axes at their first
 * value.
 */
void ent_job_check(ent_job *job);

#endif
