#include "entrain/store/visit.h"

#include <stdlib.h>

#include "entrain/base/mem.h"

enum { CHUNK_ROWS = 4096 };

int ent_visit_rows(ent_store *store, const ent_row_visitor *visitor) {
  int code = ENT_OK;
  unsigned char *rows = NULL;
  const int64_t size = ent_store_spec(store)->grid.size;
  ENT_TRY(ent_mem_alloc(CHUNK_ROWS, ent_store_layout(store)->size, &rows));
  for (int64_t first = 0; first < size; first += CHUNK_ROWS) {
    const int64_t count = size - first < CHUNK_ROWS ? size - first : CHUNK_ROWS;
    if (visitor->has_enough && visitor->has_enough(visitor->context)) break;
    ENT_GOTO(ent_store_read_rows(store, first, count, rows));
    ENT_GOTO(visitor->see(visitor->context, first, count, rows));
  }
done:
  free(rows);
  return code;
}
