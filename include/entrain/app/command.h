#ifndef ENTRAIN_APP_COMMAND_H
#define ENTRAIN_APP_COMMAND_H

/* What the commands share: their exit statuses, the file they are given, and saying what went wrong. */

#include <argp.h>

#include "entrain/base/text.h"

enum { ENT_EXIT_OK = 0, ENT_EXIT_ENGINE = 1, ENT_EXIT_USAGE = 2, ENT_EXIT_ROWS = 3, ENT_EXIT_STOPPED = 75 };

/*
 * The end of an argp parser that takes exactly one file: stores it, and refuses a second one or none.
 * [in]  what  the file is, "results file", for messages
 * [out] path
 */
error_t ent_command_parse_path(int key, char *argument, struct argp_state *state, const char *what,
                               const char **path);

/*
 * Says on stderr what the error record holds, after the command's name, or the faults of a job file if there
 * are any (NULL: none). Returns the exit status that belongs to the code: ENT_EXIT_USAGE for what the user
 * named, ENT_EXIT_ENGINE, with the frames of the failure, for anything else.
 */
int ent_command_fail(const char *command, int code, const ent_text *faults);

#endif
