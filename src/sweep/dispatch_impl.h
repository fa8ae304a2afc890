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
  bool probed;
} block_state;

/* Room for one lease. Slot k carries numbers that are k + 1 modulo the number of slots, so a number finds its
 * slot. */
typedef struct lease_slot {
  int64_t number; /* of the lease, or of the last one when there is none */
  int64_t range;  /* its positions; NONE when there is no lease */
  int64_t age;    /* leases that were handed out before it */
  ent_turn turn;
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
  ent_singles singles; /* their positions are in no block's list */
  int64_t n_taken;     /* leases handed out so far */
  lease_slot *slots;   /* [n_slots], `queue` of them for each worker */
  int64_t n_slots;
  unsigned char *lost; /* [workers] */
  int64_t present;     /* workers that are not lost */
  bool stopped;
};

#endif
