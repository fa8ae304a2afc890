#ifndef ENTRAIN_COMM_MPI_TRY_H
#define ENTRAIN_COMM_MPI_TRY_H

/*
 * The border with MPI: its error codes become ours. For the comm layer only; needs a communicator whose
 * errors return (MPI_ERRORS_RETURN).
 */

#include "entrain/base/error.h"

/* Records a failed MPI call with MPI's own text; returns ENT_OK for MPI_SUCCESS, ENT_ERR_MPI otherwise. */
ENT_MUST_CHECK int ent_mpi_check(int mpi_code, const char *call, const char *function, const char *file,
                                 int line);

/* Like ENT_TRY and ENT_GOTO, for calls that return an MPI error code. */
#define ENT_TRY_MPI(call)                                                                                    \
  do {                                                                                                       \
    const int ent_code_ = ent_mpi_check((call), #call, __func__, __FILE__, __LINE__);                        \
    if (ent_code_ != ENT_OK) return ent_code_;                                                               \
  } while (0)

#define ENT_GOTO_MPI(call)                                                                                   \
  do {                                                                                                       \
    code = ent_mpi_check((call), #call, __func__, __FILE__, __LINE__);                                       \
    if (code != ENT_OK) goto done;                                                                           \
  } while (0)

#endif
