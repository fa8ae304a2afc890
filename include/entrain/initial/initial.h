#ifndef ENTRAIN_INITIAL_INITIAL_H
#define ENTRAIN_INITIAL_INITIAL_H

/*
 * Where the particles start: a registry of initial conditions, each a const table with its parameters and a
 * function that places n unit vectors. The draw is keyed by (study, n, d, seed) and by nothing else, so that
 * one seed is the same start along a beta curve.
 */

#include <stddef.h>
#include <stdint.h>

#include "entrain/base/error.h"
#include "entrain/model/parameter.h"

/* Starts read from a file, for `kind: file`; owned by whoever loaded them. */
typedef struct ent_start_table {
  int64_t count, n, d;
  const double *x; /* [count, n, d] */
} ent_start_table;

typedef struct ent_initial {
  const char *name;                /* REQUIRED */
  const char *summary;             /* REQUIRED: one line */
  const char *source;              /* OPTIONAL */
  const ent_parameter *parameters; /* REQUIRED: terminated by {0} */
  /* Whether a combination of legal values makes sense. OPTIONAL */
  bool (*check)(const ent_point *point, ent_refusal *refusal);
  /* Places n unit vectors. [out] x [n, d]. REQUIRED */
  int (*draw)(const ent_point *point, const ent_start_table *table, double *x);
} ent_initial;

/* All registered initial conditions, NULL-terminated. */
extern const ent_initial *const ent_initials[];

/* The initial condition of that name, NULL if there is none. Not collective. */
const ent_initial *ent_initial_find(const char *name, size_t length);

#endif
