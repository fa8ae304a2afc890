#ifndef ENTRAIN_ENGINE_SERVE_H
#define ENTRAIN_ENGINE_SERVE_H

/*
 * A worker's life under a master: it gets the study, opens the results file, takes ranges, computes them and
 * reports, and says goodbye. It listens, and gives a sign of life every second, between two steps too. It
 * does not outlive its master.
 */

#include "entrain/comm/comm.h"

/*
 * Seconds of silence after which the master is taken for dead, counted in looks of at most one second each:
 * one on another host; one on this host whose process lives, or any before the first range, when the master
 * may be reading a large file; more where a master of many workers beats seldom (sweep/pace). One on this
 * host whose process is gone is dead at the second look.
 */
#define ENT_SERVE_SILENCE 8.0
#define ENT_SERVE_SILENCE_PATIENT 600.0

/*
 * Serves the master at rank 0 until it says stop. PETSc is started and ended here. A failure of its own
 * (results file, PETSc) is reported to the master, who decides what becomes of the run.
 * Errors: ENT_ERR_MPI when the master or mpirun is gone, and nobody is left to report to. Not collective.
 */
ENT_MUST_CHECK int ent_serve(ent_comm *comm);

#endif
