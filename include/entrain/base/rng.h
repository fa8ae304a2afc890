#ifndef ENTRAIN_BASE_RNG_H
#define ENTRAIN_BASE_RNG_H

/*
 * Counter-based random numbers (Philox4x64-10 of Random123; Salmon et al., SC'11,
 * doi:10.1145/2063384.2063405). A stream is named by (study, n, d, seed) and a stream id; draw k of a stream
 * is a pure function of that name and k, so that neither rank nor order nor beta can matter. Transcendental
 * functions are SLEEF's deterministic ones: the same bits on every processor.
 */

#include <stddef.h>
#include <stdint.h>

/* One id for each use of randomness; no two uses share one. Append only: the numbers are part of every
 * result. */
typedef enum {
  ENT_STREAM_START = 1,       /* initial positions */
  ENT_STREAM_FREQUENCIES = 2, /* natural frequencies */
  ENT_STREAM_NOISE_START = 3, /* perturbation of planted starts */
  ENT_STREAM_SAMPLE = 4,      /* rows that `entrain verify` integrates again */
  ENT_STREAM_GRAPH = 5,       /* edges of random graphs */
  ENT_STREAM_LAYERS = 6,      /* random layers, by the number of the step */
  ENT_STREAM_DATA = 7,        /* what a network is trained on */
  ENT_STREAM_TEACHER = 8,     /* the network that made it */
  ENT_STREAM_MATRICES = 9,    /* random matrices of attention, by the piece of time */
  ENT_STREAM_NOISE = 10,      /* noise along a solution, by the number of the step */
} ent_stream_id;

typedef struct ent_rng {
  uint64_t key[2];     /* study, seed */
  uint64_t counter[4]; /* index of the next block, stream id, n, d */
  double spare[4];     /* uniforms of the current block not yet handed out */
  int spares;
} ent_rng;

/* Starts a stream at its draw 0. Not collective. */
void ent_rng_init(ent_rng *rng, int64_t study, int64_t n, int64_t d, int64_t seed, ent_stream_id stream);

/*
 * Goes to a block of a stream, 0, 1, ..., each of four uniform numbers: the draws of step k of a process that
 * takes m uniform numbers a step begin at block k ceil(m/4). Not collective.
 */
void ent_rng_seek(ent_rng *rng, uint64_t block);

/* The next uniform number in (0, 1): (k + 1/2) 2^-52, k of 52 bits; exact, never 0 or 1. Not collective. */
double ent_rng_uniform(ent_rng *rng);

/* The next two independent standard normal numbers (Box and Muller 1958). Not collective. */
void ent_rng_normal_pair(ent_rng *rng, double pair[2]);

/* Fills x [count] with standard normal numbers. Not collective. */
void ent_rng_normal(ent_rng *rng, size_t count, double *x);

#endif
