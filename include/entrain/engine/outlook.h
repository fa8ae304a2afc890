#ifndef ENTRAIN_ENGINE_OUTLOOK_H
#define ENTRAIN_ENGINE_OUTLOOK_H

/*
 * What `status` shows of a run beside its counts: where the time left may lie, which jobs are at work for
 * longest, and what the run waits for. Pure: times are arguments.
 *
 * The time left is as uncertain as it has been so far. The estimates of the whole duration that were made
 * since half of the time that has passed are kept, from what jobs cost and from the recent rate; their range,
 * less the time that has passed, is the range of the time left.
 */

#include "entrain/engine/crew.h"
#include "entrain/store/lock.h"
#include "entrain/sweep/grid.h"

enum { ENT_OUTLOOK_ESTIMATES = 64 };

#define ENT_OUTLOOK_SLOW_S 5.0 /* at work for at least so long: worth naming */

/* One moment's estimates of how long the run takes in all, in seconds. */
typedef struct ent_estimate {
  double elapsed, low, high;
} ent_estimate;

typedef struct ent_outlook {
  int count;
  double pause;                                  /* seconds between two estimates that are kept */
  ent_estimate estimates[ENT_OUTLOOK_ESTIMATES]; /* [count], the oldest first */
} ent_outlook;

/*
 * Notes an estimate, when it is time for one.
 * [in]  eta  seconds left by what jobs cost, NaN: unknown
 * [in]  by_rate  seconds left by the recent rate, NaN: unknown
 */
void ent_outlook_note(ent_outlook *outlook, double elapsed, double eta, double by_rate);

/*
 * Where the time left may lie, `eta` within it.
 * [out] low, high  seconds; NaN while there are fewer than three estimates or eta is NaN
 */
void ent_outlook_range(const ent_outlook *outlook, double elapsed, double eta, double *low, double *high);

/* Fills in the jobs at work and the slowest of them, by the crew's beats. [in] now  clock */
void ent_outlook_jobs(const ent_crew *crew, const ent_grid *grid, double now, ent_lock_progress *progress);

/* Fills in the note. [in] pending, leased  rows; [in] is_stopping  a stop was asked for */
void ent_outlook_say(const ent_crew *crew, int64_t pending, int64_t leased, bool is_stopping,
                     ent_lock_progress *progress);

#endif
