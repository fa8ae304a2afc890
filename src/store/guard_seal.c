#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/base/digest.h"

#include "guard_impl.h"
#include "store_impl.h"

/* Datasets of a file beside those of /series and /final: more than there can be in /phase and the root. */
enum { OTHER_DATASETS = 512 };

/* Metadata that creating /guard_copy itself may need. */
enum { COPY_SLACK = 16 * ENT_GUARD_PAGE };

static const char *const guard_name = "guard", *const copy_name = "guard_copy";

/* Raw data that are no metadata, in the order in which they are found. */
typedef struct raw_list {
  const ent_grid *grid;
  ent_guard_range *ranges; /* owned */
  size_t count, room;
  ent_guard_range guard, copy;
} raw_list;

static uint64_t pages(uint64_t bytes) {
  return (bytes + ENT_GUARD_PAGE - 1) / ENT_GUARD_PAGE * ENT_GUARD_PAGE;
}

/* Small datasets whose values never change after creation are guarded like metadata. */
static bool is_constant(const char *path, const ent_grid *grid) {
  static const char phase[] = "phase/";
  if (strcmp(path, "columns") == 0 || strcmp(path, "series/time") == 0) return true;
  if (strncmp(path, phase, sizeof phase - 1) != 0) return false;
  const char *name = path + sizeof phase - 1;
  return strcmp(name, "time") == 0 || ent_grid_axis(grid, name) != NULL;
}

static int add_range(raw_list *list, const ent_guard_range *range) {
  if (list->count == list->room) {
    const size_t room = 2 * list->room + 64;
    ent_guard_range *grown = realloc(list->ranges, room * sizeof *grown);
    ENT_CHECK(grown != NULL, ENT_ERR_MEMORY, "no memory for %zu ranges", room);
    list->ranges = grown;
    list->room = room;
  }
  list->ranges[list->count++] = *range;
  return ENT_OK;
}

static int add_dataset(raw_list *list, hid_t data, const char *path) {
  const haddr_t offset = H5Dget_offset(data);
  const ent_guard_range range = {offset, H5Dget_storage_size(data)};
  if (offset == HADDR_UNDEF) return ENT_OK; /* not in one piece: none of ours, guarded whole */
  if (strcmp(path, guard_name) == 0) list->guard = range;
  if (strcmp(path, copy_name) == 0) list->copy = range;
  if (!is_constant(path, list->grid)) ENT_TRY(add_range(list, &range));
  return ENT_OK;
}

static herr_t visit_link(hid_t root, const char *path, const H5L_info_t *info, void *context) {
  (void)info;
  hid_t object = H5Oopen(root, path, H5P_DEFAULT);
  if (object < 0) return -1;
  const int code = H5Iget_type(object) == H5I_DATASET ? add_dataset(context, object, path) : ENT_OK;
  ent_h5_close(&object);
  return code == ENT_OK ? 0 : -1;
}

/* Finds all raw data of a file. */
static int collect(const char *path, raw_list *list) {
  int code = ENT_OK;
  hid_t access = 0, file = 0;
  ENT_GOTO(ent_h5_access(&access));
  ENT_GOTO_H5(file = H5Fopen(path, H5F_ACC_RDONLY, access));
  ENT_GOTO_H5(H5Lvisit(file, H5_INDEX_NAME, H5_ITER_INC, visit_link, list));
done:
  if (file > 0) H5Fclose(file);
  ent_h5_close(&access);
  return code;
}

static int create_bytes(hid_t file, const char *name, hsize_t bytes) {
  int code = ENT_OK;
  ent_array array = {0};
  const ent_array_shape shape = {.name = name, .type = H5T_STD_U8LE, .rank = 1, .extent = &bytes};
  ENT_GOTO(ent_array_create(file, &shape, &array));
done:
  ent_array_close(&array);
  return code;
}

/* Room for the table: at most every dataset begins a range. */
static int table_room(const ent_spec *spec, uint64_t *room) {
  ent_final_group *groups = NULL;
  size_t n_groups = 0;
  if (spec->final_state) ENT_TRY(ent_final_groups(spec, &groups, &n_groups));
  free(groups);
  const ent_guard largest = {.n_ranges =
                               (uint32_t)(OTHER_DATASETS + 2 * n_groups + ent_spec_series_count(spec)),
                             .n_blocks = ENT_GUARD_BLOCKS};
  *room = pages(ent_guard_table_bytes(&largest));
  return ENT_OK;
}

int ent_guard_create(hid_t file, const ent_spec *spec) {
  uint64_t room = 0;
  ENT_TRY(table_room(spec, &room));
  ENT_TRY(create_bytes(file, guard_name, 2 * ENT_GUARD_PAGE + room));
  ENT_TRY(ent_array_allocate_all(file, guard_name));
  return ENT_OK;
}

/* So far the file is little but metadata: its size is all that the copy must have room for, and what the copy
 * itself adds. A page more lets everything in it begin at a page. */
int ent_guard_create_copy(hid_t file, const ent_spec *spec) {
  hsize_t bytes = 0;
  uint64_t table = 0;
  ENT_TRY(table_room(spec, &table));
  ENT_TRY_H5(H5Fget_filesize(file, &bytes));
  ENT_TRY(create_bytes(file, copy_name, pages(bytes + COPY_SLACK) + table + 2 * ENT_GUARD_PAGE));
  ENT_TRY(ent_array_allocate_all(file, copy_name));
  return ENT_OK;
}

static int compare_ranges(const void *a, const void *b) {
  const ent_guard_range *x = a, *y = b;
  return (x->offset > y->offset) - (x->offset < y->offset);
}

/* What lies between the raw data. [out] guard  length, n_ranges and ranges */
static int set_ranges(raw_list *list, ent_guard *guard) {
  uint64_t end = 0;
  const ent_guard_range last = {guard->size, 0};
  ENT_TRY(add_range(list, &last));
  qsort(list->ranges, list->count, sizeof *list->ranges, compare_ranges);
  ENT_TRY(ent_mem_alloc(list->count, sizeof *guard->ranges, &guard->ranges));
  for (size_t i = 0; i < list->count; i++) {
    const ent_guard_range *raw = &list->ranges[i];
    ENT_CHECK(raw->offset >= end && raw->offset + raw->length <= guard->size, ENT_ERR_INTERNAL,
              "data at byte %llu overlap others or the file's end", (unsigned long long)raw->offset);
    if (raw->offset > end) guard->ranges[guard->n_ranges++] = (ent_guard_range){end, raw->offset - end};
    guard->length += raw->offset - end;
    end = raw->offset + raw->length;
  }
  return ENT_OK;
}

/* Cuts the metadata into blocks, as small as the table has room for. */
static void set_blocks(ent_guard *guard) {
  guard->block_size = ENT_GUARD_BLOCK;
  while (guard->length > (uint64_t)guard->block_size * ENT_GUARD_BLOCKS) guard->block_size *= 2;
  guard->n_blocks = (uint32_t)((guard->length + guard->block_size - 1) / guard->block_size);
}

/* Where everything stands. */
static int set_places(const raw_list *list, ent_guard *guard) {
  const uint64_t table = pages(ent_guard_table_bytes(guard));
  const uint64_t first = list->guard.offset, copy = pages(list->copy.offset);
  const uint64_t end = (list->copy.offset + list->copy.length) / ENT_GUARD_PAGE * ENT_GUARD_PAGE;
  ENT_CHECK(first == ENT_GUARD_PAGE, ENT_ERR_INTERNAL, "the guard is at byte %llu, must be at %d",
            (unsigned long long)first, ENT_GUARD_PAGE);
  guard->headers[0] = first;
  guard->headers[1] = first + ENT_GUARD_PAGE;
  guard->tables[0] = first + 2 * ENT_GUARD_PAGE;
  guard->copy = copy;
  guard->headers[2] = end - ENT_GUARD_PAGE;
  guard->tables[1] = guard->headers[2] - table;
  ENT_CHECK(guard->tables[0] + table <= first + list->guard.length &&
              copy + pages(guard->length) <= guard->tables[1],
            ENT_ERR_INTERNAL, "%llu bytes of metadata and a table of %llu do not fit into the guard",
            (unsigned long long)guard->length, (unsigned long long)table);
  return ENT_OK;
}

/* Reads the metadata block by block, takes their checksums and writes the copy. */
static int copy_blocks(int file, ent_guard *guard) {
  int code = ENT_OK;
  unsigned char *block = NULL;
  ENT_TRY(ent_mem_alloc(guard->block_size, 1, &block));
  for (uint32_t i = 0; i < guard->n_blocks; i++) {
    ENT_CHECK_GOTO(ent_guard_read_block(file, guard, i, false, block), ENT_ERR_IO,
                   "cannot read the metadata back: %s", strerror(errno));
    guard->crcs[i] = ent_digest_crc(0, block, ent_guard_block_bytes(guard, i));
    ENT_GOTO(ent_guard_write_block(file, guard, i, true, block));
  }
done:
  free(block);
  return code;
}

int ent_guard_write_table(int file, ent_guard *guard, size_t i) {
  int code = ENT_OK;
  unsigned char *table = NULL;
  const size_t bytes = ent_guard_table_bytes(guard);
  ENT_TRY(ent_mem_alloc(bytes, 1, &table));
  ent_guard_encode_table(guard, table);
  guard->table_crc = ent_digest_crc(0, table, bytes);
  ENT_GOTO(ent_guard_write(file, guard->tables[i], bytes, table));
done:
  free(table);
  return code;
}

int ent_guard_write_header(int file, const ent_guard *guard, size_t i) {
  unsigned char page[ENT_GUARD_PAGE];
  ent_guard_encode(guard, page);
  return ent_guard_write(file, guard->headers[i], sizeof page, page);
}

static int seal(int file, raw_list *list, ent_guard *guard) {
  struct stat status;
  ENT_CHECK(list->guard.length > 0 && list->copy.length > 0, ENT_ERR_FORMAT, "the file has no guard");
  ENT_CHECK(fstat(file, &status) == 0, ENT_ERR_IO, "cannot examine the file: %s", strerror(errno));
  guard->format = ENT_STORE_FORMAT;
  guard->size = (uint64_t)status.st_size;
  ENT_TRY(set_ranges(list, guard));
  set_blocks(guard);
  ENT_TRY(ent_mem_alloc(guard->n_blocks, sizeof *guard->crcs, &guard->crcs));
  ENT_TRY(set_places(list, guard));
  ENT_TRY(copy_blocks(file, guard));
  for (size_t i = 0; i < ENT_GUARD_TABLES; i++) ENT_TRY(ent_guard_write_table(file, guard, i));
  for (size_t i = 0; i < ENT_GUARD_HEADERS; i++) ENT_TRY(ent_guard_write_header(file, guard, i));
  return ENT_OK;
}

int ent_guard_seal(const char *path, const ent_grid *grid) {
  int code = ENT_OK, file = -1;
  raw_list list = {.grid = grid};
  ent_guard guard = {0};
  ENT_GOTO(collect(path, &list));
  file = open(path, O_RDWR | O_CLOEXEC);
  ENT_CHECK_GOTO(file >= 0, ENT_ERR_IO, "cannot open '%s': %s", path, strerror(errno));
  ENT_GOTO(seal(file, &list, &guard));
done:
  if (file >= 0) close(file);
  ent_guard_fini(&guard);
  free(list.ranges);
  return code;
}
