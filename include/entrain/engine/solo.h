#ifndef ENTRAIN_ENGINE_SOLO_H
#define ENTRAIN_ENGINE_SOLO_H

/* A run of one rank: the master works itself, without messages. */

#include "entrain/engine/pending.h"
#include "entrain/engine/teller.h"
#include "entrain/engine/worker.h"

/*
 * Computes everything, or until a stop is asked for.
 * [out] progress  how it ended
 * Errors: an engine failure. Not collective.
 */
ENT_MUST_CHECK int ent_solo_run(ent_pending *pending, ent_worker *worker, const ent_teller_sources *told,
                                ent_progress *progress);

#endif
