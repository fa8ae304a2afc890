#ifndef ENTRAIN_SWEEP_RANGES_H
#define ENTRAIN_SWEEP_RANGES_H

/*
 * Sets of positions as lists of ranges, ascending and never touching, all in one pool: the dispatcher's
 * pending positions, one list for each block. A range is known by its index in the pool; a list by that of
 * its first range. A range is in one list, or out of all of them (it is a lease then), or free.
 */

#include <stdint.h>

#include "entrain/base/error.h"

enum { ENT_RANGES_END = -1 }; /* no range: an empty list, the end of a list */

typedef struct ent_range {
  int64_t first, count; /* positions first..first+count-1, count >= 1 */
  int64_t next;         /* index of the next range of the list, ENT_RANGES_END at its end */
} ent_range;

/* {.free = ENT_RANGES_END} is a valid, empty pool. */
typedef struct ent_ranges {
  ent_range *data; /* [capacity], owned; moves when the pool grows */
  int64_t capacity;
  int64_t free; /* list of those that are not in use */
} ent_ranges;

/* Frees the pool and empties it. Not collective. */
void ent_ranges_fini(ent_ranges *ranges);

/* A new range outside of all lists. [out] index. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_ranges_make(ent_ranges *ranges, int64_t first, int64_t count, int64_t *index);

/* Gives a range, which is in no list, back to the pool. Not collective. */
void ent_ranges_drop(ent_ranges *ranges, int64_t index);

/* Puts a range into a list that shares no position with it, and joins it with those that it touches. Not
 * collective. */
void ent_ranges_insert(ent_ranges *ranges, int64_t *list, int64_t index);

/*
 * Takes up to `count` >= 1 positions from the front of a list that is not empty: never more than its first
 * range holds, and all of that range when there is no memory for a further one. Returns the range. Not
 * collective.
 */
int64_t ent_ranges_cut(ent_ranges *ranges, int64_t *list, int64_t count);

/*
 * Takes one position out of a list.
 * [out] index  of a range that holds it alone; ENT_RANGES_END when the list does not have it
 * Errors: ENT_ERR_MEMORY, the list is as it was then. Not collective.
 */
ENT_MUST_CHECK int ent_ranges_extract(ent_ranges *ranges, int64_t *list, int64_t position, int64_t *index);

#endif
