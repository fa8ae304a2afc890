#include "entrain/sweep/singles.h"

#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/sweep/ranges.h"

enum { FIRST_CAPACITY = 16 };

void ent_singles_fini(ent_singles *singles) {
  free(singles->items);
  *singles = (ent_singles){0};
}

int ent_singles_admit(ent_singles *singles) {
  if (singles->known == singles->capacity) {
    const int64_t capacity = singles->capacity == 0 ? FIRST_CAPACITY : 2 * singles->capacity;
    ent_single *items = NULL;
    ENT_TRY(ent_mem_alloc((size_t)capacity, sizeof *items, &items));
    if (singles->count > 0) memcpy(items, singles->items, (size_t)singles->count * sizeof *items);
    free(singles->items);
    singles->items = items;
    singles->capacity = capacity;
  }
  singles->known++;
  return ENT_OK;
}

void ent_singles_put(ent_singles *singles, int64_t range, ent_turn turn) {
  singles->items[singles->count++] = (ent_single){.range = range, .turn = turn};
}

int64_t ent_singles_take(ent_singles *singles, ent_turn turn) {
  for (int64_t place = 0; place < singles->count; place++) {
    if (singles->items[place].turn == turn) return ent_singles_take_at(singles, place);
  }
  return ENT_RANGES_END;
}

int64_t ent_singles_take_at(ent_singles *singles, int64_t place) {
  const int64_t range = singles->items[place].range;
  singles->count--;
  memmove(&singles->items[place], &singles->items[place + 1],
          (size_t)(singles->count - place) * sizeof *singles->items);
  return range;
}

void ent_singles_forget(ent_singles *singles) {
  singles->known--;
}
