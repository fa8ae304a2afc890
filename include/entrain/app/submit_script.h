#ifndef ENTRAIN_APP_SUBMIT_SCRIPT_H
#define ENTRAIN_APP_SUBMIT_SCRIPT_H

/*
 * The batch script of a sweep: slurm/entrain.sbatch, which is compiled into the program, with its block
 * filled in. Whatever names contain, the shell and sbatch read them as they are: nothing in them is ever
 * executed or expanded. Not the submission itself.
 */

#include <stdbool.h>
#include <stdint.h>

#include "entrain/base/text.h"

enum { ENT_SUBMIT_MAX_NODES = 100000, ENT_SUBMIT_MAX_TASKS = 10000, ENT_SUBMIT_MAX_PARTS = 1000 };

typedef struct ent_submission {
  const char *program, *job, *output; /* absolute paths */
  const char *petsc_options;          /* separated by spaces; "" for none */
  const char *isa;                    /* pinned; NULL: none */
  int nodes, tasks_per_node;
  const char *time;                      /* as Slurm reads it */
  const char *partition, *account, *qos; /* NULL: Slurm's default */
  int parts;                             /* tasks of a job array, each with a file of its own; 1: no array */
  int64_t total;                         /* rows of the sweep, for the parts */
  bool uses_srun;                        /* instead of the mpirun that `entrain run` starts */
} ent_submission;

/* Appends the whole script. Errors: ENT_ERR_MEMORY, ENT_ERR_INTERNAL. */
ENT_MUST_CHECK int ent_submit_append_script(const ent_submission *submission, ent_text *text);

/*
 * Appends the path of the log, of the first part for an array: that of the results file with another ending;
 * a name with the number of the job in the current folder where a directive of sbatch cannot say it (a
 * control character or a backslash). Errors: ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_submit_append_log(const ent_submission *submission, const char *job, ent_text *text);

/* Appends the path of a results file with another ending in the place of .h5. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_submit_append_beside(const char *output, const char *ending, ent_text *text);

/* Appends a word of a shell command: as it is where that is plain, else in quotes. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_submit_append_word(const char *word, ent_text *text);

/* Appends words that are separated by spaces, each like that. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_submit_append_words(const char *words, ent_text *text);

/*
 * Seconds of a time as sbatch takes it: minutes, M:S, H:M:S, D-H, D-H:M, D-H:M:S; 0 for anything else, and
 * for no time at all.
 */
int64_t ent_submit_seconds(const char *time);

/* Whether a name may stand in a directive: letters, digits and . _ - + @ : , / only, no dash first. */
bool ent_submit_is_plain(const char *name);

#endif
