#include "entrain/engine/slots.h"

#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/store/kept.h"

enum { GENERATIONS = 2 };

/*
 * The newest checkpoint of a slot whose row may be wanted.
 * [in]  finished  of rows; NULL: only `row` is wanted
 * [out] found  its row is -1 if there is none
 */
static int read_newest(const ent_slots *slots, int64_t slot, const unsigned char *finished, int64_t row,
                       ent_checkpoint *found) {
  ent_checkpoint read;
  found->row = -1;
  for (int generation = 0; generation < GENERATIONS; generation++) {
    const ent_kept_place place = {slot, generation};
    ENT_TRY(ent_kept_read(slots->store, place, NULL, slots->bytes, &read));
    if (read.row < 0) continue;
    const bool is_wanted = finished ? !finished[read.row] : read.row == row;
    if (is_wanted && (found->row < 0 || read.sequence > found->sequence)) *found = read;
  }
  return ENT_OK;
}

/* Of two slots with the same row the one that has come further keeps it. */
static int read_slot(ent_slots *slots, int64_t slot, const unsigned char *finished) {
  ent_checkpoint here, there;
  ENT_TRY(read_newest(slots, slot, finished, -1, &here));
  slots->slots[slot] = (ent_slot){.row = here.row, .worker = -1};
  if (here.row < 0) return ENT_OK;
  for (int64_t other = 0; other < slot; other++) {
    if (slots->slots[other].row != here.row) continue;
    ENT_TRY(read_newest(slots, other, NULL, here.row, &there));
    slots->slots[there.row >= 0 && there.t >= here.t ? slot : other].row = -1;
  }
  return ENT_OK;
}

int ent_slots_init(ent_slots *slots, ent_store *store, const unsigned char *finished) {
  int code = ENT_OK;
  ent_slots made = {.store = store, .count = ent_store_slots(store)};
  ENT_GOTO(ent_mem_alloc((size_t)made.count, sizeof *made.slots, &made.slots));
  ENT_GOTO(ent_mem_alloc(ent_store_slot_bytes(store), 1, &made.bytes));
  for (int64_t slot = 0; slot < made.count; slot++) ENT_GOTO(read_slot(&made, slot, finished));
  *slots = made;
  return ENT_OK;
done:
  ent_slots_fini(&made);
  return code;
}

void ent_slots_fini(ent_slots *slots) {
  free(slots->slots);
  free(slots->bytes);
  *slots = (ent_slots){0};
}

int64_t ent_slots_of_row(const ent_slots *slots, int64_t row) {
  for (int64_t slot = 0; slot < slots->count; slot++) {
    if (slots->slots[slot].row == row) return slot;
  }
  return ENT_SLOT_NONE;
}

/* The slot that a worker uses, or a free one for worker -1. */
static int64_t find_worker(const ent_slots *slots, int worker) {
  for (int64_t slot = 0; slot < slots->count; slot++) {
    if (slots->slots[slot].row < 0 && slots->slots[slot].worker == worker) return slot;
  }
  return ENT_SLOT_NONE;
}

int64_t ent_slots_of_worker(ent_slots *slots, int worker) {
  const int64_t own = find_worker(slots, worker);
  if (own != ENT_SLOT_NONE) return own;
  const int64_t free_one = find_worker(slots, -1);
  if (free_one != ENT_SLOT_NONE) slots->slots[free_one].worker = worker;
  return free_one;
}

int64_t ent_slots_of_lease(ent_slots *slots, const ent_lease *lease, bool *resumes) {
  int64_t slot = ENT_SLOT_NONE;
  const ent_grid *grid = &ent_store_spec(slots->store)->grid;
  if (lease->count == 1) slot = ent_slots_of_row(slots, ent_grid_row_of_position(grid, lease->first));
  *resumes = slot != ENT_SLOT_NONE;
  return *resumes ? slot : ent_slots_of_worker(slots, lease->worker);
}

void ent_slots_release(ent_slots *slots, const ent_lease *lease, int64_t done) {
  const ent_grid *grid = &ent_store_spec(slots->store)->grid;
  for (int64_t slot = 0; slot < slots->count; slot++) {
    ent_slot *held = &slots->slots[slot];
    if (held->row < 0) continue;
    const int64_t position = ent_grid_position_of_row(grid, held->row);
    if (position >= lease->first && position < lease->first + done) held->row = -1;
  }
}

int ent_slots_leave(ent_slots *slots, int worker, int64_t row) {
  ent_checkpoint found = {.row = -1};
  const int64_t slot = find_worker(slots, worker);
  if (slot == ENT_SLOT_NONE) return ENT_OK;
  if (row >= 0 && ent_slots_of_row(slots, row) == ENT_SLOT_NONE)
    ENT_TRY(read_newest(slots, slot, NULL, row, &found));
  slots->slots[slot] = (ent_slot){.row = found.row, .worker = -1};
  return ENT_OK;
}
