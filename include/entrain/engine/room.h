#ifndef ENTRAIN_ENGINE_ROOM_H
#define ENTRAIN_ENGINE_ROOM_H

/*
 * How much room a results file will take, and whether its file system has that much left. The file is sparse:
 * a disk is full not when it is made but in the middle of a run, so this is asked before.
 */

#include "entrain/base/filesystem.h"
#include "entrain/sweep/spec.h"

typedef struct ent_room {
  double needed;  /* bytes of the whole file when every row is done; checkpoints not counted */
  double present; /* bytes that it takes already */
  ent_filesystem filesystem;
} ent_room;

/* Bytes of a results file when every row is done; checkpoints not counted. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_room_needed(const ent_spec *spec, double *bytes);

/*
 * Looks at a path, where a file may be or not.
 * [in]  fresh  what is there now stays beside the new file
 * Errors: those of ent_filesystem_at, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_room_look(const char *path, const ent_spec *spec, bool fresh, ent_room *room);

/* Whether what is still to be written has a place. A quota is not known. */
bool ent_room_is_enough(const ent_room *room);

/* Warns in the log when there is not enough room; what cannot be found out is no warning. Not collective. */
void ent_room_warn(const char *path, const ent_spec *spec, bool fresh);

/* Writes bytes in decimal units for people, "1.25 GB", into buffer[size]. */
void ent_room_text(double bytes, size_t size, char *buffer);

#endif
