#include "entrain/math/stats.h"

#include <math.h>
#include <stdlib.h>

void ent_stats_wilson(int64_t success, int64_t trials, double z, double *low, double *high) {
  if (trials <= 0) {
    *low = *high = NAN;
    return;
  }
  const double m = (double)trials, p = (double)success / m, z2 = z * z;
  const double center = p + z2 / (2.0 * m);
  const double half = z * sqrt(p * (1.0 - p) / m + z2 / (4.0 * m * m));
  const double scale = 1.0 / (1.0 + z2 / m);
  *low = success <= 0 ? 0.0 : fmax(0.0, scale * (center - half));
  *high = success >= trials ? 1.0 : fmin(1.0, scale * (center + half));
}

static int compare_survival(const void *left, const void *right) {
  const ent_survival *a = left, *b = right;
  if (a->time != b->time) return a->time > b->time ? 1 : -1;
  return b->event - a->event;
}

void ent_stats_sort_survival(ent_survival *sample, size_t count) {
  qsort(sample, count, sizeof *sample, compare_survival);
}

/* Number of events at the time of sample[i], which stand first among those with equal times. */
static size_t events_together(const ent_survival *sorted, size_t count, size_t i) {
  size_t events = 0;
  while (i + events < count && sorted[i + events].event && sorted[i + events].time == sorted[i].time)
    events++;
  return events;
}

double ent_stats_kaplan_meier(const ent_survival *sorted, size_t count, double p) {
  /* A product of many ratios is exact to far better than the smallest jump of S, 1/count. */
  const double same = 1e-9, target = 1.0 - p;
  double survival = 1.0, reached = NAN;
  size_t i = 0;
  while (i < count) {
    const size_t events = events_together(sorted, count, i);
    if (events == 0) {
      i++;
      continue;
    }
    if (!isnan(reached)) return 0.5 * (reached + sorted[i].time);
    survival *= 1.0 - (double)events / (double)(count - i);
    if (survival < target - same) return sorted[i].time;
    if (survival <= target + same) reached = sorted[i].time;
    i += events;
  }
  return reached;
}
