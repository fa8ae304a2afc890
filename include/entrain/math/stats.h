#ifndef ENTRAIN_MATH_STATS_H
#define ENTRAIN_MATH_STATS_H

/* Statistics of small samples: an interval for a probability, quantiles under censoring. */

#include <stddef.h>
#include <stdint.h>

/* Standard normal quantile at 0.975: two-sided 95 %. */
#define ENT_STATS_Z95 1.959963984540054

/*
 * Wilson's score interval for the probability of success after `success` successes in `trials` trials:
 *   (p + z^2/2m -+ z sqrt(p(1-p)/m + z^2/4m^2)) / (1 + z^2/m),   p = success/m, m = trials.
 * Wilson 1927, doi:10.1080/01621459.1927.10502953. Always within [0, 1]; exactly 0 or 1 at that end when no
 * or every trial succeeded. trials = 0 gives NaN. Not collective.
 * [out] low, high  the limits
 */
void ent_stats_wilson(int64_t success, int64_t trials, double z, double *low, double *high);

/* One observation of a time: the event happened at `time`, or it had not happened until `time` (censored). */
typedef struct ent_survival {
  double time;   /* may be infinite when censored */
  int32_t event; /* 1: happened, 0: censored */
} ent_survival;

/* Sorts observations for ent_stats_kaplan_meier: by time, events before censored ones. Not collective. */
void ent_stats_sort_survival(ent_survival *sample, size_t count);

/*
 * Quantile of a time under right censoring, by the product-limit estimator
 *   S(t) = prod_{t_i <= t} (1 - events_i / at_risk_i)
 * (Kaplan & Meier 1958, doi:10.1080/01621459.1958.10501452): the smallest event time with S(t) <= 1 - p, and
 * where S = 1 - p (to 1e-9) until the next event the midpoint of both, so that without censoring p = 1/2 is
 * the usual median. NaN where S stays above 1 - p. Not collective.
 * [in] sorted  [count], as ent_stats_sort_survival leaves it
 * [in] p       in (0, 1)
 */
double ent_stats_kaplan_meier(const ent_survival *sorted, size_t count, double p);

#endif
