#ifndef ENTRAIN_APP_STATUS_H
#define ENTRAIN_APP_STATUS_H

/*
 * `entrain status OUT.h5 [--watch] [--json]`: how far a sweep is, while it runs or afterwards, who is at
 * work, and why nothing happens when nothing does. Reads only; asks Slurm where there is one. argv[0] is
 * "entrain status"; returns the exit status.
 *
 * docs/cli.md has the keys of --json.
 */

#include "entrain/app/status_slurm.h"
#include "entrain/base/text.h"
#include "entrain/store/lock.h"
#include "entrain/store/tally.h"

enum { ENT_STATUS_NAMED = 5 }; /* quarantined rows that are named */

/* A row that is worth naming: a slow one at work, or a quarantined one. */
typedef struct ent_status_row {
  int64_t row;
  double seconds;      /* slow: at work for */
  int32_t worker;      /* slow: at this rank */
  int32_t error;       /* quarantined: an ent_job_error */
  ent_text point;      /* "beta 0.5, n 32, d 2, seed 17" */
  ent_text point_json; /* {"beta":0.5,"n":32,"d":2,"seed":17} */
} ent_status_row;

/* What is known of a sweep at one moment. */
typedef struct ent_status_view {
  const char *path;
  int columns; /* that lines for people may take; 0: as they like */
  char name[128], model[64];
  char *job_path;      /* of the job file, absolute; owned */
  char *petsc_options; /* of the study; owned */
  ent_tally tally;
  int expected;                            /* the file is not there; its batch script is, and says the rows */
  int64_t checkpoints, checkpointed_steps; /* pending rows that go on from a checkpoint, steps kept there */
  int held;                                /* a lock is there */
  int known;                               /* and can be read: owner means something */
  int alive;      /* its owner lives; of an unreadable one, as long as that cannot be excluded */
  int hung;       /* it does not, but its launcher is still there */
  double written; /* when the file was written last, seconds since 1970; 0: not there */
  ent_lock_owner owner;
  size_t n_segments;
  ent_segment segments[ENT_STORE_SEGMENTS];
  size_t n_slow, n_quarantined;
  ent_status_row slow[ENT_LOCK_SLOW];           /* [n_slow] */
  ent_status_row quarantined[ENT_STATUS_NAMED]; /* [n_quarantined] the first ones */
  ent_slurm_job slurm;                          /* filled by ent_status_ask_slurm */
} ent_status_view;

/*
 * Looks at the file and its lock; before the file is there, at the batch script that will make it.
 * ent_status_fini it. Errors: those of the store.
 */
ENT_MUST_CHECK int ent_status_read(const char *path, ent_status_view *view);

void ent_status_fini(ent_status_view *view);

/*
 * Asks Slurm about the job of this file, when there is something to explain and a job's id or its batch
 * script, OUT.sbatch, is known. Takes ENT_SLURM_PATIENCE_S at most. Errors: ENT_ERR_MEMORY, ENT_ERR_SYSTEM.
 */
ENT_MUST_CHECK int ent_status_ask_slurm(ent_status_view *view);

/* Whether no row is pending: not so of a file that is not there. */
int ent_status_is_complete(const ent_status_view *view);

/* Why it goes as it goes. */
typedef struct ent_status_reason {
  const char
    *state;      /* one word: complete, running, waiting, draining, silent, busy, unknown, queued, starting,
                        dead, new, stopped */
  ent_text why;  /* a sentence or more, "" when there is nothing to explain */
  ent_text next; /* the obvious next command; "" when there is none */
} ent_status_reason;

/* Judges a view. ent_status_reason_fini it, also on failure. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_status_explain(const ent_status_view *view, ent_status_reason *reason);

void ent_status_reason_fini(ent_status_reason *reason);

/* What the end of a segment means: "stopped early in good order". A segment without an end that is not
 * `running` broke off. Not owned by the caller; lasts until the next call. */
const char *ent_status_segment_meaning(const ent_segment *segment, int running);

/* Whether segment i is the one that goes on now. */
int ent_status_segment_runs(const ent_status_view *view, size_t i);

/* Appends the view for people (several lines, not folded), for a log (one line), as JSON (one line). Errors:
 * ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_status_append(const ent_status_view *view, ent_text *text);
ENT_MUST_CHECK int ent_status_append_line(const ent_status_view *view, ent_text *text);
ENT_MUST_CHECK int ent_status_append_json(const ent_status_view *view, ent_text *text);

int ent_command_status(int argc, char **argv);

#endif
