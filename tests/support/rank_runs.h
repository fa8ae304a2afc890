#ifndef ENTRAIN_TESTS_RANK_RUNS_H
#define ENTRAIN_TESTS_RANK_RUNS_H

/*
 * What a test of runs with several ranks shares with these ranks: a folder, small files in it by which they
 * tell each other something, and the start and end of mpirun on the test's own program, with recovery on.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "entrain/store/store.h"

enum { RANK_RUNS_PATIENCE = 100 }; /* seconds until a test gives up on something */

/* Where the files are; a rank sets it, for a test rank_runs_open makes it. */
extern char rank_runs_folder[256];

/* Makes the folder with a job file, job.yaml, in it; ends the test on failure. */
void rank_runs_open(const char *job);

/* Removes the folder; checks that nothing but what ranks and tests are known to leave is in it. */
void rank_runs_close(void);

/* Path of a file in the folder. */
void rank_runs_path(const char *name, size_t size, char *path);

bool rank_runs_has(const char *name);

/* A number in a file of that name; -1 when there is none. */
void rank_runs_note(const char *name, long number);
long rank_runs_number(const char *name);

/* Whether this process is the first that asks for the name. */
bool rank_runs_is_first(const char *name);

/* Waits until it is true; returns whether it is. */
bool rank_runs_comes_true(bool (*condition)(void));

/*
 * Starts mpirun in a process of its own: so many ranks of this program, with arguments `--scenario=NAME` and
 * `--folder=FOLDER`, their output in the file `log`. The parent must not use MPI.
 */
pid_t rank_runs_start(int ranks, const char *scenario);

/* Waits for its end and returns what rank 0 has noted as `exit`; -1: nothing. mpirun's own status means
 * nothing. */
long rank_runs_finish(pid_t mpirun);

/* The results file, OUT.h5, for reading; ends the test on failure. */
ent_store *rank_runs_file(void);

#endif
