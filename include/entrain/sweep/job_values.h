#ifndef ENTRAIN_SWEEP_JOB_VALUES_H
#define ENTRAIN_SWEEP_JOB_VALUES_H

/*
 * From nodes of a job file to values that a parameter's description allows. What is not legal becomes a fault
 * at the node's position, `'detect.stop' = sunc, must be sync, certified or horizon`; outputs are then
 * untouched.
 */

#include "entrain/base/mem.h"
#include "entrain/model/parameter.h"
#include "entrain/sweep/yaml.h"

enum { ENT_VALUE_PATH = 256 };

/* Whole numbers up to this are exact as doubles: 2^53 - 1. */
#define ENT_VALUE_WHOLE_MAX 9007199254740991.0

/* Writes the keys that lead to a node, "sweep.zip.n"; "" for the root. Elements are called like their list.
 */
void ent_value_path(const ent_yaml_node *node, char buffer[ENT_VALUE_PATH]);

/* Adds the fault `'path' = value, <message>` at a node. Not collective. */
void ent_value_refuse(ent_faults *faults, const ent_yaml_node *node, const char *format, ...)
  ENT_PRINTF(3, 4);

/* Adds the fault `'path' <message>` at a node. Not collective. */
void ent_value_fault(ent_faults *faults, const ent_yaml_node *node, const char *format, ...) ENT_PRINTF(3, 4);

/* Adds the fault that a child of a mapping has a key which is none of the names. Not collective. */
void ent_value_refuse_key(ent_faults *faults, const ent_yaml_node *child, const ent_names *names);

/* Whether a node is a mapping; adds a fault if not. Not collective. */
bool ent_value_is_mapping(ent_faults *faults, const ent_yaml_node *node);

/* Whether a child's key stands in its mapping already; adds a fault if so. Not collective. */
bool ent_value_is_repeated(ent_faults *faults, const ent_yaml_node *child);

/* Whether the node is a legal REAL, INTEGER or CHOICE, or a legal element of a LIST. Not collective. */
bool ent_value_number(ent_faults *faults, const ent_yaml_node *node, const ent_parameter *legal,
                      double *number);

/*
 * Whether the node is a legal duration in seconds: `90`, `90s`, `10m`, `2h`, `1d`; where it may be, `never`
 * is an infinite one. Not collective.
 */
bool ent_value_duration(ent_faults *faults, const ent_yaml_node *node, bool may_be_never, double *seconds);

/* Whether the node is text that is not empty and has no control characters. Not collective. */
bool ent_value_text(ent_faults *faults, const ent_yaml_node *node, const char **text);

/*
 * Reads a value of any kind, of a FILE only the path; lists belong to the arena, text to the node. `value`
 * is untouched if it is not legal. Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_value_read(ent_arena *arena, ent_faults *faults, const ent_yaml_node *node,
                                  const ent_parameter *legal, ent_value *value);

#endif
