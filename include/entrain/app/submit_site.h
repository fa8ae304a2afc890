#ifndef ENTRAIN_APP_SUBMIT_SITE_H
#define ENTRAIN_APP_SUBMIT_SITE_H

/*
 * What there is to submit and to launch with at this site: Slurm, and which mpirun or srun. Asked of the
 * programs themselves, which are started without a shell.
 */

#include <stdbool.h>

#include "entrain/base/text.h"

typedef enum {
  ENT_SUBMIT_NO_MPIRUN,
  ENT_SUBMIT_OPEN_MPI_4, /* or older: recovery from the death of a rank */
  ENT_SUBMIT_OPEN_MPI_5, /* or newer */
  ENT_SUBMIT_OTHER_MPIRUN
} ent_submit_mpirun;

typedef struct ent_submit_site {
  ent_submit_mpirun mpirun;
  bool has_sbatch;
  bool has_pmix; /* srun starts MPI programs by PMIx */
} ent_submit_site;

/* What was chosen to start the ranks with, and what to say about it. */
typedef struct ent_submit_choice {
  bool uses_srun;
  bool is_doubtful;   /* it will hardly work: `remark` is a warning */
  const char *remark; /* NULL: nothing to say */
} ent_submit_choice;

/* Looks at what PATH has. Errors: ENT_ERR_MEMORY, ENT_ERR_SYSTEM. Not collective. */
ENT_MUST_CHECK int ent_submit_look(ent_submit_site *site);

/* Which mpirun says this when it is asked for its version. */
ent_submit_mpirun ent_submit_know_mpirun(const char *said);

/* Whether srun, asked for its kinds of MPI, has one of this name, perhaps with a version (pmix_v4). */
bool ent_submit_has_kind(const char *said, const char *kind);

/*
 * Chooses the launcher.
 * [in] wanted  "mpirun", "srun", or NULL: mpirun where it is Open MPI's, else srun where it has PMIx
 */
ent_submit_choice ent_submit_choose(const ent_submit_site *site, const char *wanted);

enum { ENT_SUBMIT_NOT_FOUND = 127 /* exit status of a program that is not there */ };

/*
 * Runs a program with these arguments and reads what it says.
 * [in]  argv  NULL-terminated; the program is found by PATH
 * [in]  with_errors  what goes to stderr, too; otherwise that goes where ours goes
 * [out] said  appended
 * [out] status  its exit status; 128 + signal; ENT_SUBMIT_NOT_FOUND
 * Errors: ENT_ERR_SYSTEM, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_submit_ask(const char *const *argv, bool with_errors, ent_text *said, int *status);

#endif
