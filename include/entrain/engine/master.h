#ifndef ENTRAIN_ENGINE_MASTER_H
#define ENTRAIN_ENGINE_MASTER_H

/*
 * The master of a run: it keeps one range at work and one queued at every worker, listens, and tells how it
 * goes. What is handed out is decided by sweep/dispatch; here are only messages, the clock and the lock's
 * heartbeat. A master without workers does the work itself.
 */

#include "entrain/comm/comm.h"
#include "entrain/engine/worker.h"
#include "entrain/store/lock.h"

/* How a run goes; times in seconds, counts in rows. */
typedef struct ent_progress {
  ent_dispatch_totals totals;
  int workers;
  double elapsed, rate, eta; /* rate: rows per second, recent; eta: NaN while unknown */
  bool stopping;             /* a stop was asked for: running jobs end */
  bool is_final;             /* nothing more will come */
} ent_progress;

/* Who is told how the run goes. */
typedef struct ent_listener {
  void (*progress)(void *context, const ent_progress *progress); /* about four times a second; OPTIONAL */
  void *context;
} ent_listener;

typedef struct ent_master_options {
  ent_comm *comm;
  ent_dispatch *dispatch;
  int64_t excluded; /* positions that count as finished for the dispatcher, because nobody asked for them */
  ent_lock *lock;
  ent_worker *worker; /* of the master itself, for a run of one rank; otherwise NULL */
  const ent_listener *listener;
} ent_master_options;

/*
 * Hands out everything and returns when nothing is out any more: all is done, or a stop was asked for.
 * Errors: an engine failure of its own or of a worker (with the worker's message). Not collective, but all
 * workers serve.
 */
ENT_MUST_CHECK int ent_master_run(const ent_master_options *options, ent_progress *progress);

#endif
