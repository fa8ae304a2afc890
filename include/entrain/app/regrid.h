#ifndef ENTRAIN_APP_REGRID_H
#define ENTRAIN_APP_REGRID_H

/*
 * A results file made anew for a changed job file: other values on its axes, another horizon. Rows of points
 * that both studies have are carried over, bit by bit; all others are pending. Checkpoints are not carried
 * over. The job file of the changed study is written beside, because `entrain run` needs one to go on.
 */

#include "entrain/app/surgery.h"
#include "entrain/sweep/job_edit.h"

typedef struct ent_regrid {
  ent_surgery surgery;  /* given: command, path, keeps_old, is_dry; has begun */
  const char *job_path; /* given: where the job file goes; NULL: the results file's name with .yaml */
  bool (*stays)(const void *context, const ent_result *result); /* given: which finished rows; NULL: all */
  const void *context;                                          /* given: for `stays` */
  ent_text job;                                                 /* path of the job file, absolute */
  ent_text text;                                                /* of the changed job file */
  ent_spec *spec;                                               /* of the changed study */
  int64_t *to_old[ENT_MAX_AXES];    /* [extent of the dimension] old index along it, -1: new */
  unsigned char *finished;          /* [old grid size] */
  uint8_t *kills;                   /* [old grid size] */
  int64_t kept, again, added, gone; /* rows: carried over; finished, now pending; of new points; dropped */
} ent_regrid;

/*
 * Reads the changed text, and finds out what becomes of every row.
 * [in]  text  of the changed job file; taken over
 * [out] faults  of the changed text, on ENT_ERR_JOB_FILE
 * Errors: ENT_ERR_JOB_FILE; ENT_ERR_ARGUMENT when another file is in the job file's place; of the store;
 * ENT_ERR_MEMORY; ENT_ERR_INTERNAL when an old value was lost.
 */
ENT_MUST_CHECK int ent_regrid_plan(ent_regrid *own, ent_text *text, ent_text *faults);

/*
 * Makes the changed file and the job file, puts them in their places, and prints how to go on; a dry surgery
 * does nothing. Errors: of all kinds.
 */
ENT_MUST_CHECK int ent_regrid_carry_out(ent_regrid *own);

/* Ends the surgery and frees all; returns what ent_surgery_end does. */
int ent_regrid_end(ent_regrid *own, int code);

#endif
