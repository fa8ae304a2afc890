#include "dispatch_fixture.h"

#include "check.h"

ent_dispatch *fixture_dispatch(int64_t size, int64_t cell, int workers, int queue,
                               const unsigned char *finished) {
  ent_dispatch *dispatch = NULL;
  const ent_dispatch_options options = {
    .size = size, .cell = cell, .workers = workers, .chunk = 0.1, .queue = queue};
  CHECK_OK(ent_dispatch_create(&options, finished, &dispatch));
  return dispatch;
}

ent_lease fixture_take(ent_dispatch *dispatch, int worker) {
  ent_lease lease = {0};
  REQUIRE(ent_dispatch_take(dispatch, worker, &lease));
  CHECK_INT(lease.worker, worker);
  return lease;
}

bool fixture_is_refused(ent_dispatch *dispatch, int worker) {
  ent_lease lease = {.number = 77};
  return !ent_dispatch_take(dispatch, worker, &lease) && lease.number == 77;
}

void fixture_report(ent_dispatch *dispatch, const ent_lease *lease, int64_t done, double cost) {
  CHECK_OK(ent_dispatch_report(
    dispatch, &(ent_lease_report){.number = lease->number, .done = done, .seconds = (double)done * cost}));
}

void fixture_teach(ent_dispatch *dispatch, int worker, int times, double cost) {
  for (int i = 0; i < times; i++) {
    const ent_lease lease = fixture_take(dispatch, worker);
    fixture_report(dispatch, &lease, 1, cost);
  }
}

ent_dispatch_totals fixture_totals(const ent_dispatch *dispatch) {
  ent_dispatch_totals totals;
  ent_dispatch_totals_get(dispatch, &totals);
  CHECK_INT(totals.finished_before + totals.done + totals.leased + totals.pending, totals.size);
  return totals;
}
