#ifndef ENTRAIN_APP_RUN_RESULT_H
#define ENTRAIN_APP_RUN_RESULT_H

/* What `entrain run` tells at its end: rows and failures, what went wrong, and the command of --notify. */

#include <stdbool.h>

#include "entrain/base/text.h"
#include "entrain/store/tally.h"

/*
 * Says what went wrong. Returns the exit status: a file that cannot be read or written is a refusal for other
 * commands, here the engine failed. [in] faults  of the job file; NULL: none
 */
int ent_run_fail(int code, const ent_text *faults);

/*
 * Says on stdout what is in the file now, on stderr which rows failed and whether the run has stopped early.
 * Returns the exit status. [out] tally
 */
int ent_run_conclude(const char *path, bool is_complete, bool is_strict, ent_tally *tally);

/*
 * Runs the command that --notify named, if there is one and the run was not refused; its failure is a
 * warning. [in] tally  with total 0 where the rows are not known
 */
void ent_run_tell(const char *command, const char *path, int status, const ent_tally *tally);

#endif
