#include "entrain/math/pair_energy.h"

#include <math.h>

#include <sleef.h>

#include "pair_energy_lanes.h"

ent_pair_energy ent_pair_energy_of(double b) {
  const double least = Sleef_cinz_expd1_u10purec(-fabs(b));
  if (fabs(b) < 1) return (ent_pair_energy){.b = b, .is_small = true, .scale = least};
  /* b c - |b| = -b gap + (b - |b|) */
  return (ent_pair_energy){.b = b, .shift = b > 0 ? 0 : 2 * b, .scale = 1 / b, .offset = least / b};
}

double ent_pair_energy_of_gap(const ent_pair_energy *energy, double gap) {
  const ent_v8 lanes = ent_pair_energy_lanes(energy, ent_v8_set(gap));
  return lanes[0];
}

double ent_pair_energy_at(const ent_pair_energy *energy, double gap) {
  return energy->scale * ent_pair_energy_of_gap(energy, gap) - energy->offset;
}
