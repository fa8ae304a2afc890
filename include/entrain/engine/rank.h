#ifndef ENTRAIN_ENGINE_RANK_H
#define ENTRAIN_ENGINE_RANK_H

/*
 * What a process is as a rank of mpirun: it does not outlive mpirun, and it ends without MPI_Finalize where
 * other ranks may be dead. `ent_rank_leave` is one of the two places of the library that end the process
 * (the other is engine/launch's child); the mains call it as their last act.
 */

#include <stdbool.h>

#include "entrain/base/error.h"

/*
 * Asks the kernel to end this process (SIGKILL) when its parent dies, if that is Open MPI's mpirun or orted.
 * A parent of another name, a shell for one, may come and go. Early: before MPI_Init. Not collective.
 */
void ent_rank_follow_launcher(void);

/* Whether the launcher that was followed is gone. Always false where none was. Not collective. */
bool ent_rank_is_orphan(void);

/*
 * Whether mpirun lets the others go on when a rank dies (--enable-recovery, that is
 * OMPI_MCA_orte_enable_recovery=1). MPI_Finalize may hang then, see ent_rank_leave. Not collective.
 */
bool ent_rank_survives_others(void);

/*
 * Whether mpirun, the parent of this process, has started all ranks of this run on this host. Not
 * collective.
 */
bool ent_rank_are_all_here(int size);

/*
 * Counts the living processes of the same parent, this one among them: the ranks of this host under mpirun
 * or orted. Errors: ENT_ERR_SYSTEM when /proc cannot be read. Not collective.
 */
ENT_MUST_CHECK int ent_rank_count_siblings(int *count);

/*
 * Ends the process in place of MPI_Finalize and exit: flushes stdout and stderr, then _exit. For a rank under
 * recovery, which has closed all that is its own. Not collective.
 */
_Noreturn void ent_rank_leave(int status);

#endif
