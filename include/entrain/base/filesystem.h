#ifndef ENTRAIN_BASE_FILESYSTEM_H
#define ENTRAIN_BASE_FILESYSTEM_H

/*
 * What a file lies on, or will lie on: the kind of file system, whether several hosts may write into one page
 * of a file there, and how much room is left. Found by statfs, which knows nothing of a user's quota.
 *
 * A page is what a client reads, changes and writes back. On NFS and the like two hosts that write different
 * bytes of one page at the same time lose one of the changes, because each of them writes back its own copy
 * of the whole page. Parallel file systems keep the copies apart by locks, and processes of one host share
 * them.
 */

#include <stdbool.h>
#include <stdint.h>

#include "entrain/base/error.h"

typedef struct ent_filesystem {
  char name[32];   /* "ext4", "nfs", "lustre", ...; "unknown 0x..." when the kind is not known here */
  bool is_local;   /* only this host has it: a file there is no file for another host */
  bool is_safe;    /* several hosts may write into one page; false for kinds that are not known here */
  int64_t free;    /* bytes that this user may still write, as far as the file system tells */
  int64_t entries; /* files that may still be made; -1 where the file system has no limit or tells none */
} ent_filesystem;

/*
 * Looks at the file system of a path; where nothing is there yet, at that of the nearest folder above it.
 * Errors: ENT_ERR_IO with the system's reason; ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_filesystem_at(const char *path, ent_filesystem *found);

/*
 * Why bytes of a file could not be written, for a library that does not tell: asks the system to reserve
 * them, which changes no content. Returns its reason ("No space left on device"), or NULL when nothing stands
 * in the way by now, or the file system cannot be asked. Not collective.
 */
const char *ent_filesystem_obstacle(const char *path, int64_t offset, int64_t length);

/* Fills in name, is_local and is_safe of a kind, given as in statfs' f_type. Not collective. */
void ent_filesystem_describe(uint32_t kind, ent_filesystem *found);

#endif
