#ifndef ENTRAIN_SWEEP_CHECKPOINT_H
#define ENTRAIN_SWEEP_CHECKPOINT_H

/*
 * A running integration between two accepted steps, and as bytes: all that solve/integrate needs to go on as
 * if it had never been interrupted. Pure; solve/integrate makes and uses it, the store keeps the bytes.
 *
 * What follows from the rest is not in it: recorded times are those up to t, and reached are the deltas that
 * have a t_sync.
 */

#include "entrain/sweep/result.h"

typedef struct ent_checkpoint {
  int64_t row;
  int64_t sequence; /* of two checkpoints of a slot the one with the larger number is newer; the writer's */
  double seconds;   /* that the job has taken so far */
  double t;
  double next_step; /* the step that is tried next */
  int64_t steps, rejected, rhs_evals;
  double drift, error_estimate;  /* as in ent_step_counts (solve/stepper) */
  double t_sync[ENT_MAX_DELTAS]; /* NaN if not reached */
  double t_certain;              /* NaN if not certain */
  size_t size;                   /* length of the state */
  const double *x;               /* [size]: state of the integrator at t */
  const double *slope;           /* [size]: first stage of the next step; NULL: it is computed anew */
  /* The start of the last step, where the inside of the next one needs it. */
  double t_before;            /* of no meaning without x_before */
  const double *x_before;     /* [size]: state; NULL: not needed */
  const double *slope_before; /* [size]: its time derivative; NULL with x_before */
  size_t n_values;            /* n_series * n_record */
  const float *series;        /* [n_series, n_record] */
} ent_checkpoint;

/* Bytes of the largest checkpoint that a job of the specification can have. Not collective. */
size_t ent_checkpoint_bytes(const ent_spec *spec);

/*
 * Writes a checkpoint as bytes: little-endian, with version, length and checksum; no more than
 * ent_checkpoint_bytes of its specification.
 * [out] bytes
 * Returns the number of bytes. Not collective.
 */
size_t ent_checkpoint_encode(const ent_checkpoint *checkpoint, unsigned char *bytes);

/*
 * The length that a checkpoint says it has, whatever it is worth; 0 where there is none.
 * [in]  bytes  [length], its beginning at least. Not collective.
 */
size_t ent_checkpoint_length(const unsigned char *bytes, size_t length);

/*
 * Reads a checkpoint from any bytes; what stands behind its length is ignored.
 * [in]  spec  the job's: a checkpoint of a row, size or series that it does not have is refused
 * [in]  arena  owner of the arrays; NULL: they are not wanted, and the pointers are NULL
 * [out] checkpoint  untouched on failure
 * Errors: ENT_ERR_FORMAT (nothing was written there, it is damaged, of another version, or makes no sense),
 * ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_checkpoint_decode(const unsigned char *bytes, size_t length, const ent_spec *spec,
                                         ent_arena *arena, ent_checkpoint *checkpoint);

#endif
