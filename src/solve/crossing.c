#include "entrain/solve/crossing.h"

#include <float.h>
#include <math.h>

#include <sleef.h>

enum { MAX_ITERATIONS = 100 };

#define ROUNDING 1e-15 /* of the logarithm: nothing smaller can be told from zero */

/* log(gap/delta); particles that coincide exactly are as close as any number can say. */
static double excess(double gap, double delta) {
  return Sleef_cinz_logd1_u10purec(fmax(gap, DBL_MIN) / delta);
}

int ent_crossing_find(ent_stepper *stepper, const ent_system *system, const ent_crossing *crossing,
                      double *work, double *t) {
  double a = crossing->from, b = crossing->to;
  double f_a = excess(crossing->gap_from, crossing->delta), f_b = excess(crossing->gap_to, crossing->delta);
  int side = 0;
  for (int i = 0; i < MAX_ITERATIONS && b - a > 2 * DBL_EPSILON * b && f_b < -ROUNDING; i++) {
    double c = b - f_b * (b - a) / (f_b - f_a);
    if (!(c > a && c < b)) c = a + 0.5 * (b - a);
    if (!(c > a && c < b)) break; /* neighbours: there is no number between them */
    ENT_TRY(ent_stepper_interpolate(stepper, c, work));
    const double f_c = excess(ent_system_distance(system, work), crossing->delta);
    if (f_c <= 0) {
      b = c;
      f_b = f_c;
      if (side == -1) f_a *= 0.5;
      side = -1;
    } else {
      a = c;
      f_a = f_c;
      if (side == 1) f_b *= 0.5;
      side = 1;
    }
  }
  *t = b;
  return ENT_OK;
}
