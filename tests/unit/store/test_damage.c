/* TEST np=1 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hdf5.h>

#include "entrain/store/guard.h"
#include "entrain/store/store.h"

#include "check.h"
#include "store_fixture.h"

enum { CUTS = 200 };

/* Makes a file with a row in it. */
static void make_file(fixture *at) {
  ent_store *store = NULL;
  fixture_open(at, fixture_job);
  CHECK_OK(ent_store_create(at->path, at->spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at->path, ENT_STORE_WRITE, &store));
  CHECK_OK(fixture_write(store, 3));
  CHECK_OK(ent_store_close(&store));
}

static void truncated_files_are_refused(void) {
  fixture at;
  struct stat status;
  char copy[320];
  ent_store *store = NULL;
  make_file(&at);
  snprintf(copy, sizeof copy, "%s.copy", at.path);
  CHECK_INT(stat(at.path, &status), 0);
  for (int cut = 0; cut < CUTS; cut++) {
    fixture_copy(at.path, copy, status.st_size * cut / CUTS);
    CHECK_CODE(ent_store_open(copy, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
    CHECK_CONTAINS(ent_error_message(), copy);
    if (cut % 20 == 0) CHECK_CODE(ent_store_open(copy, ENT_STORE_WRITE, &store), ENT_ERR_FORMAT);
    CHECK(store == NULL);
  }
  unlink(copy);
  fixture_close(&at);
}

static void other_files_are_refused(void) {
  fixture at;
  ent_store *store = NULL;
  fixture_open(&at, fixture_job);
  CHECK_OK(ent_text_write_file(at.path, "this is no HDF5 file", 20));
  CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
  CHECK_CODE(ent_store_open(at.path, ENT_STORE_WRITE, &store), ENT_ERR_FORMAT);
  CHECK_CODE(ent_store_open(at.folder, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
  const hid_t file = H5Fcreate(at.path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  CHECK(file >= 0 && H5Fclose(file) >= 0);
  CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
  CHECK_CONTAINS(ent_error_message(), "no results file");
  fixture_close(&at);
}

/* Opens the file for surgery with plain HDF5. */
static hid_t operate(const fixture *at) {
  const hid_t file = H5Fopen(at->path, H5F_ACC_RDWR, H5P_DEFAULT);
  REQUIRE(file >= 0);
  return file;
}

/* Closes it; the guard takes the file as it is now for the right one. */
static void end_operation(const fixture *at, hid_t file) {
  CHECK(H5Fclose(file) >= 0);
  CHECK_OK(ent_guard_seal(at->path, &at->spec->grid));
}

/* An object that is not where it should be; its data stay, so that the guard has room for the rest. */
static herr_t put_aside(hid_t file, const char *name) {
  return H5Lmove(file, name, file, "aside", H5P_DEFAULT, H5P_DEFAULT);
}

/* A file that lacks an object, or a root attribute, and whose guard knows no better. */
static void refused_without(const char *name, bool is_object) {
  fixture at;
  ent_store *store = NULL;
  make_file(&at);
  const hid_t file = operate(&at);
  CHECK((is_object ? put_aside(file, name) : H5Adelete(file, name)) >= 0);
  end_operation(&at, file);
  CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
  CHECK_CONTAINS(ent_error_message(), "no results file of this program: ");
  fixture_close(&at);
}

static void missing_objects_are_refused(void) {
  static const char *const objects[] = {
    "jobs", "segments", "kills", "checkpoints", "series", "series/order_parameter", "final", "final/3x2/x"};
  static const char *const attributes[] = {"format_version", "job_file",     "job_file_path",
                                           "petsc_options",  "input_digest", "identity"};
  for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) refused_without(objects[i], true);
  for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) refused_without(attributes[i], false);
}

/* Puts a dataset of another type and extent in an object's place. */
static void replace_dataset(const fixture *at, const char *name, hid_t type, int rank, const hsize_t *extent,
                            bool is_compact) {
  const hid_t file = operate(at), space = H5Screate_simple(rank, extent, NULL);
  CHECK(put_aside(file, name) >= 0);
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  CHECK(H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY) >= 0);
  if (is_compact) CHECK(H5Pset_layout(list, H5D_COMPACT) >= 0);
  const hid_t data = H5Dcreate2(file, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
  CHECK(data >= 0 && H5Dclose(data) >= 0 && H5Pclose(list) >= 0 && H5Sclose(space) >= 0);
  end_operation(at, file);
}

static void wrong_shapes_are_refused(void) {
  const hsize_t extent[] = {48, 3, 1}, fewer[] = {47, 3};
  const struct {
    const char *name;
    hid_t type;
    int rank;
    const hsize_t *extent;
    const char *message;
  } wrong[] = {
    {"jobs", H5T_NATIVE_INT, 1, extent, "another type"},
    {"jobs", H5T_NATIVE_INT, 2, extent, "has 2 dimensions"},
    {"series/order_parameter", H5T_NATIVE_DOUBLE, 2, extent, "another type"},
    {"series/order_parameter", H5T_NATIVE_FLOAT, 2, fewer, "has extent 47, must have 48"},
    {"series/order_parameter", H5T_NATIVE_FLOAT, 3, extent, "has 3 dimensions"},
    {"series/order_parameter", H5T_NATIVE_FLOAT, 2, extent, "not in one piece"},
    {"kills", H5T_NATIVE_INT, 1, extent, "another type"},
    {"checkpoints", H5T_NATIVE_UCHAR, 2, extent, "has not 3 dimensions"},
    {"checkpoints", H5T_NATIVE_UCHAR, 3, extent, "no slots of 2 generations"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    fixture at;
    ent_store *store = NULL;
    make_file(&at);
    replace_dataset(&at, wrong[i].name, wrong[i].type, wrong[i].rank, wrong[i].extent,
                    strcmp(wrong[i].message, "not in one piece") == 0);
    CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
    CHECK_CONTAINS(ent_error_message(), wrong[i].message);
    fixture_close(&at);
  }
}

static const ent_test tests[] = {
  {"a truncated file is refused", truncated_files_are_refused},
  {"what is no results file is refused", other_files_are_refused},
  {"a file with a missing part is refused", missing_objects_are_refused},
  {"a dataset of another shape or type is refused", wrong_shapes_are_refused},
  {0},
};

ENT_TEST_MPI_MAIN("store/damage", tests)
