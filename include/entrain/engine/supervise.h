#ifndef ENTRAIN_ENGINE_SUPERVISE_H
#define ENTRAIN_ENGINE_SUPERVISE_H

/*
 * A run started by hand, from its first mpirun to its last: judges each by the results file and the master's
 * own word, never by mpirun's exit status, which means nothing where ranks may die; and starts again where
 * that helps.
 *
 * Again after a start in which a rank was gone, or mpirun had given up or ended without a word, before the
 * run had begun, at most 3 times in a row; and when all workers were lost and the master has ended in order,
 * as long as rows are decided or deaths are counted, at most 3 times in a row without. Not after the death of
 * the master or of mpirun, and not once a signal has asked for the end.
 */

#include "entrain/engine/launch.h"

enum { ENT_SUPERVISE_ATTEMPTS = 3 };

typedef struct ent_supervision {
  /* As the master gave it: ENT_RUN_COMPLETE, ENT_RUN_STOPPED, ...; -1: the run broke off. A run that a second
   * signal has ended was stopped. */
  int exit_status;
  int starts;   /* of mpirun */
  bool is_mute; /* the master has ended without a word, and nobody has said why */
  ent_launch_status last;
} ent_supervision;

/*
 * Runs until nothing more is to be done. The folder of the run is made and removed here.
 * [in]  options  with the path of the results file
 * Errors: those of ent_launch_run. Not collective; only before the first call of MPI or PETSc.
 */
ENT_MUST_CHECK int ent_supervise(const ent_launch_options *options, ent_supervision *end);

#endif
