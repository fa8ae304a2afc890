/* TEST np=1 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hdf5.h>

#include "entrain/store/start_file.h"
#include "entrain/sweep/job_file.h"

#include "check.h"

enum { COUNT = 5, N = 3, D = 2, VALUES = COUNT * N * D };

/* A folder with starts.h5 and job.yaml. */
typedef struct place {
  char folder[256], data[300], job[300];
  ent_spec *spec;
} place;

/* Writes x [COUNT, N, D] (or [COUNT, N * D] for rank 2) of a type. */
static void write_data(const place *where, hid_t type, int rank, const double *x) {
  const hsize_t extent[] = {COUNT, rank == 3 ? N : N * D, D};
  const hid_t file = H5Fcreate(where->data, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t space = H5Screate_simple(rank, extent, NULL);
  const hid_t data = H5Dcreate2(file, "x", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  CHECK(H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0);
  CHECK(H5Dclose(data) >= 0 && H5Sclose(space) >= 0 && H5Fclose(file) >= 0);
}

static void make_place(place *where) {
  const char *root = getenv("TMPDIR");
  *where = (place){0};
  snprintf(where->folder, sizeof where->folder, "%s/entrain-start-XXXXXX", root ? root : "/tmp");
  REQUIRE(mkdtemp(where->folder) != NULL);
  snprintf(where->data, sizeof where->data, "%s/starts.h5", where->folder);
  snprintf(where->job, sizeof where->job, "%s/job.yaml", where->folder);
}

/* Unit vectors, the norm of the last one off by `error`. */
static void fill(double x[VALUES], double error) {
  for (int i = 0; i < COUNT * N; i++) {
    const double norm = i == COUNT * N - 1 ? 1 + error : 1;
    x[2 * i] = norm * cos(i);
    x[2 * i + 1] = norm * sin(i);
  }
}

static void read_job(place *where, int n, int seeds, const char *dataset) {
  ent_text job = {0}, faults = {0};
  CHECK_OK(ent_text_append(&job,
                           "model: attention\nsweep:\n  beta: [1]\n  n: [%d]\n  d: [2]\n  seed: {count: %d}\n"
                           "time: {horizon: 1}\ninitial:\n  kind: file\n  path: starts.h5\n%s",
                           n, seeds, dataset));
  CHECK_OK(ent_text_write_file(where->job, job.data, job.length));
  CHECK_OK(ent_job_file_read(where->job, "", &where->spec, &faults));
  ent_text_fini(&job);
  ent_text_fini(&faults);
}

static void remove_place(place *where) {
  ent_spec_destroy(&where->spec);
  unlink(where->data);
  unlink(where->job);
  CHECK_INT(rmdir(where->folder), 0);
}

static void load_good(hid_t type, double tolerance) {
  place where;
  double x[VALUES];
  ent_start_table *table = NULL;
  make_place(&where);
  fill(x, 5e-7);
  write_data(&where, type, 3, x);
  read_job(&where, N, COUNT, "  dataset: x\n");
  CHECK_OK(ent_start_file_load(where.spec, &table));
  CHECK_INT(table->count, COUNT);
  CHECK_INT(table->n, N);
  CHECK_INT(table->d, D);
  for (int i = 0; i < VALUES; i++) CHECK_REAL(table->x[i], i % 2 ? sin(i / 2) : cos(i / 2), tolerance);
  for (int i = 0; i < COUNT * N; i++) CHECK_REAL(hypot(table->x[2 * i], table->x[2 * i + 1]), 1, 3e-16);
  ent_start_table_destroy(&table);
  CHECK(table == NULL);
  ent_start_table_destroy(&table);
  remove_place(&where);
}

static void loads_doubles(void) {
  load_good(H5T_NATIVE_DOUBLE, 1e-15);
}

static void loads_floats(void) {
  load_good(H5T_NATIVE_FLOAT, 1e-6);
}

/* Loading fails with a fault at the line of the job file that names the input, and with this message. */
static void check_fault(place *where, const char *message) {
  ent_start_table *table = NULL;
  char start[320];
  snprintf(start, sizeof start, "%s:", where->job);
  CHECK_CODE(ent_start_file_load(where->spec, &table), ENT_ERR_JOB_FILE);
  CHECK_CONTAINS(ent_error_message(), start);
  CHECK_CONTAINS(ent_error_message(), ": error: ");
  CHECK_CONTAINS(ent_error_message(), message);
  CHECK(table == NULL);
  remove_place(where);
}

static void refuses_other_n(void) {
  place where;
  double x[VALUES];
  make_place(&where);
  fill(x, 0);
  write_data(&where, H5T_NATIVE_DOUBLE, 3, x);
  read_job(&where, N + 1, 1, "");
  check_fault(&where, "dataset 'x' has n = 3, the sweep has n = 4");
}

static void refuses_too_many_seeds(void) {
  place where;
  double x[VALUES];
  make_place(&where);
  fill(x, 0);
  write_data(&where, H5T_NATIVE_DOUBLE, 3, x);
  read_job(&where, N, COUNT + 1, "");
  check_fault(&where, "seed 5 has no start");
}

static void refuses_other_norms(void) {
  place where;
  double x[VALUES];
  make_place(&where);
  fill(x, 2e-6);
  write_data(&where, H5T_NATIVE_DOUBLE, 3, x);
  read_job(&where, N, COUNT, "");
  check_fault(&where, "start 4, particle 2 of dataset 'x' has norm 1.000002");
}

static void refuses_not_a_number(void) {
  place where;
  double x[VALUES];
  make_place(&where);
  fill(x, 0);
  x[3] = NAN;
  write_data(&where, H5T_NATIVE_DOUBLE, 3, x);
  read_job(&where, N, COUNT, "");
  check_fault(&where, "start 0, particle 1");
}

static void refuses_other_shapes_and_types(void) {
  place where;
  double x[VALUES];
  fill(x, 0);
  make_place(&where);
  write_data(&where, H5T_NATIVE_DOUBLE, 2, x);
  read_job(&where, N, COUNT, "");
  check_fault(&where, "has 2 dimensions, must have 3");
  make_place(&where);
  write_data(&where, H5T_NATIVE_INT, 3, x);
  read_job(&where, N, COUNT, "");
  check_fault(&where, "holds no floating-point numbers");
  make_place(&where);
  write_data(&where, H5T_NATIVE_DOUBLE, 3, x);
  read_job(&where, N, COUNT, "  dataset: y\n");
  check_fault(&where, "has no dataset 'y'");
}

static void refuses_other_files(void) {
  place where;
  double x[VALUES];
  fill(x, 0);
  make_place(&where);
  CHECK_OK(ent_text_write_file(where.data, "no HDF5", 7));
  read_job(&where, N, COUNT, "");
  check_fault(&where, "is no HDF5 file");
  make_place(&where);
  write_data(&where, H5T_NATIVE_DOUBLE, 3, x);
  read_job(&where, N, COUNT, "");
  fill(x, 1e-8);
  write_data(&where, H5T_NATIVE_DOUBLE, 3, x);
  check_fault(&where, "has changed since");
}

static const ent_test tests[] = {
  {"unit vectors in double precision are read and normalized", loads_doubles},
  {"unit vectors in single precision too", loads_floats},
  {"another n than the sweep's is refused", refuses_other_n},
  {"a seed without a start is refused", refuses_too_many_seeds},
  {"vectors of another length are refused", refuses_other_norms},
  {"not-a-number is refused", refuses_not_a_number},
  {"other shapes, types and names are refused", refuses_other_shapes_and_types},
  {"a file that is no HDF5, or has changed, is refused", refuses_other_files},
  {0},
};

ENT_TEST_MPI_MAIN("store/start_file", tests)
