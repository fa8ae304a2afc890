#include "entrain/solve/petsc_try.h"

#include <petscsys.h>

int ent_petsc_raise(int petsc_code, const char *function, const char *file, int line) {
  const char *text = NULL;
  char *specific = NULL;
  if (PetscErrorMessage(petsc_code, &text, &specific) != 0 || text == NULL) text = "unknown error";
  return ent_error_raise(ENT_ERR_PETSC, function, file, line, "PETSc error %d: %s%s%s", petsc_code, text,
                         specific && *specific ? ": " : "", specific ? specific : "");
}
