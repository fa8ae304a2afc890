#include <math.h>
#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/sweep/spread.h"

#include "dispatch_impl.h"

/* The more workers there are, the more of them begin with a block before it is reported: blocks are probed in
 * several rounds. */
enum { WORKERS_A_ROUND = 64, MOST_ROUNDS = 8 };

/* A sweep of at least LEAST_PROBES blocks probes as many, and further ones up to one job in PROBE_SHARE. */
enum { MAX_BLOCKS = 65536, MAX_QUEUE = 1024, PROBE_SHARE = 16, LEAST_PROBES = 8 };

static const int64_t max_size = INT64_C(1) << 53;

static int check_options(const ent_dispatch_options *options) {
  ENT_CHECK(options->size >= 0 && options->size <= max_size, ENT_ERR_ARGUMENT,
            "number of positions = %lld, must be in 0..2^53", (long long)options->size);
  ENT_CHECK(options->cell >= 1 && options->cell <= max_size, ENT_ERR_ARGUMENT,
            "positions per cell = %lld, must be in 1..2^53", (long long)options->cell);
  ENT_CHECK(options->workers >= 1, ENT_ERR_ARGUMENT, "number of workers = %d, must be at least 1",
            options->workers);
  ENT_CHECK(isfinite(options->chunk) && options->chunk > 0, ENT_ERR_ARGUMENT,
            "chunk = %g s, must be positive and finite", options->chunk);
  ENT_CHECK(isfinite(options->least) && options->least >= 0, ENT_ERR_ARGUMENT,
            "least = %g s, must be finite and not negative", options->least);
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
  dispatch->probes_left = size / PROBE_SHARE > LEAST_PROBES ? size / PROBE_SHARE : LEAST_PROBES;
  const int rounds = dispatch->options.workers / WORKERS_A_ROUND;
  dispatch->probes_end = (int64_t)dispatch->n_blocks * (rounds < 1             ? 1
                                                        : rounds < MOST_ROUNDS ? rounds
                                                                               : MOST_ROUNDS);
  dispatch->probe_step = ent_spread_step(dispatch->n_blocks > 0 ? dispatch->n_blocks : 1);
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
  const int64_t cell = dispatch->options.cell, cells = (dispatch->options.size + cell - 1) / cell;
  ENT_TRY(ent_costs_init(&dispatch->costs, dispatch->options.grid, cells, dispatch->block_size / cell));
  ENT_TRY(ent_heap_init(&dispatch->heap, dispatch->n_blocks));
  ENT_TRY(ent_mem_alloc(n_blocks, sizeof *dispatch->blocks, &dispatch->blocks));
  ENT_TRY(ent_mem_alloc(n_blocks, sizeof *dispatch->unfinished, &dispatch->unfinished));
  ENT_TRY(ent_mem_alloc((size_t)dispatch->options.workers, 1, &dispatch->lost));
  ENT_TRY(ent_mem_alloc((size_t)dispatch->n_slots, sizeof *dispatch->slots, &dispatch->slots));
  for (int32_t b = 0; b < dispatch->n_blocks; b++) {
    ENT_TRY(fill_block(dispatch, b, finished));
    ent_dispatch_place(dispatch, b);
  }
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
  ent_singles_fini(&old->singles);
  free(old->blocks);
  free(old->unfinished);
  free(old->lost);
  free(old->slots);
  free(old);
  *dispatch = NULL;
}
