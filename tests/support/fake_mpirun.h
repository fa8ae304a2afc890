#ifndef ENTRAIN_TESTS_FAKE_MPIRUN_H
#define ENTRAIN_TESTS_FAKE_MPIRUN_H

/*
 * An mpirun for tests: the test program itself under another name, first in PATH. It writes what it was given
 * into the files `arguments`, `environment` and `state` of a temporary folder, then does what its mode says:
 * exit with that number, `kill` itself, or `wait` and `drain`: write each signal into `signals`, make the
 * file `ready`, and end at TERM, or at the first USR1.
 *
 * Modes with ranks, whose pids go into `ranks`, and each start into `starts`:
 * lose        one rank is soon gone, the master stays, the file is not locked
 * lose once   the same at the first start, in the second the master ends with 0; both make the file anew
 * late once   the same without a file; the master, told to end, says at the first start that it was stopped
 * fall once   a rank dies at the first start and mpirun ends with 137, in the second the master ends with 0
 * vanish once the same, and mpirun ends with 0 at the first start
 * lock        locks the file and ends with 0
 * bereft      locks the file, then the master dies and a worker stays
 * go on       locks the file, then a worker dies; ends well some seconds later
 * leave       exits with 0 while its rank stays
 * hang        goes on for ever, after its only rank, and hears no TERM
 * refuse      the master ends with 2
 * no workers  the master ends with 69
 */

#include <stdbool.h>

/* The variable that holds the mode, for a test that changes it. */
#define FAKE_MPIRUN_MODE "FAKE_MPIRUN_MODE"

enum {
  FAKE_MPIRUN_DRAINED = 75,  /* exit status after `drain` */
  FAKE_MPIRUN_ENDED = 15,    /* after TERM */
  FAKE_MPIRUN_PATIENCE = 20, /* seconds that a test waits for a file; twice as long the program lives */
};

/* Makes the folder, changes PATH, clears the environment of what launchers set, and ignores no signal. */
void fake_mpirun_set_up(const char *mode);

/* Removes and restores everything. */
void fake_mpirun_tear_down(void);

/* Clears the environment of what launchers set and what ent_launch adds. */
void fake_mpirun_clear_environment(void);

/* Content of a file that it wrote, with a newline before it; "\n" when it is not there. Lasts until the next
 * call. */
const char *fake_mpirun_content(const char *name);

/* How many of its ranks are still there. */
int fake_mpirun_living_ranks(void);

/* Path of the results file that the modes with ranks lock. Lasts until the next call. */
const char *fake_mpirun_results(void);

/* Whether a file is there. */
bool fake_mpirun_wrote(const char *name);

#endif
