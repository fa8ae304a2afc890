#ifndef ENTRAIN_SOLVE_SESSION_H
#define ENTRAIN_SOLVE_SESSION_H

/*
 * PETSc's life in a process. Every rank has a PETSc of its own, on MPI_COMM_SELF: no PETSc call is collective
 * over the run. `.petscrc` and PETSC_OPTIONS are not obeyed: options come from the job file and after `--`.
 */

#include "entrain/base/error.h"

/*
 * Starts PETSc with the options that stood after `--`; MPI is initialized by the caller. Logs a notice when
 * PETSC_OPTIONS or a .petscrc is ignored. Errors: ENT_ERR_PETSC; ENT_ERR_ARGUMENT for text that is no option,
 * and for options that contradict the job file or take the error control away.
 * Not collective.
 */
ENT_MUST_CHECK int ent_session_start(const char *petsc_options);

/*
 * Fails if an option was given that PETSc has not looked at by now; call after the first integrator was
 * prepared. Errors: ENT_ERR_ARGUMENT naming the options. Not collective.
 */
ENT_MUST_CHECK int ent_session_check_options(void);

/* Ends PETSc; after it no integrator may be used. Not collective. */
void ent_session_end(void);

/* Version of the PETSc this runs with, "3.18.5"; also before it is started. Not collective. */
const char *ent_session_petsc_version(void);

#endif
