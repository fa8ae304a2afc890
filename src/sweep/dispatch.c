#include "entrain/sweep/dispatch.h"

#include <math.h>

#include "entrain/sweep/spread.h"

#include "dispatch_impl.h"

/* A worker that has more to do, in chunks, gets nothing more: others could have it, and its queue is for not
 * waiting on messages. */
#define MOST_HELD 2.0

/* All blocks' costs have changed. The sum is made anew, so that it cannot drift. */
static void place_all(ent_dispatch *dispatch) {
  dispatch->work = 0;
  for (int32_t b = 0; b < dispatch->n_blocks; b++) {
    dispatch->blocks[b].work = 0;
    ent_dispatch_place(dispatch, b);
  }
}

/* The next block to probe that has something pending; NONE when enough were probed. */
static int32_t next_probe(ent_dispatch *dispatch) {
  if (dispatch->probes_left <= 0 && ent_costs_is_known(&dispatch->costs)) return NONE;
  while (dispatch->probe < dispatch->probes_end) {
    const int64_t k = dispatch->probe++ % dispatch->n_blocks;
    const int32_t b = (int32_t)ent_spread_at(k, dispatch->probe_step, dispatch->n_blocks);
    if (dispatch->blocks[b].pending == 0) continue;
    dispatch->probes_left--;
    return b;
  }
  return NONE;
}

static bool is_worker(const ent_dispatch *dispatch, int worker) {
  return worker >= 0 && worker < dispatch->options.workers;
}

/* The first of a worker's slots, [queue]. */
static lease_slot *slots_of(const ent_dispatch *dispatch, int worker) {
  return &dispatch->slots[(int64_t)worker * dispatch->options.queue];
}

static lease_slot *free_slot(const ent_dispatch *dispatch, int worker) {
  lease_slot *slots = slots_of(dispatch, worker);
  for (int i = 0; i < dispatch->options.queue; i++) {
    if (slots[i].range == NONE) return &slots[i];
  }
  return NULL;
}

static lease_slot *find_lease(const ent_dispatch *dispatch, int64_t number) {
  if (number < 1) return NULL;
  lease_slot *slot = &dispatch->slots[(number - 1) % dispatch->n_slots];
  return slot->number == number && slot->range != NONE ? slot : NULL;
}

static int32_t block_of(const ent_dispatch *dispatch, int64_t position) {
  return (int32_t)(position / dispatch->block_size);
}

/* Puts the positions of a lease back to where they came from. */
static void put_back(ent_dispatch *dispatch, const lease_slot *slot) {
  const ent_range *range = &dispatch->ranges.data[slot->range];
  const int32_t b = block_of(dispatch, range->first);
  dispatch->totals.pending += range->count;
  if (slot->turn != ENT_TURN_NORMAL) {
    ent_singles_put(&dispatch->singles, slot->range, slot->turn);
  } else {
    dispatch->blocks[b].pending += range->count;
    ent_ranges_insert(&dispatch->ranges, &dispatch->blocks[b].list, slot->range);
  }
}

/* Ends a lease: its first `done` positions are finished, the others pending again. Returns its block. */
static int32_t end_lease(ent_dispatch *dispatch, lease_slot *slot, int64_t done) {
  ent_range *range = &dispatch->ranges.data[slot->range];
  const int32_t b = block_of(dispatch, range->first);
  dispatch->totals.leased -= range->count;
  dispatch->unfinished[b] -= done;
  range->first += done;
  range->count -= done;
  if (range->count > 0) {
    put_back(dispatch, slot);
  } else {
    ent_ranges_drop(&dispatch->ranges, slot->range);
    if (slot->turn != ENT_TURN_NORMAL) ent_singles_forget(&dispatch->singles);
  }
  slot->range = NONE;
  return b;
}

/* Cuts a range off the block whose turn it is; NONE when only singles are pending. [out] seconds predicted */
static int64_t cut_range(ent_dispatch *dispatch, double *seconds) {
  int64_t count = 1;
  int32_t b = next_probe(dispatch);
  if (b == NONE && dispatch->heap.count == 0) return NONE;
  if (b == NONE) {
    b = dispatch->heap.ids[0];
    count = ent_dispatch_measure(dispatch, b, seconds);
  } else {
    *seconds = ent_costs_predict(&dispatch->costs, b);
  }
  const int64_t cut = ent_ranges_cut(&dispatch->ranges, &dispatch->blocks[b].list, count);
  dispatch->blocks[b].pending -= dispatch->ranges.data[cut].count;
  ent_dispatch_place(dispatch, b);
  return cut;
}

/* A single out of its turn; NONE when there is none. */
static int64_t take_single(ent_dispatch *dispatch, ent_turn turn, lease_slot *slot) {
  const int64_t range = ent_singles_take(&dispatch->singles, turn);
  if (range == ENT_RANGES_END) return NONE;
  slot->turn = turn;
  slot->seconds = ent_costs_predict(&dispatch->costs, block_of(dispatch, dispatch->ranges.data[range].first));
  return range;
}

/* The next positions to hand out, taken from where they are. [out] slot  turn and seconds */
static int64_t next_range(ent_dispatch *dispatch, lease_slot *slot) {
  int64_t range = take_single(dispatch, ENT_TURN_FIRST, slot);
  if (range != NONE) return range;
  slot->turn = ENT_TURN_NORMAL;
  range = cut_range(dispatch, &slot->seconds);
  return range != NONE ? range : take_single(dispatch, ENT_TURN_LAST, slot);
}

/* Whether a worker has enough to do until others have come to an end, too. */
static bool is_busy(const ent_dispatch *dispatch, int worker) {
  double seconds = 0;
  const lease_slot *slots = slots_of(dispatch, worker);
  for (int i = 0; i < dispatch->options.queue; i++) {
    if (slots[i].range != NONE) seconds += slots[i].seconds;
  }
  return seconds > MOST_HELD * dispatch->options.chunk;
}

static ent_lease lease_of(const ent_dispatch *dispatch, const lease_slot *slot, int worker) {
  const ent_range *range = &dispatch->ranges.data[slot->range];
  return (ent_lease){.number = slot->number, .first = range->first, .count = range->count, .worker = worker};
}

bool ent_dispatch_take(ent_dispatch *dispatch, int worker, ent_lease *lease) {
  if (!is_worker(dispatch, worker) || dispatch->lost[worker]) return false;
  if (dispatch->stopped || dispatch->totals.pending == 0) return false;
  lease_slot *slot = free_slot(dispatch, worker);
  if (slot == NULL || is_busy(dispatch, worker)) return false;
  slot->range = next_range(dispatch, slot);
  slot->number += dispatch->n_slots;
  slot->age = dispatch->n_taken++;
  *lease = lease_of(dispatch, slot, worker);
  dispatch->totals.pending -= lease->count;
  dispatch->totals.leased += lease->count;
  return true;
}

static int check_report(const ent_lease_report *report, long long count) {
  ENT_CHECK(report->done >= 0 && report->done <= count, ENT_ERR_ARGUMENT,
            "report of %lld finished jobs, the range has %lld", (long long)report->done, count);
  ENT_CHECK(report->failed >= 0 && report->sync >= 0 && report->failed <= report->done - report->sync,
            ENT_ERR_ARGUMENT, "report of %lld failed and %lld synchronized of %lld finished jobs",
            (long long)report->failed, (long long)report->sync, (long long)report->done);
  ENT_CHECK(isfinite(report->seconds) && report->seconds >= 0, ENT_ERR_ARGUMENT,
            "report of %g seconds, must be finite and not negative", report->seconds);
  return ENT_OK;
}

/* Ends the lease of a report. [in] teaches  whether its seconds are what its jobs cost */
static int take_report(ent_dispatch *dispatch, const ent_lease_report *report, bool teaches) {
  lease_slot *slot = find_lease(dispatch, report->number);
  if (slot == NULL) return ENT_OK;
  ENT_TRY(check_report(report, dispatch->ranges.data[slot->range].count));
  const int64_t cell = dispatch->ranges.data[slot->range].first / dispatch->options.cell;
  const int32_t b = end_lease(dispatch, slot, report->done);
  const bool is_news = teaches && report->done > 0;
  if (is_news && ent_costs_add(&dispatch->costs, cell, report->done, report->seconds)) place_all(dispatch);
  dispatch->totals.done += report->done;
  dispatch->totals.failed += report->failed;
  dispatch->totals.sync += report->sync;
  dispatch->totals.seconds += report->seconds;
  ent_dispatch_place(dispatch, b);
  return ENT_OK;
}

int ent_dispatch_report(ent_dispatch *dispatch, const ent_lease_report *report) {
  ENT_TRY(take_report(dispatch, report, true));
  return ENT_OK;
}

int ent_dispatch_settle(ent_dispatch *dispatch, const ent_lease_report *report) {
  ENT_TRY(take_report(dispatch, report, false));
  return ENT_OK;
}

void ent_dispatch_lose(ent_dispatch *dispatch, int worker) {
  if (!is_worker(dispatch, worker) || dispatch->lost[worker]) return;
  dispatch->lost[worker] = 1;
  dispatch->present--;
}

void ent_dispatch_join(ent_dispatch *dispatch, int worker) {
  if (!is_worker(dispatch, worker) || !dispatch->lost[worker]) return;
  dispatch->lost[worker] = 0;
  dispatch->present++;
}

bool ent_dispatch_find(const ent_dispatch *dispatch, int64_t number, ent_lease *lease) {
  const lease_slot *slot = find_lease(dispatch, number);
  if (slot == NULL) return false;
  *lease = lease_of(dispatch, slot, (int)((slot - dispatch->slots) / dispatch->options.queue));
  return true;
}

bool ent_dispatch_oldest(const ent_dispatch *dispatch, int worker, ent_lease *lease) {
  const lease_slot *oldest = NULL;
  if (!is_worker(dispatch, worker)) return false;
  const lease_slot *slots = slots_of(dispatch, worker);
  for (int i = 0; i < dispatch->options.queue; i++) {
    if (slots[i].range != NONE && (oldest == NULL || slots[i].age < oldest->age)) oldest = &slots[i];
  }
  if (oldest != NULL) *lease = lease_of(dispatch, oldest, worker);
  return oldest != NULL;
}

/* Takes a pending position out of the list or the singles it is in; NONE when it is in neither. */
static int extract(ent_dispatch *dispatch, int64_t position, int64_t *range) {
  ent_singles *singles = &dispatch->singles;
  for (int64_t place_of = 0; place_of < singles->count; place_of++) {
    if (dispatch->ranges.data[singles->items[place_of].range].first != position) continue;
    *range = ent_singles_take_at(singles, place_of);
    ent_singles_forget(singles);
    return ENT_OK;
  }
  const int32_t b = block_of(dispatch, position);
  ENT_TRY(ent_ranges_extract(&dispatch->ranges, &dispatch->blocks[b].list, position, range));
  if (*range != NONE) dispatch->blocks[b].pending--;
  ent_dispatch_place(dispatch, b);
  return ENT_OK;
}

/* As above, for a position that must be pending. */
static int extract_pending(ent_dispatch *dispatch, int64_t position, int64_t *range) {
  ENT_CHECK(position >= 0 && position < dispatch->options.size, ENT_ERR_ARGUMENT,
            "position %lld, must be in 0..%lld", (long long)position, (long long)dispatch->options.size - 1);
  ENT_TRY(extract(dispatch, position, range));
  ENT_CHECK(*range != NONE, ENT_ERR_ARGUMENT, "position %lld is not pending", (long long)position);
  return ENT_OK;
}

int ent_dispatch_single_out(ent_dispatch *dispatch, int64_t position, ent_turn turn) {
  int64_t range = NONE;
  ENT_TRY(ent_singles_admit(&dispatch->singles));
  const int code = extract_pending(dispatch, position, &range);
  if (code != ENT_OK) ent_singles_forget(&dispatch->singles);
  ENT_TRY(code);
  ent_singles_put(&dispatch->singles, range, turn);
  return ENT_OK;
}

int ent_dispatch_give_up(ent_dispatch *dispatch, int64_t position) {
  int64_t range = NONE;
  ENT_TRY(extract_pending(dispatch, position, &range));
  ent_ranges_drop(&dispatch->ranges, range);
  dispatch->unfinished[block_of(dispatch, position)]--;
  dispatch->totals.pending--;
  dispatch->totals.done++;
  dispatch->totals.failed++;
  dispatch->totals.quarantined++;
  return ENT_OK;
}

void ent_dispatch_stop(ent_dispatch *dispatch) {
  dispatch->stopped = true;
}

bool ent_dispatch_is_over(const ent_dispatch *dispatch) {
  return dispatch->totals.leased == 0 && (dispatch->stopped || dispatch->totals.pending == 0);
}

int ent_dispatch_leases_of(const ent_dispatch *dispatch, int worker) {
  int leases = 0;
  if (!is_worker(dispatch, worker)) return 0;
  for (int i = 0; i < dispatch->options.queue; i++) leases += slots_of(dispatch, worker)[i].range != NONE;
  return leases;
}

void ent_dispatch_totals_get(const ent_dispatch *dispatch, ent_dispatch_totals *totals) {
  *totals = dispatch->totals;
  totals->predicted_seconds = ent_costs_predict_all(&dispatch->costs, dispatch->unfinished);
}
