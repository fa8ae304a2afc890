/* TEST np=1 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <hdf5.h>

#include "entrain/store/guard.h"
#include "entrain/store/netcdf.h"
#include "entrain/store/trajectory.h"
#include "entrain/store/verify.h"

#include "check.h"
#include "store_fixture.h"

/*
 * A disk that is full: the system refuses what lies behind a limit on the size of files. What could not be
 * written is an error that says so, everything else is kept, and later the same writes succeed.
 */

enum { ROWS = 48 };

static int64_t place_of(const char *path, const char *name) {
  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t data = H5Dopen2(file, name, H5P_DEFAULT);
  const int64_t offset = (int64_t)H5Dget_offset(data);
  CHECK(H5Dclose(data) >= 0 && H5Fclose(file) >= 0);
  return offset;
}

/* [in] bytes  behind which nothing is written; below 0: no limit */
static void limit_files(int64_t bytes) {
  const struct rlimit limit = {bytes < 0 ? RLIM_INFINITY : (rlim_t)bytes, RLIM_INFINITY};
  signal(SIGXFSZ, SIG_IGN);
  REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

/* Writes as long as it succeeds. Returns how many rows were written. */
static int64_t write_rows(ent_store *store) {
  int64_t written = 0;
  while (written < ROWS && fixture_write(store, written) == ENT_OK) written++;
  return written;
}

static void says_that_the_disk_is_full(ent_store_mode mode) {
  fixture at;
  ent_store *store = NULL;
  ent_verification found;
  fixture_open(&at, fixture_plain_job);
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  const int64_t jobs = place_of(at.path, "jobs"), slots = place_of(at.path, "checkpoints");
  CHECK_OK(ent_store_open(at.path, mode, &store));
  const int64_t size = (int64_t)ent_store_layout(store)->size;
  CHECK_OK(fixture_write(store, 0));

  limit_files(jobs + 20 * size + size / 2); /* in the middle of row 20 */
  CHECK_INT(write_rows(store), 20);
  CHECK_CODE(fixture_write(store, 20), ENT_ERR_IO);
  CHECK_CONTAINS(ent_error_message(), "cannot be written: ");
  CHECK_CONTAINS(ent_error_message(), "File too large");
  limit_files(slots + 10);
  CHECK_CODE(ent_store_write_checkpoint(store, 0, 1, "12345678901234567890", 20), ENT_ERR_IO);
  CHECK_CONTAINS(ent_error_message(), "File too large");
  limit_files(-1);

  CHECK_OK(ent_store_verify(store, NULL, NULL, &found));
  CHECK_INT(found.finished, 20);
  CHECK_INT(write_rows(store), ROWS);
  CHECK_OK(ent_store_write_checkpoint(store, 0, 1, "12345678901234567890", 20));
  CHECK_OK(ent_store_verify(store, NULL, NULL, &found));
  CHECK_INT(found.finished, ROWS);
  CHECK_OK(ent_store_close(&store));
  ent_guard_report report;
  CHECK_OK(ent_store_check_guard(at.path, &report));
  CHECK(ent_guard_is_whole(&report));
  fixture_close(&at);
}

static void runs_say_that_the_disk_is_full(void) {
  says_that_the_disk_is_full(ENT_STORE_WRITE);
}

static void editors_say_that_the_disk_is_full(void) {
  says_that_the_disk_is_full(ENT_STORE_EDIT);
}

/* Puts a small disk in a folder's place, seen by this process only. False where that is not allowed. */
static bool mount_disk(const char *folder, int64_t bytes) {
  char options[64];
  (void)snprintf(options, sizeof options, "size=%lld", (long long)bytes);
  return mount("tmpfs", folder, "tmpfs", 0, options) == 0;
}

static bool may_mount(const fixture *at) {
  if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
      !mount_disk(at->folder, 4096) || umount(at->folder) != 0) {
    printf("skipped: no small disk can be mounted here\n");
    return false;
  }
  return true;
}

/* Nothing is left of a file that could not be made, and HDF5 bears it. */
static void full_disks_take_no_new_file(void) {
  fixture at;
  int64_t refused = 0, made = 0;
  fixture_open(&at, fixture_job);
  for (int64_t bytes = 4096; may_mount(&at) && bytes < 400000; bytes += 20480) {
    REQUIRE(mount_disk(at.folder, bytes));
    const int code = ent_store_create(at.path, at.spec, FIXTURE_PETSC);
    made += code == ENT_OK;
    refused += code != ENT_OK;
    if (code != ENT_OK) {
      CHECK_CONTAINS(ent_error_message(), "No space left on device");
      CHECK(access(at.path, F_OK) != 0);
    } else {
      unlink(at.path);
    }
    CHECK(rmdir(at.folder) != 0); /* it is a mount */
    REQUIRE(umount(at.folder) == 0);
  }
  CHECK((refused > 5 && made > 3) || refused + made == 0);
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  fixture_close(&at);
}

/* As many states as the disk takes. Returns the code of the first failure. */
static int write_trajectory(const char *path) {
  static const double vectors[64] = {1};
  ent_trajectory *trajectory = NULL;
  int code = ent_trajectory_create(path, 0, 32, 2, &trajectory);
  for (int i = 0; code == ENT_OK && i < 100; i++) code = ent_trajectory_append(trajectory, i, vectors);
  if (code == ENT_OK) code = ent_trajectory_close(&trajectory);
  ent_trajectory_abort(&trajectory);
  return code;
}

static int write_netcdf(const char *path, const ent_spec *spec) {
  ent_phase *phase = NULL;
  CHECK_OK(ent_phase_create(spec, &phase));
  const int code = ent_netcdf_write(path, spec, phase);
  ent_phase_destroy(&phase);
  return code;
}

/* What HDF5 cannot write would end the program when it closes the library. */
static void full_disks_take_no_other_file(void) {
  fixture at;
  int refused = 0, made = 0;
  fixture_open(&at, fixture_job);
  for (int64_t bytes = 4096; may_mount(&at) && bytes < 300000; bytes += 20480)
    for (int kind = 0; kind < 2; kind++) {
      REQUIRE(mount_disk(at.folder, bytes));
      const int code = kind == 0 ? write_trajectory(at.path) : write_netcdf(at.path, at.spec);
      made += code == ENT_OK;
      refused += code != ENT_OK;
      if (code != ENT_OK) CHECK_CONTAINS(ent_error_message(), "No space left on device");
      CHECK_INT(access(at.path, F_OK) == 0, code == ENT_OK);
      REQUIRE(umount(at.folder) == 0);
    }
  CHECK((refused > 5 && made > 3) || refused + made == 0);
  CHECK_OK(write_netcdf(at.path, at.spec));
  fixture_close(&at);
}

static const ent_test tests[] = {
  {"a run on a full disk says so and loses nothing", runs_say_that_the_disk_is_full},
  {"an editor on a full disk says so and loses nothing", editors_say_that_the_disk_is_full},
  {"a full disk takes no new file and keeps no half of one", full_disks_take_no_new_file},
  {"a full disk takes no trajectory and no netCDF file", full_disks_take_no_other_file},
  {0},
};

ENT_TEST_MPI_MAIN("store/full", tests)
