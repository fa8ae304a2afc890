#ifndef ENTRAIN_ENGINE_TRAIL_H
#define ENTRAIN_ENGINE_TRAIL_H

/*
 * The position that a worker is at, where its master can read it when the worker is dead: a few bytes of
 * memory that both have mapped. The rows of quick jobs wait for each other (engine/worker), so the file alone
 * does not say which job was at work. The memory is an anonymous file (memfd_create(2)) which the master
 * opens by /proc/PID/fd while the worker lives: nothing has a name, and nothing is left behind. Only between
 * processes of one host; to have none is no fault.
 */

#include <stdint.h>

#include "entrain/store/lock.h"

enum {
  ENT_TRAIL_IDLE = -1, /* it has not begun a job yet */
  ENT_TRAIL_NONE = -2  /* there is no trail */
};

/* {0} is valid and empty: nothing can be written or read. */
typedef struct ent_trail {
  int64_t *position; /* mapped */
  int descriptor;    /* of the worker's; 0: none */
} ent_trail;

/* Makes the worker's side, which says ENT_TRAIL_IDLE; empty where there is no such memory. Not collective. */
void ent_trail_make(ent_trail *trail);

/*
 * Makes the master's side of a living process of this host.
 * [in]  descriptor  the worker's; less than 1: it has none
 * [out] trail  empty when it cannot be had
 * Not collective.
 */
void ent_trail_open(const ent_process *worker, int descriptor, ent_trail *trail);

/* Unmaps and closes; accepts an empty one. Not collective. */
void ent_trail_fini(ent_trail *trail);

/* Says which position is at work; does nothing with an empty trail. Not collective. */
void ent_trail_write(const ent_trail *trail, int64_t position);

/* What was said last: a position, or ENT_TRAIL_IDLE; ENT_TRAIL_NONE of an empty trail. Not collective. */
int64_t ent_trail_read(const ent_trail *trail);

#endif
