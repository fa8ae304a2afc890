#ifndef ENTRAIN_APP_STATUS_SLURM_H
#define ENTRAIN_APP_STATUS_SLURM_H

/*
 * What Slurm says of a job: squeue and scontrol are asked by argument vectors, and are ended when they do not
 * answer. A machine without Slurm, a controller that is down or a job that is over are answers, not errors.
 */

#include <stdint.h>

#include "entrain/base/text.h"

#define ENT_SLURM_PATIENCE_S 3.0 /* for all questions together */

typedef enum {
  ENT_SLURM_NOT_ASKED,
  ENT_SLURM_ABSENT, /* there is no squeue */
  ENT_SLURM_SILENT, /* it did not answer, or in vain */
  ENT_SLURM_NO_JOB, /* no job of this file is in the queue */
  ENT_SLURM_JOB,    /* the rest means something */
} ent_slurm_answer;

typedef struct ent_slurm_job {
  ent_slurm_answer answer;
  int64_t job;
  char state[24];   /* "PENDING", "RUNNING", ... */
  char reason[96];  /* why it waits: "Priority"; "" when there is none */
  char start[32];   /* when it starts or has started, local time as Slurm writes it; "" unknown */
  double time_left; /* seconds; NaN unknown or unlimited */
  int64_t restarts; /* how often it was started again; -1 unknown */
} ent_slurm_job;

/* Which job is meant. */
typedef struct ent_slurm_wanted {
  int64_t job;        /* its id; -1: not known */
  const char *script; /* absolute path of its batch script; NULL: not known */
  int task;           /* of a job array this task only; -1: any */
} ent_slurm_wanted;

/*
 * Asks for the job with this id, and otherwise for a job of the user that runs this batch script. Takes at
 * most ENT_SLURM_PATIENCE_S. Errors: ENT_ERR_MEMORY, ENT_ERR_SYSTEM.
 */
ENT_MUST_CHECK int ent_slurm_find(const ent_slurm_wanted *wanted, ent_slurm_job *found);

/*
 * Seconds of a time as Slurm writes it, [days-]hours:minutes:seconds or shorter; NaN for words (UNLIMITED,
 * INVALID). Not collective.
 */
double ent_slurm_seconds(const char *text);

/* How a program ended that was asked something. */
typedef enum { ENT_ASK_ANSWERED, ENT_ASK_ABSENT, ENT_ASK_REFUSED, ENT_ASK_SILENT } ent_ask_end;

/*
 * Runs a program found in PATH with an empty stdin and without stderr, and reads what it says; it is killed,
 * with its children, when it is not done at `deadline` (ent_clock_now).
 * [out] answer  appended; of no use unless ANSWERED
 * Errors: ENT_ERR_MEMORY, ENT_ERR_SYSTEM.
 */
ENT_MUST_CHECK int ent_ask(const char *const *arguments, double deadline, ent_text *answer, ent_ask_end *end);

#endif
