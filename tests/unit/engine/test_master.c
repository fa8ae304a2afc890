/* TEST np=2,3,5 */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include <mpi.h>

#include "entrain/engine/master.h"
#include "entrain/solve/session.h"

#include "check.h"
#include "store_fixture.h"

static int rank, size;
static fixture at;
static ent_comm *comm;
static ent_store *view; /* at the workers, for its specification */
static ent_worker *worker;
static ent_dispatch *dispatch;

/* Rank 0 makes the file and a dispatcher for all of it; the others get a worker. */
static void open_run(void) {
  CHECK_OK(ent_comm_create(&comm));
  CHECK_OK(ent_session_start(""));
  rank = ent_comm_rank(comm);
  size = ent_comm_size(comm);
  if (rank == 0) {
    fixture_open(&at, fixture_job);
    const ent_dispatch_options options = {
      .size = at.spec->grid.size, .cell = 4, .workers = size - 1, .chunk = 0.1, .queue = 2};
    CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
    CHECK_OK(ent_dispatch_create(&options, NULL, &dispatch));
  }
  MPI_Bcast(at.path, sizeof at.path, MPI_CHAR, 0, MPI_COMM_WORLD);
  if (rank > 0) {
    CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &view));
    CHECK_OK(ent_worker_create(at.path, ent_store_spec(view), rank, &worker));
  }
}

static void close_run(void) {
  CHECK_OK(ent_worker_destroy(&worker));
  CHECK_OK(ent_store_close(&view));
  ent_dispatch_destroy(&dispatch);
  ent_session_end();
  MPI_Barrier(MPI_COMM_WORLD);
  ent_comm_destroy(&comm);
  if (rank == 0) fixture_close(&at);
}

static void count_calls(void *context, const ent_progress *progress) {
  (void)progress;
  ++*(int *)context;
}

static void all_rows_are_computed(void) {
  ent_progress progress;
  int calls = 0;
  const ent_listener listener = {.progress = count_calls, .context = &calls};
  open_run();
  const ent_master_options options = {.comm = comm, .dispatch = dispatch, .listener = &listener};
  if (rank == 0) {
    CHECK_OK(ent_master_run(&options, &progress));
    CHECK_INT(progress.totals.done, at.spec->grid.size);
    CHECK_INT(progress.totals.pending + progress.totals.leased, 0);
    CHECK_INT(progress.workers, size - 1);
    CHECK(progress.is_final && !progress.stopping && calls > 0);
  } else {
    CHECK_OK(ent_worker_serve(worker, comm));
  }
  close_run();
}

/* From now on this process cannot write to files beyond their first bytes. */
static void forbid_writing(struct rlimit *before) {
  CHECK_INT(getrlimit(RLIMIT_FSIZE, before), 0);
  const struct rlimit limit = {.rlim_cur = 16, .rlim_max = before->rlim_max};
  (void)signal(SIGXFSZ, SIG_IGN);
  CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_worker_that_cannot_write_ends_the_run(void) {
  ent_progress progress;
  struct rlimit before;
  open_run();
  const bool is_broken = rank == size - 1;
  const ent_master_options options = {.comm = comm, .dispatch = dispatch};
  if (is_broken) forbid_writing(&before);
  const int code = rank == 0 ? ent_master_run(&options, &progress) : ent_worker_serve(worker, comm);
  if (is_broken) CHECK_INT(setrlimit(RLIMIT_FSIZE, &before), 0);
  CHECK_INT(code, rank == 0 || is_broken ? ENT_ERR_HDF5 : ENT_OK);
  ent_error_clear();
  close_run();
}

static const ent_test tests[] = {
  {"all rows are computed, and the listener is told", all_rows_are_computed},
  {"a worker that cannot write ends the run with its error", a_worker_that_cannot_write_ends_the_run},
  {0}};

ENT_TEST_MPI_MAIN("engine/master", tests)
