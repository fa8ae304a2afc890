#ifndef ENTRAIN_APP_RECOMPUTE_H
#define ENTRAIN_APP_RECOMPUTE_H

/*
 * Rows of a results file integrated once more, without the limits of the job file, to be compared with what
 * the file holds. Starts PETSc; MPI is initialized by the caller.
 */

#include "entrain/app/record.h"
#include "entrain/solve/integrate.h"
#include "entrain/store/start_file.h"

typedef struct ent_recompute {
  ent_store *store;
  ent_spec spec; /* the store's, with other limits and the input files; owns nothing */
  ent_start_table *table;
  ent_integrator *integrator;
  bool is_elsewhere; /* engine or machine are not those that made the file: bits may differ */
} ent_recompute;

/*
 * Why a row cannot be compared ("it is pending in the file"), NULL when it can. Not collective.
 */
const char *ent_recompute_obstacle(const ent_result *result);

/*
 * Starts the solver for a store, which must live as long; warns when it is not the one that made the file.
 * Errors: ENT_ERR_PETSC, those of ent_inputs_load; ENT_ERR_MEMORY. ent_recompute_end it, also then.
 */
ENT_MUST_CHECK int ent_recompute_begin(ent_store *store, ent_recompute *own);
void ent_recompute_end(ent_recompute *own);

/*
 * Integrates a row.
 * [in]  stored  what the file holds: a row that a step limit ended is ended at the same step
 * [in]  watcher  NULL for none
 * [out] again  made by ent_record_init: the row, series and final state of now
 * Errors: those of ent_integrator_run.
 */
ENT_MUST_CHECK int ent_recompute_row(ent_recompute *own, int64_t row, const ent_record *stored,
                                     const ent_watcher *watcher, ent_record *again);

#endif
