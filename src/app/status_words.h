#ifndef ENTRAIN_APP_STATUS_WORDS_H
#define ENTRAIN_APP_STATUS_WORDS_H

/* What app/status_why puts its sentences together from; nobody else includes this. */

#include "entrain/app/status.h"

/* The job file as a user in this folder would name it. Owned by the view. */
const char *ent_status_job_name(const ent_status_view *view);

/* Slurm's word for why a job waits, in plain English with the word behind it where there is one. Lasts. */
const char *ent_status_slurm_reason(const char *reason);

/* Appends how many requeues in a row have made no progress, when the batch script has counted some. */
ENT_MUST_CHECK int ent_status_append_idle(const ent_status_view *view, ent_text *text);

/* Appends what the batch script of a Slurm job that is over said last in its log, if that is there. */
ENT_MUST_CHECK int ent_status_append_log(const ent_status_view *view, ent_text *text);

#endif
