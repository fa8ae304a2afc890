/* TEST np=1,2 */
#include <stdlib.h>
#include <string.h>

#include <hdf5.h>
#include <mpi.h>

#include "entrain/store/guard.h"
#include "entrain/store/tally.h"

#include "check.h"
#include "store_shared.h"

/* What runs write: everything else of a file must stay as it is. */
static const char *const written[] = {"jobs", "segments", "kills", "checkpoints", "guard", "guard_copy"};

static bool is_written(const char *name) {
  for (size_t i = 0; i < sizeof written / sizeof written[0]; i++)
    if (strcmp(name, written[i]) == 0) return true;
  const char *last = strrchr(name, '/');
  if (last == NULL) return false;
  if (strncmp(name, "final/", 6) == 0) return strcmp(last, "/x") == 0;
  if (strncmp(name, "series/", 7) == 0) return strcmp(last, "/time") != 0;
  return strcmp(last, "/beta") != 0 && strcmp(last, "/n") != 0 && strcmp(last, "/d") != 0 &&
         strcmp(last, "/time") != 0;
}

/* Blots a dataset out of an image of the file when runs write it. */
static herr_t blot(hid_t root, const char *name, const H5L_info_t *info, void *context) {
  ent_text *image = context;
  (void)info;
  if (!is_written(name)) return 0;
  const hid_t object = H5Oopen(root, name, H5P_DEFAULT);
  if (H5Iget_type(object) == H5I_DATASET)
    memset(image->data + H5Dget_offset(object), 0, H5Dget_storage_size(object));
  return H5Oclose(object);
}

/* The bytes of the file that no run may change, found by HDF5 and not by the guard. */
static void take_image(const char *path, ent_text *image) {
  CHECK_OK(ent_text_read_file(path, image));
  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  REQUIRE(file >= 0);
  CHECK(H5Lvisit(file, H5_INDEX_NAME, H5_ITER_INC, blot, image) >= 0);
  H5Fclose(file);
}

static void write_checkpoints(ent_store *store) {
  unsigned char *bytes = NULL;
  const size_t room = ent_store_slot_bytes(store);
  CHECK_OK(ent_mem_alloc(room, 1, &bytes));
  memset(bytes, shared_rank + 1, room);
  for (int64_t slot = shared_rank; slot < ent_store_slots(store); slot += shared_size)
    for (int generation = 0; generation < 2; generation++)
      CHECK_OK(ent_store_write_checkpoint(store, slot, generation, bytes, room));
  free(bytes);
}

static void write_phase(ent_store *store) {
  ent_phase *phase = NULL;
  ent_tally tally;
  CHECK_OK(ent_tally_read_phase(store, &phase, &tally));
  CHECK_OK(ent_store_write_phase(store, phase));
  ent_phase_destroy(&phase);
}

/* All that a run does to its file, by all ranks at once. */
static void run(const char *path, ent_store_mode mode) {
  ent_store *store = NULL;
  size_t slot = 0;
  const ent_segment segment = {.start = 1000, .hosts = "here", .exit = -1};
  CHECK_OK(ent_store_open(path, mode, &store));
  const int64_t rows = ent_store_spec(store)->grid.size;
  CHECK_OK(ent_store_begin_segment(store, &segment, &slot));
  for (int64_t i = shared_rank; i < rows; i += shared_size) CHECK_OK(fixture_write(store, i));
  for (int64_t i = shared_rank; i < rows; i += 7) CHECK_OK(ent_store_write_kills(store, i, 2));
  write_checkpoints(store);
  MPI_Barrier(MPI_COMM_WORLD);
  write_phase(store);
  CHECK_OK(ent_store_end_segment(store, slot, 2000, 0));
  CHECK_OK(ent_store_sync(store));
  CHECK_OK(ent_store_close(&store));
  MPI_Barrier(MPI_COMM_WORLD);
}

static void keeps_metadata(ent_store_mode mode) {
  fixture at;
  ent_text before = {0}, after = {0};
  ent_guard_report report;
  shared_open(&at, fixture_job);
  if (shared_rank == 0) take_image(at.path, &before);
  MPI_Barrier(MPI_COMM_WORLD);
  for (int i = 0; i < 2; i++) run(at.path, mode);
  if (shared_rank == 0) {
    take_image(at.path, &after);
    CHECK_INT(after.length, before.length);
    CHECK(memcmp(before.data, after.data, after.length) == 0);
    CHECK_OK(ent_store_check_guard(at.path, &report));
    CHECK(ent_guard_is_whole(&report));
  }
  ent_text_fini(&before);
  ent_text_fini(&after);
  shared_close(&at);
}

static void runs_keep_metadata(void) {
  keeps_metadata(ENT_STORE_WRITE);
}

static void editors_keep_metadata(void) {
  keeps_metadata(ENT_STORE_EDIT);
}

/* The guard is looked at while the other ranks write. */
static void writers_do_not_disturb_the_guard(void) {
  fixture at;
  ent_store *store = NULL;
  ent_guard_report report;
  shared_open(&at, fixture_job);
  MPI_Barrier(MPI_COMM_WORLD);
  CHECK_OK(ent_store_open(at.path, ENT_STORE_WRITE, &store));
  for (int i = 0; i < 40; i++) {
    CHECK_OK(fixture_write(store, (i * shared_size + shared_rank) % 48));
    CHECK_OK(ent_store_check_guard(at.path, &report));
    CHECK(ent_guard_is_whole(&report));
  }
  CHECK_OK(ent_store_close(&store));
  shared_close(&at);
}

static const ent_test tests[] = {
  {"runs change nothing but the data of rows", runs_keep_metadata},
  {"editors change nothing but the data of rows", editors_keep_metadata},
  {"the guard holds while ranks write", writers_do_not_disturb_the_guard},
  {0},
};

ENT_TEST_MPI_MAIN("store/unchanged", tests)
