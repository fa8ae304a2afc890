#ifndef ENTRAIN_MATH_PAIR_ENERGY_H
#define ENTRAIN_MATH_PAIR_ENERGY_H

/*
 * The energy e^{-|b|} (e^{b c} - 1) / b of a pair with overlap c = 1 - gap, for any b, eight pairs at a time.
 * It is scale * f(gap) - offset: for |b| >= 1 with f an exponential, for smaller ones with
 * f = c sum_k (b c)^k / (k+1)!, which does not subtract. An implementation header: simd.h's types.
 */

#include <stdbool.h>

typedef struct ent_pair_energy {
  double b, shift; /* f = e^{shift - b gap} */
  bool is_small;   /* |b| < 1 */
  double scale, offset;
} ent_pair_energy;

/* Makes the coefficients. Not collective. */
ent_pair_energy ent_pair_energy_of(double b);

/* f(gap). Not collective. */
double ent_pair_energy_of_gap(const ent_pair_energy *energy, double gap);

/* scale * f(gap) - offset. Not collective. */
double ent_pair_energy_at(const ent_pair_energy *energy, double gap);

#endif
