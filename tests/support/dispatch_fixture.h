#ifndef ENTRAIN_TESTS_DISPATCH_FIXTURE_H
#define ENTRAIN_TESTS_DISPATCH_FIXTURE_H

/* What the tests of the dispatcher share: its events, each with what must always be true of it. */

#include "entrain/sweep/dispatch.h"

/* A dispatcher with chunks of 0.1 s. */
ent_dispatch *fixture_dispatch(int64_t size, int64_t cell, int workers, int queue,
                               const unsigned char *finished);

/* A range for a worker, who must get one. */
ent_lease fixture_take(ent_dispatch *dispatch, int worker);

/* Whether a worker gets nothing. */
bool fixture_is_refused(ent_dispatch *dispatch, int worker);

/* Reports the first `done` positions, each of `cost` seconds. */
void fixture_report(ent_dispatch *dispatch, const ent_lease *lease, int64_t done, double cost);

/* Takes so many leases one after the other and reports one job of each, of `cost` seconds. */
void fixture_teach(ent_dispatch *dispatch, int worker, int times, double cost);

/* The totals, whose parts must add up. */
ent_dispatch_totals fixture_totals(const ent_dispatch *dispatch);

#endif
