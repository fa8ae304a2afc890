#include <math.h>

#include "entrain/sweep/dispatch.h"

#include "support/check.h"
#include "support/dispatch_fixture.h"

/* What becomes of leases whose worker is lost, and of positions that go out of their turn. */

/* Loses a worker; nothing of its leases is in the file. */
static void lose(ent_dispatch *dispatch, int worker) {
  ent_lease lease;
  ent_dispatch_lose(dispatch, worker);
  while (ent_dispatch_oldest(dispatch, worker, &lease)) {
    CHECK_INT(lease.worker, worker);
    CHECK_OK(ent_dispatch_settle(dispatch, &(ent_lease_report){.number = lease.number}));
  }
}

enum { TAUGHT = 8 }; /* jobs of a block after which its ranges are of full length */

/* Probes cells 0, 1, 2 of 1000 positions, and the dearest more; `costs` are seconds of a position. */
static ent_dispatch *probed(const double costs[3]) {
  ent_dispatch *dispatch = fixture_dispatch(3000, 1000, 1, 2, NULL);
  for (int i = 0; i < 3; i++) {
    const ent_lease lease = fixture_take(dispatch, 0);
    fixture_report(dispatch, &lease, 1, costs[lease.first / 1000]);
  }
  fixture_teach(dispatch, 0, TAUGHT - 1, fmax(costs[0], fmax(costs[1], costs[2])));
  return dispatch;
}

static void gives_out_again(void) {
  const double costs[] = {0.001, 0.01, 0.0004};
  ent_dispatch *dispatch = fixture_dispatch(3000, 1000, 2, 2, NULL);
  for (int i = 0; i < 3; i++) {
    const ent_lease probe = fixture_take(dispatch, 0);
    fixture_report(dispatch, &probe, 1, costs[probe.first / 1000]);
  }
  const ent_lease dead = fixture_take(dispatch, 0), dead_too = fixture_take(dispatch, 0),
                  alive = fixture_take(dispatch, 1);
  CHECK_INT(fixture_totals(dispatch).leased, dead.count + dead_too.count + alive.count);
  lose(dispatch, 0);
  lose(dispatch, 0);
  lose(dispatch, 5);
  CHECK_INT(ent_dispatch_leases_of(dispatch, 0), 0);
  CHECK_INT(fixture_totals(dispatch).leased, alive.count);
  CHECK(fixture_is_refused(dispatch, 0));
  const ent_lease again = fixture_take(dispatch, 1);
  CHECK_INT(again.first, dead.first);
  CHECK_INT(again.count, dead.count);
  CHECK(again.number != dead.number);
  ent_dispatch_join(dispatch, 0);
  CHECK_INT(fixture_take(dispatch, 0).first, dead_too.first);
  ent_dispatch_destroy(&dispatch);
}

static void late_report_does_no_harm(void) {
  ent_dispatch *dispatch = fixture_dispatch(100, 100, 2, 1, NULL);
  const ent_lease late = fixture_take(dispatch, 0);
  lose(dispatch, 0);
  const ent_dispatch_totals before = fixture_totals(dispatch);
  fixture_report(dispatch, &late, 1, 5);
  const ent_dispatch_totals after = fixture_totals(dispatch);
  CHECK_INT(after.done, before.done);
  CHECK_INT(after.pending, 100);
  ent_dispatch_join(dispatch, 0);
  const ent_lease fresh = fixture_take(dispatch, 0); /* in the same slot */
  fixture_report(dispatch, &late, 1, 5);
  CHECK_INT(fixture_totals(dispatch).leased, fresh.count);
  fixture_report(dispatch, &fresh, 1, 5);
  fixture_report(dispatch, &fresh, 1, 5);
  CHECK_INT(fixture_totals(dispatch).done, 1);
  CHECK(!ent_dispatch_find(dispatch, late.number, &(ent_lease){0}));
  fixture_report(dispatch, &(ent_lease){.number = 0}, 1, 1);
  fixture_report(dispatch, &(ent_lease){.number = -3}, 1, 1);
  fixture_report(dispatch, &(ent_lease){.number = 1 << 20}, 1, 1);
  CHECK_INT(fixture_totals(dispatch).done, 1);
  ent_dispatch_destroy(&dispatch);
}

static void settles_by_the_file(void) {
  const double costs[] = {0.001, 0.01, 0.0004};
  ent_dispatch *dispatch = probed(costs);
  const ent_lease first = fixture_take(dispatch, 0), second = fixture_take(dispatch, 0);
  ent_lease oldest = {.number = 77};
  ent_dispatch_lose(dispatch, 0);
  CHECK_INT(fixture_totals(dispatch).leased, first.count + second.count);
  REQUIRE(ent_dispatch_oldest(dispatch, 0, &oldest));
  CHECK_INT(oldest.number, first.number);
  CHECK_OK(ent_dispatch_settle(dispatch, &(ent_lease_report){first.number, first.count, 1, 2, 0}));
  REQUIRE(ent_dispatch_oldest(dispatch, 0, &oldest));
  CHECK_INT(oldest.number, second.number);
  CHECK_OK(ent_dispatch_settle(dispatch, &(ent_lease_report){second.number, 3, 0, 0, 0}));
  CHECK(!ent_dispatch_oldest(dispatch, 0, &oldest));
  CHECK(!ent_dispatch_oldest(dispatch, 7, &oldest));
  const ent_dispatch_totals totals = fixture_totals(dispatch);
  CHECK_INT(totals.done, 2 + TAUGHT + first.count + 3);
  CHECK_INT(totals.failed, 1);
  CHECK_INT(totals.sync, 2);
  CHECK_INT(totals.leased, 0);
  ent_dispatch_join(dispatch, 0);
  const ent_lease again = fixture_take(dispatch, 0);
  CHECK_INT(again.first, second.first + 3);
  CHECK_INT(again.count, first.count); /* what the file says teaches no costs */
  CHECK_CODE(ent_dispatch_settle(dispatch, &(ent_lease_report){again.number, again.count + 1, 0, 0, 0}),
             ENT_ERR_ARGUMENT);
  ent_dispatch_destroy(&dispatch);
}

static void oldest_is_by_age(void) {
  ent_dispatch *dispatch = fixture_dispatch(1000, 1, 1, 3, NULL);
  ent_lease leases[3], oldest = {0};
  const ent_lease probe = fixture_take(dispatch, 0);
  fixture_report(dispatch, &probe, 1, 1e-3);
  for (int i = 0; i < 3; i++) leases[i] = fixture_take(dispatch, 0);
  for (int i = 0; i < 20; i++) {
    fixture_report(dispatch, &leases[i % 3], 1, 1e-3);
    leases[i % 3] = fixture_take(dispatch, 0);
    REQUIRE(ent_dispatch_oldest(dispatch, 0, &oldest));
    CHECK_INT(oldest.number, leases[(i + 1) % 3].number);
    REQUIRE(ent_dispatch_find(dispatch, leases[i % 3].number, &oldest));
    CHECK(oldest.first == leases[i % 3].first && oldest.count == leases[i % 3].count);
  }
  ent_dispatch_destroy(&dispatch);
}

static void singles_go_alone(void) {
  const double costs[] = {0.001, 0.001, 0.001};
  ent_dispatch *dispatch = probed(costs);
  CHECK_OK(ent_dispatch_single_out(dispatch, 500, ENT_TURN_LAST));
  CHECK_OK(ent_dispatch_single_out(dispatch, 1700, ENT_TURN_FIRST));
  CHECK_OK(ent_dispatch_single_out(dispatch, 2999, ENT_TURN_LAST));
  CHECK_OK(ent_dispatch_single_out(dispatch, 2999, ENT_TURN_FIRST));
  CHECK_INT(fixture_totals(dispatch).pending, 3000 - 2 - TAUGHT);
  ent_lease lease = fixture_take(dispatch, 0);
  CHECK(lease.first == 1700 && lease.count == 1);
  const ent_lease second = fixture_take(dispatch, 0);
  CHECK(second.first == 2999 && second.count == 1);
  lose(dispatch, 0); /* it keeps its turn */
  ent_dispatch_join(dispatch, 0);
  lease = fixture_take(dispatch, 0);
  CHECK_INT(lease.first, 1700);
  fixture_report(dispatch, &lease, 1, 0.001);
  lease = fixture_take(dispatch, 0);
  CHECK_INT(lease.first, 2999);
  fixture_report(dispatch, &lease, 1, 0.001);
  while (fixture_totals(dispatch).pending > 0) {
    lease = fixture_take(dispatch, 0);
    CHECK(lease.first > 500 || lease.first + lease.count <= 500 || fixture_totals(dispatch).pending == 0);
    fixture_report(dispatch, &lease, lease.count, 0.001 * (double)lease.count);
  }
  CHECK(lease.first == 500 && lease.count == 1);
  CHECK(ent_dispatch_is_over(dispatch));
  CHECK_CODE(ent_dispatch_single_out(dispatch, 500, ENT_TURN_LAST), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_dispatch_single_out(dispatch, 3000, ENT_TURN_LAST), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_dispatch_single_out(dispatch, -1, ENT_TURN_LAST), ENT_ERR_ARGUMENT);
  ent_dispatch_destroy(&dispatch);
}

static void gives_up(void) {
  ent_dispatch *dispatch = fixture_dispatch(10, 10, 1, 1, NULL);
  const ent_lease lease = fixture_take(dispatch, 0);
  CHECK_CODE(ent_dispatch_give_up(dispatch, lease.first), ENT_ERR_ARGUMENT);
  CHECK_OK(ent_dispatch_give_up(dispatch, 5));
  CHECK_CODE(ent_dispatch_give_up(dispatch, 5), ENT_ERR_ARGUMENT);
  CHECK_OK(ent_dispatch_single_out(dispatch, 7, ENT_TURN_LAST));
  CHECK_OK(ent_dispatch_give_up(dispatch, 7));
  fixture_report(dispatch, &lease, 1, 0.1);
  int64_t count = 0;
  ent_lease next;
  while (ent_dispatch_take(dispatch, 0, &next)) {
    CHECK((next.first > 7 || next.first + next.count <= 7) &&
          (next.first > 5 || next.first + next.count <= 5));
    count += next.count;
    fixture_report(dispatch, &next, next.count, 0.1);
  }
  CHECK_INT(count, 7);
  const ent_dispatch_totals totals = fixture_totals(dispatch);
  CHECK(totals.done == 10 && totals.failed == 2 && totals.quarantined == 2);
  CHECK_REAL(totals.predicted_seconds, 0, 0);
  ent_dispatch_destroy(&dispatch);
}

static void share_of_present_workers(void) {
  ent_dispatch *dispatch = fixture_dispatch(8001, 8001, 4, 1, NULL);
  fixture_teach(dispatch, 0, TAUGHT, 1e-9);
  for (int worker = 1; worker < 4; worker++) lose(dispatch, worker);
  CHECK_REAL((double)fixture_take(dispatch, 0).count, 1998, 2);
  ent_dispatch_join(dispatch, 1);
  CHECK_REAL((double)fixture_take(dispatch, 1).count, 749, 2);
  ent_dispatch_destroy(&dispatch);
}

static const ent_test tests[] = {
  {"a dead worker's range is given out again", gives_out_again},
  {"a late report of a lost lease does no harm", late_report_does_no_harm},
  {"a lost lease is settled by what the file holds of it", settles_by_the_file},
  {"the oldest lease is that which was handed out first", oldest_is_by_age},
  {"positions that were singled out go alone, first or last", singles_go_alone},
  {"positions that were given up count, and are not handed out", gives_up},
  {"a share of the rest is that of the workers which are present", share_of_present_workers},
  {0}};

ENT_TEST_MAIN("sweep/dispatch_lost", tests)
