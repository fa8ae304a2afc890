/* TEST np=1 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hdf5.h>

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

static void set_version(const fixture *at, int version) {
  const hid_t file = operate(at), attribute = H5Aopen(file, "format_version", H5P_DEFAULT);
  CHECK(H5Awrite(attribute, H5T_NATIVE_INT, &version) >= 0);
  CHECK(H5Aclose(attribute) >= 0 && H5Fclose(file) >= 0);
}

static void newer_format_is_refused(void) {
  fixture at;
  ent_store *store = NULL;
  make_file(&at);
  set_version(&at, ENT_STORE_FORMAT + 1);
  CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
  CHECK_CONTAINS(ent_error_message(),
                 "its format version is 3, this program reads up to 2: use a newer entrain");
  set_version(&at, -3);
  CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
  set_version(&at, ENT_STORE_FORMAT);
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store));
  CHECK_OK(ent_store_close(&store));
  fixture_close(&at);
}

static void missing_objects_are_refused(void) {
  static const char *const objects[] = {"jobs",  "segments",   "series", "series/order_parameter",
                                        "final", "final/3x2/x"};
  static const char *const attributes[] = {"format_version", "job_file",     "job_file_path",
                                           "petsc_options",  "input_digest", "identity"};
  for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
    fixture at;
    ent_store *store = NULL;
    make_file(&at);
    hid_t file = operate(&at);
    CHECK(H5Ldelete(file, objects[i], H5P_DEFAULT) >= 0 && H5Fclose(file) >= 0);
    CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
    fixture_close(&at);
    make_file(&at);
    file = operate(&at);
    CHECK(H5Adelete(file, attributes[i]) >= 0 && H5Fclose(file) >= 0);
    CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
    fixture_close(&at);
  }
}

/* Puts a dataset of another type and extent in an object's place. */
static void replace_dataset(const fixture *at, const char *name, hid_t type, int rank,
                            const hsize_t *extent) {
  const hid_t file = operate(at), space = H5Screate_simple(rank, extent, NULL);
  CHECK(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
  const hid_t data = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  CHECK(data >= 0 && H5Dclose(data) >= 0 && H5Sclose(space) >= 0 && H5Fclose(file) >= 0);
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
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    fixture at;
    ent_store *store = NULL;
    make_file(&at);
    replace_dataset(&at, wrong[i].name, wrong[i].type, wrong[i].rank, wrong[i].extent);
    CHECK_CODE(ent_store_open(at.path, ENT_STORE_READ, &store), ENT_ERR_FORMAT);
    CHECK_CONTAINS(ent_error_message(), wrong[i].message);
    fixture_close(&at);
  }
}

static const ent_test tests[] = {
  {"a truncated file is refused", truncated_files_are_refused},
  {"what is no results file is refused", other_files_are_refused},
  {"a newer format is refused and says so", newer_format_is_refused},
  {"a file with a missing part is refused", missing_objects_are_refused},
  {"a dataset of another shape or type is refused", wrong_shapes_are_refused},
  {0},
};

ENT_TEST_MPI_MAIN("store/damage", tests)
