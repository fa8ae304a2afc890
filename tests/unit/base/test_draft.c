#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/base/draft.h"
#include "entrain/base/text.h"

#include "check.h"

static char folder[256], place[300], beside[310], linked[300];

static void open_folder(void) {
  const char *root = getenv("TMPDIR");
  (void)snprintf(folder, sizeof folder, "%s/entrain-draft-XXXXXX", root ? root : "/tmp");
  REQUIRE(mkdtemp(folder) != NULL);
  (void)snprintf(place, sizeof place, "%s/file", folder);
  (void)snprintf(beside, sizeof beside, "%s~tmp", place);
  (void)snprintf(linked, sizeof linked, "%s/link", folder);
}

static void close_folder(void) {
  (void)unlink(place);
  (void)unlink(linked);
  CHECK_INT(rmdir(folder), 0);
}

static void write_place(const char *path, const char *bytes) {
  FILE *file = fopen(path, "w");
  REQUIRE(file != NULL);
  CHECK(fputs(bytes, file) >= 0);
  CHECK_INT(fclose(file), 0);
}

static void check_place(const char *expected) {
  ent_text text = {0};
  CHECK_OK(ent_text_read_file(place, &text));
  CHECK_TEXT(text.data, expected);
  ent_text_fini(&text);
}

static void replaces_when_complete(void) {
  ent_draft draft = {0};
  open_folder();
  write_place(place, "old");
  CHECK_OK(ent_draft_begin(place, &draft));
  write_place(draft.path, "new");
  check_place("old");
  CHECK_OK(ent_draft_keep(&draft));
  CHECK(draft.path == NULL && draft.place == NULL);
  check_place("new");
  CHECK(access(beside, F_OK) != 0);
  close_folder();
}

static void leaves_nothing_when_dropped(void) {
  ent_draft draft = {0};
  open_folder();
  write_place(place, "old");
  CHECK_OK(ent_draft_begin(place, &draft));
  write_place(draft.path, "half");
  ent_draft_drop(&draft);
  ent_draft_drop(&draft);
  check_place("old");
  CHECK(access(beside, F_OK) != 0);
  close_folder();
}

static void keeps_links(void) {
  ent_draft draft = {0};
  struct stat status;
  open_folder();
  write_place(place, "old");
  CHECK_INT(symlink("file", linked), 0);
  CHECK_OK(ent_draft_begin(linked, &draft));
  write_place(draft.path, "new");
  CHECK_OK(ent_draft_keep(&draft));
  check_place("new");
  CHECK(lstat(linked, &status) == 0 && S_ISLNK(status.st_mode));
  close_folder();
}

static void never_replaces_a_pipe(void) {
  ent_draft draft = {0};
  struct stat status;
  open_folder();
  CHECK_INT(mkfifo(place, 0600), 0);
  CHECK_OK(ent_draft_begin(place, &draft));
  CHECK(draft.is_straight);
  CHECK_TEXT(draft.path, place);
  CHECK_OK(ent_draft_keep(&draft));
  CHECK(stat(place, &status) == 0 && S_ISFIFO(status.st_mode));
  CHECK_OK(ent_draft_begin(place, &draft));
  ent_draft_drop(&draft);
  CHECK(stat(place, &status) == 0 && S_ISFIFO(status.st_mode));
  close_folder();
}

static void a_draft_that_was_not_written(void) {
  ent_draft draft = {0};
  open_folder();
  write_place(place, "old");
  CHECK_OK(ent_draft_begin(place, &draft));
  CHECK_CODE(ent_draft_keep(&draft), ENT_ERR_IO);
  CHECK(draft.path == NULL);
  check_place("old");
  close_folder();
}

static const ent_test tests[] = {
  {"a draft replaces its place when it is complete", replaces_when_complete},
  {"a dropped draft leaves nothing", leaves_nothing_when_dropped},
  {"a symbolic link stays one", keeps_links},
  {"a pipe is written straight and never replaced", never_replaces_a_pipe},
  {"a draft that was not written changes nothing", a_draft_that_was_not_written},
  {0}};

ENT_TEST_MAIN("base/draft", tests)
