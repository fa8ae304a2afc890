#include "entrain/initial/initial.h"

#include <string.h>

#define ENT_INITIAL(name) extern const ent_initial ent_initial_##name;
#include "entrain/initial/initial_list.h"
#undef ENT_INITIAL

#define ENT_INITIAL(name) &ent_initial_##name,
const ent_initial *const ent_initials[] = {
#include "entrain/initial/initial_list.h"
  NULL,
};
#undef ENT_INITIAL

const ent_initial *ent_initial_find(const char *name, size_t length) {
  for (const ent_initial *const *initial = ent_initials; *initial; initial++) {
    if (strlen((*initial)->name) == length && memcmp((*initial)->name, name, length) == 0) return *initial;
  }
  return NULL;
}
