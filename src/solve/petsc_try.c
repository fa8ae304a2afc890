#include "entrain/solve/petsc_try.h"

#include <petscsys.h>

int ent_petsc_raise(int petsc_code, const char *function, const char *file, int line) {
  const char *text = NULL;
  const char *specific = NULL;
  void *place = &specific; /* a char ** up to PETSc 3.22, a const char ** in 3.25 */
  if (PetscErrorMessage(petsc_code, &text, place) != 0 || text == NULL) text = "unknown error";
  return ent_error_raise(ENT_ERR_PETSC, function, file, line, "PETSc error %d: %s%s%s", petsc_code, text,
                         specific && *specific ? ": " : "", specific ? specific : "");
}
