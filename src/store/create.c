#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpi.h>

#include "entrain/base/clock.h"
#include "entrain/base/isa.h"
#include "entrain/base/version.h"
#include "entrain/store/identity.h"
#include "entrain/store/store.h"

#include "guard_impl.h"
#include "store_impl.h"

/* Bytes of rows encoded at a time. */
static const size_t BLOCK_BYTES = (size_t)4 << 20;

/* Data from this size on begin at a page. */
static const hsize_t ALIGNED_BYTES = 1 << 20, PAGE = 4096;

/* Who computes the rows: this program with a PETSc, or whoever computed those of another file. */
typedef struct origin {
  const char *petsc_version;
  const ent_store *like; /* NULL: this program */
} origin;

/* An entry of /columns. */
typedef struct column_note {
  char name[64], unit[32], summary[128];
} column_note;

/* Rows with their axes; everything else of a row is zero, which says pending. */
static int write_axes(const ent_array *jobs, const ent_layout *layout, const ent_grid *grid) {
  int code = ENT_OK;
  unsigned char *rows = NULL;
  const int64_t most = (int64_t)(BLOCK_BYTES / layout->size) + 1;
  ENT_TRY(ent_mem_alloc((size_t)most, layout->size, &rows));
  for (int64_t first = 0; first < grid->size; first += most) {
    const int64_t left = grid->size - first, count = left < most ? left : most;
    for (int64_t i = 0; i < count; i++)
      ent_layout_encode_axes(layout, grid, first + i, rows + (size_t)i * layout->size);
    ENT_GOTO(ent_array_write(jobs, 0, first, count, rows));
  }
done:
  free(rows);
  return code;
}

/* Creates /jobs, or opens it and fills in the axes. */
static int make_jobs(hid_t file, const ent_spec *spec, const ent_layout *layout, bool fills) {
  int code = ENT_OK;
  hid_t type = 0;
  ent_array jobs = {0};
  const hsize_t rows = (hsize_t)spec->grid.size;
  ENT_GOTO(ent_row_type(layout, &type));
  const ent_array_shape shape = {.name = "jobs", .type = type, .rank = 1, .extent = &rows};
  if (fills) {
    ENT_GOTO(ent_array_open(file, &shape, &jobs));
    ENT_GOTO(write_axes(&jobs, layout, &spec->grid));
  } else {
    ENT_GOTO(ent_array_create(file, &shape, &jobs));
  }
done:
  ent_array_close(&jobs);
  ent_h5_close(&type);
  return code;
}

static int note_type(hid_t *type) {
  static const struct {
    const char *name;
    size_t offset, size;
  } fields[] = {{"name", HOFFSET(column_note, name), sizeof((column_note *)0)->name},
                {"unit", HOFFSET(column_note, unit), sizeof((column_note *)0)->unit},
                {"summary", HOFFSET(column_note, summary), sizeof((column_note *)0)->summary}};
  int code = ENT_OK;
  hid_t made = 0;
  ENT_GOTO_H5(made = H5Tcreate(H5T_COMPOUND, sizeof(column_note)));
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    ENT_GOTO(ent_compound_text(made, fields[i].name, fields[i].offset, fields[i].size));
  *type = made;
  made = 0;
done:
  ent_h5_close(&made);
  return code;
}

/* /columns: what the fields of /jobs mean, in their order. */
static int create_columns(hid_t file, const ent_layout *layout) {
  int code = ENT_OK;
  hid_t type = 0;
  column_note *notes = NULL;
  ent_array array = {0};
  const hsize_t count = layout->n_columns;
  ENT_GOTO(ent_mem_alloc(layout->n_columns, sizeof *notes, &notes));
  for (size_t i = 0; i < layout->n_columns; i++) {
    snprintf(notes[i].name, sizeof notes[i].name, "%s", layout->columns[i].name);
    snprintf(notes[i].unit, sizeof notes[i].unit, "%s", layout->columns[i].unit);
    snprintf(notes[i].summary, sizeof notes[i].summary, "%s", layout->columns[i].summary);
  }
  ENT_GOTO(note_type(&type));
  const ent_array_shape shape = {.name = "columns", .type = type, .rank = 1, .extent = &count};
  ENT_GOTO(ent_array_create(file, &shape, &array));
  ENT_GOTO(ent_array_write(&array, 0, 0, (int64_t)count, notes));
done:
  ent_array_close(&array);
  ent_h5_close(&type);
  free(notes);
  return code;
}

/* Where the job file is, for its relative paths: whole, so that it does not matter where the file is read. */
static int write_job_path(hid_t file, const ent_spec *spec) {
  char *absolute = realpath(spec->path, NULL);
  const int code = ent_attribute_text(file, "job_file_path", absolute ? absolute : spec->path);
  free(absolute);
  return code;
}

/* The texts that say what the study is: it is read back from these. */
static int write_study(hid_t file, const ent_spec *spec, const origin *of) {
  int code = ENT_OK;
  char digest[ENT_DIGEST_SIZE];
  ent_text identity = {0};
  if (of->like)
    ENT_GOTO(ent_store_identity_like(spec, of->like, &identity));
  else
    ENT_GOTO(ent_store_identity(spec, of->petsc_version, &identity));
  ENT_GOTO(ent_attribute_text(file, "name", spec->name));
  ENT_GOTO(ent_attribute_text(file, "job_file", spec->text));
  ENT_GOTO(write_job_path(file, spec));
  ent_digest_bytes(spec->text, spec->text_length, digest);
  ENT_GOTO(ent_attribute_text(file, "job_file_digest", digest));
  ENT_GOTO(ent_attribute_text(file, "petsc_options", spec->petsc_options));
  ENT_GOTO(ent_attribute_text(file, "input_digest", spec->input_digests));
  ENT_GOTO(ent_attribute_text(file, "identity", identity.data));
  ent_digest_bytes(identity.data, identity.length, digest);
  ENT_GOTO(ent_attribute_text(file, "identity_digest", digest));
done:
  ent_text_fini(&identity);
  return code;
}

/* Who made the file, and with what. */
static int write_makers(hid_t file, const char *petsc_version) {
  const int solver = ENT_VERSION_SOLVER;
  char mpi[MPI_MAX_LIBRARY_VERSION_STRING] = "", hdf5[32];
  int length = 0;
  MPI_Get_library_version(mpi, &length);
  mpi[strcspn(mpi, ",")] = '\0'; /* "Open MPI v4.1.4, package: ..." */
  snprintf(hdf5, sizeof hdf5, "%d.%d.%d", H5_VERS_MAJOR, H5_VERS_MINOR, H5_VERS_RELEASE);
  ENT_TRY(ent_attribute_numbers(file, "solver_version", H5T_NATIVE_INT32, 1, &solver));
  ENT_TRY(ent_attribute_text(file, "program_version", ent_version_string()));
  ENT_TRY(ent_attribute_text(file, "git_commit", ent_version_commit()));
  ENT_TRY(ent_attribute_text(file, "petsc_version", petsc_version));
  ENT_TRY(ent_attribute_text(file, "hdf5_version", hdf5));
  ENT_TRY(ent_attribute_text(file, "mpi_version", mpi));
  ENT_TRY(ent_attribute_text(file, "compiler", ent_version_compiler()));
  ENT_TRY(ent_attribute_text(file, "compiler_flags", ent_version_flags()));
  ENT_TRY(ent_attribute_text(file, "instruction_set", ent_isa_name(ent_isa_current())));
  ENT_TRY(ent_attribute_text(file, "cpu", ent_version_cpu()));
  return ENT_OK;
}

/* The same as another file has it. */
static int copy_makers(hid_t file, const ent_store *like) {
  static const char *const names[] = {"program_version", "git_commit",      "petsc_version",
                                      "hdf5_version",    "mpi_version",     "compiler",
                                      "compiler_flags",  "instruction_set", "cpu"};
  int solver = 0;
  ENT_TRY(ent_attribute_read_int(like->file, "solver_version", &solver));
  ENT_TRY(ent_attribute_numbers(file, "solver_version", H5T_NATIVE_INT32, 1, &solver));
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const char *text = ent_store_attribute(like, names[i]);
    if (text) ENT_TRY(ent_attribute_text(file, names[i], text));
  }
  return ENT_OK;
}

static int write_versions(hid_t file, const origin *of) {
  char created[32];
  ent_clock_format(ent_clock_unix(), sizeof created, created);
  ENT_TRY(ent_attribute_text(file, "created", created));
  if (of->like) return copy_makers(file, of->like);
  return write_makers(file, of->petsc_version);
}

/* All objects with their attributes; what is large has no place in the file yet. */
static int create_objects(hid_t file, const ent_spec *spec, const origin *of, const ent_layout *layout) {
  const int version = ENT_STORE_FORMAT;
  ENT_TRY(ent_attribute_numbers(file, "format_version", H5T_NATIVE_INT32, 1, &version));
  ENT_TRY(write_study(file, spec, of));
  ENT_TRY(write_versions(file, of));
  ENT_TRY(create_columns(file, layout));
  ENT_TRY(ent_segments_create(file));
  ENT_TRY(ent_kills_create(file, spec));
  ENT_TRY(ent_checkpoints_create(file, spec));
  ENT_TRY(ent_phase_group_create(file, spec));
  ENT_TRY(ent_series_create(file, spec));
  ENT_TRY(ent_final_create(file, spec));
  ENT_TRY(make_jobs(file, spec, layout, false));
  return ENT_OK;
}

static int fill_file(hid_t file, const ent_spec *spec, const origin *of) {
  int code = ENT_OK;
  ent_layout *layout = NULL;
  ENT_GOTO(ent_layout_create(spec, &layout));
  ENT_GOTO(create_objects(file, spec, of, layout));
  ENT_GOTO(ent_guard_create_copy(file, spec));
  ENT_GOTO(make_jobs(file, spec, layout, true));
  ENT_GOTO(ent_final_fill(file, spec));
done:
  ent_layout_destroy(&layout);
  return code;
}

/* One of the two openings of a new file. HDF5 arranges a file by properties that hold as long as it is open:
 * the guard must begin at a page, and later only what is large. */
static int make_part(const char *path, const ent_spec *spec, const origin *of, bool is_guard) {
  int code = ENT_OK;
  hid_t access = 0, file = 0;
  ENT_GOTO(ent_h5_access(&access));
  ENT_GOTO_H5(H5Pset_alignment(access, is_guard ? PAGE : ALIGNED_BYTES, PAGE));
  file = is_guard ? H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access) : H5Fopen(path, H5F_ACC_RDWR, access);
  ENT_CHECK_GOTO(file >= 0, ENT_ERR_IO, "cannot create '%s': %s", path, strerror(errno));
  ENT_GOTO(is_guard ? ent_guard_create(file, spec) : fill_file(file, spec, of));
done:
  code = ent_h5_close_made(&file, path, code);
  ent_h5_close(&access);
  return code;
}

static int make_file(const char *path, const ent_spec *spec, const origin *of) {
  ENT_TRY(make_part(path, spec, of, true));
  ENT_TRY(make_part(path, spec, of, false));
  ENT_TRY(ent_guard_seal(path, &spec->grid));
  return ENT_OK;
}

static int sync_path(const char *path, int flags) {
  int code = ENT_OK;
  const int descriptor = open(path, flags | O_CLOEXEC);
  ENT_CHECK(descriptor >= 0, ENT_ERR_IO, "cannot open '%s': %s", path, strerror(errno));
  ENT_CHECK_GOTO(fsync(descriptor) == 0, ENT_ERR_IO, "cannot sync '%s': %s", path, strerror(errno));
done:
  close(descriptor);
  return code;
}

/* Syncs the folder of a path, so that the path's name survives a crash. */
static int sync_folder(const char *path) {
  int code = ENT_OK;
  ent_text folder = {0};
  const char *slash = strrchr(path, '/');
  if (slash == NULL)
    ENT_GOTO(ent_text_append(&folder, "."));
  else
    ENT_GOTO(ent_text_append(&folder, "%.*s", slash == path ? 1 : (int)(slash - path), path));
  ENT_GOTO(sync_path(folder.data, O_RDONLY | O_DIRECTORY));
done:
  ent_text_fini(&folder);
  return code;
}

static int create(const char *path, const ent_spec *spec, const origin *of) {
  int code = ENT_OK;
  bool begun = false;
  ent_text temporary = {0};
  ENT_CHECK(access(path, F_OK) != 0, ENT_ERR_IO, "'%s' exists already", path);
  ENT_GOTO(ent_text_append(&temporary, "%s.tmp", path));
  begun = true;
  ENT_GOTO(make_file(temporary.data, spec, of));
  ENT_GOTO(sync_path(temporary.data, O_RDWR));
  ENT_CHECK_GOTO(rename(temporary.data, path) == 0, ENT_ERR_IO, "cannot rename '%s' to '%s': %s",
                 temporary.data, path, strerror(errno));
  begun = false;
  ENT_GOTO(sync_folder(path));
done:
  if (begun) unlink(temporary.data);
  ent_text_fini(&temporary);
  return code;
}

int ent_store_create(const char *path, const ent_spec *spec, const char *petsc_version) {
  const origin of = {.petsc_version = petsc_version};
  ENT_TRY(create(path, spec, &of));
  return ENT_OK;
}

int ent_store_create_like(const char *path, const ent_spec *spec, const ent_store *like) {
  const origin of = {.like = like};
  ENT_TRY(create(path, spec, &of));
  return ENT_OK;
}
