#ifndef ENTRAIN_BASE_COPY_H
#define ENTRAIN_BASE_COPY_H

/* Copies of large files in which holes stay holes, shared blocks where the file system can do that. */

#include "entrain/base/error.h"

/* Called between pieces of at most 64 MB; what it returns other than ENT_OK ends the copy. */
typedef int ent_copy_watcher(void *context);

/*
 * Copies a file's bytes and permissions to a path; what was there is lost. Not synced. What was written stays
 * there on failure.
 * [in]  watch  may be NULL
 * Errors: ENT_ERR_IO with the system's reason, ENT_ERR_MEMORY, those of `watch`. Not collective.
 */
ENT_MUST_CHECK int ent_copy_file(const char *from, const char *to, ent_copy_watcher *watch, void *context);

#endif
