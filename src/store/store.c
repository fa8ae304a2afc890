#include "entrain/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpi.h>

#include "entrain/sweep/job_file.h"

#include "store_impl.h"

enum { MAX_TEXTS = 64 };

static herr_t read_text(hid_t root, const char *name, const H5A_info_t *info, void *context) {
  ent_store *store = context;
  const char *value = NULL;
  (void)info;
  if (store->n_texts == MAX_TEXTS) return 0;
  if (ent_attribute_read_text(root, name, store->arena, &value) != ENT_OK) return -1;
  if (value == NULL) return 0;
  ent_store_text *text = &store->texts[store->n_texts];
  if (ent_arena_text(store->arena, name, strlen(name), &text->name) != ENT_OK) return -1;
  text->value = value;
  store->n_texts++;
  return 0;
}

/* The texts of the root, once the format version says that they can be understood. */
static int read_root(ent_store *store) {
  int version = 0;
  ENT_TRY(ent_attribute_read_int(store->file, "format_version", &version));
  ENT_CHECK(version <= ENT_STORE_FORMAT, ENT_ERR_FORMAT,
            "its format version is %d, this program reads up to %d: use a newer entrain", version,
            ENT_STORE_FORMAT);
  ENT_CHECK(version >= 1, ENT_ERR_FORMAT, "its format version is %d, must be at least 1", version);
  ENT_TRY(ent_arena_alloc(store->arena, MAX_TEXTS, sizeof *store->texts, &store->texts));
  ENT_TRY_H5(H5Aiterate2(store->file, H5_INDEX_NAME, H5_ITER_INC, NULL, read_text, store));
  return ENT_OK;
}

static int required_text(const ent_store *store, const char *name, const char **value) {
  *value = ent_store_attribute(store, name);
  ENT_CHECK(*value != NULL, ENT_ERR_FORMAT, "it has no root attribute '%s'", name);
  return ENT_OK;
}

/* The job file as it was at creation becomes the specification again. */
static int parse_job(ent_store *store, const char *text, const char *path, const char *options,
                     const char *digest) {
  ent_text faults = {0};
  int code = ent_job_file_parse(text, path, options, digest, &store->spec, &faults);
  if (code == ENT_ERR_JOB_FILE) {
    const char *fault = faults.data ? faults.data : "";
    code = ent_error_raise(ENT_ERR_FORMAT, __func__, __FILE__, __LINE__,
                           "the job file inside cannot be read: %.*s", (int)strcspn(fault, "\n"), fault);
  }
  ent_text_fini(&faults);
  return code;
}

static int read_spec(ent_store *store) {
  const char *text = NULL, *path = NULL, *options = NULL, *digest = NULL, *identity = NULL;
  ENT_TRY(required_text(store, "job_file", &text));
  ENT_TRY(required_text(store, "job_file_path", &path));
  ENT_TRY(required_text(store, "petsc_options", &options));
  ENT_TRY(required_text(store, "input_digest", &digest));
  ENT_TRY(required_text(store, "identity", &identity));
  ENT_TRY(parse_job(store, text, path, options, digest));
  store->n_axis = ent_grid_axis(&store->spec->grid, "n");
  store->d_axis = ent_grid_axis(&store->spec->grid, "d");
  ENT_CHECK(store->n_axis && store->d_axis, ENT_ERR_FORMAT, "the job file inside has no axes n and d");
  ENT_TRY(ent_layout_create(store->spec, &store->layout));
  ENT_TRY(ent_mem_alloc(1, store->layout->size, &store->row));
  return ENT_OK;
}

static int open_objects(ent_store *store) {
  ENT_TRY(read_root(store));
  ENT_TRY(read_spec(store));
  ENT_TRY(ent_row_type(store->layout, &store->row_type));
  const hsize_t rows = (hsize_t)store->spec->grid.size;
  const ent_array_shape jobs = {.name = "jobs", .type = store->row_type, .rank = 1, .extent = &rows};
  ENT_TRY(ent_array_open(store->file, &jobs, &store->jobs));
  ENT_TRY(ent_series_open(store));
  ENT_TRY(ent_final_open(store));
  ENT_TRY(ent_segments_open(store));
  return ENT_OK;
}

static int open_file(ent_store *store) {
  int code = ENT_OK;
  hid_t access = 0;
  const bool writes = store->mode == ENT_STORE_WRITE;
  store->descriptor = open(store->path, (writes ? O_RDWR : O_RDONLY) | O_CLOEXEC);
  ENT_CHECK(store->descriptor >= 0, ENT_ERR_IO, "cannot open '%s': %s", store->path, strerror(errno));
  ENT_GOTO(ent_h5_access(&access));
  if (writes) ENT_GOTO_H5(H5Pset_fapl_mpio(access, MPI_COMM_SELF, MPI_INFO_NULL));
  ENT_GOTO_H5(store->file = H5Fopen(store->path, writes ? H5F_ACC_RDWR : H5F_ACC_RDONLY, access));
done:
  ent_h5_close(&access);
  return code;
}

/* What HDF5 cannot find or read in a file that is there is damage, or the file is something else. */
static int damaged(const char *path, int code) {
  ent_text why = {0};
  if (code != ENT_ERR_HDF5 && code != ENT_ERR_FORMAT && code != ENT_ERR_ARGUMENT) return code;
  if (ent_text_append(&why, "%s", ent_error_message()) != ENT_OK) return ENT_ERR_MEMORY;
  code = ent_error_raise(ENT_ERR_FORMAT, __func__, __FILE__, __LINE__,
                         "'%s' is damaged or no results file of this program: %s", path, why.data);
  ent_text_fini(&why);
  return code;
}

int ent_store_open(const char *path, ent_store_mode mode, ent_store **store) {
  int code = ENT_OK;
  ent_arena *arena = NULL;
  ent_store *made = NULL;
  ENT_GOTO(ent_mem_alloc(1, sizeof *made, &made));
  made->descriptor = -1;
  ENT_GOTO(ent_arena_create(&arena));
  made->arena = arena;
  made->mode = mode;
  ENT_GOTO(ent_arena_text(arena, path, strlen(path), &made->path));
  code = open_file(made);
  if (code == ENT_OK) code = open_objects(made);
  if (code != ENT_OK) ENT_GOTO(damaged(path, code));
  *store = made;
  made = NULL;
done:
  if (made && ent_store_close(&made) != ENT_OK && code == ENT_OK) code = ENT_ERR_HDF5;
  return code;
}

/* Closes everything inside the file. */
static void close_objects(ent_store *store) {
  for (size_t k = 0; store->series && k < store->n_series; k++) ent_array_close(&store->series[k]);
  for (size_t g = 0; store->groups && g < store->n_groups; g++) ent_array_close(&store->groups[g].x);
  ent_array_close(&store->jobs);
  ent_array_close(&store->segments);
  ent_h5_close(&store->row_type);
  ent_h5_close(&store->segment_type);
}

int ent_store_close(ent_store **store) {
  if (store == NULL || *store == NULL) return ENT_OK;
  int code = ENT_OK;
  ent_store *old = *store;
  *store = NULL;
  close_objects(old);
  if (old->file > 0) ENT_GOTO_H5(H5Fclose(old->file));
done:
  if (old->descriptor >= 0) close(old->descriptor);
  free(old->series);
  free(old->groups);
  free(old->row);
  ent_layout_destroy(&old->layout);
  ent_spec_destroy(&old->spec);
  ent_arena_destroy(&old->arena);
  free(old);
  return code;
}

int ent_store_close_after(ent_store **store, int code) {
  const int closed = ent_store_close(store);
  return code != ENT_OK ? code : closed;
}

const ent_spec *ent_store_spec(const ent_store *store) {
  return store->spec;
}

const ent_layout *ent_store_layout(const ent_store *store) {
  return store->layout;
}

const char *ent_store_stored_identity(const ent_store *store) {
  return ent_store_attribute(store, "identity");
}

const char *ent_store_attribute(const ent_store *store, const char *name) {
  for (size_t i = 0; i < store->n_texts; i++)
    if (strcmp(store->texts[i].name, name) == 0) return store->texts[i].value;
  return NULL;
}

static int check_range(const ent_store *store, int64_t first, int64_t count) {
  const int64_t size = store->spec->grid.size;
  ENT_CHECK(first >= 0 && count >= 0 && first <= size - count, ENT_ERR_ARGUMENT,
            "rows %lld to %lld are asked for, the file has %lld", (long long)first,
            (long long)(first + count - 1), (long long)size);
  return ENT_OK;
}

static int write_final(ent_store *store, int64_t index, const double *final_state, size_t *values) {
  int64_t place = 0;
  ent_final_group *group = ent_final_find(store, index, &place);
  *values = (size_t)(group->n * group->d);
  ENT_CHECK(final_state != NULL, ENT_ERR_ARGUMENT, "row %lld comes without its final state",
            (long long)index);
  ENT_TRY(ent_array_write(&group->x, 0, place, 1, final_state));
  return ENT_OK;
}

int ent_store_write_job(ent_store *store, int64_t index, const ent_result *result, const float *series,
                        const double *final_state) {
  const ent_layout *layout = store->layout;
  const size_t n_record = store->spec->n_record;
  size_t final_values = 0;
  ENT_TRY(check_range(store, index, 1));
  ENT_CHECK(store->mode == ENT_STORE_WRITE, ENT_ERR_ARGUMENT, "'%s' is open for reading only", store->path);
  ENT_CHECK(store->n_series == 0 || series, ENT_ERR_ARGUMENT, "row %lld comes without its series",
            (long long)index);
  /* the row last: as long as it says pending, the rest means nothing */
  for (size_t k = 0; k < store->n_series; k++)
    ENT_TRY(ent_array_write(&store->series[k], 0, index, 1, series + k * n_record));
  if (store->n_groups > 0) ENT_TRY(write_final(store, index, final_state, &final_values));
  ent_layout_encode_axes(layout, &store->spec->grid, index, store->row);
  ent_layout_encode(layout, result, store->row);
  const uint32_t checksum =
    ent_layout_checksum(layout, store->row, series, store->n_series * n_record, final_state, final_values);
  memcpy(store->row + layout->checksum_offset, &checksum, sizeof checksum);
  ENT_TRY(ent_array_write(&store->jobs, 0, index, 1, store->row));
  return ENT_OK;
}

int ent_store_read_rows(ent_store *store, int64_t first, int64_t count, unsigned char *rows) {
  ENT_TRY(check_range(store, first, count));
  ENT_TRY(ent_array_read(&store->jobs, first, count, rows));
  return ENT_OK;
}

int ent_store_read_series(ent_store *store, size_t k, int64_t first, int64_t count, float *values) {
  ENT_TRY(check_range(store, first, count));
  ENT_CHECK(k < store->n_series, ENT_ERR_ARGUMENT, "series %zu is asked for, the file has %zu", k,
            store->n_series);
  ENT_TRY(ent_array_read(&store->series[k], first, count, values));
  return ENT_OK;
}

int ent_store_read_final(ent_store *store, int64_t index, double *final_state) {
  int64_t place = 0;
  ENT_TRY(check_range(store, index, 1));
  ENT_CHECK(store->n_groups > 0, ENT_ERR_ARGUMENT, "'%s' keeps no final states", store->path);
  const ent_final_group *group = ent_final_find(store, index, &place);
  ENT_TRY(ent_array_read(&group->x, place, 1, final_state));
  return ENT_OK;
}

int ent_store_sync(ent_store *store) {
  ENT_CHECK(fsync(store->descriptor) == 0, ENT_ERR_IO, "cannot sync '%s': %s", store->path, strerror(errno));
  return ENT_OK;
}
