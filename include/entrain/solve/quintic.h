#ifndef ENTRAIN_SOLVE_QUINTIC_H
#define ENTRAIN_SOLVE_QUINTIC_H

/*
 * The inside of a step as a polynomial of degree 5. It has the states and slopes at both ends, and either the
 * slopes of an interpolant of order 4 at one and two thirds of the step, and then the accuracy of the step's
 * end for schemes of order 5 (Enright, Jackson, Norsett & Thomsen 1986, doi:10.1145/7921.7923), or state and
 * slope at a time before the step. With y the part of the step, 0 to 1,
 *
 *     x(y) = cubic of Hermite + h y^2 (1-y)^2 (a + b (2y-1))
 */

#include <stddef.h>

#include "entrain/solve/blend.h"

/* Arrays [size] reach to whole vectors of ENT_LANES numbers, and are aligned as these are. */
typedef struct ent_quintic {
  size_t size;
  double h;                    /* length of the step */
  const double *x0, *x1;       /* [size]: states at both ends */
  const double *dxdt0, *dxdt1; /* [size]: slopes there */
  double *a, *b;               /* [size]: coefficients; before ent_quintic_fit slopes at 1/3 and 2/3 */
} ent_quintic;

/* Turns the slopes at 1/3 and 2/3, in a and b, into the coefficients. Not collective. */
void ent_quintic_fit(const ent_quintic *quintic);

/*
 * Makes the coefficients from the state x and the slope dxdt [size], as above, at a time `back` before the
 * step instead: Hermite's polynomial over both stretches. They may be the arrays a and b. Not collective.
 */
void ent_quintic_fit_back(const ent_quintic *quintic, double back, const double *x, const double *dxdt);

/* The state at a part of the step. [in] part in [0, 1] [out] x [size], anywhere. Not collective. */
void ent_quintic_evaluate(const ent_quintic *quintic, double part, double *x);

/*
 * How far the state at a part of the step is from x0 and a blend: the largest component, not-a-number left
 * out. Not collective.
 */
double ent_quintic_distance(const ent_quintic *quintic, double part, const ent_blend *blend);

#endif
