#include "store_shared.h"

#include <mpi.h>

#include "check.h"

int shared_rank, shared_size;

void shared_open(fixture *at, const char *job) {
  MPI_Comm_rank(MPI_COMM_WORLD, &shared_rank);
  MPI_Comm_size(MPI_COMM_WORLD, &shared_size);
  *at = (fixture){0};
  if (shared_rank == 0) {
    fixture_open(at, job);
    CHECK_OK(ent_store_create(at->path, at->spec, FIXTURE_PETSC));
  }
  MPI_Bcast(at->path, sizeof at->path, MPI_CHAR, 0, MPI_COMM_WORLD);
  if (shared_rank > 0) at->spec = fixture_parse(job);
}

void shared_close(fixture *at) {
  MPI_Barrier(MPI_COMM_WORLD);
  if (shared_rank == 0)
    fixture_close(at);
  else
    ent_spec_destroy(&at->spec);
}
