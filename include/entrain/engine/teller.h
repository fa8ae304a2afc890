#ifndef ENTRAIN_ENGINE_TELLER_H
#define ENTRAIN_ENGINE_TELLER_H

/*
 * How a run goes, told to who listens and to the lock, whose heartbeat this is. Only the master.
 */

#include "entrain/engine/crew.h"
#include "entrain/engine/outlook.h"
#include "entrain/store/lock.h"
#include "entrain/store/store.h"
#include "entrain/sweep/dispatch.h"

/* How a run goes; times in seconds, counts in rows. */
typedef struct ent_progress {
  ent_dispatch_totals totals;
  int workers;               /* at work, waiting for work, or through with it */
  int lost;                  /* dead, silent, or failed */
  double elapsed, rate, eta; /* rate: rows per second, recent; eta: NaN while unknown */
  bool stopping;             /* a stop was asked for: running jobs end */
  bool is_final;             /* nothing more will come */
} ent_progress;

/* Who is told how the run goes. */
typedef struct ent_listener {
  void (*progress)(void *context, const ent_progress *progress); /* about four times a second; OPTIONAL */
  void *context;
} ent_listener;

/* What is told of; all outlive the teller. */
typedef struct ent_teller_sources {
  const ent_dispatch *dispatch;
  const ent_crew *crew;   /* NULL for a run of one rank */
  const ent_store *store; /* the results file, looked at whether it is still there; NULL: it is not */
  int64_t excluded; /* positions that count as finished for the dispatcher, because nobody asked for them */
  ent_lock *lock;   /* NULL for none */
  const ent_listener *listener; /* NULL for none */
} ent_teller_sources;

typedef struct ent_teller {
  ent_teller_sources sources;
  ent_progress progress;
  ent_outlook outlook;
  double began, last_progress, last_beat, rate_time, rate_sum;
  int64_t rate_done;
  bool told_stopping; /* a beat has told of the stop */
  bool told_waiting;  /* the last beat has told of workers that have yet to start */
  bool lock_fails;    /* the last heartbeat could not be written */
} ent_teller;

/* Begins to tell; the clock starts. Not collective. */
void ent_teller_init(ent_teller *teller, const ent_teller_sources *sources);

/*
 * Tells what is due by the clock. A heartbeat that cannot be written is a warning.
 * Errors: ENT_ERR_BUSY when another run has the lock; ENT_ERR_IO when the results file was deleted, moved or
 * replaced; ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_teller_tell(ent_teller *teller);

/* Tells for the last time. Not collective. */
void ent_teller_end(ent_teller *teller);

#endif
