#ifndef ENTRAIN_ENGINE_RUN_H
#define ENTRAIN_ENGINE_RUN_H

/*
 * A run: from a job file to rows in a results file, by all ranks of a launcher or by one process alone.
 * Creates the file or resumes it, takes its lock, computes what is pending, fills /phase and gives everything
 * back.
 */

#include "entrain/engine/master.h"
#include "entrain/engine/pending.h"

typedef struct ent_run_options {
  const char *job_path;
  const char *output;        /* NULL: results/<name>.h5 */
  const char *petsc_options; /* what stood after `--` */
  bool fresh;                /* keep an older file as OUT.h5~ and begin anew */
  size_t n_only;             /* rows to compute, 0: all that are pending */
  const ent_row_range *only; /* [n_only] */
  const ent_listener *listener;
} ent_run_options;

/* How a run ended that did not fail: its exit status, in /segments too (docs/cli.md). */
enum {
  ENT_RUN_COMPLETE = 0,
  ENT_RUN_NO_WORKERS = 69, /* all workers are dead or silent; the master has ended in good order */
  ENT_RUN_STOPPED = 75
};

typedef struct ent_run_summary {
  ent_progress progress;
  bool is_complete; /* no row that was asked for is pending */
  int exit_status;  /* ENT_RUN_COMPLETE ... */
  bool is_idle;     /* nothing was to be done, and nothing was touched */
} ent_run_summary;

/*
 * Reads the job file and looks at the results file, without writing anything: what a run would refuse is
 * refused.
 * [out] path  of the results file, in the (empty) text
 * [out] is_idle  a run would have nothing to do: its rows are finished, and the last run has an end, or there
 *       was none; NULL: of no interest
 * [out] faults  of the job file, one a line, for ENT_ERR_JOB_FILE
 * Errors: ENT_ERR_JOB_FILE; ENT_ERR_MISMATCH (another study in the file); ENT_ERR_BUSY (a living run has
 * it); ENT_ERR_FORMAT; ENT_ERR_IO. Not collective; needs neither MPI nor PETSc.
 */
ENT_MUST_CHECK int ent_run_check(const ent_run_options *options, ent_text *path, bool *is_idle,
                                 ent_text *faults);

/*
 * Runs. MPI is initialized by the caller. Rank 0 is the master, and computes when it is alone; it depends on
 * no other rank being alive. Once in the life of a process, or with a barrier in between. The caller ends
 * the process by ent_rank_leave where the run survives deaths (engine/rank), otherwise by MPI_Finalize.
 * [out] summary  at rank 0
 * [out] faults  at rank 0, as above
 * [out] path  at rank 0, as above
 * Errors: those of ent_run_check, ENT_ERR_ARGUMENT (PETSc options), before anything was written; later ones
 * are engine failures. A worker returns ENT_OK whatever becomes of the run, and of itself as long as the
 * master could be told; ENT_ERR_MPI when the master is gone. Called by all ranks, but not collective.
 */
ENT_MUST_CHECK int ent_run(const ent_run_options *options, ent_run_summary *summary, ent_text *faults,
                           ent_text *path);

/* Whether an error of a run means that the user must change something and nothing was written: exit status 2.
 */
bool ent_run_is_refusal(int code);

#endif
