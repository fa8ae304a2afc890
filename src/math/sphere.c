#include "entrain/math/sphere.h"

#include <math.h>

double ent_sphere_wrap(double angle) {
  return fabs(angle) <= ENT_TWO_PI / 2 ? angle : remainder(angle, ENT_TWO_PI);
}
