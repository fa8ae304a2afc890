#ifndef ENTRAIN_TESTS_JOB_PIECES_H
#define ENTRAIN_TESTS_JOB_PIECES_H

/*
 * A job run in pieces: interrupted after some steps, kept as bytes, and gone on with by an integrator that
 * has never seen it.
 */

#include "entrain/solve/integrate.h"

#include "job_fixture.h"

enum { ENT_KEEPER_STEPS = 20000 }; /* a job has fewer */

/* What a job leaves behind, copied. */
typedef struct ent_leftover {
  ent_result result;
  size_t n_series, n_final;
  float *series;
  double *final_state;
} ent_leftover;

/* Context of a watcher that ends a piece of a job after some steps, and keeps it as bytes. */
typedef struct ent_keeper {
  const ent_spec *spec;
  unsigned char *bytes; /* [ent_checkpoint_bytes] */
  size_t length;        /* 0: nothing is kept */
  int64_t steps_left;
  int64_t taken, asked; /* checkpoints, and questions whether one is wanted */
  int64_t after_record, after_sync, with_slope;
  size_t n_recorded, n_synced; /* of the last checkpoint */
  uint32_t *digests; /* [ENT_KEEPER_STEPS]: of the checkpoints after each step, 0 where there was none yet */
} ent_keeper;

/* Copies what a row leaves behind; ent_leftover_fini frees it. */
void ent_leftover_copy(const ent_spec *spec, int64_t row, const ent_output *output, ent_leftover *copy);
void ent_leftover_fini(ent_leftover *old);

/* Whether the bits are the same, but for the seconds. */
bool ent_leftover_same(const ent_leftover *a, const ent_leftover *b);

void ent_keeper_init(const ent_spec *spec, ent_keeper *made);
void ent_keeper_fini(ent_keeper *old);

/* Slots of ent_watcher: `abandons` after steps_left questions, `saves` always or never, `keeps`. */
bool ent_keeper_ends(void *context);
bool ent_keeper_always(void *context);
bool ent_keeper_never(void *context);
int ent_keeper_keeps(void *context, const ent_checkpoint *checkpoint);

/*
 * One piece in a new integrator, from what is kept on. Returns whether the job is over: `left` is then what
 * it leaves behind, and otherwise untouched.
 */
bool ent_keeper_run_piece(ent_keeper *own, int64_t row, ent_leftover *left);

/* A job from its start to its end in pieces of 1 to `longest` steps. */
void ent_keeper_run(ent_keeper *own, int64_t row, int longest, ent_leftover *left);

/* A row in pieces of one step, with `least` checkpoints or more, leaves the bits of one in one piece. */
void ent_keeper_check(ent_job_fixture *job, int64_t row, int64_t least);

#endif
