#include "entrain/store/array.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/filesystem.h"

/* Bytes moved by one call: MPI-IO counts in int, and HDF5 keeps a buffer of this size when it converts. */
static const size_t BLOCK_BYTES = (size_t)64 << 20;

static int creation_list(const ent_array_shape *shape, hid_t *list) {
  int code = ENT_OK;
  const float missing = NAN;
  hid_t made = 0;
  ENT_GOTO_H5(made = H5Pcreate(H5P_DATASET_CREATE));
  ENT_GOTO_H5(H5Pset_layout(made, H5D_CONTIGUOUS));
  ENT_GOTO_H5(H5Pset_alloc_time(made, H5D_ALLOC_TIME_LATE));
  ENT_GOTO_H5(H5Pset_obj_track_times(made, 0));
  if (shape->missing) {
    ENT_GOTO_H5(H5Pset_fill_value(made, H5T_NATIVE_FLOAT, &missing));
    ENT_GOTO_H5(H5Pset_fill_time(made, H5D_FILL_TIME_ALLOC));
  } else {
    ENT_GOTO_H5(H5Pset_fill_time(made, H5D_FILL_TIME_NEVER));
  }
  *list = made;
  made = 0;
done:
  ent_h5_close(&made);
  return code;
}

static void describe(ent_array *array, const ent_array_shape *shape) {
  array->type = shape->type;
  array->item = H5Tget_size(shape->type);
  array->rank = shape->rank;
  for (int i = 0; i < shape->rank; i++) array->extent[i] = shape->extent[i];
}

int ent_array_create(hid_t group, const ent_array_shape *shape, ent_array *array) {
  int code = ENT_OK;
  hid_t list = 0;
  ent_array made = {0};
  describe(&made, shape);
  ENT_GOTO(creation_list(shape, &list));
  if (shape->rank == 0)
    ENT_GOTO_H5(made.space = H5Screate(H5S_SCALAR));
  else
    ENT_GOTO_H5(made.space = H5Screate_simple(shape->rank, shape->extent, NULL));
  ENT_GOTO_H5(made.data =
                H5Dcreate2(group, shape->name, shape->type, made.space, H5P_DEFAULT, list, H5P_DEFAULT));
  *array = made;
  made = (ent_array){0};
done:
  ent_h5_close(&list);
  ent_array_close(&made);
  return code;
}

static int check_shape(const ent_array *array, const ent_array_shape *shape) {
  int code = ENT_OK;
  hid_t type = 0, list = 0;
  hsize_t extent[H5S_MAX_RANK] = {0};
  const int rank = H5Sget_simple_extent_dims(array->space, extent, NULL);
  ENT_CHECK_GOTO(rank == shape->rank, ENT_ERR_FORMAT, "dataset '%s' has %d dimensions, must have %d",
                 shape->name, rank, shape->rank);
  for (int i = 0; i < rank; i++)
    ENT_CHECK_GOTO(extent[i] == shape->extent[i], ENT_ERR_FORMAT,
                   "dataset '%s' has extent %llu, must have %llu", shape->name, (unsigned long long)extent[i],
                   (unsigned long long)shape->extent[i]);
  ENT_GOTO_H5(type = H5Dget_type(array->data));
  ENT_CHECK_GOTO(H5Tequal(type, shape->type) > 0, ENT_ERR_FORMAT, "dataset '%s' has fields of another type",
                 shape->name);
  ENT_GOTO_H5(list = H5Dget_create_plist(array->data));
  ENT_CHECK_GOTO(H5Pget_layout(list) == H5D_CONTIGUOUS, ENT_ERR_FORMAT, "dataset '%s' is not in one piece",
                 shape->name);
done:
  ent_h5_close(&list);
  ent_h5_close(&type);
  return code;
}

int ent_array_open(hid_t group, const ent_array_shape *shape, ent_array *array) {
  int code = ENT_OK;
  ent_array made = {0};
  describe(&made, shape);
  ENT_GOTO_H5(made.data = H5Dopen2(group, shape->name, H5P_DEFAULT));
  ENT_GOTO_H5(made.space = H5Dget_space(made.data));
  ENT_GOTO(check_shape(&made, shape));
  *array = made;
  made = (ent_array){0};
done:
  ent_array_close(&made);
  return code;
}

/* One transfer of entries first .. first+count-1; `to` or `from` is NULL. */
static int transfer(const ent_array *array, hid_t type, hsize_t first, hsize_t count, void *to,
                    const void *from) {
  int code = ENT_OK;
  hid_t memory = 0;
  hsize_t start[ENT_ARRAY_MAX_RANK] = {first}, block[ENT_ARRAY_MAX_RANK] = {count}, items = count;
  if (array->rank == 0) {
    if (to)
      ENT_TRY_H5(H5Dread(array->data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, to));
    else
      ENT_TRY_H5(H5Dwrite(array->data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, from));
    return ENT_OK;
  }
  for (int i = 1; i < array->rank; i++) {
    block[i] = array->extent[i];
    items *= array->extent[i];
  }
  ENT_GOTO_H5(H5Sselect_hyperslab(array->space, H5S_SELECT_SET, start, NULL, block, NULL));
  ENT_GOTO_H5(memory = H5Screate_simple(1, &items, NULL));
  if (to)
    ENT_GOTO_H5(H5Dread(array->data, type, memory, array->space, H5P_DEFAULT, to));
  else
    ENT_GOTO_H5(H5Dwrite(array->data, type, memory, array->space, H5P_DEFAULT, from));
done:
  ent_h5_close(&memory);
  return code;
}

/* Bytes in memory of one entry of the first dimension. */
static size_t entry_bytes(const ent_array *array, hid_t type) {
  size_t bytes = type == array->type ? array->item : H5Tget_size(type);
  for (int i = 1; i < array->rank; i++) bytes *= (size_t)array->extent[i];
  return bytes;
}

/* A write that failed, with the system's reason where that can be found out: HDF5 has none to tell. */
static int explain(hid_t object, hsize_t offset, hsize_t length, int code) {
  char path[PATH_MAX] = "";
  if (H5Fget_name(object, path, sizeof path) <= 0) return code;
  const char *reason = ent_filesystem_obstacle(path, (int64_t)offset, (int64_t)length);
  ENT_CHECK(reason == NULL, ENT_ERR_IO, "'%s' cannot be written: %s", path, reason);
  return code;
}

int ent_array_explain(const ent_array *array, uint64_t offset, uint64_t length, int code) {
  const haddr_t at = H5Dget_offset(array->data);
  return at == HADDR_UNDEF ? code : explain(array->data, at + offset, length, code);
}

int ent_array_write(const ent_array *array, hid_t type, int64_t first, int64_t count, const void *values) {
  const hid_t memory = type > 0 ? type : array->type;
  const size_t bytes = entry_bytes(array, memory);
  const int64_t most = (int64_t)(BLOCK_BYTES / bytes) + 1;
  for (int64_t at = 0; at < count; at += most) {
    const int64_t left = count - at, now = left < most ? left : most;
    const hsize_t place = (hsize_t)first + (hsize_t)at;
    const int code =
      transfer(array, memory, place, (hsize_t)now, NULL, (const char *)values + (size_t)at * bytes);
    if (code != ENT_OK) ENT_TRY(ent_array_explain(array, place * bytes, (uint64_t)now * bytes, code));
  }
  return ENT_OK;
}

int ent_array_read(const ent_array *array, int64_t first, int64_t count, void *values) {
  const size_t bytes = entry_bytes(array, array->type);
  const int64_t most = (int64_t)(BLOCK_BYTES / bytes) + 1;
  for (int64_t at = 0; at < count; at += most) {
    const int64_t left = count - at, now = left < most ? left : most;
    ENT_TRY(transfer(array, array->type, (hsize_t)(first + at), (hsize_t)now,
                     (char *)values + (size_t)at * bytes, NULL));
  }
  return ENT_OK;
}

/* Writes the first element as it reads, zero or the fill value, for which HDF5 allocates all of them. */
static int allocate(hid_t data) {
  int code = ENT_OK, rank = 0;
  hid_t space = 0, type = 0, memory = 0;
  unsigned char *element = NULL;
  hsize_t start[H5S_MAX_RANK] = {0}, one[H5S_MAX_RANK];
  for (int i = 0; i < H5S_MAX_RANK; i++) one[i] = 1;
  ENT_GOTO_H5(type = H5Dget_type(data));
  ENT_GOTO_H5(space = H5Dget_space(data));
  ENT_GOTO_H5(rank = H5Sget_simple_extent_ndims(space));
  ENT_GOTO(ent_mem_alloc(1, H5Tget_size(type), &element));
  if (rank > 0) ENT_GOTO_H5(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, one, NULL));
  ENT_GOTO_H5(memory = H5Screate(H5S_SCALAR));
  ENT_GOTO_H5(H5Dread(data, type, memory, space, H5P_DEFAULT, element));
  ENT_GOTO_H5(H5Dwrite(data, type, memory, space, H5P_DEFAULT, element));
done:
  ent_h5_close(&memory);
  ent_h5_close(&space);
  ent_h5_close(&type);
  free(element);
  return code;
}

static int allocate_named(hid_t group, const char *name) {
  int code = ENT_OK;
  hid_t object = 0;
  H5D_space_status_t status = H5D_SPACE_STATUS_ALLOCATED;
  ENT_GOTO_H5(object = H5Oopen(group, name, H5P_DEFAULT));
  if (H5Iget_type(object) != H5I_DATASET) goto done;
  ENT_GOTO_H5(H5Dget_space_status(object, &status));
  if (status != H5D_SPACE_STATUS_ALLOCATED) ENT_GOTO(allocate(object));
done:
  ent_h5_close(&object);
  return code;
}

/* A walk over the datasets of a file. */
typedef struct allocation {
  const char *last;
  int code; /* of the dataset that ended it */
} allocation;

static herr_t allocate_visited(hid_t group, const char *name, const H5L_info_t *info, void *context) {
  allocation *of = context;
  (void)info;
  if (strcmp(name, of->last) != 0) of->code = allocate_named(group, name);
  return of->code == ENT_OK ? 0 : 1;
}

int ent_array_allocate_all(hid_t file, const char *last) {
  allocation of = {.last = last};
  ENT_TRY_H5(H5Lvisit(file, H5_INDEX_NAME, H5_ITER_INC, allocate_visited, &of));
  if (of.code == ENT_OK) of.code = allocate_named(file, last);
  hsize_t size = 0;
  if (of.code == ENT_OK || H5Fget_filesize(file, &size) < 0) return of.code;
  return explain(file, size, 1, of.code); /* a file that cannot grow */
}

void ent_array_close(ent_array *array) {
  ent_h5_close(&array->space);
  ent_h5_close(&array->data);
}

int ent_group_create(hid_t parent, const char *name, hid_t *group) {
  ENT_TRY_H5(*group = H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  return ENT_OK;
}

int ent_compound_text(hid_t compound, const char *name, size_t offset, size_t size) {
  int code = ENT_OK;
  hid_t text = 0;
  ENT_GOTO_H5(text = H5Tcopy(H5T_C_S1));
  ENT_GOTO_H5(H5Tset_size(text, size));
  ENT_GOTO_H5(H5Tinsert(compound, name, offset, text));
done:
  ent_h5_close(&text);
  return code;
}

static int text_type(hid_t *type) {
  int code = ENT_OK;
  hid_t made = 0;
  ENT_GOTO_H5(made = H5Tcopy(H5T_C_S1));
  ENT_GOTO_H5(H5Tset_size(made, H5T_VARIABLE));
  ENT_GOTO_H5(H5Tset_cset(made, H5T_CSET_UTF8));
  *type = made;
  made = 0;
done:
  ent_h5_close(&made);
  return code;
}

int ent_attribute_text(hid_t object, const char *name, const char *text) {
  int code = ENT_OK;
  hid_t type = 0;
  ENT_TRY(text_type(&type));
  ENT_GOTO(ent_attribute_numbers(object, name, type, 1, &text));
done:
  ent_h5_close(&type);
  return code;
}

int ent_attribute_numbers(hid_t object, const char *name, hid_t type, size_t count, const void *numbers) {
  int code = ENT_OK;
  hid_t space = 0, attribute = 0;
  const hsize_t extent = count;
  if (count == 1)
    ENT_GOTO_H5(space = H5Screate(H5S_SCALAR));
  else
    ENT_GOTO_H5(space = H5Screate_simple(1, &extent, NULL));
  ENT_GOTO_H5(attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT));
  ENT_GOTO_H5(H5Awrite(attribute, type, numbers));
done:
  ent_h5_close(&attribute);
  ent_h5_close(&space);
  return code;
}

/* A damaged file may say that an attribute is larger than our variable for it. */
static int check_single(hid_t attribute, const char *name) {
  int code = ENT_OK;
  hid_t space = 0;
  ENT_GOTO_H5(space = H5Aget_space(attribute));
  ENT_CHECK_GOTO(H5Sget_simple_extent_npoints(space) == 1, ENT_ERR_FORMAT, "attribute '%s' is not one value",
                 name);
done:
  ent_h5_close(&space);
  return code;
}

int ent_attribute_read_int(hid_t object, const char *name, int *number) {
  int code = ENT_OK;
  hid_t attribute = 0, type = 0;
  ENT_GOTO_H5(attribute = H5Aopen(object, name, H5P_DEFAULT));
  ENT_GOTO(check_single(attribute, name));
  ENT_GOTO_H5(type = H5Aget_type(attribute));
  ENT_CHECK_GOTO(H5Tget_class(type) == H5T_INTEGER, ENT_ERR_FORMAT, "attribute '%s' is not a whole number",
                 name);
  ENT_GOTO_H5(H5Aread(attribute, H5T_NATIVE_INT, number));
done:
  ent_h5_close(&type);
  ent_h5_close(&attribute);
  return code;
}

int ent_attribute_read_text(hid_t object, const char *name, ent_arena *arena, const char **text) {
  int code = ENT_OK;
  hid_t attribute = 0, stored = 0, type = 0;
  char *found = NULL;
  *text = NULL;
  ENT_GOTO_H5(attribute = H5Aopen(object, name, H5P_DEFAULT));
  ENT_GOTO_H5(stored = H5Aget_type(attribute));
  if (H5Tis_variable_str(stored) <= 0) goto done;
  ENT_GOTO(check_single(attribute, name));
  ENT_GOTO(text_type(&type));
  ENT_GOTO_H5(H5Aread(attribute, type, &found));
  ENT_GOTO(ent_arena_text(arena, found ? found : "", found ? strlen(found) : 0, text));
done:
  if (found) H5free_memory(found);
  ent_h5_close(&type);
  ent_h5_close(&stored);
  ent_h5_close(&attribute);
  return code;
}
