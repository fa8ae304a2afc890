#ifndef ENTRAIN_ENGINE_WORKER_H
#define ENTRAIN_ENGINE_WORKER_H

/*
 * What computes rows: an integrator and a handle of the results file of its own. Every rank but the master
 * has one; a master without workers has one too. Who asks it to is not its business: engine/serve,
 * engine/solo.
 */

#include "entrain/engine/sink.h"
#include "entrain/engine/trail.h"
#include "entrain/solve/integrate.h"
#include "entrain/sweep/dispatch.h"

typedef struct ent_worker ent_worker;

typedef struct ent_worker_options {
  const char *path; /* of the results file */
  ent_spec *spec;   /* of this run: the study is the file's, limits and paths may be newer; gets its inputs */
  int rank;         /* for the column `worker` */
  const ent_sink *sink;   /* NULL: the worker writes to the file itself */
  const ent_trail *trail; /* where it says which position it is at; NULL: nowhere */
} ent_worker_options;

/* What a worker is asked to do. */
typedef struct ent_task {
  ent_lease lease;
  int64_t slot; /* for checkpoints of its jobs, -1: none */
  bool resumes; /* the slot holds a checkpoint of its first job */
  bool helped;  /* the mates of the worker's team help */
} ent_task;

/*
 * Opens the results file, loads the input files that are not loaded yet and makes an integrator. PETSc runs.
 * What the options point to outlives the worker.
 * Errors: those of ent_store_open, ent_inputs_load; ENT_ERR_ARGUMENT when this rank cannot compute with the
 * instruction set of the file's rows. Not collective.
 */
ENT_MUST_CHECK int ent_worker_create(const ent_worker_options *options, ent_worker **worker);

/* Makes durable what was written, closes and frees; accepts NULL, sets NULL. Errors: those of the sink,
 * ENT_ERR_HDF5. Not collective. */
ENT_MUST_CHECK int ent_worker_destroy(ent_worker **worker);

/*
 * Computes the positions of a lease and writes their rows, until it is through or the watcher abandons a
 * job, which is kept as a checkpoint then. Long jobs are kept every limits.checkpoint.
 *
 * Rows are written in the order of positions, several at once where jobs are quick: behind a job of 1 ms or
 * more nothing waits, and no row waits for longer than 50 ms, the 10 ms after which a job is looked at, and
 * one step of a job like those before it. All are written when it returns without an error.
 * [in]  watcher  who abandons and who helps; its other slots are not used
 * [in]  stopping  looked at before each job: true gives the rest of the range back
 * [out] report  what is in the file when it returns, also on failure
 * Errors: an engine failure (ENT_ERR_HDF5, ENT_ERR_PETSC, ENT_ERR_MEMORY). Not collective.
 */
ENT_MUST_CHECK int ent_worker_run(ent_worker *worker, const ent_task *task, const ent_watcher *watcher,
                                  const bool *stopping, ent_lease_report *report);

/* The results file as the worker has opened it. Not collective. */
const ent_store *ent_worker_store(const ent_worker *worker);

/* The position at work, or that was last. Not collective. */
int64_t ent_worker_position(const ent_worker *worker);

/* Seconds since the job at work began in this process. Not collective. */
double ent_worker_seconds(const ent_worker *worker);

/*
 * Seconds that a job may go on after a drain was asked for; then it is kept as a checkpoint and stays
 * pending.
 */
#define ENT_WORKER_GRACE 5.0

#endif
