#ifndef ENTRAIN_ENGINE_MASTER_H
#define ENTRAIN_ENGINE_MASTER_H

/*
 * The master of a run: it gives the study to every worker that has said hello, keeps one range at work and
 * one queued at each, listens, and lives on when workers die. What is handed out is decided by
 * sweep/dispatch, who is alive by engine/crew; here are only messages and the clock. A master without workers
 * does the work itself (engine/solo).
 */

#include "entrain/comm/comm.h"
#include "entrain/engine/pending.h"
#include "entrain/engine/teller.h"

typedef struct ent_master_options {
  ent_comm *comm;
  ent_crew *crew; /* those who have said hello are MET; others may be late */
  ent_pending *pending;
  ent_store *store;      /* open for writing */
  const ent_text *study; /* for the workers (engine/study) */
  bool writes;           /* the master writes for all, the workers send their records */
  ent_teller_sources told;
} ent_master_options;

/*
 * Hands out everything and returns when all workers have said goodbye or are lost: all is done, or a stop was
 * asked for, or nobody is left to work.
 * [out] progress  how it ended: rows that are pending without a stop say that nobody was left
 * Errors: an engine failure of its own; that of a worker (its code, its message was logged) when no worker is
 * left and rows are. Not collective.
 */
ENT_MUST_CHECK int ent_master_run(const ent_master_options *options, ent_progress *progress);

#endif
