#ifndef ENTRAIN_APP_STATUS_H
#define ENTRAIN_APP_STATUS_H

/*
 * `entrain status OUT.h5 [--watch] [--json]`: how far a sweep is, while it runs or afterwards. Reads only.
 * --watch shows it again every 2 s until no row is pending or nobody computes any more. argv[0] is "entrain
 * status"; returns the exit status.
 *
 * Keys of --json, one object on one line; null where a number is unknown:
 *   file, name, model, total, done, failed, quarantined, pending, complete (true when no row is pending)
 *   outcomes  {sync, nonsync, undecided, finished, none}: rows that are done
 *   errors    {label: rows}: failed and quarantined rows
 *   rate      rows per second, eta seconds left: as the running sweep estimates them
 *   owner     null, or {alive, host, pid, ranks, slurm_job, started, heartbeat}: who holds the file, all but
 *             alive null when its lock cannot be read
 *   segments  [{start, end, hosts, cpu, instruction_set, ranks, slurm_job, restart_count, exit}]: the runs so
 *             far
 *
 * Times are Unix seconds; end and exit are null while a run goes on, slurm_job is null outside Slurm.
 */

#include "entrain/base/text.h"
#include "entrain/store/lock.h"
#include "entrain/store/tally.h"

enum { ENT_STATUS_SEGMENTS = 64 };

/* What is known of a sweep at one moment. */
typedef struct ent_status_view {
  const char *path;
  char name[128], model[64];
  ent_tally tally;
  int held;  /* a lock is there */
  int known; /* and can be read: owner means something */
  int alive; /* its owner lives; of an unreadable one, as long as that cannot be excluded */
  ent_lock_owner owner;
  size_t n_segments;
  ent_segment segments[ENT_STATUS_SEGMENTS];
} ent_status_view;

/* Looks. ent_status_fini it. Errors: those of the store. */
ENT_MUST_CHECK int ent_status_read(const char *path, ent_status_view *view);

void ent_status_fini(ent_status_view *view);

/* Appends the view for people (several lines), for a log (one line), as JSON (one line). Errors:
 * ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_status_append(const ent_status_view *view, ent_text *text);
ENT_MUST_CHECK int ent_status_append_line(const ent_status_view *view, ent_text *text);
ENT_MUST_CHECK int ent_status_append_json(const ent_status_view *view, ent_text *text);

int ent_command_status(int argc, char **argv);

#endif
