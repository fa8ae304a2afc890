#include "entrain/sweep/gather.h"

#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"

/* Makes room for so many bytes; what is in it may be lost. */
static int make_room(ent_gather *gather, size_t size) {
  unsigned char *data = NULL;
  if (size <= gather->capacity) return ENT_OK;
  ENT_TRY(ent_mem_alloc(size, 1, &data));
  free(gather->data);
  gather->data = data;
  gather->capacity = size;
  return ENT_OK;
}

int ent_gather_add(ent_gather *gather, const ent_wire_piece *piece) {
  if (piece->offset == 0) {
    gather->length = 0;
    gather->is_complete = false;
    ENT_TRY(make_room(gather, (size_t)piece->total));
  }
  const size_t length = (size_t)piece->length;
  ENT_CHECK(!gather->is_complete && (size_t)piece->offset == gather->length, ENT_ERR_FORMAT,
            "piece from byte %lld on, must be from %zu on", (long long)piece->offset, gather->length);
  ENT_CHECK(length <= gather->capacity - gather->length, ENT_ERR_FORMAT,
            "piece of %zu bytes, there is room for %zu", length, gather->capacity - gather->length);
  memcpy(gather->data + gather->length, piece->data, length);
  gather->length += length;
  gather->is_complete = gather->length == (size_t)piece->total;
  return ENT_OK;
}

void ent_gather_fini(ent_gather *gather) {
  free(gather->data);
  *gather = (ent_gather){0};
}
