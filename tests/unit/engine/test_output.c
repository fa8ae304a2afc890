/* TEST np=1 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/engine/output.h"
#include "entrain/store/store.h"

#include "check.h"
#include "store_fixture.h"

static bool exists(const char *path) {
  return access(path, F_OK) == 0;
}

static void path_is_the_users_or_made_from_the_name(void) {
  fixture at;
  ent_text given = {0}, made = {0};
  fixture_open(&at, fixture_job);
  CHECK_OK(ent_output_path("some/file.h5", at.spec, &given));
  CHECK_TEXT(given.data, "some/file.h5");
  CHECK_OK(ent_output_path(NULL, at.spec, &made));
  CHECK_TEXT(made.data, "results/fixture.h5");
  ent_text_fini(&given);
  ent_text_fini(&made);
  fixture_close(&at);
}

static void the_same_study_is_accepted(void) {
  fixture at;
  fixture_open(&at, fixture_job);
  CHECK_OK(ent_output_check(at.path, at.spec, false));
  CHECK_OK(ent_output_prepare(at.path, at.spec, false));
  CHECK(exists(at.path));
  CHECK_OK(ent_output_check(at.path, at.spec, false));
  CHECK_OK(ent_output_prepare(at.path, at.spec, false));
  fixture_close(&at);
}

static void another_study_is_refused_unless_fresh(void) {
  fixture at;
  fixture_open(&at, fixture_job);
  ent_spec *other = fixture_parse(fixture_plain_job);
  CHECK_OK(ent_output_prepare(at.path, at.spec, false));
  CHECK_CODE(ent_output_check(at.path, other, false), ENT_ERR_MISMATCH);
  CHECK_OK(ent_output_check(at.path, other, true));
  ent_spec_destroy(&other);
  fixture_close(&at);
}

static void another_file_is_refused(void) {
  fixture at;
  fixture_open(&at, fixture_job);
  CHECK_OK(ent_text_write_file(at.path, "no results", 10));
  CHECK_CODE(ent_output_check(at.path, at.spec, false), ENT_ERR_FORMAT);
  fixture_close(&at);
}

static void fresh_keeps_the_older_file(void) {
  fixture at;
  char older[400];
  fixture_open(&at, fixture_job);
  (void)snprintf(older, sizeof older, "%s~", at.path);
  CHECK_OK(ent_text_write_file(at.path, "old", 3));
  CHECK_OK(ent_output_prepare(at.path, at.spec, true));
  ent_text text = {0};
  CHECK_OK(ent_text_read_file(older, &text));
  CHECK_TEXT(text.data, "old");
  CHECK_OK(ent_output_check(at.path, at.spec, false));
  ent_text_fini(&text);
  CHECK_INT(unlink(older), 0);
  fixture_close(&at);
}

static void folders_are_made(void) {
  fixture at;
  char deep[400], folder[400];
  fixture_open(&at, fixture_job);
  (void)snprintf(deep, sizeof deep, "%s/a/b/OUT.h5", at.folder);
  CHECK_OK(ent_output_make_folder(deep));
  CHECK_OK(ent_output_make_folder(deep));
  CHECK_OK(ent_text_write_file(at.path, "", 0));
  (void)snprintf(deep, sizeof deep, "%s/below-a-file/OUT.h5", at.path);
  CHECK_CODE(ent_output_make_folder(deep), ENT_ERR_IO);
  (void)snprintf(folder, sizeof folder, "%s/a/b", at.folder);
  CHECK_INT(rmdir(folder), 0);
  (void)snprintf(folder, sizeof folder, "%s/a", at.folder);
  CHECK_INT(rmdir(folder), 0);
  fixture_close(&at);
}

static const ent_test tests[] = {
  {"the path is the user's, or made from the study's name", path_is_the_users_or_made_from_the_name},
  {"a file of the same study is accepted", the_same_study_is_accepted},
  {"another study's file is refused unless a fresh one is wanted", another_study_is_refused_unless_fresh},
  {"a file that is no results file is refused", another_file_is_refused},
  {"a fresh file keeps the older one", fresh_keeps_the_older_file},
  {"missing folders are made, a file in the way is refused", folders_are_made},
  {0}};

ENT_TEST_MPI_MAIN("engine/output", tests)
