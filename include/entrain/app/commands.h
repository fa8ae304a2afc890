#ifndef ENTRAIN_APP_COMMANDS_H
#define ENTRAIN_APP_COMMANDS_H

/*
 * The commands that compute. Each gets argv[0] = "entrain <command>" and returns the exit status: 0 complete,
 * 1 the engine failed, 2 usage or refusal, 3 failed rows with --strict, 75 stopped early in good order.
 */

/* Computes what is pending of a job file's sweep; starts its own mpirun when started by hand. */
int ent_command_run(int argc, char **argv);

/* Says what a sweep would cost: rows, file size, memory, and time by a few timed probes. */
int ent_command_plan(int argc, char **argv);

/* Integrates one row again, compares it bit by bit, and keeps its trajectory. */
int ent_command_replay(int argc, char **argv);

/* Examines a file, integrates some of its rows again, repairs it. */
int ent_command_verify(int argc, char **argv);

/* Makes rows pending again. */
int ent_command_retry(int argc, char **argv);

/* Takes values of axes out of a study. */
int ent_command_drop(int argc, char **argv);

/* Adds values to axes, or makes the horizon longer, and keeps what is computed. */
int ent_command_extend(int argc, char **argv);

/* Puts the rows of several files of one study into one. */
int ent_command_merge(int argc, char **argv);

/* Lists what can be swept, with parameters, ranges, units and sources. */
int ent_command_models(int argc, char **argv);

#endif
