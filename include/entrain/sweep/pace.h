#ifndef ENTRAIN_SWEEP_PACE_H
#define ENTRAIN_SWEEP_PACE_H

/*
 * How often a master of so many workers wants to hear of them: ranges and the time between two signs of life
 * grow with their number, so that the messages take a set share of its time whatever the number is. Master
 * and workers compute it for themselves.
 *
 * With p workers and s seconds of the master's time for a message (ENT_PACE_MESSAGE: what TCP takes), ranges
 * of r seconds cost it 2 s p / r of its time, a report and a task for each; so r is at least
 * 2 s p / ENT_PACE_TASK_SHARE, and 0.1 s where that is more. At the tail ranges shrink down to
 * 2 s p / ENT_PACE_TAIL_SHARE. Signs of life go both ways: b seconds between them are at least
 * 2 s p / ENT_PACE_BEAT_SHARE, and 1 s where that is more.
 */

#define ENT_PACE_MESSAGE 20e-6
#define ENT_PACE_TASK_SHARE 0.1
#define ENT_PACE_TAIL_SHARE 0.5
#define ENT_PACE_BEAT_SHARE 0.05

typedef struct ent_pace {
  double chunk;    /* seconds of work in a range */
  double least;    /* to which it shrinks at the tail */
  double beat;     /* seconds between two signs of life */
  double patience; /* seconds of silence that nobody is taken for dead for: four beats */
} ent_pace;

/* The pace of a master of so many workers, at least one. */
ent_pace ent_pace_of(int workers);

#endif
