#ifndef ENTRAIN_ENGINE_WORKER_H
#define ENTRAIN_ENGINE_WORKER_H

/*
 * What computes rows: an integrator and a handle of the results file of its own. Every rank but the master
 * has one; a master without workers has one too. Who asks it to is not its business: engine/serve, engine/solo.
 */

#include "entrain/solve/integrate.h"
#include "entrain/store/store.h"
#include "entrain/sweep/dispatch.h"

typedef struct ent_worker ent_worker;

/*
 * Opens the results file for writing, loads the starts it needs and makes an integrator. PETSc runs.
 * [in]  spec  of this run: the study is the file's, limits and paths may be newer; must outlive the worker
 * [in]  rank  for the column `worker`
 * Errors: those of ent_store_open, ent_start_file_load. Not collective.
 */
ENT_MUST_CHECK int ent_worker_create(const char *path, const ent_spec *spec, int rank, ent_worker **worker);

/* Closes and frees; accepts NULL, sets NULL. Errors: ENT_ERR_HDF5. Not collective. */
ENT_MUST_CHECK int ent_worker_destroy(ent_worker **worker);

/*
 * Computes the positions of a lease and writes their rows, until it is through or the watcher abandons a
 * job.
 * [in]  stopping  looked at before each job: true gives the rest of the range back
 * [out] report  what is in the file when it returns, also on failure
 * Errors: an engine failure (ENT_ERR_HDF5, ENT_ERR_PETSC, ENT_ERR_MEMORY). Not collective.
 */
ENT_MUST_CHECK int ent_worker_run(ent_worker *worker, const ent_lease *lease, const ent_watcher *watcher,
                                  const bool *stopping, ent_lease_report *report);

/* The position at work, or that was last. Not collective. */
int64_t ent_worker_position(const ent_worker *worker);

/* Seconds that a job may go on after a drain was asked for; then it is abandoned and stays pending. */
#define ENT_WORKER_GRACE 5.0

#endif
