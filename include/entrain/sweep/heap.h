#ifndef ENTRAIN_SWEEP_HEAP_H
#define ENTRAIN_SWEEP_HEAP_H

/*
 * A priority queue of small numbers whose keys can change: a binary heap that knows where everybody is. The
 * largest key is on top, of equal keys the lowest number, so that its order never depends on its history.
 */

#include <stdint.h>

#include "entrain/base/error.h"

typedef struct ent_heap {
  int32_t count;
  int32_t *ids;   /* [count] of [capacity], owned */
  int32_t *place; /* [capacity] of an id in `ids` plus one, 0 when it is not there; owned */
  double *keys;   /* [capacity] of each id, owned */
} ent_heap;

/* Makes an empty heap for the ids 0..capacity-1. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_heap_init(ent_heap *heap, int32_t capacity);

/* Frees what it owns and empties it; accepts an empty one. Not collective. */
void ent_heap_fini(ent_heap *heap);

/* Puts an id in, or changes its key (not NaN). Not collective. */
void ent_heap_set(ent_heap *heap, int32_t id, double key);

/* Takes an id out if it is in. Not collective. */
void ent_heap_remove(ent_heap *heap, int32_t id);

#endif
