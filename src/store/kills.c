#include "store_impl.h"

static ent_array_shape kills_shape(const hsize_t *rows) {
  return (ent_array_shape){.name = "kills", .type = H5T_STD_U8LE, .rank = 1, .extent = rows};
}

int ent_kills_create(hid_t file, const ent_spec *spec) {
  int code = ENT_OK;
  ent_array array = {0};
  const hsize_t rows = (hsize_t)spec->grid.size;
  const ent_array_shape shape = kills_shape(&rows);
  ENT_GOTO(ent_array_create(file, &shape, &array));
  ENT_GOTO(ent_attribute_text(array.data, "long_name", "times a job was at work when its worker died"));
done:
  ent_array_close(&array);
  return code;
}

int ent_kills_open(ent_store *store) {
  const hsize_t rows = (hsize_t)store->spec->grid.size;
  const ent_array_shape shape = kills_shape(&rows);
  ENT_TRY(ent_array_open(store->file, &shape, &store->kills));
  return ENT_OK;
}

int ent_store_read_kills(ent_store *store, int64_t first, int64_t count, uint8_t *kills) {
  ENT_TRY(ent_store_check_range(store, first, count));
  ENT_TRY(ent_array_read(&store->kills, first, count, kills));
  return ENT_OK;
}

int ent_store_write_kills(ent_store *store, int64_t index, uint8_t kills) {
  ENT_TRY(ent_store_check_writable(store));
  ENT_TRY(ent_store_check_range(store, index, 1));
  ENT_TRY(ent_array_write(&store->kills, 0, index, 1, &kills));
  return ENT_OK;
}
