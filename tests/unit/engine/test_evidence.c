/* TEST np=1 */
#include "entrain/engine/evidence.h"
#include "entrain/engine/pending.h"
#include "entrain/engine/trail.h"
#include "entrain/store/batch.h"

#include "check.h"
#include "store_fixture.h"

enum { WORKERS = 3, QUEUE = 2, LOST = 1, MOST_REPORTS = 10, MISSING = 100 };

/* One cell of many jobs: a lease can be longer than what may wait in a worker. */
static const char *const job = "name: fixture\nmodel: attention\n"
                               "sweep:\n  beta: [1]\n  n: [3]\n  d: [3]\n  seed: {count: 5000}\n"
                               "detect: {delta: [1.0e-3]}\ntime: {horizon: 2}\n";

static fixture at;
static ent_store *store;
static ent_pending pending;

static void open_file(void) {
  fixture_open(&at, job);
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_WRITE, &store));
  const ent_pending_options options = {.store = store, .workers = WORKERS, .queue = QUEUE};
  CHECK_OK(ent_pending_init(&pending, &options));
}

static void close_file(void) {
  ent_pending_fini(&pending);
  CHECK_OK(ent_store_close(&store));
  fixture_close(&at);
}

/* A lease of at least so many jobs: those before it are reported as quick. */
static ent_lease take_long(int64_t least) {
  ent_lease lease = {0};
  REQUIRE(ent_dispatch_take(pending.dispatch, LOST, &lease));
  for (int reports = 0; lease.count < least && reports < MOST_REPORTS; reports++) {
    const ent_lease_report report = {.number = lease.number, .done = lease.count, .seconds = 1e-9};
    CHECK_OK(ent_dispatch_report(pending.dispatch, &report));
    REQUIRE(ent_dispatch_take(pending.dispatch, LOST, &lease));
  }
  REQUIRE(lease.count >= least);
  return lease;
}

/* What a worker leaves that had a long lease. [in] missing  its last rows, not in the file; 0: none is */
static ent_trace lose(int64_t missing, int64_t noted, ent_lease *lease) {
  ent_trace trace;
  *lease = take_long(ENT_BATCH_ROWS + 2);
  for (int64_t k = 0; missing > 0 && k < lease->count - missing; k++)
    CHECK_OK(fixture_write(store, ent_grid_row_of_position(&at.spec->grid, lease->first + k)));
  ent_dispatch_lose(pending.dispatch, LOST);
  CHECK_OK(
    ent_evidence_settle(store, pending.dispatch, LOST, noted < 0 ? noted : lease->first + noted, &trace));
  return trace;
}

/* Behind a full batch that waits the job after it is at work. */
static void the_job_behind_a_full_batch_may_have_been_at_work(void) {
  ent_lease lease;
  open_file();
  const ent_trace trace = lose(0, ENT_TRAIL_NONE, &lease);
  CHECK_INT(trace.at_work, lease.first);
  CHECK_INT(trace.others, ENT_BATCH_ROWS);
  close_file();
}

static void others_end_with_the_lease(void) {
  ent_lease lease;
  open_file();
  const ent_trace trace = lose(MISSING, ENT_TRAIL_NONE, &lease);
  CHECK_INT(trace.at_work, lease.first + lease.count - MISSING);
  CHECK_INT(trace.others, MISSING - 1);
  close_file();
}

static void a_trail_leaves_no_others(void) {
  ent_lease lease;
  open_file();
  const ent_trace trace = lose(0, ENT_BATCH_ROWS, &lease);
  CHECK_INT(trace.at_work, lease.first + ENT_BATCH_ROWS);
  CHECK_INT(trace.others, 0);
  close_file();
}

static const ent_test tests[] = {
  {"the job behind a full batch may have been at work", the_job_behind_a_full_batch_may_have_been_at_work},
  {"no others are behind the end of a lease", others_end_with_the_lease},
  {"a trail leaves no others", a_trail_leaves_no_others},
  {0}};

ENT_TEST_MPI_MAIN("engine/evidence", tests)
