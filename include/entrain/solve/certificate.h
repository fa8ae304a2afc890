#ifndef ENTRAIN_SOLVE_CERTIFICATE_H
#define ENTRAIN_SOLVE_CERTIFICATE_H

/* The hemisphere certificate of one state; docs/verdicts.md has the theorem and its conditions. */

#include "entrain/model/model.h"

/*
 * Whether all particles are in an open hemisphere from which they converge to one point. The margin that they
 * must exceed is rounding of the mean and of the overlaps, and the error of the state.
 * [in] x  state [size]  [in] error  estimate of the largest error of a particle
 * Not collective.
 */
bool ent_certificate_holds(const ent_system *system, const double *x, double error);

#endif
