#ifndef ENTRAIN_TESTS_OBSERVE_FIXTURE_H
#define ENTRAIN_TESTS_OBSERVE_FIXTURE_H

/* Observables measured on states that a test writes down. */

#include "entrain/observe/observe.h"

/* A configuration of attention: angles [n] for d = 2, unit vectors [n, d] otherwise. */
typedef struct ent_view {
  int64_t n, d;
  double beta;
  const double *masses; /* [n]; NULL: equal */
  const double *x;
  double delta;
  ent_brake *brake; /* NULL: none */
} ent_view;

/* The values of the observable of that name. [out] values [ENT_MAX_WIDTH] */
void ent_view_measure(const char *name, const ent_view *view, double *values);

/* Its first value. */
double ent_view_value(const char *name, const ent_view *view);

/* The same on a configured system at its state. [out] values [ENT_MAX_WIDTH] */
void ent_observe_system(const ent_observable *observable, const ent_system *system, const double *x,
                        double *values);

/* Why the observable is refused for a model at its defaults in (n, d) = (4, d) at beta, "" if it is not. */
const char *ent_observe_refusal(const char *name, const char *model, int64_t d, double beta);

#endif
