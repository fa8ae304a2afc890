#include <stdio.h>
#include <stdlib.h>

#include <mpi.h>

#include "check.h"

int ent_test_mpi_main(const char *program, const ent_test *tests, int argc, char **argv) {
  int rank, size;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  const int count = ent_test_count(tests);
  int *failed = calloc((size_t)count + 1, sizeof *failed);
  if (!failed) MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
  char who[32] = "";
  if (size > 1) (void)snprintf(who, sizeof who, "rank %d: ", rank);
  int broken = !ent_test_run(program, tests, argc, argv, who, failed);
  MPI_Allreduce(MPI_IN_PLACE, failed, count, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  MPI_Allreduce(MPI_IN_PLACE, &broken, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  int status = EXIT_SUCCESS;
  if (rank == 0) status = ent_test_close(program, count, failed);
  free(failed);
  MPI_Bcast(&status, 1, MPI_INT, 0, MPI_COMM_WORLD);
  MPI_Finalize();
  return broken ? EXIT_FAILURE : status;
}
