/* TEST np=1 */
#include <limits.h>
#include <stdlib.h>

#include "entrain/base/isa.h"
#include "entrain/engine/worker.h"
#include "entrain/solve/session.h"

#include "check.h"
#include "store_fixture.h"

enum { RANK = 7, POSITIONS = 12 };

static fixture at;
static ent_worker *worker;

/* A results file with two segments, and a worker on it. */
static void open_worker(void) {
  ent_store *store = NULL;
  size_t slot = 0;
  fixture_open(&at, fixture_job);
  CHECK_OK(ent_session_start(""));
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_WRITE, &store));
  CHECK_OK(ent_store_begin_segment(store, &(ent_segment){.start = 1}, &slot));
  CHECK_OK(ent_store_begin_segment(store, &(ent_segment){.start = 2}, &slot));
  CHECK_OK(ent_store_close(&store));
  const ent_worker_options options = {.path = at.path, .spec = at.spec, .rank = RANK};
  CHECK_OK(ent_worker_create(&options, &worker));
}

static void close_worker(void) {
  CHECK_OK(ent_worker_destroy(&worker));
  CHECK(worker == NULL);
  ent_session_end();
  fixture_close(&at);
}

/* Reads the row at a position; returns its status. */
static int status_at(int64_t position, ent_result *result) {
  ent_store *store = NULL;
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store));
  const ent_layout *layout = ent_store_layout(store);
  unsigned char *row = malloc(layout->size);
  REQUIRE(row != NULL);
  CHECK_OK(ent_store_read_rows(store, ent_grid_row_of_position(&at.spec->grid, position), 1, row));
  ent_layout_decode(layout, row, result);
  free(row);
  CHECK_OK(ent_store_close(&store));
  return result->status;
}

static void writes_the_rows_of_a_lease(void) {
  const bool stopping = false;
  const ent_task task = {.lease = {.number = 3, .first = 4, .count = POSITIONS}, .slot = -1};
  ent_lease_report report;
  ent_result result;
  open_worker();
  CHECK_OK(ent_worker_run(worker, &task, &(ent_watcher){0}, &stopping, &report));
  CHECK_INT(report.number, 3);
  CHECK_INT(report.done, POSITIONS);
  CHECK_INT(report.failed, 0);
  CHECK_INT(status_at(3, &result), ENT_STATUS_PENDING);
  CHECK_INT(status_at(4 + POSITIONS, &result), ENT_STATUS_PENDING);
  CHECK_INT(status_at(4 + POSITIONS - 1, &result), ENT_STATUS_DONE);
  CHECK_INT(result.worker, RANK);
  CHECK_INT(result.attempt, 2);
  close_worker();
}

/* Rows of one file are of one instruction set: kernels, and the choice among them, depend on it. */
static void refuses_a_file_of_another_instruction_set(void) {
  const ent_isa best = ent_isa_current();
  if (best == ENT_ISA_BASELINE) return; /* there is no other */
  open_worker();
  const ent_worker_options options = {.path = at.path, .spec = at.spec, .rank = RANK};
  CHECK_OK(ent_worker_destroy(&worker));
  ent_isa_pin(ENT_ISA_BASELINE);
  CHECK_CODE(ent_worker_create(&options, &worker), ENT_ERR_ARGUMENT);
  CHECK(worker == NULL);
  ent_isa_pin(best);
  CHECK_OK(ent_worker_create(&options, &worker));
  close_worker();
}

static void gives_all_back_when_stopping(void) {
  const bool stopping = true;
  const ent_task task = {.lease = {.number = 1, .first = 0, .count = POSITIONS}, .slot = -1};
  ent_lease_report report;
  ent_result result;
  open_worker();
  CHECK_OK(ent_worker_run(worker, &task, &(ent_watcher){0}, &stopping, &report));
  CHECK_INT(report.number, 1);
  CHECK_INT(report.done, 0);
  CHECK_INT(status_at(0, &result), ENT_STATUS_PENDING);
  close_worker();
}

/* Lets `*context` rows pass. */
static bool abandons_later(void *context) {
  int *left = context;
  return --*left < 0;
}

static void gives_back_what_the_watcher_abandons(void) {
  const bool stopping = false;
  const ent_task task = {.lease = {.number = 1, .first = 0, .count = POSITIONS}, .slot = -1};
  int left = 6;
  const ent_watcher watcher = {.abandons = abandons_later, .context = &left};
  ent_lease_report report;
  ent_result result;
  open_worker();
  CHECK_OK(ent_worker_run(worker, &task, &watcher, &stopping, &report));
  CHECK(report.done > 0 && report.done < POSITIONS);
  CHECK_INT(status_at(report.done - 1, &result), ENT_STATUS_DONE);
  CHECK_INT(status_at(report.done, &result), ENT_STATUS_PENDING);
  close_worker();
}

/* A look from within a job or behind it. */
typedef struct looks {
  int within, waiting; /* looks in a job; those behind one whose row was not there yet */
  int64_t last;
} looks;

/* In a job all rows before it are there; behind a quick one its own may wait. */
static bool looks_at_rows(void *context) {
  looks *own = context;
  ent_result result;
  const int64_t position = ent_worker_position(worker);
  const bool is_new = position != own->last;
  own->last = position;
  if (position > 4) CHECK_INT(status_at(position - 1, &result), ENT_STATUS_DONE);
  own->within += is_new;
  own->waiting += status_at(position, &result) == ENT_STATUS_PENDING;
  return false;
}

static void rows_wait_for_no_job_that_is_looked_at(void) {
  const bool stopping = false;
  looks own = {.last = -1};
  const ent_task task = {.lease = {.number = 3, .first = 4, .count = POSITIONS}, .slot = -1};
  const ent_watcher watcher = {.abandons = looks_at_rows, .context = &own, .at_every_step = true};
  ent_lease_report report;
  open_worker();
  CHECK_OK(ent_worker_run(worker, &task, &watcher, &stopping, &report));
  CHECK_INT(own.within, POSITIONS);
  CHECK(own.waiting > POSITIONS);
  CHECK_INT(report.done, POSITIONS);
  close_worker();
}

static void says_where_it_is(void) {
  const bool stopping = false;
  ent_trail trail;
  const ent_task task = {.lease = {.number = 3, .first = 4, .count = POSITIONS}, .slot = -1};
  ent_lease_report report;
  open_worker();
  CHECK_OK(ent_worker_destroy(&worker));
  ent_trail_make(&trail);
  const ent_worker_options options = {.path = at.path, .spec = at.spec, .rank = RANK, .trail = &trail};
  CHECK_OK(ent_worker_create(&options, &worker));
  CHECK_INT(ent_trail_read(&trail), ENT_TRAIL_IDLE);
  CHECK_OK(ent_worker_run(worker, &task, &(ent_watcher){0}, &stopping, &report));
  CHECK_INT(ent_trail_read(&trail), 4 + POSITIONS - 1);
  ent_trail_fini(&trail);
  close_worker();
}

/* Lets `*context` steps pass. */
static bool abandons_after_steps(void *context) {
  int *left = context;
  return --*left < 0;
}

/*
 * The row at a position as a worker makes it: abandoned after `steps` steps and gone on with by the next one.
 * [out] rest  steps that were left for that
 */
static ent_result row_in_two_parts(int64_t position, int steps, int64_t *rest) {
  const bool stopping = false;
  int left = INT_MAX;
  const ent_watcher counting = {.abandons = abandons_after_steps, .context = &left, .at_every_step = true};
  ent_task task = {.lease = {.number = 1, .first = position, .count = 1}, .slot = 1};
  const ent_watcher watcher = {.abandons = abandons_after_steps, .context = &steps, .at_every_step = true};
  ent_lease_report report;
  ent_result result;
  open_worker();
  CHECK_OK(ent_worker_run(worker, &task, &watcher, &stopping, &report));
  CHECK_INT(report.done, 0);
  CHECK_OK(ent_worker_destroy(&worker));
  const ent_worker_options options = {.path = at.path, .spec = at.spec, .rank = RANK};
  CHECK_OK(ent_worker_create(&options, &worker));
  task.resumes = true;
  CHECK_OK(ent_worker_run(worker, &task, &counting, &stopping, &report));
  *rest = INT_MAX - left;
  CHECK_INT(report.done, 1);
  CHECK_INT(status_at(position, &result), ENT_STATUS_DONE);
  close_worker();
  return result;
}

static void goes_on_from_a_checkpoint(void) {
  const bool stopping = false;
  const ent_task task = {.lease = {.number = 1, .first = 40, .count = 1}, .slot = -1};
  ent_lease_report report;
  ent_result whole;
  open_worker();
  CHECK_OK(ent_worker_run(worker, &task, &(ent_watcher){0}, &stopping, &report));
  CHECK_INT(status_at(40, &whole), ENT_STATUS_DONE);
  close_worker();
  int64_t rest = 0;
  const ent_result parts = row_in_two_parts(40, 3, &rest);
  CHECK(rest <= whole.steps - 3);
  CHECK_INT(parts.steps, whole.steps);
  CHECK_INT(parts.rhs_evals, whole.rhs_evals);
  CHECK_REAL(parts.energy, whole.energy, 0);
  CHECK_REAL(parts.t_end, whole.t_end, 0);
  CHECK_REAL(parts.order_parameter, whole.order_parameter, 0);
}

static void needs_a_results_file(void) {
  ent_worker *none = NULL;
  const ent_worker_options options = {.path = "/nowhere/OUT.h5", .spec = at.spec, .rank = 1};
  CHECK_CODE(ent_worker_create(&options, &none), ENT_ERR_IO);
  CHECK(none == NULL);
  CHECK_OK(ent_worker_destroy(&none));
}

static const ent_test tests[] = {
  {"a worker writes the rows of its lease and no others", writes_the_rows_of_a_lease},
  {"a worker refuses a file of another instruction set", refuses_a_file_of_another_instruction_set},
  {"a stopping worker gives its whole range back", gives_all_back_when_stopping},
  {"a worker gives back what the watcher abandons", gives_back_what_the_watcher_abandons},
  {"no row waits while a job is at work that is looked at", rows_wait_for_no_job_that_is_looked_at},
  {"a worker says which position it is at", says_where_it_is},
  {"an abandoned job goes on from its checkpoint and gives the same row", goes_on_from_a_checkpoint},
  {"a worker without a results file is refused", needs_a_results_file},
  {0}};

ENT_TEST_MPI_MAIN("engine/worker", tests)
