#include "entrain/comm/mpi_try.h"

#include <mpi.h>

int ent_mpi_check(int mpi_code, const char *call, const char *function, const char *file, int line) {
  char text[MPI_MAX_ERROR_STRING] = "unknown error";
  int length = 0;
  if (mpi_code == MPI_SUCCESS) return ENT_OK;
  (void)MPI_Error_string(mpi_code, text, &length);
  return ent_error_raise(ENT_ERR_MPI, function, file, line, "%s, from '%s'", text, call);
}
