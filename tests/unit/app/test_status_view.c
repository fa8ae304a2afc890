#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/app/status.h"
#include "entrain/base/mem.h"
#include "entrain/sweep/checkpoint.h"

#include "check.h"
#include "store_fixture.h"

enum { SIZE = 9 }; /* of the states of rows 4 to 7: n = 3, d = 3 */

static void put(ent_store *store, int64_t slot, int generation, int64_t row, int64_t steps) {
  static const double x[SIZE] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  unsigned char *bytes = NULL;
  ent_checkpoint made = {.row = row, .sequence = steps, .t = 1, .next_step = 0.1, .steps = steps};
  made.rhs_evals = 6 * steps;
  made.size = SIZE;
  made.x = x;
  made.t_certain = NAN;
  for (size_t k = 0; k < ENT_MAX_DELTAS; k++) made.t_sync[k] = NAN;
  CHECK_OK(ent_mem_alloc(ent_checkpoint_bytes(ent_store_spec(store)), 1, &bytes));
  const size_t length = ent_checkpoint_encode(&made, bytes);
  CHECK_OK(ent_store_write_checkpoint(store, slot, generation, bytes, length));
  free(bytes);
}

/* The newer generation counts, a row once, a row that is decided or a slot that is damaged not at all. */
static void counts_checkpoints(void) {
  fixture at;
  ent_store *store = NULL;
  ent_status_view *view = NULL;
  fixture_open(&at, fixture_plain_job);
  CHECK_OK(ent_mem_alloc(1, sizeof *view, &view));
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_EDIT, &store));
  put(store, 0, 0, 5, 10);
  put(store, 0, 1, 5, 30);
  put(store, 1, 0, 5, 20);
  put(store, 2, 1, 6, 100);
  put(store, 3, 0, 7, 1000);
  CHECK_OK(fixture_write(store, 7));
  CHECK_OK(ent_store_write_checkpoint(store, 4, 0, "nonsense", 8));
  put(store, 5, 0, 4, 10000);
  CHECK_OK(ent_store_write_checkpoint(store, 5, 0, "x", 1));
  CHECK_OK(ent_store_close(&store));
  CHECK_OK(ent_status_read(at.path, view));
  CHECK_INT(view->checkpoints, 2);
  CHECK_INT(view->checkpointed_steps, 130);
  CHECK_INT(view->tally.status[ENT_STATUS_DONE], 1);
  CHECK(!view->held);
  ent_status_fini(view);
  free(view);
  fixture_close(&at);
}

/* A lock may tell of rows that the file does not have; its owner here is this process. */
static void names_slow_rows(void) {
  fixture at;
  ent_lock *lock = NULL;
  ent_status_view *view = NULL;
  ent_lock_owner owner = {.slurm_job = -1, .progress = {.total = 48, .eta = NAN, .n_slow = 2}};
  owner.progress.slow[0] = (ent_lock_slow){.row = 47, .seconds = 3, .worker = 1};
  owner.progress.slow[1] = (ent_lock_slow){.row = 48, .seconds = 2, .worker = 2};
  fixture_open(&at, fixture_plain_job);
  CHECK_OK(ent_mem_alloc(1, sizeof *view, &view));
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  CHECK_OK(ent_process_self(&owner.launcher));
  CHECK_OK(ent_lock_take(at.path, &owner, &lock));
  CHECK_OK(ent_status_read(at.path, view));
  CHECK_INT(view->n_slow, 2);
  CHECK_TEXT(view->slow[0].point.data, "beta 4, n 2, d 3, seed 3");
  CHECK_TEXT(view->slow[0].point_json.data, "{\"beta\":4,\"n\":2,\"d\":3,\"seed\":3}");
  CHECK_INT(view->slow[1].point.length, 0);
  CHECK_TEXT(view->slow[1].point_json.data, "{}");
  CHECK(view->held && view->known && view->alive && !view->hung);
  ent_status_fini(view);
  ent_lock_release(&lock);
  free(view);
  fixture_close(&at);
}

static const ent_test tests[] = {
  {"checkpoints of pending rows are counted, the newer one of each", counts_checkpoints},
  {"slow rows are named by their points, also one that does not exist", names_slow_rows},
  {0},
};

ENT_TEST_MAIN("app/status_view", tests)
