#ifndef ENTRAIN_SWEEP_DISPATCH_H
#define ENTRAIN_SWEEP_DISPATCH_H

/*
 * The master's brain: which positions go to which worker. A pure state machine: events in (a worker came, a
 * range is done, a worker was lost, stop), decisions out (ranges under a lease). No MPI, no clock, no file;
 * times are arguments.
 *
 * Positions are in dispatch order (sweep/grid): seeds of one cell are neighbours. Cells are gathered into
 * blocks of neighbouring positions, at most 65536. First blocks are probed with one job each, in the order of
 * sweep/spread, so that a map of the whole diagram and of its costs is there early and refines evenly: all
 * blocks, where that is at most one job in 16, otherwise so many, at least 8. Then the blocks with the most
 * expensive jobs go first (Graham's longest processing time, 1969), in ranges of about `chunk` seconds of
 * predicted work, shrinking to single jobs at the tail: never more than a quarter of a worker's fair share of
 * the work that is pending, and less of a block of which fewer than eight jobs are reported. A range does not
 * go on into a cell whose jobs cost less than half or more than twice as much.
 *
 * What jobs cost is predicted by sweep/costs. A worker that has more than two chunks to do gets nothing more,
 * so that nothing waits behind a long job; so it is while nothing is known of costs. Events and decisions
 * cost O(log blocks) on average, memory is O(ranges of pending positions).
 *
 * Every range that is handed out is a lease with a number of its own. A range comes back done (all its
 * positions are in the file), or is lost with its worker: then it is settled, what is not in the file is
 * handed out again, and late news of it does no harm.
 *
 * Single positions can be handed out alone and out of their turn: first, because a part of their work is
 * done, or last, because they may kill the worker. Those that killed too many are given up.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entrain/base/error.h"
#include "entrain/sweep/grid.h"
#include "entrain/sweep/singles.h"

typedef struct ent_dispatch ent_dispatch;

typedef struct ent_dispatch_options {
  int64_t size; /* positions 0..size-1, at most 2^53 */
  int64_t cell; /* positions per cell, the number of seeds: 1..2^53 */
  int workers;  /* ids 0..workers-1, all joined at the start; at least 1 */
  double chunk; /* seconds of predicted work in a range, positive */
  int queue;    /* leases a worker may hold at once, 1..1024 */
  double
    least; /* seconds below which ranges do not shrink at the tail, unless they are single jobs; may be 0 */
  const ent_grid
    *grid; /* what the cells are, for predictions, outlives it; NULL: only their order is known */
} ent_dispatch_options;

typedef struct ent_lease {
  int64_t number;       /* from 1 on, never used twice, in no order */
  int64_t first, count; /* positions first..first+count-1 */
  int worker;
} ent_lease;

/* What a worker says about a range. */
typedef struct ent_lease_report {
  int64_t number;
  int64_t done;   /* positions first..first+done-1 are in the file */
  int64_t failed; /* of them, rows with an error */
  int64_t sync;   /* of them, certified */
  double seconds; /* spent on them */
} ent_lease_report;

typedef struct ent_dispatch_totals {
  int64_t size, finished_before, done, failed, sync, leased, pending; /* positions */
  int64_t quarantined;      /* of the done and failed ones, those that were given up */
  double seconds;           /* of work reported */
  double predicted_seconds; /* of work that is pending or leased; NaN before the first report */
} ent_dispatch_totals;

/*
 * Makes a dispatcher for all positions that are not finished.
 * [in]  finished  [size]: 1 where nothing is to be done; NULL: nothing is finished
 * Errors: ENT_ERR_MEMORY, ENT_ERR_ARGUMENT. Not collective.
 */
ENT_MUST_CHECK int ent_dispatch_create(const ent_dispatch_options *options, const unsigned char *finished,
                                       ent_dispatch **dispatch);
void ent_dispatch_destroy(ent_dispatch **dispatch);

/*
 * The next range for a worker. Returns false, and leaves `lease` alone, when there is nothing to hand out:
 * nothing pending, the worker's queue is full, the worker is lost, or a stop was asked for.
 */
bool ent_dispatch_take(ent_dispatch *dispatch, int worker, ent_lease *lease);

/*
 * A worker has finished a range, or part of it and given the rest back (done < count: after a stop). Unknown
 * or lost leases are ignored. Errors: ENT_ERR_ARGUMENT for a report that cannot be true.
 */
ENT_MUST_CHECK int ent_dispatch_report(ent_dispatch *dispatch, const ent_lease_report *report);

/*
 * A worker is gone: it gets nothing more until it joins again. Its leases are out until they are settled.
 */
void ent_dispatch_lose(ent_dispatch *dispatch, int worker);
void ent_dispatch_join(ent_dispatch *dispatch, int worker);

/* The lease of a number. Returns false, and leaves `lease` alone, when it is not out. */
bool ent_dispatch_find(const ent_dispatch *dispatch, int64_t number, ent_lease *lease);

/* The oldest lease that a worker holds. Returns false, and leaves `lease` alone, when it holds none. */
bool ent_dispatch_oldest(const ent_dispatch *dispatch, int worker, ent_lease *lease);

/*
 * Ends a lease of a lost worker by what was found in the file: as ent_dispatch_report, but nothing is learned
 * of costs.
 */
ENT_MUST_CHECK int ent_dispatch_settle(ent_dispatch *dispatch, const ent_lease_report *report);

/*
 * A pending position is handed out alone from now on, before or after all others; the last call counts.
 * [in]  turn  ENT_TURN_FIRST or ENT_TURN_LAST
 * Errors: ENT_ERR_ARGUMENT when the position is not pending; ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_dispatch_single_out(ent_dispatch *dispatch, int64_t position, ent_turn turn);

/* A pending position is given up: it counts as done, failed and quarantined. Errors: as above. */
ENT_MUST_CHECK int ent_dispatch_give_up(ent_dispatch *dispatch, int64_t position);

/* Nothing more is handed out. */
void ent_dispatch_stop(ent_dispatch *dispatch);

/* True when no lease is out and nothing will be handed out any more (all done, or stopped). */
bool ent_dispatch_is_over(const ent_dispatch *dispatch);

/* Leases a worker holds. */
int ent_dispatch_leases_of(const ent_dispatch *dispatch, int worker);

/* How far it is. Costs O(blocks): for a progress line, not for every event. */
void ent_dispatch_totals_get(const ent_dispatch *dispatch, ent_dispatch_totals *totals);

#endif
