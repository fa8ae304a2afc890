#ifndef ENTRAIN_SWEEP_PLATEAUS_H
#define ENTRAIN_SWEEP_PLATEAUS_H

/*
 * Plateaus of a recorded series, the energy of a staircase from saddle to saddle (arXiv:2410.06833) for
 * instance: long stretches in which it hardly changes, long being meant in the logarithm of time.
 */

#include <stddef.h>

#include "entrain/base/error.h"

/* A stretch changes by at most this share of all that the series changes by ... */
#define ENT_PLATEAU_BAND 0.005
/* ... and its end is at least so many times as late as its beginning. */
#define ENT_PLATEAU_FACTOR 2.0

typedef struct ent_plateau {
  double from, to; /* recorded times */
  double level;    /* mean of the recorded values */
} ent_plateau;

/*
 * Finds the plateaus of values at ascending times from 0 on. The stretch that is longest in log(time) comes
 * first (time 0 counting as the first time after it); what lies next to it and within two bands of its level
 * belongs to its flanks; then the rest on either side is searched likewise. A series that changes by no more
 * than the rounding of its numbers is one plateau from its first to its last time, however long; a series
 * with a value that is not finite has none.
 * [in]  times, values  [count]
 * [out] plateaus  [count], ascending; found  how many there are
 * Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_plateaus_find(size_t count, const double *times, const float *values,
                                     ent_plateau *plateaus, size_t *found);

#endif
