#ifndef ENTRAIN_SWEEP_SINGLES_H
#define ENTRAIN_SWEEP_SINGLES_H

/*
 * Positions that are handed out alone, out of their turn: before all others (a job that has a checkpoint) or
 * after them (one that may kill its worker again). First come, first served. A position is known by its range
 * of one in the dispatcher's pool.
 */

#include <stdint.h>

#include "entrain/base/error.h"

typedef enum { ENT_TURN_NORMAL, ENT_TURN_FIRST, ENT_TURN_LAST } ent_turn;

typedef struct ent_single {
  int64_t range;
  ent_turn turn; /* FIRST or LAST */
} ent_single;

/* {0} is valid and empty. */
typedef struct ent_singles {
  ent_single *items; /* [count] of [capacity], owned */
  int64_t count, capacity;
  int64_t known; /* those in it, and those that were taken and may come back */
} ent_singles;

/* Frees what it owns and empties it. Not collective. */
void ent_singles_fini(ent_singles *singles);

/* Makes room for one more, so that it can be put in, taken, and put back. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_singles_admit(ent_singles *singles);

/* Puts in one that was admitted. Not collective. */
void ent_singles_put(ent_singles *singles, int64_t range, ent_turn turn);

/* Takes the oldest of a turn; returns its range, ENT_RANGES_END if there is none. Not collective. */
int64_t ent_singles_take(ent_singles *singles, ent_turn turn);

/* Takes the item at a place, 0 <= place < count; returns its range. Not collective. */
int64_t ent_singles_take_at(ent_singles *singles, int64_t place);

/* One that was taken will not come back. Not collective. */
void ent_singles_forget(ent_singles *singles);

#endif
