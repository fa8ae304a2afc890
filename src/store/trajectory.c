#include "entrain/store/trajectory.h"

#include <stdlib.h>

#include "entrain/base/draft.h"
#include "entrain/base/mem.h"
#include "entrain/store/array.h"

enum { STATES_PER_CHUNK = 64 };

struct ent_trajectory {
  ent_draft draft;
  hid_t file, time, x;
  hsize_t count, n, d;
};

/* Creates a dataset without states, whose first dimension grows. */
static int create_growing(hid_t file, const char *name, int rank, const hsize_t *item, hid_t *data) {
  int code = ENT_OK;
  hsize_t extent[3] = {0}, limit[3] = {H5S_UNLIMITED}, chunk[3] = {STATES_PER_CHUNK};
  hid_t space = 0, list = 0;
  for (int k = 1; k < rank; k++) extent[k] = limit[k] = chunk[k] = item[k - 1];
  if (rank == 3 && item[0] * item[1] > 4096) chunk[0] = 1;
  ENT_GOTO_H5(space = H5Screate_simple(rank, extent, limit));
  ENT_GOTO_H5(list = H5Pcreate(H5P_DATASET_CREATE));
  ENT_GOTO_H5(H5Pset_chunk(list, rank, chunk));
  ENT_GOTO_H5(*data = H5Dcreate2(file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, list, H5P_DEFAULT));
done:
  ent_h5_close(&space);
  ent_h5_close(&list);
  return code;
}

/* States are not kept back in HDF5's cache: it could not be emptied onto a full disk. */
static int create_all(ent_trajectory *made, int64_t job) {
  int code = ENT_OK;
  hid_t access = 0;
  const hsize_t item[2] = {made->n, made->d};
  ENT_GOTO(ent_h5_access(&access));
  ENT_GOTO_H5(H5Pset_cache(access, 0, 0, 0, 0));
  ENT_GOTO_H5(made->file = H5Fcreate(made->draft.path, H5F_ACC_TRUNC, H5P_DEFAULT, access));
  ENT_GOTO(ent_attribute_numbers(made->file, "job", H5T_NATIVE_INT64, 1, &job));
  ENT_GOTO(create_growing(made->file, "time", 1, NULL, &made->time));
  ENT_GOTO(create_growing(made->file, "x", 3, item, &made->x));
done:
  ent_h5_close(&access);
  return code;
}

int ent_trajectory_create(const char *path, int64_t job, int64_t n, int64_t d, ent_trajectory **trajectory) {
  int code = ENT_OK;
  ent_trajectory *made = NULL;
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  *made = (ent_trajectory){.n = (hsize_t)n, .d = (hsize_t)d};
  ENT_GOTO(ent_draft_begin(path, &made->draft));
  ENT_CHECK_GOTO(!made->draft.is_straight, ENT_ERR_IO, "'%s' is no regular file, as HDF5 needs it", path);
  ENT_GOTO(create_all(made, job));
  *trajectory = made;
  made = NULL;
done:
  ent_trajectory_abort(&made);
  return code;
}

/* Grows a dataset by one state and writes it. */
static int append(hid_t data, int rank, const hsize_t *item, hsize_t at, const double *values) {
  int code = ENT_OK;
  hsize_t extent[3] = {at + 1}, start[3] = {at}, count[3] = {1};
  hid_t file_space = 0, memory_space = 0;
  for (int k = 1; k < rank; k++) extent[k] = count[k] = item[k - 1];
  ENT_GOTO_H5(H5Dset_extent(data, extent));
  ENT_GOTO_H5(file_space = H5Dget_space(data));
  ENT_GOTO_H5(H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start, NULL, count, NULL));
  ENT_GOTO_H5(memory_space = H5Screate_simple(rank, count, NULL));
  ENT_GOTO_H5(H5Dwrite(data, H5T_NATIVE_DOUBLE, memory_space, file_space, H5P_DEFAULT, values));
done:
  ent_h5_close(&file_space);
  ent_h5_close(&memory_space);
  return code;
}

int ent_trajectory_append(ent_trajectory *trajectory, double t, const double *vectors) {
  const hsize_t item[2] = {trajectory->n, trajectory->d};
  ENT_TRY(append(trajectory->time, 1, NULL, trajectory->count, &t));
  ENT_TRY(append(trajectory->x, 3, item, trajectory->count, vectors));
  trajectory->count++;
  return ENT_OK;
}

/* Closes the HDF5 file at the end of a function that has come to `code`. */
static int close_file(ent_trajectory *trajectory, int code) {
  ent_h5_close(&trajectory->time);
  ent_h5_close(&trajectory->x);
  return ent_h5_close_made(&trajectory->file, trajectory->draft.place, code);
}

int ent_trajectory_close(ent_trajectory **trajectory) {
  int code = ENT_OK;
  if (*trajectory == NULL) return ENT_OK;
  ENT_GOTO(close_file(*trajectory, ENT_OK));
  ENT_GOTO(ent_draft_keep(&(*trajectory)->draft));
done:
  ent_trajectory_abort(trajectory);
  return code;
}

void ent_trajectory_abort(ent_trajectory **trajectory) {
  ent_trajectory *old = *trajectory;
  if (old == NULL) return;
  *trajectory = NULL;
  (void)close_file(old, ENT_ERR_IO); /* it is given up and removed */
  ent_draft_drop(&old->draft);
  free(old);
}
