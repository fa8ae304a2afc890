/* TEST np=1 */
#include <stdlib.h>

#include "entrain/store/phase_group.h"
#include "entrain/store/tally.h"

#include "check.h"
#include "store_fixture.h"

static ent_phase_state check_phase(ent_store *store, ent_phase **phase) {
  ent_tally tally;
  ent_phase_state state = ENT_PHASE_EMPTY;
  CHECK_OK(ent_tally_read_phase(store, phase, &tally));
  CHECK_OK(ent_store_check_phase(store, *phase, &state));
  return state;
}

static void knows_whether_it_belongs_to_the_rows(void) {
  fixture at;
  ent_store *store = NULL;
  ent_phase *phase = NULL;
  fixture_open(&at, fixture_job);
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_EDIT, &store));
  for (int64_t row = 0; row < 20; row++) CHECK_OK(fixture_write(store, row));
  CHECK_INT(check_phase(store, &phase), ENT_PHASE_EMPTY);
  CHECK_OK(ent_store_write_phase(store, phase));
  ent_phase_destroy(&phase);
  CHECK_INT(check_phase(store, &phase), ENT_PHASE_CURRENT);
  phase->mean[0] += 1;
  CHECK_OK(ent_store_write_phase(store, phase));
  ent_phase_destroy(&phase);
  CHECK_INT(check_phase(store, &phase), ENT_PHASE_DAMAGED);
  CHECK_OK(ent_store_write_phase(store, phase));
  ent_phase_destroy(&phase);
  CHECK_OK(fixture_write(store, 20));
  CHECK_INT(check_phase(store, &phase), ENT_PHASE_STALE);
  ent_phase_destroy(&phase);
  CHECK_OK(ent_store_close(&store));
  fixture_close(&at);
}

static const ent_test tests[] = {
  {"a phase diagram is empty, of these rows, of earlier ones, or damaged",
   knows_whether_it_belongs_to_the_rows},
  {0},
};

ENT_TEST_MPI_MAIN("store/phase_group", tests)
