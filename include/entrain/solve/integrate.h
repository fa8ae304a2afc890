#ifndef ENTRAIN_SOLVE_INTEGRATE_H
#define ENTRAIN_SOLVE_INTEGRATE_H

/*
 * One job: from a row of the grid to its result. Steps are PETSc's (solve/stepper); here they are watched for
 * synchronization, for the hemisphere certificate and for recorded times, and end in a verdict.
 *
 * The certificate: once all particles lie in an open hemisphere, they converge to one point
 * (arXiv:2312.10794, cone collapse), where the composition has the theorem (ent_system.certificate). Its
 * margin must exceed 8 d n eps plus the accumulated error estimate of the run. docs/verdicts.md has the
 * conditions.
 */

#include "entrain/sweep/result.h"

typedef struct ent_integrator
  ent_integrator; /* steppers, one for each (n, d, scheme), reused from job to job */

/* Who watches a running job. All slots are OPTIONAL. */
typedef struct ent_watcher {
  /* Asked every few steps: true abandons the job, its row stays pending. */
  bool (*abandons)(void *context);
  /* Told the state at every recorded time, or after every step when none is recorded: vectors [n, d]. */
  int (*sees)(void *context, double t, const double *vectors);
  void *context;
} ent_watcher;

/* What a job leaves behind, buffers of the integrator: valid until its next job. */
typedef struct ent_output {
  ent_result result;
  const float *series;       /* [n_series, n_record]; NULL when none is recorded */
  const double *final_state; /* vectors [n, d] at t_end */
  bool abandoned;            /* the watcher ended the job: there is no result */
} ent_output;

/*
 * Makes an integrator for a specification; both pointers must outlive it. `table` are the starts of `kind:
 * file`, otherwise NULL. PETSc runs (solve/session). Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_integrator_create(const ent_spec *spec, const ent_start_table *table,
                                         ent_integrator **integrator);
void ent_integrator_destroy(ent_integrator **integrator);

/*
 * Makes what the row needs (system, solver) without integrating it. Errors: ENT_ERR_PETSC, ENT_ERR_MEMORY,
 * ENT_ERR_ARGUMENT (PETSc options that contradict the job file). Not collective.
 */
ENT_MUST_CHECK int ent_integrator_prepare(ent_integrator *integrator, int64_t row);

/*
 * Integrates one row. A job that fails is a result with an error code; an error of the call is an engine
 * failure.
 * [in]  watcher  NULL for none
 * [out] output
 * Errors: ENT_ERR_PETSC, ENT_ERR_MEMORY, ENT_ERR_ARGUMENT (PETSc options that contradict the job file). Not
 * collective.
 */
ENT_MUST_CHECK int ent_integrator_run(ent_integrator *integrator, int64_t row, const ent_watcher *watcher,
                                      ent_output *output);

#endif
