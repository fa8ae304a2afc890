#include "entrain/sweep/plateaus.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "entrain/base/mem.h"

#define ROUNDING (4 * (double)FLT_EPSILON) /* of a series, relative to its values */

/* A series under search. */
typedef struct search {
  const double *times;
  const float *values;
  double band;   /* in the unit of the values */
  size_t *reach; /* [count]: the last place up to which the values stay within the band from here */
  ent_plateau *plateaus;
  size_t found;
} search;

/* Least and largest value; false where one is not finite. */
static bool measure_range(size_t count, const float *values, double *least, double *most) {
  *least = INFINITY;
  *most = -INFINITY;
  for (size_t k = 0; k < count; k++) {
    if (!isfinite(values[k])) return false;
    *least = fmin(*least, (double)values[k]);
    *most = fmax(*most, (double)values[k]);
  }
  return true;
}

static size_t find_reach(size_t count, const float *values, size_t from, double band) {
  double least = (double)values[from], most = least;
  size_t to = from;
  while (to + 1 < count) {
    least = fmin(least, (double)values[to + 1]);
    most = fmax(most, (double)values[to + 1]);
    if (most - least > band) break;
    to++;
  }
  return to;
}

/* How many times as late as times[from] times[to] is. */
static double ratio(const search *it, size_t from, size_t to) {
  const double start = it->times[from] > 0 ? it->times[from] : it->times[from + 1];
  return it->times[to] / start;
}

static double mean(const search *it, size_t from, size_t to) {
  double sum = 0;
  for (size_t k = from; k <= to; k++) sum += (double)it->values[k];
  return sum / (double)(to - from + 1);
}

static void add(search *it, size_t from, size_t to) {
  it->plateaus[it->found++] =
    (ent_plateau){.from = it->times[from], .to = it->times[to], .level = mean(it, from, to)};
}

/* The longest stretch within [first, last]; false if none is long enough. */
static bool find_longest(const search *it, size_t first, size_t last, size_t *from, size_t *to) {
  double longest = 0;
  for (size_t k = first; k < last; k++) {
    const size_t end = it->reach[k] < last ? it->reach[k] : last;
    if (end == k || ratio(it, k, end) <= longest) continue;
    longest = ratio(it, k, end);
    *from = k;
    *to = end;
  }
  return longest >= ENT_PLATEAU_FACTOR;
}

/* Appends the plateaus within [first, last], in the order of time. */
static void find_within(search *it, size_t first, size_t last) {
  size_t from = 0, to = 0;
  if (!find_longest(it, first, last, &from, &to)) return;
  const double level = mean(it, from, to);
  size_t before = from, after = to;
  while (before > first && fabs((double)it->values[before - 1] - level) <= 2 * it->band) before--;
  while (after < last && fabs((double)it->values[after + 1] - level) <= 2 * it->band) after++;
  if (before > first) find_within(it, first, before - 1);
  add(it, from, to);
  if (after < last) find_within(it, after + 1, last);
}

int ent_plateaus_find(size_t count, const double *times, const float *values, ent_plateau *plateaus,
                      size_t *found) {
  double least, most;
  search it = {.times = times, .values = values, .plateaus = plateaus};
  *found = 0;
  if (count == 0 || !measure_range(count, values, &least, &most)) return ENT_OK;
  if (most - least <= ROUNDING * fmax(fabs(least), fabs(most))) {
    add(&it, 0, count - 1);
  } else {
    ENT_TRY(ent_mem_alloc(count, sizeof(*it.reach), &it.reach));
    it.band = ENT_PLATEAU_BAND * (most - least);
    for (size_t k = 0; k < count; k++) it.reach[k] = find_reach(count, values, k, it.band);
    find_within(&it, 0, count - 1);
    free(it.reach);
  }
  *found = it.found;
  return ENT_OK;
}
