#include "entrain/sweep/dispatch.h"

#include <math.h>
#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/sweep/costs.h"
#include "entrain/sweep/heap.h"
#include "entrain/sweep/ranges.h"

enum { MAX_BLOCKS = 65536, MAX_QUEUE = 1024, TAIL_SHARES = 4, NONE = -1 };

static const int64_t max_size = INT64_C(1) << 53;

typedef struct block_state {
  int64_t list;    /* of its pending ranges */
  int64_t pending; /* positions in them */
  bool probed;
} block_state;

/* Room for one lease. Slot k carries numbers that are k + 1 modulo the number of slots, so a number finds its
 * slot. */
typedef struct lease_slot {
  int64_t number; /* of the lease, or of the last one when there is none */
  int64_t range;  /* its positions; NONE when there is no lease */
} lease_slot;

struct ent_dispatch {
  ent_dispatch_options options;
  ent_dispatch_totals totals; /* all but predicted_seconds */
  int64_t block_size;
  int32_t n_blocks;
  block_state *blocks; /* [n_blocks] */
  int64_t *unfinished; /* [n_blocks] positions that are pending or leased */
  uint32_t probe;      /* index in the bit-reversed sequence of the next block to probe */
  int probe_bits;
  ent_costs costs;
  ent_heap heap; /* probed blocks with pending positions, by predicted cost of a job */
  ent_ranges ranges;
  lease_slot *slots; /* [n_slots], `queue` of them for each worker */
  int64_t n_slots;
  unsigned char *lost; /* [workers] */
  int64_t present;     /* workers that are not lost */
  bool stopped;
};

/* Puts a block where it belongs after its pending positions or its cost have changed. */
static void settle(ent_dispatch *dispatch, int32_t b) {
  const block_state *block = &dispatch->blocks[b];
  if (block->probed && block->pending > 0) {
    ent_heap_set(&dispatch->heap, b, ent_costs_predict(&dispatch->costs, b));
  } else {
    ent_heap_remove(&dispatch->heap, b);
  }
}

/* Keys of blocks without a report follow their neighbours only here, when they come to the top. */
static int32_t most_expensive(ent_dispatch *dispatch) {
  int32_t b = NONE;
  do {
    b = dispatch->heap.ids[0];
    settle(dispatch, b);
  } while (dispatch->heap.ids[0] != b);
  return b;
}

/* The next block of the bit-reversed sequence that has something to probe; NONE when all were. */
static int32_t next_probe(ent_dispatch *dispatch) {
  while (dispatch->probe < UINT32_C(1) << dispatch->probe_bits) {
    const uint32_t k = dispatch->probe++;
    int32_t b = 0;
    for (int bit = 0; bit < dispatch->probe_bits; bit++) b = 2 * b + (int32_t)(k >> bit & 1);
    if (b < dispatch->n_blocks && dispatch->blocks[b].pending > 0) return b;
  }
  return NONE;
}

static int64_t range_length(const ent_dispatch *dispatch, double cost) {
  const int64_t shares = TAIL_SHARES * dispatch->present;
  const int64_t tail = (dispatch->totals.pending + shares - 1) / shares;
  const double wanted = dispatch->options.chunk / cost;
  if (wanted >= (double)tail) return tail;
  return wanted < 1 ? 1 : (int64_t)wanted;
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

/* Ends a lease: its first `done` positions are finished, the others pending again. Returns its block. */
static int32_t end_lease(ent_dispatch *dispatch, lease_slot *slot, int64_t done) {
  ent_range *range = &dispatch->ranges.data[slot->range];
  const int32_t b = block_of(dispatch, range->first);
  const int64_t rest = range->count - done;
  dispatch->totals.leased -= range->count;
  dispatch->totals.pending += rest;
  dispatch->blocks[b].pending += rest;
  dispatch->unfinished[b] -= done;
  range->first += done;
  range->count = rest;
  if (rest > 0) {
    ent_ranges_insert(&dispatch->ranges, &dispatch->blocks[b].list, slot->range);
  } else {
    ent_ranges_drop(&dispatch->ranges, slot->range);
  }
  slot->range = NONE;
  return b;
}

static int check_options(const ent_dispatch_options *options) {
  ENT_CHECK(options->size >= 0 && options->size <= max_size, ENT_ERR_ARGUMENT,
            "number of positions = %lld, must be in 0..2^53", (long long)options->size);
  ENT_CHECK(options->cell >= 1 && options->cell <= max_size, ENT_ERR_ARGUMENT,
            "positions per cell = %lld, must be in 1..2^53", (long long)options->cell);
  ENT_CHECK(options->workers >= 1, ENT_ERR_ARGUMENT, "number of workers = %d, must be at least 1",
            options->workers);
  ENT_CHECK(isfinite(options->chunk) && options->chunk > 0, ENT_ERR_ARGUMENT,
            "chunk = %g s, must be positive and finite", options->chunk);
  ENT_CHECK(options->queue >= 1 && options->queue <= MAX_QUEUE, ENT_ERR_ARGUMENT,
            "leases of a worker = %d, must be in 1..%d", options->queue, MAX_QUEUE);
  return ENT_OK;
}

static void divide_into_blocks(ent_dispatch *dispatch) {
  const int64_t size = dispatch->options.size, cell = dispatch->options.cell;
  const int64_t cells = (size + cell - 1) / cell;
  const int64_t merged = (cells + MAX_BLOCKS - 1) / MAX_BLOCKS;
  dispatch->block_size = (merged > 1 ? merged : 1) * cell;
  dispatch->n_blocks = (int32_t)((size + dispatch->block_size - 1) / dispatch->block_size);
  while (1 << dispatch->probe_bits < dispatch->n_blocks) dispatch->probe_bits++;
}

static int add_pending(ent_dispatch *dispatch, block_state *block, int64_t *last, int64_t first,
                       int64_t count) {
  int64_t index = NONE;
  ENT_TRY(ent_ranges_make(&dispatch->ranges, first, count, &index));
  *(*last == NONE ? &block->list : &dispatch->ranges.data[*last].next) = index;
  *last = index;
  block->pending += count;
  return ENT_OK;
}

static int fill_block(ent_dispatch *dispatch, int32_t b, const unsigned char *finished) {
  block_state *block = &dispatch->blocks[b];
  const int64_t begin = b * dispatch->block_size;
  const int64_t room = dispatch->options.size - begin;
  const int64_t end = begin + (room < dispatch->block_size ? room : dispatch->block_size);
  int64_t last = NONE;
  block->list = ENT_RANGES_END;
  for (int64_t position = begin; position < end;) {
    const int64_t first = position;
    if (finished == NULL) position = end;
    while (position < end && !finished[position]) position++;
    if (position > first) ENT_TRY(add_pending(dispatch, block, &last, first, position - first));
    while (position < end && finished[position]) position++;
  }
  dispatch->unfinished[b] = block->pending;
  dispatch->totals.pending += block->pending;
  return ENT_OK;
}

static int fill(ent_dispatch *dispatch, const unsigned char *finished) {
  const size_t n_blocks = (size_t)dispatch->n_blocks;
  ENT_TRY(ent_costs_init(&dispatch->costs, dispatch->n_blocks));
  ENT_TRY(ent_heap_init(&dispatch->heap, dispatch->n_blocks));
  ENT_TRY(ent_mem_alloc(n_blocks, sizeof *dispatch->blocks, &dispatch->blocks));
  ENT_TRY(ent_mem_alloc(n_blocks, sizeof *dispatch->unfinished, &dispatch->unfinished));
  ENT_TRY(ent_mem_alloc((size_t)dispatch->options.workers, 1, &dispatch->lost));
  ENT_TRY(ent_mem_alloc((size_t)dispatch->n_slots, sizeof *dispatch->slots, &dispatch->slots));
  for (int32_t b = 0; b < dispatch->n_blocks; b++) ENT_TRY(fill_block(dispatch, b, finished));
  for (int64_t k = 0; k < dispatch->n_slots; k++) {
    dispatch->slots[k] = (lease_slot){.number = k + 1 - dispatch->n_slots, .range = NONE};
  }
  dispatch->totals.size = dispatch->options.size;
  dispatch->totals.finished_before = dispatch->options.size - dispatch->totals.pending;
  return ENT_OK;
}

int ent_dispatch_create(const ent_dispatch_options *options, const unsigned char *finished,
                        ent_dispatch **dispatch) {
  int code = ENT_OK;
  ent_dispatch *made = NULL;
  ENT_TRY(check_options(options));
  ENT_TRY(ent_mem_alloc(1, sizeof *made, &made));
  made->options = *options;
  made->present = options->workers;
  made->n_slots = (int64_t)options->workers * options->queue;
  made->ranges.free = ENT_RANGES_END;
  divide_into_blocks(made);
  ENT_GOTO(fill(made, finished));
  *dispatch = made;
  return ENT_OK;
done:
  ent_dispatch_destroy(&made);
  return code;
}

void ent_dispatch_destroy(ent_dispatch **dispatch) {
  ent_dispatch *old = *dispatch;
  if (old == NULL) return;
  ent_costs_fini(&old->costs);
  ent_heap_fini(&old->heap);
  ent_ranges_fini(&old->ranges);
  free(old->blocks);
  free(old->unfinished);
  free(old->lost);
  free(old->slots);
  free(old);
  *dispatch = NULL;
}

bool ent_dispatch_take(ent_dispatch *dispatch, int worker, ent_lease *lease) {
  if (!is_worker(dispatch, worker) || dispatch->lost[worker]) return false;
  if (dispatch->stopped || dispatch->totals.pending == 0) return false;
  lease_slot *slot = free_slot(dispatch, worker);
  if (slot == NULL) return false;

  int64_t count = 1;
  int32_t b = next_probe(dispatch);
  if (b == NONE) {
    b = most_expensive(dispatch);
    count = range_length(dispatch, dispatch->heap.keys[b]);
  }
  slot->range = ent_ranges_cut(&dispatch->ranges, &dispatch->blocks[b].list, count);
  slot->number += dispatch->n_slots;
  const ent_range *range = &dispatch->ranges.data[slot->range];
  dispatch->totals.pending -= range->count;
  dispatch->totals.leased += range->count;
  dispatch->blocks[b].pending -= range->count;
  dispatch->blocks[b].probed = true;
  settle(dispatch, b);
  *lease =
    (ent_lease){.number = slot->number, .first = range->first, .count = range->count, .worker = worker};
  return true;
}

int ent_dispatch_report(ent_dispatch *dispatch, const ent_lease_report *report) {
  lease_slot *slot = find_lease(dispatch, report->number);
  if (slot == NULL) return ENT_OK;
  const long long count = dispatch->ranges.data[slot->range].count;
  ENT_CHECK(report->done >= 0 && report->done <= count, ENT_ERR_ARGUMENT,
            "report of %lld finished jobs, the range has %lld", (long long)report->done, count);
  ENT_CHECK(report->failed >= 0 && report->sync >= 0 && report->failed <= report->done - report->sync,
            ENT_ERR_ARGUMENT, "report of %lld failed and %lld synchronized of %lld finished jobs",
            (long long)report->failed, (long long)report->sync, (long long)report->done);
  ENT_CHECK(isfinite(report->seconds) && report->seconds >= 0, ENT_ERR_ARGUMENT,
            "report of %g seconds, must be finite and not negative", report->seconds);

  const int32_t b = end_lease(dispatch, slot, report->done);
  if (report->done > 0) ent_costs_add(&dispatch->costs, b, report->done, report->seconds);
  dispatch->totals.done += report->done;
  dispatch->totals.failed += report->failed;
  dispatch->totals.sync += report->sync;
  dispatch->totals.seconds += report->seconds;
  settle(dispatch, b);
  return ENT_OK;
}

void ent_dispatch_lose(ent_dispatch *dispatch, int worker) {
  if (!is_worker(dispatch, worker) || dispatch->lost[worker]) return;
  dispatch->lost[worker] = 1;
  dispatch->present--;
  lease_slot *slots = slots_of(dispatch, worker);
  for (int i = 0; i < dispatch->options.queue; i++) {
    if (slots[i].range != NONE) settle(dispatch, end_lease(dispatch, &slots[i], 0));
  }
}

void ent_dispatch_join(ent_dispatch *dispatch, int worker) {
  if (!is_worker(dispatch, worker) || !dispatch->lost[worker]) return;
  dispatch->lost[worker] = 0;
  dispatch->present++;
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
