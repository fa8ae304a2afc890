#include "entrain/store/kept.h"

int ent_kept_read(ent_store *store, ent_kept_place place, ent_arena *arena, unsigned char *bytes,
                  ent_checkpoint *found) {
  ENT_TRY(ent_store_read_checkpoint(store, place.slot, place.generation, bytes));
  found->row = -1;
  const int code =
    ent_checkpoint_decode(bytes, ent_store_slot_bytes(store), ent_store_spec(store), arena, found);
  if (code == ENT_ERR_FORMAT) {
    ent_error_clear();
    return ENT_OK;
  }
  ENT_TRY(code);
  return ENT_OK;
}
