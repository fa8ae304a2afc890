#ifndef ENTRAIN_OBSERVE_OBSERVE_H
#define ENTRAIN_OBSERVE_OBSERVE_H

/*
 * What is measured on a state: a registry of observables, each a const table with one function. When
 * and where they are measured is the solver's business.
 */

#include "entrain/model/model.h"

enum {
  ENT_OBSERVE_PER_DELTA = 1 << 0, /* one value for each delta of the job: name, name_2, name_3 ... */
  ENT_OBSERVE_IN_EVERY_ROW =
    1 << 1,                       /* a fixed column of /jobs has its final value, whether asked for or not */
  ENT_OBSERVE_ROW_ONLY = 1 << 2,  /* does not change along a run: a column, no series */
  ENT_OBSERVE_PARTICLES = 1 << 3, /* a question about particles: refused where a state is none */
};

/* What a job file says about observables. */
typedef struct ent_observing {
  size_t n_delta;
  const double *delta; /* [n_delta] */
  double *work;        /* as much scratch as the observable asks for */
  double *memory;      /* [n_delta * its memory], zero before the first state; NULL: nothing is kept */
} ent_observing;

typedef struct ent_observable {
  const char *name;    /* REQUIRED: series and column name */
  const char *unit;    /* REQUIRED */
  const char *summary; /* REQUIRED: one line */
  const char *source;  /* OPTIONAL */
  unsigned flags;
  double min, max;           /* range of its values, for axes of figures */
  const char *const *parts;  /* OPTIONAL: names of its values, NULL-terminated; otherwise one value */
  const char *const *labels; /* OPTIONAL, for ROW_ONLY: its value is an index into these names */
  /* Whether it can be measured on a model at a point; the key of a refusal is "observe". OPTIONAL */
  bool (*check)(const ent_model *model, const ent_point *point, ent_refusal *refusal);
  /* Doubles of scratch that it needs on a system. OPTIONAL */
  size_t (*work)(const ent_system *system);
  /* Doubles for each delta that it keeps from one state of a system to the next. OPTIONAL */
  size_t (*memory)(const ent_system *system);
  /* [in] x  state of the system [out] values [width]. REQUIRED */
  void (*measure)(const ent_system *system, const double *x, const ent_observing *observing, double *values);
} ent_observable;

/* All registered observables, NULL-terminated. */
extern const ent_observable *const ent_observables[];

/* The observable of that name, NULL if there is none. Not collective. */
const ent_observable *ent_observable_find(const char *name, size_t length);

/* Number of values of an observable: n_delta with PER_DELTA, that of its parts, otherwise 1. */
size_t ent_observable_width(const ent_observable *observable, size_t n_delta);

/* Writes the name of its k-th value, that of a part or "pair_overlap_2" for k = 1, into buffer[size]. */
void ent_observable_name(const ent_observable *observable, size_t k, size_t size, char *buffer);

/* The most values that one observable has. */
enum { ENT_MAX_WIDTH = 16 };

#endif
