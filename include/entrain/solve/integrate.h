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

#include "entrain/sweep/checkpoint.h"

typedef struct ent_integrator
  ent_integrator; /* steppers, one for each (n, d, scheme), reused from job to job */

/* Who watches a running job. All slots are OPTIONAL. */
typedef struct ent_watcher {
  /*
   * Asked every 10 ms between two steps, and some ten times a second within drift sums over so many pairs
   * that they take longer: true abandons the job, its row stays pending. A step that is given up is not in
   * the checkpoint that is kept then. Nothing is kept in the first and last sum of a job, and in sums for
   * what is to be seen inside a step.
   */
  bool (*abandons)(void *context);
  /* Asked where `abandons` is: true, and the job is kept as it stands. Not asked where it cannot be kept. */
  bool (*saves)(void *context);
  /*
   * Keeps a checkpoint, `sequence` of which is not set; it is valid during the call. Called when `saves` or
   * `abandons` has said true, not for a job that cannot be kept (PETSc options with a memory of their own).
   */
  int (*keeps)(void *context, const ent_checkpoint *checkpoint);
  /* Told the state at every recorded time, or after every step when none is recorded: vectors [n, d]. */
  int (*sees)(void *context, double t, const double *vectors);
  void *context;
  ent_helpers *helpers; /* compute a part of the drift of many particles; they change no bit */
  bool at_every_step;   /* is asked after every step instead, for tests */
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
 *
 * A job that goes on from a checkpoint of its own gives the bits of an uninterrupted one, `wall_s` aside,
 * which counts the seconds before the checkpoint too. It begins anew where it could not be kept, and where
 * the checkpoint has come to limits.steps, which may have been lowered since.
 * [in]  from  NULL: from the start
 * [in]  watcher  NULL for none; what it has seen before the checkpoint is not shown again
 * [out] output
 * Errors: ENT_ERR_PETSC, ENT_ERR_MEMORY, ENT_ERR_ARGUMENT (a checkpoint of another row or size; PETSc options
 * that contradict the job file), and what `sees` and `keeps` raise. Not collective.
 */
ENT_MUST_CHECK int ent_integrator_run(ent_integrator *integrator, int64_t row, const ent_checkpoint *from,
                                      const ent_watcher *watcher, ent_output *output);

#endif
