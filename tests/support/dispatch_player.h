#ifndef ENTRAIN_TESTS_DISPATCH_PLAYER_H
#define ENTRAIN_TESTS_DISPATCH_PLAYER_H

/*
 * A sweep played in virtual time by the real dispatcher and virtual workers. The master is one server: every
 * message that it receives or sends takes its time, in the order of arrival; messages have a latency, and a
 * master that was idle sleeps on for a while (comm/comm). Workers hold two leases and work them off; all of
 * them beat. What is simulated is deterministic; only `deciding`, the real time of the dispatcher's code, is
 * not.
 *
 * The grid has 6 n x 4 d x 40 beta cells, whose means differ by a factor of 6000; seeds scatter by a law.
 */

#include <stdint.h>

typedef enum {
  PLAYER_LOG_NORMAL, /* sigma 1 */
  PLAYER_PARETO      /* exponent 1.5, cut at 100 times the smallest */
} player_law;

typedef struct player_options {
  int workers;
  int64_t seeds; /* of each of the PLAYER_CELLS cells */
  player_law law;
  double mean;          /* seconds of a job */
  double message;       /* seconds of the master's time for one message */
  double latency;       /* seconds that a message is on its way */
  double longest_sleep; /* of an idle master */
  double chunk;         /* 0: as sweep/pace says for so many workers; otherwise fixed, and a beat a second */
} player_options;

typedef struct player_result {
  double total, longest; /* seconds of all jobs, of one */
  double makespan;
  double bound;       /* the larger one of total / workers and longest: no order of jobs ends before */
  double master_busy; /* share of the makespan */
  double tail;        /* share of the makespan after the first worker has ended for good */
  int64_t leases;
  int64_t wrong;   /* positions that were not handed out exactly once */
  double deciding; /* real seconds of the dispatcher */
} player_result;

enum { PLAYER_CELLS = 960 };

/* Plays to the end. */
player_result player_play(const player_options *options);

#endif
