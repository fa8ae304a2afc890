#include "entrain/store/netcdf.h"

#include <errno.h>
#include <string.h>

#include "entrain/base/draft.h"
#include "entrain/base/version.h"

#include "store_impl.h"

/* Puts one object of /phase at the root; for H5Literate, whose callbacks may not remove what they visit. */
static herr_t link_at_root(hid_t group, const char *name, const H5L_info_t *info, void *file) {
  (void)info;
  return H5Lcreate_hard(group, name, *(hid_t *)file, name, H5P_DEFAULT, H5P_DEFAULT);
}

static int lift_group(hid_t file, const ent_spec *spec) {
  int code = ENT_OK;
  hid_t group = 0;
  ENT_GOTO_H5(group = H5Gopen2(file, "phase", H5P_DEFAULT));
  ENT_GOTO_H5(H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, link_at_root, &file));
  ENT_GOTO_H5(H5Ldelete(file, "phase", H5P_DEFAULT));
  ENT_GOTO(ent_attribute_text(file, "Conventions", "CF-1.8"));
  ENT_GOTO(ent_attribute_text(file, "title", spec->name));
  ENT_GOTO(ent_attribute_text(file, "program_version", ent_version_string()));
  ENT_GOTO(ent_attribute_text(file, "git_commit", ent_version_commit()));
  ENT_GOTO(ent_attribute_text(file, "job_file", spec->text));

done:
  ent_h5_close(&group);
  return code;
}

static int fill(hid_t file, const char *path, const ent_spec *spec, const ent_phase *phase) {
  ent_spec shared = *spec; /* a store's is not const */
  ent_store store = {.path = path, .mode = ENT_STORE_EDIT, .file = file, .spec = &shared};
  ENT_TRY(ent_phase_group_create(file, spec));
  ENT_TRY(ent_store_write_phase(&store, phase));
  return lift_group(file, spec);
}

static int write_file(const char *path, const ent_spec *spec, const ent_phase *phase) {
  int code = ENT_OK;
  hid_t access = 0, file = 0;
  ENT_GOTO(ent_h5_access(&access));
  file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
  ENT_CHECK_GOTO(file >= 0, ENT_ERR_IO, "cannot create '%s': %s", path, strerror(errno));
  ENT_GOTO(fill(file, path, spec, phase));

done:
  code = ent_h5_close_made(&file, path, code);
  ent_h5_close(&access);
  return code;
}

int ent_netcdf_write(const char *path, const ent_spec *spec, const ent_phase *phase) {
  int code = ENT_OK;
  ent_draft draft = {0};
  ENT_GOTO(ent_draft_begin(path, &draft));
  ENT_CHECK_GOTO(!draft.is_straight, ENT_ERR_IO, "'%s' is no regular file, as netCDF needs it", path);
  ENT_GOTO(write_file(draft.path, spec, phase));
  ENT_GOTO(ent_draft_keep(&draft));

done:
  ent_draft_drop(&draft);
  return code;
}
