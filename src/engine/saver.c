#include "entrain/engine/saver.h"

#include <stdlib.h>

#include "entrain/base/clock.h"
#include "entrain/base/mem.h"
#include "entrain/store/kept.h"

enum { GENERATIONS = 2 };

int ent_saver_init(ent_saver *saver, ent_store *store, const ent_sink *sink, const ent_spec *spec) {
  int code = ENT_OK;
  ent_saver made = {.store = store, .sink = sink, .spec = spec, .slot = -1};
  made.room = ent_store_slot_bytes(store);
  const size_t largest = ent_checkpoint_bytes(spec);
  ENT_GOTO(ent_mem_alloc(made.room > largest ? made.room : largest, 1, &made.bytes));
  *saver = made;
  return ENT_OK;
done:
  ent_saver_fini(&made);
  return code;
}

void ent_saver_fini(ent_saver *saver) {
  free(saver->bytes);
  ent_arena_destroy(&saver->arena);
  *saver = (ent_saver){0};
}

/* Reads a generation of the slot. [in] arena  NULL: without its arrays */
static int read_generation(ent_saver *saver, int generation, ent_arena *arena, ent_checkpoint *found) {
  const ent_kept_place place = {saver->slot, generation};
  ENT_TRY(ent_kept_read(saver->store, place, arena, saver->bytes, found));
  return ENT_OK;
}

/*
 * Looks at both generations of the slot. [in] row  newest is that of this row if there is one, otherwise
 * that of any
 * [out] found  whether it is of this row
 */
static int look(ent_saver *saver, int64_t row, bool *found) {
  ent_checkpoint read;
  int64_t best = 0;
  *found = false;
  saver->sequence = 0;
  saver->newest = 1;
  for (int generation = 0; generation < GENERATIONS; generation++) {
    ENT_TRY(read_generation(saver, generation, NULL, &read));
    if (read.row < 0) continue;
    if (read.sequence > saver->sequence) saver->sequence = read.sequence;
    const bool is_of_row = read.row == row;
    if (*found && !is_of_row) continue;
    if (is_of_row == *found && read.sequence <= best) continue;
    *found = is_of_row;
    best = read.sequence;
    saver->newest = generation;
  }
  saver->knows_slot = true;
  return ENT_OK;
}

int ent_saver_begin(ent_saver *saver, int64_t row, int64_t slot, bool resumes, ent_checkpoint *from) {
  bool found = false;
  from->row = -1;
  saver->last = ent_clock_now();
  if (slot != saver->slot) saver->knows_slot = false;
  saver->slot = slot;
  if (slot < 0 || !resumes) return ENT_OK;
  ENT_TRY(look(saver, row, &found));
  if (!found) return ENT_OK;
  ent_arena_destroy(&saver->arena);
  ENT_TRY(ent_arena_create(&saver->arena));
  ENT_TRY(read_generation(saver, saver->newest, saver->arena, from));
  if (from->row != row) from->row = -1;
  return ENT_OK;
}

bool ent_saver_is_due(const ent_saver *saver) {
  return saver->slot >= 0 && ent_clock_now() - saver->last >= saver->spec->checkpoint_seconds;
}

int ent_saver_keep(ent_saver *saver, const ent_checkpoint *checkpoint) {
  bool found = false;
  ent_checkpoint kept = *checkpoint;
  if (saver->slot < 0) return ENT_OK;
  if (!saver->knows_slot) ENT_TRY(look(saver, checkpoint->row, &found));
  kept.sequence = saver->sequence + 1;
  const size_t length = ent_checkpoint_encode(&kept, saver->bytes);
  if (length > saver->room) return ENT_OK; /* a file made with less room: the job goes on without */
  const int generation = GENERATIONS - 1 - saver->newest;
  ENT_TRY(
    saver->sink->operations->checkpoint(saver->sink->own, saver->slot, generation, saver->bytes, length));
  saver->sequence = kept.sequence;
  saver->newest = generation;
  saver->last = ent_clock_now();
  return ENT_OK;
}
