/* TEST np=2,3,5 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <mpi.h>

#include "entrain/base/clock.h"
#include "entrain/base/log.h"
#include "entrain/engine/master.h"
#include "entrain/engine/serve.h"
#include "entrain/engine/start.h"
#include "entrain/engine/study.h"
#include "entrain/solve/session.h"

#include "check.h"
#include "store_fixture.h"

enum { OTHER_TAG = 77, PATIENCE = 60 /* seconds */ };

static int rank, size;
static fixture at;
static ent_comm *comm;
static ent_crew crew;
static ent_store *store;
static ent_pending pending;
static ent_text study;

static void begin_to_talk(void) {
  MPI_Barrier(MPI_COMM_WORLD);
  CHECK_OK(ent_comm_create(&comm));
  rank = ent_comm_rank(comm);
  size = ent_comm_size(comm);
}

/* Rank 0 makes the file, and a dispatcher for all of it. */
static void prepare_run(void) {
  fixture_open(&at, fixture_job);
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_WRITE, &store));
  const ent_pending_options options = {.store = store, .workers = size - 1, .queue = 2};
  CHECK_OK(ent_pending_init(&pending, &options));
  CHECK_OK(ent_crew_init(&crew, size));
  CHECK_OK(ent_study_write(at.spec, at.path, &study));
}

/* Rank 0 prepares a run and meets the others. */
static void open_run(void) {
  begin_to_talk();
  CHECK_OK(ent_start_greet(comm));
  if (rank > 0) return;
  prepare_run();
  CHECK_OK(ent_start_meet(comm, &crew));
  CHECK_INT(ent_crew_present(&crew), size - 1);
}

static void close_run(void) {
  ent_pending_fini(&pending);
  CHECK_OK(ent_store_close(&store));
  ent_crew_fini(&crew);
  ent_text_fini(&study);
  MPI_Barrier(MPI_COMM_WORLD);
  ent_comm_destroy(&comm);
  if (rank == 0) fixture_close(&at);
}

static int lead(const ent_listener *listener, ent_progress *progress) {
  const ent_master_options options = {
    .comm = comm,
    .crew = &crew,
    .pending = &pending,
    .store = store,
    .study = &study,
    .told = {.dispatch = pending.dispatch, .crew = &crew, .listener = listener}};
  return ent_master_run(&options, progress);
}

static int64_t count_finished(void) {
  unsigned char finished[1024] = {0};
  int64_t broken = 0, count = 0;
  REQUIRE(at.spec->grid.size <= (int64_t)sizeof finished);
  CHECK_OK(ent_store_scan(store, finished, &broken));
  for (int64_t row = 0; row < at.spec->grid.size; row++) count += finished[row];
  CHECK_INT(broken, 0);
  return count;
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
  if (rank > 0) {
    CHECK_OK(ent_serve(comm));
  } else {
    CHECK_OK(lead(&listener, &progress));
    CHECK_INT(progress.totals.done, at.spec->grid.size);
    CHECK_INT(progress.totals.pending + progress.totals.leased, 0);
    CHECK_INT(progress.workers, size - 1);
    CHECK_INT(progress.lost, 0);
    CHECK(progress.is_final && !progress.stopping && calls > 0);
    CHECK_INT(count_finished(), at.spec->grid.size);
  }
  close_run();
}

/* From now on this process cannot write to files beyond their first page, where no rows are. */
static void forbid_writing(struct rlimit *before) {
  CHECK_INT(getrlimit(RLIMIT_FSIZE, before), 0);
  const struct rlimit limit = {.rlim_cur = 4096, .rlim_max = before->rlim_max};
  (void)signal(SIGXFSZ, SIG_IGN);
  CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void others_go_on_without_one_that_fails(void) {
  ent_progress progress;
  struct rlimit before;
  open_run();
  const bool is_broken = rank == size - 1;
  if (is_broken) forbid_writing(&before);
  const int code = rank == 0 ? lead(NULL, &progress) : ent_serve(comm);
  if (is_broken) CHECK_INT(setrlimit(RLIMIT_FSIZE, &before), 0);
  if (rank == 0 && size > 2) {
    CHECK_INT(code, ENT_OK);
    CHECK_INT(progress.totals.done, at.spec->grid.size);
    CHECK_INT(progress.workers + progress.lost, size - 1); /* the broken one may have got nothing to do */
    CHECK_INT(count_finished(), at.spec->grid.size);
  } else {
    CHECK_INT(code, rank == 0 ? ENT_ERR_IO : ENT_OK);
  }
  ent_error_clear();
  close_run();
}

static void a_run_that_does_not_begin_sends_all_home(void) {
  open_run();
  if (rank > 0) {
    CHECK_OK(ent_serve(comm));
  } else {
    ent_start_cancel(comm, &crew);
    CHECK_INT(ent_crew_count(&crew, ENT_MEMBER_GONE), size - 1);
  }
  close_run();
}

static void a_study_that_cannot_be_read_is_a_failure(void) {
  ent_progress progress;
  open_run();
  if (rank > 0) {
    CHECK_OK(ent_serve(comm));
  } else {
    ent_text_fini(&study);
    CHECK_OK(ent_text_append(&study, "no study"));
    CHECK_CODE(lead(NULL, &progress), ENT_ERR_FORMAT);
    CHECK_INT(ent_crew_count(&crew, ENT_MEMBER_FAILED), size - 1);
  }
  ent_error_clear();
  close_run();
}

static bool syncs_fail;
static char logged[1024];

int fsync(int descriptor) {
  if (!syncs_fail) return fdatasync(descriptor);
  errno = EIO;
  return -1;
}

static void remember(ent_log_level level, const char *message) {
  if (level == ENT_LOG_ERROR) (void)snprintf(logged, sizeof logged, "%s", message);
}

static void a_worker_says_why_it_cannot_close_its_file(void) {
  ent_progress progress;
  open_run();
  if (rank > 0) {
    syncs_fail = true;
    CHECK_OK(ent_serve(comm));
    syncs_fail = false;
  } else {
    ent_log_set_sink(remember);
    CHECK_OK(lead(NULL, &progress));
    ent_log_set_sink(NULL);
    CHECK_INT(progress.totals.done, at.spec->grid.size);
    CHECK(ent_crew_count(&crew, ENT_MEMBER_FAILED) > 0);
    CHECK_CONTAINS(logged, "failed: cannot sync '");
  }
  ent_error_clear();
  close_run();
}

/* Rank 1 says hello and goodbye, and goes when that was answered; the last one comes only then. */
static void come_and_go(void) {
  static const ent_wire_message bye = {.kind = ENT_WIRE_BYE};
  const int last = size - 1;
  int gone = 0;
  if (rank == last) MPI_Recv(&gone, 1, MPI_INT, 1, OTHER_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  CHECK_OK(ent_start_greet(comm));
  if (rank != 1) return;
  ent_wire_message answer = {0};
  bool arrived = false;
  int from = 0;
  CHECK_OK(ent_comm_send(comm, 0, &bye));
  const double deadline = ent_clock_now() + PATIENCE;
  while (answer.kind != ENT_WIRE_BYE && ent_clock_now() < deadline)
    CHECK_OK(ent_comm_wait(comm, 1, &answer, &from, &arrived));
  CHECK_INT(answer.kind, ENT_WIRE_BYE);
  MPI_Send(&gone, 1, MPI_INT, last, OTHER_TAG, MPI_COMM_WORLD);
}

static void a_worker_may_leave_before_the_run_begins(void) {
  ent_progress progress;
  if (size == 2) return; /* needs one that comes later */
  begin_to_talk();
  if (rank > 0) come_and_go();
  if (rank > 1) CHECK_OK(ent_serve(comm));
  if (rank == 0) {
    CHECK_OK(ent_start_greet(comm));
    prepare_run();
    CHECK_OK(ent_start_meet(comm, &crew));
    CHECK_INT(crew.members[1].state, ENT_MEMBER_GONE);
    CHECK_INT(ent_crew_present(&crew), size - 2);
    CHECK_OK(lead(NULL, &progress));
    CHECK_INT(progress.totals.done, at.spec->grid.size);
  }
  close_run();
}

static const ent_test tests[] = {
  {"all rows are computed, and the listener is told", all_rows_are_computed},
  {"the others go on without one that fails, and its error ends the run of the last one",
   others_go_on_without_one_that_fails},
  {"a run that does not begin sends all workers home", a_run_that_does_not_begin_sends_all_home},
  {"workers say that they cannot read the study", a_study_that_cannot_be_read_is_a_failure},
  {"a worker says why it cannot close its file", a_worker_says_why_it_cannot_close_its_file},
  {"a worker may leave before the run begins", a_worker_may_leave_before_the_run_begins},
  {0}};

ENT_TEST_MPI_MAIN("engine/master", tests)
