#ifndef ENTRAIN_BASE_DRAFT_H
#define ENTRAIN_BASE_DRAFT_H

/*
 * A file that is there completely or not at all: a draft is written beside its place, and takes it when it is
 * complete. A place that is a symbolic link stays one; a place that is there and no regular file (a device, a
 * pipe) is written straight and never replaced.
 */

#include <stdbool.h>

#include "entrain/base/error.h"

typedef struct ent_draft {
  char *path;       /* where to write; owned */
  char *place;      /* what it becomes; owned */
  bool is_straight; /* both are the same */
} ent_draft;

/* Finds out where to write; makes nothing. ent_draft_keep or ent_draft_drop it. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_draft_begin(const char *place, ent_draft *draft);

/*
 * The closed file is complete: syncs and renames it. The draft is over, also on failure, which leaves what
 * was at the place before. Errors: ENT_ERR_IO with the system's reason.
 */
ENT_MUST_CHECK int ent_draft_keep(ent_draft *draft);

/* Removes what was written; accepts a draft that is over or all zero. */
void ent_draft_drop(ent_draft *draft);

#endif
