#ifndef ENTRAIN_ENGINE_LAUNCH_H
#define ENTRAIN_ENGINE_LAUNCH_H

/*
 * `entrain run` started by hand: the process becomes the parent of an mpirun of its own program, passes
 * signals on and waits. The parent never calls MPI or PETSc, before or after. Not for clusters' launchers:
 * under mpirun or srun the program joins them.
 *
 * What the parent does with signals while mpirun runs: the first INT or TERM, and every HUP or USR1, becomes
 * a USR1 to mpirun, which hands it to every rank (drain). It is repeated after 1, 2, 4, ... seconds, so that
 * a rank which had no handler yet hears it. The second INT or TERM becomes a TERM to mpirun (the ranks end
 * within about a second). Signals that were ignored at the start stay ignored, as under nohup. mpirun is in a
 * process group of its own, so that a Ctrl-C reaches it by this way only, and gets a TERM when the parent
 * dies.
 */

#include <stdbool.h>

#include "entrain/base/error.h"
#include "entrain/base/text.h"

/*
 * Set for the ranks by the parent: the columns of the terminal that stderr is, "0" if it is none. Under
 * mpirun stderr is a pipe, so that a rank cannot find out.
 */
#define ENT_LAUNCH_TERMINAL "ENTRAIN_TERMINAL"

typedef struct ent_launch_options {
  int workers; /* ranks beside the master; 0: one for each core that this process may use */
  char *const
    *arguments; /* of this program, NULL-terminated, [0] its name: the ranks get the others as they are */
} ent_launch_options;

typedef struct ent_launch_status {
  int exit_code; /* of mpirun, when signal is 0 */
  int signal;    /* that ended mpirun; 0 when it exited */
} ent_launch_status;

/* True unless a launcher (Open MPI's mpirun, PMIx, or PMI in a Slurm step) has started this process. Not
 * collective. */
bool ent_launch_is_needed(void);

/* Cores that this process may use: those of its affinity mask. Not collective. */
int ent_launch_cores(void);

/*
 * Appends what ent_launch_run will start, for the log: the command with its options and the variables that
 * are added to the environment. Errors: ENT_ERR_MEMORY, ENT_ERR_ARGUMENT, ENT_ERR_SYSTEM. Not collective.
 */
ENT_MUST_CHECK int ent_launch_describe(const ent_launch_options *options, ent_text *text);

/*
 * Starts mpirun, found by PATH, and waits for its end. Variables that the user has set are not overridden.
 * Errors: ENT_ERR_ARGUMENT; ENT_ERR_MEMORY; ENT_ERR_SYSTEM when mpirun cannot be started. Not collective;
 * only before the first call of MPI or PETSc, in a process with one thread.
 */
ENT_MUST_CHECK int ent_launch_run(const ent_launch_options *options, ent_launch_status *status);

#endif
