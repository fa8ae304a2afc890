#include <inttypes.h>

#include "entrain/sweep/checkpoint.h"

#include "store_impl.h"

enum { GENERATIONS = 2, RANK = 3, MOST_SLOTS = 256, LEAST_SLOTS = 8 };

/* Generations begin at multiples of a page, so that no two writers share one. */
static const size_t PAGE = 4096;

/* What the slots of a file may take together, if it were not sparse. */
static const size_t APPARENT_BYTES = (size_t)1 << 30;

static void set_extent(const ent_spec *spec, hsize_t extent[RANK]) {
  const size_t bytes = (ent_checkpoint_bytes(spec) + PAGE - 1) / PAGE * PAGE;
  size_t slots = APPARENT_BYTES / GENERATIONS / bytes;
  if (slots < LEAST_SLOTS) slots = LEAST_SLOTS;
  if (slots > MOST_SLOTS) slots = MOST_SLOTS;
  if ((int64_t)slots > spec->grid.size) slots = (size_t)spec->grid.size;
  extent[0] = slots;
  extent[1] = GENERATIONS;
  extent[2] = bytes;
}

static ent_array_shape checkpoints_shape(const hsize_t extent[RANK]) {
  return (ent_array_shape){.name = "checkpoints", .type = H5T_STD_U8LE, .rank = RANK, .extent = extent};
}

int ent_checkpoints_create(hid_t file, const ent_spec *spec) {
  int code = ENT_OK;
  ent_array array = {0};
  hsize_t extent[RANK];
  set_extent(spec, extent);
  const ent_array_shape shape = checkpoints_shape(extent);
  ENT_GOTO(ent_array_create(file, &shape, &array));
  ENT_GOTO(ent_attribute_text(array.data, "long_name", "running integrations [slot, generation, byte]"));
done:
  ent_array_close(&array);
  return code;
}

/* The extent is the file's: another version of this program may need more or less room for a checkpoint. */
static int read_extent(hid_t file, hsize_t extent[RANK]) {
  int code = ENT_OK;
  hid_t data = 0, space = 0;
  ENT_GOTO_H5(data = H5Dopen2(file, "checkpoints", H5P_DEFAULT));
  ENT_GOTO_H5(space = H5Dget_space(data));
  ENT_CHECK_GOTO(H5Sget_simple_extent_ndims(space) == RANK, ENT_ERR_FORMAT,
                 "dataset 'checkpoints' has not %d dimensions", RANK);
  ENT_GOTO_H5(H5Sget_simple_extent_dims(space, extent, NULL));
  ENT_CHECK_GOTO(extent[0] > 0 && extent[1] == GENERATIONS && extent[2] > 0, ENT_ERR_FORMAT,
                 "dataset 'checkpoints' has no slots of %d generations", GENERATIONS);
done:
  ent_h5_close(&space);
  ent_h5_close(&data);
  return code;
}

int ent_checkpoints_open(ent_store *store) {
  hsize_t extent[RANK];
  ENT_TRY(read_extent(store->file, extent));
  const ent_array_shape shape = checkpoints_shape(extent);
  ENT_TRY(ent_array_open(store->file, &shape, &store->checkpoints));
  return ENT_OK;
}

int64_t ent_store_slots(const ent_store *store) {
  return (int64_t)store->checkpoints.extent[0];
}

size_t ent_store_slot_bytes(const ent_store *store) {
  return (size_t)store->checkpoints.extent[2];
}

void ent_store_plan_slots(const ent_spec *spec, int64_t *slots, size_t *slot_bytes) {
  hsize_t extent[RANK];
  set_extent(spec, extent);
  *slots = (int64_t)extent[0];
  *slot_bytes = (size_t)extent[2];
}

/* Selects the first `length` bytes of a generation. [out] memory  owned by the caller. */
static int select_bytes(const ent_store *store, int64_t slot, int generation, size_t length, hid_t *memory) {
  const hsize_t start[RANK] = {(hsize_t)slot, (hsize_t)generation}, block[RANK] = {1, 1, length};
  ENT_CHECK(slot >= 0 && slot < ent_store_slots(store) && generation >= 0 && generation < GENERATIONS,
            ENT_ERR_ARGUMENT, "checkpoint slot %" PRId64 ", generation %d, the file has %" PRId64 " and %d",
            slot, generation, ent_store_slots(store), GENERATIONS);
  ENT_CHECK(length > 0 && length <= ent_store_slot_bytes(store), ENT_ERR_ARGUMENT,
            "a checkpoint of %zu bytes, there is room for %zu", length, ent_store_slot_bytes(store));
  ENT_TRY_H5(H5Sselect_hyperslab(store->checkpoints.space, H5S_SELECT_SET, start, NULL, block, NULL));
  ENT_TRY_H5(*memory = H5Screate_simple(1, &block[RANK - 1], NULL));
  return ENT_OK;
}

int ent_store_write_checkpoint(ent_store *store, int64_t slot, int generation, const void *bytes,
                               size_t length) {
  int code = ENT_OK;
  hid_t memory = 0;
  const ent_array *array = &store->checkpoints;
  ENT_TRY(ent_store_check_writable(store));
  ENT_GOTO(select_bytes(store, slot, generation, length, &memory));
  if (H5Dwrite(array->data, array->type, memory, array->space, H5P_DEFAULT, bytes) < 0) {
    const size_t before = (size_t)slot * GENERATIONS + (size_t)generation;
    code = ent_h5_raise(__func__, __FILE__, __LINE__);
    ENT_GOTO(ent_array_explain(array, before * ent_store_slot_bytes(store), length, code));
  }
done:
  ent_h5_close(&memory);
  return code;
}

int ent_store_read_checkpoint(ent_store *store, int64_t slot, int generation, void *bytes, size_t length) {
  int code = ENT_OK;
  hid_t memory = 0;
  const ent_array *array = &store->checkpoints;
  ENT_GOTO(select_bytes(store, slot, generation, length, &memory));
  ENT_GOTO_H5(H5Dread(array->data, array->type, memory, array->space, H5P_DEFAULT, bytes));
done:
  ent_h5_close(&memory);
  return code;
}
