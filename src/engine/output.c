#include "entrain/engine/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/base/log.h"
#include "entrain/solve/session.h"
#include "entrain/store/store.h"

int ent_output_path(const char *given, const ent_spec *spec, ent_text *path) {
  if (given) {
    ENT_TRY(ent_text_append(path, "%s", given));
  } else {
    ENT_TRY(ent_text_append(path, "results/%s.h5", spec->name));
  }
  return ENT_OK;
}

static bool exists(const char *path) {
  return access(path, F_OK) == 0;
}

int ent_output_check(const char *path, const ent_spec *spec, bool fresh) {
  int code = ENT_OK;
  ent_store *store = NULL;
  if (fresh || !exists(path)) return ENT_OK;
  ENT_GOTO(ent_store_open(path, ENT_STORE_READ, &store));
  ENT_GOTO(ent_store_check_identity(store, spec, ent_session_petsc_version()));
done:
  return ent_store_close_after(&store, code);
}

int ent_output_make_folder(const char *path) {
  char folder[4096];
  ENT_CHECK(strlen(path) < sizeof(folder), ENT_ERR_IO, "path '%s' is too long", path);
  snprintf(folder, sizeof(folder), "%s", path);
  for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    ENT_CHECK(mkdir(folder, 0777) == 0 || errno == EEXIST, ENT_ERR_IO, "folder '%s' cannot be made: %s",
              folder, strerror(errno));
    *slash = '/';
  }
  return ENT_OK;
}

/* Keeps an older file as path~. */
static int put_aside(const char *path) {
  int code = ENT_OK;
  ent_text older = {0};
  ENT_GOTO(ent_text_append(&older, "%s~", path));
  ENT_CHECK_GOTO(rename(path, older.data) == 0, ENT_ERR_IO, "'%s' cannot be renamed to '%s': %s", path,
                 older.data, strerror(errno));
  ent_log(ENT_LOG_INFO, "the older file is kept as '%s'", older.data);
done:
  ent_text_fini(&older);
  return code;
}

int ent_output_prepare(const char *path, const ent_spec *spec, bool fresh) {
  if (fresh && exists(path)) ENT_TRY(put_aside(path));
  if (!exists(path)) ENT_TRY(ent_store_create(path, spec, ent_session_petsc_version()));
  return ENT_OK;
}
