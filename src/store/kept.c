#include "entrain/store/kept.h"

enum { PAGE = 4096 };

int ent_kept_read(ent_store *store, ent_kept_place place, ent_arena *arena, unsigned char *bytes,
                  ent_checkpoint *found) {
  const size_t room = ent_store_slot_bytes(store), head = room < PAGE ? room : PAGE;
  ENT_TRY(ent_store_read_checkpoint(store, place.slot, place.generation, bytes, head));
  found->row = -1;
  const size_t length = ent_checkpoint_length(bytes, head);
  if (length == 0 || length > room) return ENT_OK;
  ENT_TRY(ent_store_read_checkpoint(store, place.slot, place.generation, bytes, length));
  const int code = ent_checkpoint_decode(bytes, length, ent_store_spec(store), arena, found);
  if (code == ENT_ERR_FORMAT) {
    ent_error_clear();
    return ENT_OK;
  }
  ENT_TRY(code);
  return ENT_OK;
}
