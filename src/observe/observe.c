#include "entrain/observe/observe.h"

#include <stdio.h>
#include <string.h>

#define ENT_OBSERVABLE(name) extern const ent_observable ent_observable_##name;
#include "entrain/observe/observe_list.h"
#undef ENT_OBSERVABLE

#define ENT_OBSERVABLE(name) &ent_observable_##name,
const ent_observable *const ent_observables[] = {
#include "entrain/observe/observe_list.h"
  NULL,
};
#undef ENT_OBSERVABLE

const ent_observable *ent_observable_find(const char *name, size_t length) {
  for (const ent_observable *const *o = ent_observables; *o; o++) {
    if (strlen((*o)->name) == length && memcmp((*o)->name, name, length) == 0) return *o;
  }
  return NULL;
}

size_t ent_observable_width(const ent_observable *observable, size_t n_delta) {
  size_t width = 0;
  if (observable->flags & ENT_OBSERVE_PER_DELTA) return n_delta;
  while (observable->parts && observable->parts[width]) width++;
  return width > 0 ? width : 1;
}

void ent_observable_name(const ent_observable *observable, size_t k, size_t size, char *buffer) {
  if (observable->parts || k == 0) {
    snprintf(buffer, size, "%s", observable->parts ? observable->parts[k] : observable->name);
  } else {
    snprintf(buffer, size, "%s_%zu", observable->name, k + 1);
  }
}
