#ifndef ENTRAIN_SWEEP_DISPATCH_IMPL_H
#define ENTRAIN_SWEEP_DISPATCH_IMPL_H

/* What a dispatcher consists of; for dispatch.c and dispatch_create.c only. */

#include "entrain/sweep/costs.h"
#include "entrain/sweep/dispatch.h"
#include "entrain/sweep/heap.h"
#include "entrain/sweep/ranges.h"
#include "entrain/sweep/singles.h"

enum { NONE = ENT_RANGES_END };

typedef struct block_state {
  int64_t list;    /* of its pending ranges */
  int64_t pending; /* positions in them */
  double work;     /* seconds predicted for them, as the sum of all blocks has it */
} block_state;

/* Room for one lease. Slot k carries numbers that are k + 1 modulo the number of slots, so a number finds its
 * slot. */
typedef struct lease_slot {
  int64_t number; /* of the lease, or of the last one when there is none */
  int64_t range;  /* its positions; NONE when there is no lease */
  int64_t age;    /* leases that were handed out before it */
  double seconds; /* predicted when it was handed out; infinity when nothing was known */
  ent_turn turn;
} lease_slot;

struct ent_dispatch {
  ent_dispatch_options options;
  ent_dispatch_totals totals; /* all but predicted_seconds */
  int64_t block_size;
  int32_t n_blocks;
  block_state *blocks;       /* [n_blocks] */
  int64_t *unfinished;       /* [n_blocks] positions that are pending or leased */
  int64_t probe, probe_step; /* blocks are probed in the order of sweep/spread; the next one's index */
  int64_t probes_end;        /* several times all blocks */
  int64_t probes_left;       /* after them blocks are predicted from others */
  double work; /* seconds predicted for all blocks' pending positions; 0 while nothing is known */
  ent_costs costs;
  ent_heap heap; /* blocks with pending positions, by predicted cost of a job */
  ent_ranges ranges;
  ent_singles singles; /* their positions are in no block's list */
  int64_t n_taken;     /* leases handed out so far */
  lease_slot *slots;   /* [n_slots], `queue` of them for each worker */
  int64_t n_slots;
  unsigned char *lost; /* [workers] */
  int64_t present;     /* workers that are not lost */
  bool stopped;
};

/* Puts a block where it belongs after its pending positions or its cost have changed. */
void ent_dispatch_place(ent_dispatch *dispatch, int32_t b);

/*
 * How many positions of a block, from the first pending one on, make the next range; at most those that are
 * pending in the block.
 * [out] seconds  predicted for them
 */
int64_t ent_dispatch_measure(const ent_dispatch *dispatch, int32_t b, double *seconds);

#endif
