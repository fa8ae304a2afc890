#include "entrain/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpi.h>

#include "entrain/sweep/job_file.h"

#include "guard_impl.h"
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
  ENT_TRY(ent_kills_open(store));
  ENT_TRY(ent_checkpoints_open(store));
  return ENT_OK;
}

/* Opens the file for ourselves, and looks at its guard before HDF5 sees it. */
static int open_guarded(ent_store *store) {
  const int flags = store->mode == ENT_STORE_READ ? O_RDONLY : O_RDWR;
  store->descriptor = open(store->path, flags | O_CLOEXEC | O_NONBLOCK); /* it may be a pipe */
  ENT_CHECK(store->descriptor >= 0, ENT_ERR_IO, "cannot open '%s': %s", store->path, strerror(errno));
  ENT_TRY(ent_guard_admit(store->descriptor, store->path));
  return ENT_OK;
}

static int open_file(ent_store *store) {
  int code = ENT_OK;
  hid_t access = 0;
  const bool writes = store->mode != ENT_STORE_READ;
  ENT_GOTO(ent_h5_access(&access));
  if (store->mode == ENT_STORE_WRITE) ENT_GOTO_H5(H5Pset_fapl_mpio(access, MPI_COMM_SELF, MPI_INFO_NULL));
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
  ENT_GOTO(open_guarded(made));
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
  ent_array_close(&store->kills);
  ent_array_close(&store->checkpoints);
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

int ent_store_check_writable(const ent_store *store) {
  ENT_CHECK(store->mode != ENT_STORE_READ, ENT_ERR_ARGUMENT, "'%s' is open for reading only", store->path);
  return ENT_OK;
}

int ent_store_sync(ent_store *store) {
  ENT_CHECK(fsync(store->descriptor) == 0, ENT_ERR_IO, "cannot sync '%s': %s", store->path, strerror(errno));
  return ENT_OK;
}

bool ent_store_is_there(const ent_store *store) {
  struct stat open_file, at_path;
  return fstat(store->descriptor, &open_file) == 0 && stat(store->path, &at_path) == 0 &&
         open_file.st_dev == at_path.st_dev && open_file.st_ino == at_path.st_ino;
}
