#ifndef ENTRAIN_SWEEP_GATHER_H
#define ENTRAIN_SWEEP_GATHER_H

/* Puts the pieces of one sender together again, in the order in which they were sent. Pure. */

#include <stdbool.h>
#include <stddef.h>

#include "entrain/sweep/wire.h"

/* {0} is valid and empty. */
typedef struct ent_gather {
  unsigned char *data; /* [length] of [capacity], owned */
  size_t length, capacity;
  bool is_complete; /* the next piece begins anew */
} ent_gather;

/*
 * Adds a piece. A piece that begins something new, at offset 0, drops what was not complete.
 * [out] gather  is_complete when it was the last piece: data [length] is whole until the next piece
 * Errors: ENT_ERR_FORMAT when the piece does not follow the last one; ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_gather_add(ent_gather *gather, const ent_wire_piece *piece);

/* Frees what it owns and empties it. Not collective. */
void ent_gather_fini(ent_gather *gather);

#endif
