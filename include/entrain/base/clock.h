#ifndef ENTRAIN_BASE_CLOCK_H
#define ENTRAIN_BASE_CLOCK_H

/* Time for people and schedules; never part of a result's value. */

#include <stddef.h>

/* Seconds on a monotonic clock with an arbitrary origin. Not collective. */
double ent_clock_now(void);

/* Seconds for which a processor has worked for this thread. Not collective. */
double ent_clock_worked(void);

/* Seconds since 1970-01-01 UTC. Not collective. */
double ent_clock_unix(void);

/* Writes a Unix time as "2026-11-22T02:42:44Z" into buffer[size], size >= 21. Not collective. */
void ent_clock_format(double unix_seconds, size_t size, char *buffer);

/* Sleeps for about the given seconds; a signal may end it early. Not collective. */
void ent_clock_sleep(double seconds);

#endif
