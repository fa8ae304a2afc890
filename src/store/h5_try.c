#include "entrain/store/h5_try.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if H5_VERSION_GE(1, 10, 7) && !(H5_VERS_MAJOR == 1 && H5_VERS_MINOR == 12 && H5_VERS_RELEASE < 1)
#define HAVE_FILE_LOCKING_PROPERTY 1
#else
#define HAVE_FILE_LOCKING_PROPERTY 0
#endif

/* What a walk over HDF5's error stack finds. */
typedef struct h5_failure {
  char what[200]; /* innermost description */
  char where[64]; /* outermost function, the one that was called */
} h5_failure;

static herr_t note_failure(unsigned depth, const H5E_error2_t *error, void *context) {
  h5_failure *failure = context;
  if (depth == 0) snprintf(failure->what, sizeof failure->what, "%s", error->desc ? error->desc : "");
  failure->what[strcspn(failure->what, "\n")] = '\0'; /* a dump of addresses may follow */
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

void ent_h5_close(hid_t *object) {
  if (*object > 0) H5Idec_ref(*object);
  *object = 0;
}
