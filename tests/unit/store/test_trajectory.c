#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <hdf5.h>

#include "entrain/store/trajectory.h"

#include "check.h"

enum { TIMES = 150, N = 3, D = 2 };

static char folder[256], path[300];

static void open_folder(void) {
  const char *root = getenv("TMPDIR");
  (void)snprintf(folder, sizeof folder, "%s/entrain-trajectory-XXXXXX", root ? root : "/tmp");
  REQUIRE(mkdtemp(folder) != NULL);
  (void)snprintf(path, sizeof path, "%s/TRAJ.h5", folder);
}

static void close_folder(void) {
  (void)unlink(path);
  CHECK_INT(rmdir(folder), 0);
}

/* Reads a whole dataset; returns the number of its values. */
static hssize_t read_all(hid_t file, const char *name, double *values) {
  const hid_t data = H5Dopen2(file, name, H5P_DEFAULT);
  const hid_t space = H5Dget_space(data);
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  CHECK(H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  CHECK(H5Sclose(space) >= 0 && H5Dclose(data) >= 0);
  return count;
}

static void check_file(int64_t expected_job) {
  double time[TIMES], x[TIMES * N * D];
  int64_t job = -1;
  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  REQUIRE(file >= 0);
  const hid_t attribute = H5Aopen(file, "job", H5P_DEFAULT);
  CHECK(H5Aread(attribute, H5T_NATIVE_INT64, &job) >= 0 && H5Aclose(attribute) >= 0);
  CHECK_INT(job, expected_job);
  CHECK_INT(read_all(file, "time", time), TIMES);
  CHECK_INT(read_all(file, "x", x), TIMES * N * D);
  for (int i = 0; i < TIMES; i++) CHECK_REAL(time[i], 0.5 * i, 0);
  for (int i = 0; i < TIMES * N * D; i++) CHECK_REAL(x[i], i, 0);
  CHECK(H5Fclose(file) >= 0);
}

static void keeps_what_is_appended(void) {
  ent_trajectory *trajectory = NULL;
  open_folder();
  CHECK_OK(ent_trajectory_create(path, 42, N, D, &trajectory));
  for (int i = 0; i < TIMES; i++) {
    double vectors[N * D];
    for (int k = 0; k < N * D; k++) vectors[k] = i * N * D + k;
    CHECK_OK(ent_trajectory_append(trajectory, 0.5 * i, vectors));
  }
  CHECK_OK(ent_trajectory_close(&trajectory));
  CHECK(trajectory == NULL);
  check_file(42);
  close_folder();
}

static void overwrites_an_older_file(void) {
  ent_trajectory *trajectory = NULL;
  open_folder();
  for (int i = 0; i < 2; i++) {
    CHECK_OK(ent_trajectory_create(path, i, N, D, &trajectory));
    CHECK_OK(ent_trajectory_close(&trajectory));
  }
  CHECK_OK(ent_trajectory_close(&trajectory));
  close_folder();
}

static void an_aborted_one_leaves_the_older_file(void) {
  ent_trajectory *trajectory = NULL;
  char byte = 0;
  open_folder();
  FILE *older = fopen(path, "w");
  REQUIRE(older != NULL);
  CHECK(fputc('x', older) == 'x' && fclose(older) == 0);
  CHECK_OK(ent_trajectory_create(path, 1, N, D, &trajectory));
  ent_trajectory_abort(&trajectory);
  CHECK(trajectory == NULL);
  ent_trajectory_abort(&trajectory);
  older = fopen(path, "r");
  REQUIRE(older != NULL);
  CHECK(fread(&byte, 1, 1, older) == 1 && byte == 'x' && fclose(older) == 0);
  close_folder(); /* which is empty otherwise */
}

static void refuses_a_device(void) {
  ent_trajectory *trajectory = NULL;
  CHECK_CODE(ent_trajectory_create("/dev/null", 0, N, D, &trajectory), ENT_ERR_IO);
  CHECK(trajectory == NULL);
}

static void refuses_a_place_that_is_not_there(void) {
  ent_trajectory *trajectory = NULL;
  CHECK_CODE(ent_trajectory_create("/nowhere/TRAJ.h5", 0, N, D, &trajectory), ENT_ERR_HDF5);
  CHECK(trajectory == NULL);
}

static const ent_test tests[] = {
  {"a trajectory keeps what is appended", keeps_what_is_appended},
  {"a trajectory overwrites an older file", overwrites_an_older_file},
  {"an aborted trajectory leaves the older file", an_aborted_one_leaves_the_older_file},
  {"a device is refused", refuses_a_device},
  {"a place that is not there is refused", refuses_a_place_that_is_not_there},
  {0}};

ENT_TEST_MAIN("store/trajectory", tests)
