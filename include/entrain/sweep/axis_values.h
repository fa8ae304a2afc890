#ifndef ENTRAIN_SWEEP_AXIS_VALUES_H
#define ENTRAIN_SWEEP_AXIS_VALUES_H

/*
 * The forms in which a job file writes a sequence of values: a value, a list, linspace, logspace, range, and
 * count for seeds. Also used for recorded times.
 */

#include <stdint.h>

#include "entrain/sweep/job_values.h"

/* Of the forms that are expanded in memory: all but count. Fuzzing is faster with shorter ones. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
enum { ENT_AXIS_VALUES_MAX = 1 << 8 };
#else
enum { ENT_AXIS_VALUES_MAX = 1 << 20 };
#endif

typedef struct ent_axis_values {
  int64_t count;                     /* 0: there was a fault */
  int64_t first;                     /* values are first, first + 1, ... if values is NULL */
  const double *values;              /* [count], owned by the arena */
  const ent_yaml_node *const *nodes; /* [count] of a list: where each stands; NULL for other forms */
} ent_axis_values;

/*
 * Reads values that are all legal for a parameter; `may_count` allows {count: N, first: K}.
 * Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_axis_values_read(ent_arena *arena, ent_faults *faults, const ent_yaml_node *node,
                                        const ent_parameter *legal, bool may_count, ent_axis_values *values);

/*
 * Adds a fault for each value that stands there twice. Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_axis_values_check_distinct(ent_faults *faults, const ent_yaml_node *node,
                                                  const ent_parameter *legal, const ent_axis_values *values);

/* Adds a fault for the first value that is not above its predecessor. Not collective. */
void ent_axis_values_check_ascending(ent_faults *faults, const ent_yaml_node *node,
                                     const ent_axis_values *values);

#endif
