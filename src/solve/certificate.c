#include "entrain/solve/certificate.h"

#include <float.h>

/* Radii that are not positive turn attraction around: there is no certificate then. */
static bool has_positive_radii(const ent_system *system, const double *x) {
  const double *radii = ent_system_radii(system, x);
  for (size_t k = 0; radii && k < system->extras; k++)
    if (!(radii[k] > 0)) return false;
  return true;
}

bool ent_certificate_holds(const ent_system *system, const double *x, double error) {
  if (system->kind == ENT_STATE_FREE) return false;
  if (system->n == 1) return true;
  if (!system->certificate || !has_positive_radii(system, x)) return false;
  const ent_cloud cloud = ent_system_cloud(system, x);
  const double terms = system->kind == ENT_STATE_EQUIANGULAR ? 1 : (double)system->n * (double)system->d;
  return ent_cloud_hemisphere_margin(&cloud) > system->height + 8 * terms * DBL_EPSILON + error;
}
