#ifndef ENTRAIN_ENGINE_LAUNCH_H
#define ENTRAIN_ENGINE_LAUNCH_H

/*
 * `entrain run` started by hand: the process becomes the parent of an mpirun of its own program, passes
 * signals on, watches and waits. The parent never calls MPI or PETSc, before or after. Not for clusters'
 * launchers: under mpirun or srun the program joins them. Whether to start again is engine/supervise's
 * decision. Besides engine/rank this is the one place of the library that ends a process: the child that
 * could not become mpirun.
 *
 * What the parent does with signals while mpirun runs: the first INT or TERM, and every HUP or USR1, becomes
 * a USR1 to mpirun, which hands it to every rank (drain). It is repeated after 1, 2, 4, ... seconds, so that
 * a rank which had no handler yet hears it. The second INT or TERM becomes a TERM to mpirun (the ranks end
 * within about a second). Signals that were ignored at the start stay ignored, as under nohup. mpirun is in a
 * process group of its own, so that a Ctrl-C reaches it by this way only, and gets a TERM when the parent
 * dies.
 *
 * mpirun is started so that it ends no rank because another one has died. A rank that dies in or before
 * MPI_Init would make all others wait for it for ever: while the results file is not locked by the run, the
 * parent takes such a death for the end of this start. It ends what is left, too, when the master has died,
 * and when mpirun does not end after its ranks. Processes are named by pid and start time, and only those
 * that were seen as children of mpirun are ended.
 */

#include <stdbool.h>

#include "entrain/base/error.h"
#include "entrain/base/text.h"
#include "entrain/engine/run_folder.h"

/*
 * Set for the ranks by the parent: the columns of the terminal that stderr is, "0" if it is none. Under
 * mpirun stderr is a pipe, so that a rank cannot find out.
 */
#define ENT_LAUNCH_TERMINAL "ENTRAIN_TERMINAL"

/* Set for the ranks by the parent when the run has begun already: it goes on, whatever --fresh says. */
#define ENT_LAUNCH_RESUMES "ENTRAIN_RESUMES"

typedef struct ent_launch_options {
  int workers;            /* ranks beside the master; 0: one for each core that this process may use */
  char *const *arguments; /* of this program, NULL-terminated, [0] its name: the ranks get the others */
  const char *results;    /* path of the results file, whose lock tells that the run has begun; NULL: none */
  const ent_run_folder *folder; /* NULL: none */
  bool resumes;                 /* sets ENT_LAUNCH_RESUMES */
  bool is_verbose;              /* also what PMIx has to say */
} ent_launch_options;

/* Why the parent has ended mpirun. */
typedef enum ent_launch_fault {
  ENT_LAUNCH_GOOD,   /* it has not */
  ENT_LAUNCH_NO_RUN, /* a rank was gone before the run had begun */
  ENT_LAUNCH_DEAD,   /* the master was gone without a word */
  ENT_LAUNCH_HANG    /* it went on without ranks */
} ent_launch_fault;

typedef struct ent_launch_status {
  int exit_code; /* of mpirun, when signal is 0 */
  int signal;    /* that ended mpirun; 0 when it exited */
  ent_launch_fault fault;
  bool has_begun;     /* the results file was locked by this start */
  bool is_stop_asked; /* a signal asked for the end of the run */
  bool is_cut_short;  /* a second one has told the ranks to end at once */
} ent_launch_status;

/* True unless a launcher (Open MPI's mpirun, PMIx, or PMI in a Slurm step) has started this process. Not
 * collective. */
bool ent_launch_is_needed(void);

/* Cores that this process may use: those of its affinity mask. Not collective. */
int ent_launch_cores(void);

/* Whether this process is in a Slurm allocation of more than one node. Not collective. */
bool ent_launch_has_several_nodes(void);

/*
 * For a rank, before MPI_Init: takes back what was meant for mpirun alone, and tells the parent that the
 * master is there. Does nothing in a process that no parent of ours has launched. Not collective.
 */
void ent_launch_enter(void);

/*
 * Appends what ent_launch_run will start, for the log: the command with its options and the variables that
 * are added to the environment. Errors: ENT_ERR_MEMORY, ENT_ERR_ARGUMENT, ENT_ERR_SYSTEM. Not collective.
 */
ENT_MUST_CHECK int ent_launch_describe(const ent_launch_options *options, ent_text *text);

/*
 * Starts mpirun, found by PATH, and waits for the end of it and of all ranks of this host. Variables that the
 * user has set are not overridden, but for the folder of shared memory, which becomes one below the user's.
 * Errors: ENT_ERR_ARGUMENT; ENT_ERR_MEMORY; ENT_ERR_SYSTEM when mpirun cannot be started. Not collective;
 * only before the first call of MPI or PETSc, in a process with one thread.
 */
ENT_MUST_CHECK int ent_launch_run(const ent_launch_options *options, ent_launch_status *status);

#endif
