#ifndef ENTRAIN_TESTS_BENCH_BATCH_LANES_H
#define ENTRAIN_TESTS_BENCH_BATCH_LANES_H

/*
 * Eight jobs in lock-step, each with its own time, step and rejections: in every round each lane asks for
 * the next right-hand side of its job. What of the lanes is busy then follows from how many right-hand sides
 * each job asks for, and of what length their series are.
 */

#include <stddef.h>

/* The right-hand sides of some jobs, in their order. */
typedef struct ent_bench_asked {
  size_t jobs;
  size_t *first;   /* [jobs + 1]: where those of a job begin in `terms` */
  unsigned *terms; /* of the series of each; 0: direct sums */
} ent_bench_asked;

/* Shares of what eight lanes can do. */
typedef struct ent_bench_lanes {
  double waiting;  /* busy lanes where eight jobs begin together and a lane whose job has ended waits */
  double refilled; /* busy lanes where it takes the next job at once */
  double terms;    /* of refilled lanes with a series: own terms over those of the longest series beside it */
  double direct;   /* right-hand sides that are direct sums */
} ent_bench_lanes;

ent_bench_lanes ent_bench_lanes_of(const ent_bench_asked *asked);

#endif
