#ifndef ENTRAIN_ENGINE_START_H
#define ENTRAIN_ENGINE_START_H

/*
 * How ranks meet and how a run that does not begin sends them home, by messages: nothing waits for a rank
 * that may be dead.
 */

#include "entrain/comm/comm.h"
#include "entrain/engine/crew.h"

/* Says hello: a worker to the master, the master to every worker. Errors: ENT_ERR_MPI, ENT_ERR_SYSTEM,
 * ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_start_greet(ent_comm *comm);

/*
 * The master waits until every worker has said hello, until those that have not can no longer come (their
 * processes are gone, if all ranks are of this host), for 120 s, or until a stop is asked for. A goodbye is
 * answered.
 * Errors: ENT_ERR_MPI when no worker has come; ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_start_meet(ent_comm *comm, ent_crew *crew);

/*
 * The master sends every worker home who is not gone, and waits a few seconds for their goodbyes. For a run
 * that ends by an error. Not collective.
 */
void ent_start_cancel(ent_comm *comm, ent_crew *crew);

#endif
