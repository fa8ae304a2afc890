#include "series.h"

#include <math.h>

#include <sleef.h>

#define GUESS 0.125 /* share of its value for evenly spread particles that Z is hoped to reach */

/* Scale of N: e^{log_scale}, and e^{|b|} where nothing is divided by. */
static double scale(const ent_pair_law *law) {
  const double exponent = law->log_scale + (law->softmax ? 0 : fabs(law->beta));
  return exponent == 0 ? 1.0 : Sleef_cinz_expd1_u10purec(exponent);
}

/* What Z is hoped to be at least: a particle's own weight is in it where that is the largest. */
static double guess_least(const ent_pair_law *law, size_t n, double constant) {
  if (!law->softmax) return 1;
  const double own = law->beta >= 0 && law->masses == NULL ? 1.0 / (double)n : 0;
  const double spread = GUESS * constant;
  return own > spread ? own : spread;
}

ent_series_plan ent_series_begin(const ent_pair_law *law, size_t n, double constant) {
  return (ent_series_plan){
    .law = *law, .is_known = true, .factor = scale(law), .least = guess_least(law, n, constant)};
}
