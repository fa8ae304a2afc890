#ifndef ENTRAIN_SOLVE_PETSC_TRY_H
#define ENTRAIN_SOLVE_PETSC_TRY_H

/*
 * The border to PETSc: its error codes become ours. The only place that looks at PETSc's version.
 */

#include <petscversion.h>

#include "entrain/base/error.h"

#if PETSC_VERSION_LT(3, 15, 0)
#error "PETSc 3.15 or newer is needed"
#endif

/* Callbacks use it; older versions only have its parts. */
#if PETSC_VERSION_LT(3, 17, 0)
#include <petscsys.h>
#define PetscCall(call)                                                                                      \
  do {                                                                                                       \
    PetscErrorCode petsc_error_ = (call);                                                                    \
    CHKERRQ(petsc_error_);                                                                                   \
  } while (0)
#endif

/* Records a PETSc error code; returns ENT_ERR_PETSC. Used through the macros. */
int ent_petsc_raise(int petsc_code, const char *function, const char *file, int line);

/* Calls PETSc, and returns on failure. */
#define ENT_TRY_PETSC(call)                                                                                  \
  do {                                                                                                       \
    const int petsc_code_ = (int)(call);                                                                     \
    if (petsc_code_ != 0) return ent_petsc_raise(petsc_code_, __func__, __FILE__, __LINE__);                 \
  } while (0)

/* Calls PETSc, and on failure sets `code` and goes to `done:`. */
#define ENT_GOTO_PETSC(call)                                                                                 \
  do {                                                                                                       \
    const int petsc_code_ = (int)(call);                                                                     \
    if (petsc_code_ != 0) {                                                                                  \
      code = ent_petsc_raise(petsc_code_, __func__, __FILE__, __LINE__);                                     \
      goto done;                                                                                             \
    }                                                                                                        \
  } while (0)

#endif
