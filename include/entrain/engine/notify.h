#ifndef ENTRAIN_ENGINE_NOTIFY_H
#define ENTRAIN_ENGINE_NOTIFY_H

/*
 * A command of the user's at the end of a run. It is an argument vector, not a shell's line: words are
 * separated by blanks, and no character has another meaning. What has happened is in its environment:
 * ENTRAIN_FILE, ENTRAIN_EXIT, ENTRAIN_TOTAL, ENTRAIN_DONE, ENTRAIN_FAILED (with the quarantined ones),
 * ENTRAIN_PENDING.
 */

#include <stdint.h>

#include "entrain/base/error.h"

/* How long the command may take before it is ended. */
enum { ENT_NOTIFY_SECONDS = 60 };

typedef struct ent_notice {
  const char *file;                     /* path of the results file */
  int exit_status;                      /* of the run */
  int64_t total, done, failed, pending; /* rows; -1 where they are not known */
} ent_notice;

/*
 * Runs the command and waits for its end. Its stdin is empty, its stdout is our stderr, and no descriptor
 * beyond these is passed on. It is started without a copy of this process (posix_spawn), so that a process
 * that has used MPI may call this, too, as its last act.
 * Errors: ENT_ERR_ARGUMENT when there is no word; ENT_ERR_SYSTEM when it does not start, does not end in time
 * or fails, with the reason; ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_notify(const char *command, const ent_notice *notice);

#endif
