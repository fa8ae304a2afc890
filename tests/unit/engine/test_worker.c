/* TEST np=1 */
#include <stdlib.h>

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
  CHECK_OK(ent_worker_create(at.path, at.spec, RANK, &worker));
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
  const ent_lease lease = {.number = 3, .first = 4, .count = POSITIONS};
  ent_lease_report report;
  ent_result result;
  open_worker();
  CHECK_OK(ent_worker_run(worker, &lease, &(ent_watcher){0}, &stopping, &report));
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

static void gives_all_back_when_stopping(void) {
  const bool stopping = true;
  const ent_lease lease = {.number = 1, .first = 0, .count = POSITIONS};
  ent_lease_report report;
  ent_result result;
  open_worker();
  CHECK_OK(ent_worker_run(worker, &lease, &(ent_watcher){0}, &stopping, &report));
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
  const ent_lease lease = {.number = 1, .first = 0, .count = POSITIONS};
  int left = 6;
  const ent_watcher watcher = {.abandons = abandons_later, .context = &left};
  ent_lease_report report;
  ent_result result;
  open_worker();
  CHECK_OK(ent_worker_run(worker, &lease, &watcher, &stopping, &report));
  CHECK(report.done > 0 && report.done < POSITIONS);
  CHECK_INT(status_at(report.done - 1, &result), ENT_STATUS_DONE);
  CHECK_INT(status_at(report.done, &result), ENT_STATUS_PENDING);
  close_worker();
}

static void needs_a_results_file(void) {
  ent_worker *none = NULL;
  CHECK_CODE(ent_worker_create("/nowhere/OUT.h5", at.spec, 1, &none), ENT_ERR_IO);
  CHECK(none == NULL);
  CHECK_OK(ent_worker_destroy(&none));
}

static const ent_test tests[] = {
  {"a worker writes the rows of its lease and no others", writes_the_rows_of_a_lease},
  {"a stopping worker gives its whole range back", gives_all_back_when_stopping},
  {"a worker gives back what the watcher abandons", gives_back_what_the_watcher_abandons},
  {"a worker without a results file is refused", needs_a_results_file},
  {0}};

ENT_TEST_MPI_MAIN("engine/worker", tests)
