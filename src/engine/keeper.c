#include "entrain/engine/keeper.h"

#include <stdlib.h>

#include "entrain/base/clock.h"
#include "entrain/base/mem.h"

enum { GENERATIONS = 2 };

int ent_keeper_init(ent_keeper *keeper, ent_store *store, const ent_sink *sink, const ent_spec *spec) {
  int code = ENT_OK;
  ent_keeper made = {.store = store, .sink = sink, .spec = spec, .slot = -1};
  made.room = ent_store_slot_bytes(store);
  const size_t largest = ent_checkpoint_bytes(spec);
  ENT_GOTO(ent_mem_alloc(made.room > largest ? made.room : largest, 1, &made.bytes));
  *keeper = made;
  return ENT_OK;
done:
  ent_keeper_fini(&made);
  return code;
}

void ent_keeper_fini(ent_keeper *keeper) {
  free(keeper->bytes);
  ent_arena_destroy(&keeper->arena);
  *keeper = (ent_keeper){0};
}

/* Reads a generation; its row is -1 when there is no checkpoint in it. [in] arena  NULL: without its arrays */
static int read_generation(ent_keeper *keeper, int generation, ent_arena *arena, ent_checkpoint *found) {
  found->row = -1;
  ENT_TRY(ent_store_read_checkpoint(keeper->store, keeper->slot, generation, keeper->bytes));
  const int code = ent_checkpoint_decode(keeper->bytes, keeper->room, keeper->spec, arena, found);
  if (code == ENT_ERR_FORMAT) {
    ent_error_clear();
    return ENT_OK;
  }
  ENT_TRY(code);
  return ENT_OK;
}

/*
 * Looks at both generations of the slot. [in] row  newest is that of this row if there is one, otherwise
 * that of any
 * [out] found  whether it is of this row
 */
static int look(ent_keeper *keeper, int64_t row, bool *found) {
  ent_checkpoint read;
  int64_t best = 0;
  *found = false;
  keeper->sequence = 0;
  keeper->newest = 1;
  for (int generation = 0; generation < GENERATIONS; generation++) {
    ENT_TRY(read_generation(keeper, generation, NULL, &read));
    if (read.row < 0) continue;
    if (read.sequence > keeper->sequence) keeper->sequence = read.sequence;
    const bool is_of_row = read.row == row;
    if (*found && !is_of_row) continue;
    if (is_of_row == *found && read.sequence <= best) continue;
    *found = is_of_row;
    best = read.sequence;
    keeper->newest = generation;
  }
  keeper->knows_slot = true;
  return ENT_OK;
}

int ent_keeper_begin(ent_keeper *keeper, int64_t row, int64_t slot, bool resumes, ent_checkpoint *from) {
  bool found = false;
  from->row = -1;
  keeper->last = ent_clock_now();
  if (slot != keeper->slot) keeper->knows_slot = false;
  keeper->slot = slot;
  if (slot < 0 || !resumes) return ENT_OK;
  ENT_TRY(look(keeper, row, &found));
  if (!found) return ENT_OK;
  ent_arena_destroy(&keeper->arena);
  ENT_TRY(ent_arena_create(&keeper->arena));
  ENT_TRY(read_generation(keeper, keeper->newest, keeper->arena, from));
  if (from->row != row) from->row = -1;
  return ENT_OK;
}

bool ent_keeper_is_due(const ent_keeper *keeper) {
  return keeper->slot >= 0 && ent_clock_now() - keeper->last >= keeper->spec->checkpoint_seconds;
}

int ent_keeper_keep(ent_keeper *keeper, const ent_checkpoint *checkpoint) {
  bool found = false;
  ent_checkpoint kept = *checkpoint;
  if (keeper->slot < 0) return ENT_OK;
  if (!keeper->knows_slot) ENT_TRY(look(keeper, checkpoint->row, &found));
  kept.sequence = keeper->sequence + 1;
  const size_t length = ent_checkpoint_encode(&kept, keeper->bytes);
  if (length > keeper->room) return ENT_OK; /* a file made with less room: the job goes on without */
  const int generation = GENERATIONS - 1 - keeper->newest;
  ENT_TRY(
    keeper->sink->operations->checkpoint(keeper->sink->own, keeper->slot, generation, keeper->bytes, length));
  keeper->sequence = kept.sequence;
  keeper->newest = generation;
  keeper->last = ent_clock_now();
  return ENT_OK;
}
