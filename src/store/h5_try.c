#include "entrain/store/h5_try.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if H5_VERSION_GE(1, 10, 7) && !(H5_VERS_MAJOR == 1 && H5_VERS_MINOR == 12 && H5_VERS_RELEASE < 1)
#define HAVE_FILE_LOCKING_PROPERTY 1
#else
#define HAVE_FILE_LOCKING_PROPERTY 0
#endif

/* Room that must be left on a disk beside the metadata that are to be written. */
enum { SPARE_BYTES = 1 << 16 };

/* What a walk over HDF5's error stack finds. */
typedef struct h5_failure {
  char what[200]; /* innermost description */
  char where[64]; /* outermost function, the one that was called */
} h5_failure;

/* The first line: a dump of addresses may follow. Of a failed system call what failed, and why. */
static void set_reason(h5_failure *failure, const char *description) {
  static const char mark[] = "error message = '";
  const char *reason = strstr(description, mark);
  if (reason) {
    reason += sizeof mark - 1;
    snprintf(failure->what, sizeof failure->what, "%.*s: %.*s", (int)strcspn(description, ":\n"), description,
             (int)strcspn(reason, "'\n"), reason);
  } else {
    snprintf(failure->what, sizeof failure->what, "%.*s", (int)strcspn(description, "\n"), description);
  }
}

static herr_t note_failure(unsigned depth, const H5E_error2_t *error, void *context) {
  h5_failure *failure = context;
  if (depth == 0) set_reason(failure, error->desc ? error->desc : "");
  snprintf(failure->where, sizeof failure->where, "%s", error->func_name ? error->func_name : "");
  return 0;
}

int ent_h5_raise(const char *function, const char *file, int line) {
  h5_failure failure = {"no reason given", "HDF5"};
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, note_failure, &failure);
  H5Eclear2(H5E_DEFAULT);
  return ent_error_raise(ENT_ERR_HDF5, function, file, line, "%s: %s", failure.where, failure.what);
}

int ent_h5_access(hid_t *access) {
  int code = ENT_OK;
  hid_t made = 0;
  (void)H5dont_atexit(); /* its end of the process crashes when a file could not be closed; ours are closed */
  ENT_TRY_H5(H5Eset_auto2(H5E_DEFAULT, NULL, NULL));
  ENT_GOTO_H5(made = H5Pcreate(H5P_FILE_ACCESS));
  ENT_GOTO_H5(H5Pset_fclose_degree(made, H5F_CLOSE_STRONG));
  ENT_GOTO_H5(H5Pset_sieve_buf_size(made, 0));
#if HAVE_FILE_LOCKING_PROPERTY
  ENT_GOTO_H5(H5Pset_file_locking(made, 0, 1));
#else
  ENT_CHECK_GOTO(setenv("HDF5_USE_FILE_LOCKING", "FALSE", 0) == 0, ENT_ERR_HDF5,
                 "cannot turn file locking off");
#endif
  *access = made;
  made = 0;
done:
  ent_h5_close(&made);
  return code;
}

/* The descriptor of a file that HDF5's serial driver has open, -1 when it does not tell. */
static int descriptor_of(hid_t file) {
  void *handle = NULL;
  if (H5Fget_vfd_handle(file, H5P_DEFAULT, &handle) < 0 || handle == NULL) return -1;
  return *(const int *)handle;
}

/* Whether there is room on the disk for all metadata that are still in memory. */
static int check_room(hid_t file, int descriptor, const char *path) {
  size_t bytes = 0;
  const off_t end = lseek(descriptor, 0, SEEK_END);
  ENT_CHECK(end >= 0, ENT_ERR_IO, "cannot examine '%s': %s", path, strerror(errno));
  ENT_TRY_H5(H5Fget_mdc_size(file, NULL, NULL, &bytes, NULL));
  const int reason = posix_fallocate(descriptor, end, (off_t)bytes + SPARE_BYTES);
  const bool is_back = ftruncate(descriptor, end) == 0;
  ENT_CHECK(reason == 0 && is_back, ENT_ERR_IO, "cannot write '%s': %s", path,
            strerror(reason ? reason : errno));
  return ENT_OK;
}

/* What HDF5 writes from now on is kept in memory until it closes the file. */
static void divert(int descriptor) {
  const int nowhere = memfd_create("entrain", MFD_CLOEXEC);
  if (nowhere < 0) return;
  (void)dup2(nowhere, descriptor);
  close(nowhere);
}

int ent_h5_close_made(hid_t *file, const char *path, int code) {
  if (*file <= 0) return code;
  const int descriptor = descriptor_of(*file);
  if (code == ENT_OK && descriptor >= 0) code = check_room(*file, descriptor, path);
  if (code != ENT_OK && descriptor >= 0) divert(descriptor);
  const herr_t closed = H5Fclose(*file);
  *file = 0;
  if (closed < 0 && code == ENT_OK) code = ent_h5_raise(__func__, __FILE__, __LINE__);
  return code;
}

void ent_h5_close(hid_t *object) {
  if (*object > 0) H5Idec_ref(*object);
  *object = 0;
}
