/* TEST libs=gsl */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "entrain/math/stats.h"

#include "check.h"

static void check_interval(int64_t success, int64_t trials, double low, double high) {
  double found_low, found_high;
  ent_stats_wilson(success, trials, ENT_STATS_Z95, &found_low, &found_high);
  CHECK_REAL(found_low, low, 5e-5);
  CHECK_REAL(found_high, high, 5e-5);
}

/* Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, table I, method 3. */
static void newcombes_table(void) {
  check_interval(81, 263, 0.2553, 0.3662);
  check_interval(15, 148, 0.0624, 0.1605);
  check_interval(0, 20, 0.0, 0.1611);
  check_interval(1, 29, 0.0061, 0.1718);
}

static void score_equation(void) {
  const double z = gsl_cdf_ugaussian_Pinv(0.975);
  CHECK_REAL(ENT_STATS_Z95, z, 1e-14);
  for (int64_t trials = 1; trials < 40; trials += 3)
    for (int64_t success = 1; success < trials; success += 2) {
      double limits[2];
      ent_stats_wilson(success, trials, z, &limits[0], &limits[1]);
      const double share = (double)success / (double)trials;
      for (int i = 0; i < 2; i++)
        CHECK_REAL(fabs(share - limits[i]) / sqrt(limits[i] * (1.0 - limits[i]) / (double)trials), z, 1e-10);
    }
}

static void extremes(void) {
  double low, high;
  ent_stats_wilson(0, 0, ENT_STATS_Z95, &low, &high);
  CHECK(isnan(low) && isnan(high));
  ent_stats_wilson(0, 7, ENT_STATS_Z95, &low, &high);
  CHECK(low == 0.0 && high > 0.0 && high < 1.0);
  ent_stats_wilson(7, 7, ENT_STATS_Z95, &low, &high);
  CHECK(high == 1.0 && low > 0.0 && low < 1.0);
  ent_stats_wilson(INT64_C(1000000000000), INT64_C(2000000000000), ENT_STATS_Z95, &low, &high);
  CHECK_REAL(low, 0.5, 1e-6);
}

/* Positive: an event; negative: censored at the absolute value. */
static double survival_quantile(const double *coded, size_t count, double p) {
  ent_survival sample[32];
  REQUIRE(count <= 32);
  for (size_t i = 0; i < count; i++)
    sample[i] = (ent_survival){.time = fabs(coded[i]), .event = !signbit(coded[i])};
  ent_stats_sort_survival(sample, count);
  return ent_stats_kaplan_meier(sample, count, p);
}

/*
 * The remission times of Freireich et al. 1963, in every textbook of survival analysis: 6-MP has S(13) =
 * 0.690, S(22) = 0.538, S(23) = 0.448, so its median is 23 and its first quartile 13; the placebo's median
 * is 8.
 */
static void freireich(void) {
  const double treated[] = {6,   6,   6,   -6, 7,  -9,  10,  -10, -11, 13, 16,
                            -17, -19, -20, 22, 23, -25, -32, -32, -34, -35};
  const double placebo[] = {1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23};
  CHECK_REAL(survival_quantile(treated, 21, 0.5), 23.0, 0.0);
  CHECK_REAL(survival_quantile(treated, 21, 0.25), 13.0, 0.0);
  CHECK(isnan(survival_quantile(treated, 21, 0.75)));
  CHECK_REAL(survival_quantile(placebo, 21, 0.5), 8.0, 0.0);
}

static void without_censoring(void) {
  const double even[] = {4.0, 1.0, 3.0, 2.0}, odd[] = {5.0, 1.0, 3.0};
  CHECK_REAL(survival_quantile(even, 4, 0.5), 2.5, 0.0);
  CHECK_REAL(survival_quantile(odd, 3, 0.5), 3.0, 0.0);
}

static void rows_that_never_do(void) {
  const double third[] = {1.0, -INFINITY, -INFINITY}, half[] = {1.0, 2.0, -INFINITY, -INFINITY};
  const double censored[] = {-1.0, -2.0, -0.0};
  CHECK(isnan(survival_quantile(third, 3, 0.5)));
  CHECK_REAL(survival_quantile(half, 4, 0.5), 2.0, 0.0);
  CHECK(isnan(survival_quantile(censored, 3, 0.5)));
  CHECK(isnan(survival_quantile(censored, 0, 0.5)));
}

static void many_rows(void) {
  const size_t count = 100000;
  ent_survival *sample = malloc(count * sizeof *sample);
  REQUIRE(sample != NULL);
  for (size_t i = 0; i < count; i++)
    sample[i] = (ent_survival){.time = (double)(i * 7919 % count), .event = 1};
  ent_stats_sort_survival(sample, count);
  CHECK_REAL(ent_stats_kaplan_meier(sample, count, 0.5), 0.5 * (double)(count - 1), 0.0);
  free(sample);
}

static const ent_test tests[] = {
  {"Wilson's interval has the values of Newcombe's table", newcombes_table},
  {"Wilson's limits solve the score equation", score_equation},
  {"no trial gives no interval, none or all successes a one-sided one", extremes},
  {"Kaplan-Meier has the medians of Freireich's remission times", freireich},
  {"Kaplan-Meier without censoring is the usual median", without_censoring},
  {"Kaplan-Meier has no median where half of the rows never synchronize before it", rows_that_never_do},
  {"a product of a hundred thousand ratios still finds one half", many_rows},
  {0}};

ENT_TEST_MAIN("math/stats", tests)
