#ifndef ENTRAIN_TESTS_ATTENTION_REFERENCE_H
#define ENTRAIN_TESTS_ATTENTION_REFERENCE_H

/*
 * The right-hand side of every composition of the attention model, written down from the formulas of
 * docs/models/attention.md in long double, particle by particle and without care for speed or for large
 * beta. Values are found by their names.
 */

#include <stdbool.h>

#include "entrain/model/model.h"

enum { ENT_REFERENCE_N = 8, ENT_REFERENCE_D = 3 }; /* at most so many particles and dimensions */

/* A value of a point by the name of its parameter, the length of its list; a choice by its name. */
ent_value *ent_reference_value(ent_point *point, const char *name);
double ent_reference_number(const ent_point *point, const char *name);
size_t ent_reference_count(const ent_point *point, const char *name);
bool ent_reference_is(const ent_point *point, const char *name, const char *choice);
void ent_reference_choose(ent_point *point, const char *name, const char *choice);

/* A point of the attention model with all defaults, and beta. */
ent_point ent_reference_point(int64_t n, int64_t d, double beta);

/* What is known of one particle. */
typedef struct ent_reference {
  long double velocity[ENT_REFERENCE_D]; /* of its direction, a vector also on the circle */
  long double growth;                    /* r' */
  long double size;                      /* of all terms, each by its length: errors are relative to it */
} ent_reference;

/* Particles at a time: unit vectors x [n, d], radii r [n], and the matrices Q^T K and V [d, d]. */
typedef struct ent_reference_state {
  const double *b, *v;
  double t;
  const long double *x;
  const double *r;
} ent_reference_state;

/* What the formulas say of particle i. */
ent_reference ent_reference_drift(const ent_point *point, const ent_reference_state *at, size_t i);

#endif
