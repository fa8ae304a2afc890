#ifndef ENTRAIN_SWEEP_YAML_TEXT_H
#define ENTRAIN_SWEEP_YAML_TEXT_H

/* What libfyaml must not see of a file that is to be YAML: bytes that are no text, keys it stumbles over. */

#include <stdbool.h>
#include <stddef.h>

#include "entrain/sweep/faults.h"

/* Adds a fault and returns false at the first such place of text [length]. Not collective. */
bool ent_yaml_check_text(const char *text, size_t length, ent_faults *faults);

#endif
