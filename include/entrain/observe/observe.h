#ifndef ENTRAIN_OBSERVE_OBSERVE_H
#define ENTRAIN_OBSERVE_OBSERVE_H

/*
 * What is measured on a configuration: a registry of observables, each a const table with one function. When
 * and where they are measured is the solver's business.
 */

#include "entrain/base/error.h"
#include "entrain/model/model.h"

enum {
  ENT_OBSERVE_PER_DELTA = 1 << 0, /* one value for each delta of the job: name, name_2, name_3 ... */
  ENT_OBSERVE_IN_EVERY_ROW =
    1 << 1, /* a fixed column of /jobs has its final value, whether asked for or not */
};

typedef struct ent_observable {
  const char *name;    /* REQUIRED: series and column name */
  const char *unit;    /* REQUIRED */
  const char *summary; /* REQUIRED: one line */
  const char *source;  /* OPTIONAL */
  unsigned flags;
  double min, max; /* range of its values, for axes of figures */
  double (*measure)(const ent_system *system, const double *x, double delta); /* REQUIRED */
} ent_observable;

/* All registered observables, NULL-terminated. */
extern const ent_observable *const ent_observables[];

/* The observable of that name, NULL if there is none. Not collective. */
const ent_observable *ent_observable_find(const char *name, size_t length);

/* Number of series (and declared columns) of an observable: n_delta with PER_DELTA, otherwise 1. */
size_t ent_observable_width(const ent_observable *observable, size_t n_delta);

/* Writes the name of its k-th series, k = 0..width-1, "pair_overlap_2" for k = 1, into buffer[size]. */
void ent_observable_name(const ent_observable *observable, size_t k, size_t size, char *buffer);

#endif
