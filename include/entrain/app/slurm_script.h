#ifndef ENTRAIN_APP_SLURM_SCRIPT_H
#define ENTRAIN_APP_SLURM_SCRIPT_H

/*
 * The batch script that computes a results file: OUT.sbatch for OUT.h5, and for the part OUT.K.h5 of a job
 * array when that has no script of its own. Finds it and reads its numbers; app/submit_script writes it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "entrain/base/text.h"

typedef struct ent_slurm_script {
  ent_text path; /* beside the results file, as that was named; OUT.sbatch also when it is not there */
  bool is_there;
  int task;      /* the file is part K of a job array: K; -1: it is the whole */
  int parts;     /* tasks of the script's job array; 1: none */
  int64_t total; /* rows of the sweep; 0: the script does not say */
} ent_slurm_script;

/*
 * Looks for the script of a results file, which need not be there yet; of a symbolic link also beside the
 * file that is meant. ent_slurm_script_fini it, also on failure. Errors: ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_slurm_script_find(const char *output, ent_slurm_script *found);

void ent_slurm_script_fini(ent_slurm_script *script);

/* Appends an absolute path, whether the file is there or not. Errors: ENT_ERR_SYSTEM, ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_slurm_append_absolute(const char *path, ent_text *text);

#endif
