#ifndef ENTRAIN_APP_COMMAND_H
#define ENTRAIN_APP_COMMAND_H

/*
 * What the commands share: exit statuses, the files and options they are given, and saying what went wrong.
 */

#include <argp.h>
#include <stdbool.h>

#include "entrain/base/isa.h"
#include "entrain/base/log.h"
#include "entrain/base/text.h"

enum { ENT_EXIT_OK = 0, ENT_EXIT_ENGINE = 1, ENT_EXIT_USAGE = 2, ENT_EXIT_ROWS = 3, ENT_EXIT_STOPPED = 75 };

/*
 * The end of an argp parser that takes exactly one file: stores it, and refuses a second one or none.
 * [in]  what  the file is, "results file", for messages
 * [out] path
 */
error_t ent_command_parse_path(int key, char *argument, struct argp_state *state, const char *what,
                               const char **path);

/* The instruction set of that name, given to --isa; ends the program with status 2 where there is none. */
ent_isa ent_command_parse_isa(const char *name, struct argp_state *state);

/*
 * Takes what stands after `--` off the arguments: options with one value each, or none.
 * [in,out] argc  what is left
 * [in,out] options  appended, joined by spaces
 * Errors: ENT_ERR_ARGUMENT for anything that looks like no option, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_command_split_options(int *argc, char **argv, ent_text *options);

/*
 * Refuses a file to be written that is the results file which is read, or any other results file. Errors:
 * ENT_ERR_ARGUMENT.
 */
ENT_MUST_CHECK int ent_command_check_target(const char *target, const char *input);

/*
 * MPI_Init, with ROMIO for files unless the user has set OMPI_MCA_io; false when it failed. A process that
 * no launcher started is alone: then MPI looks for no fabrics, starts no daemon and listens on no network,
 * unless the user's variables ask for it.
 */
bool ent_command_start_mpi(void);

/*
 * Refuses a results file in the place of a job file. Errors: ENT_ERR_ARGUMENT.
 */
ENT_MUST_CHECK int ent_command_check_job(const char *path);

/* Prints a message on stderr: an ent_log_sink. */
void ent_command_say(ent_log_level level, const char *message);

/*
 * Says on stderr what the error record holds, after the command's name, or the faults of a job file if there
 * are any (NULL: none). Returns the exit status that belongs to the code: ENT_EXIT_USAGE for what the user
 * named, ENT_EXIT_ENGINE, with the frames of the failure, for anything else.
 */
int ent_command_fail(const char *command, int code, const ent_text *faults);

#endif
