/*
 * Seconds of a right-hand side along the jobs of a sweep: rhs_time JOB.yaml prints for every row, its row
 * number and the mean time of the right-hand sides that it asks for, computed again with nothing between.
 */

#include <stdio.h>

#include <mpi.h>

#include "entrain/solve/session.h"
#include "entrain/sweep/job_file.h"

#include "states.h"

enum { ROUNDS = 5 };

int main(int argc, char **argv) {
  ent_spec *spec = NULL;
  ent_text faults = {0};
  ent_bench_states states = {0};
  if (argc != 2 || MPI_Init(NULL, NULL) != MPI_SUCCESS) return 2;
  ent_bench_need(ent_session_start(""));
  ent_bench_need(ent_job_file_read(argv[1], "", &spec, &faults));
  for (int64_t row = 0; row < spec->grid.size; row++) {
    ent_bench_states_note(&states, spec, row);
    const double seconds = ent_bench_seconds((ent_bench_side){ent_bench_states_replay, &states}, ROUNDS);
    printf("%lld %.6g\n", (long long)row, seconds / (double)states.count);
  }
  ent_bench_states_fini(&states);
  ent_spec_destroy(&spec);
  ent_session_end();
  MPI_Finalize();
  return 0;
}
