#include "entrain/math/sphere.h"

#include <math.h>

/* A difference of two numbers within a factor of 2 is exact. */
double ent_sphere_wrap(double angle) {
  const double size = fabs(angle);
  if (size <= ENT_TWO_PI / 2) return angle;
  return size <= 1.5 * ENT_TWO_PI ? angle - copysign(ENT_TWO_PI, angle) : remainder(angle, ENT_TWO_PI);
}
