#include "entrain/math/sphere.h"

#include <math.h>

double ent_sphere_wrap(double angle) {
  return remainder(angle, ENT_TWO_PI);
}
