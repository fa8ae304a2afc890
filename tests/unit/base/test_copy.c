#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/base/copy.h"
#include "entrain/base/text.h"

#include "check.h"

typedef struct fixture {
  char folder[256], from[300], to[300];
} fixture;

static void open_fixture(fixture *at) {
  const char *root = getenv("TMPDIR");
  (void)snprintf(at->folder, sizeof at->folder, "%s/entrain-copy-XXXXXX", root ? root : "/tmp");
  REQUIRE(mkdtemp(at->folder) != NULL);
  (void)snprintf(at->from, sizeof at->from, "%s/from", at->folder);
  (void)snprintf(at->to, sizeof at->to, "%s/to", at->folder);
}

static void close_fixture(fixture *at) {
  unlink(at->from);
  unlink(at->to);
  CHECK_INT(rmdir(at->folder), 0);
}

/* A file of `size` bytes with some of them at each of three places. */
static void make_file(const char *path, off_t size) {
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  REQUIRE(file >= 0);
  const off_t places[] = {0, size / 2, size - 5};
  for (size_t i = 0; i < 3; i++) CHECK_INT(pwrite(file, "bytes", 5, places[i]), 5);
  CHECK_INT(close(file), 0);
}

static bool same_bytes(const char *a, const char *b) {
  ent_text x = {0}, y = {0};
  CHECK_OK(ent_text_read_file(a, &x));
  CHECK_OK(ent_text_read_file(b, &y));
  const bool same = x.length == y.length && memcmp(x.data, y.data, x.length) == 0;
  ent_text_fini(&x);
  ent_text_fini(&y);
  return same;
}

static void copies_bytes_and_permissions(void) {
  fixture at;
  struct stat status;
  open_fixture(&at);
  make_file(at.from, 100000);
  CHECK_INT(chmod(at.from, 0640), 0);
  CHECK_OK(ent_copy_file(at.from, at.to, NULL, NULL));
  CHECK(same_bytes(at.from, at.to));
  CHECK_INT(stat(at.to, &status), 0);
  CHECK_INT(status.st_mode & 0777, 0640);
  make_file(at.from, 1000); /* a longer one was there */
  CHECK_OK(ent_copy_file(at.from, at.to, NULL, NULL));
  CHECK(same_bytes(at.from, at.to));
  close_fixture(&at);
}

static void holes_stay_holes(void) {
  fixture at;
  struct stat before, after;
  open_fixture(&at);
  make_file(at.from, (off_t)256 << 20);
  CHECK_OK(ent_copy_file(at.from, at.to, NULL, NULL));
  CHECK_INT(stat(at.from, &before), 0);
  CHECK_INT(stat(at.to, &after), 0);
  CHECK_INT(after.st_size, before.st_size);
  CHECK(after.st_blocks <= before.st_blocks + 64);
  CHECK(same_bytes(at.from, at.to));
  CHECK_INT(truncate(at.from, 0), 0);
  CHECK_OK(ent_copy_file(at.from, at.to, NULL, NULL));
  CHECK_INT(stat(at.to, &after), 0);
  CHECK_INT(after.st_size, 0);
  close_fixture(&at);
}

static int stop_at_once(void *context) {
  ++*(int *)context;
  ENT_RAISE(ENT_ERR_BUSY, "enough");
}

static void can_be_ended_and_fails_with_a_reason(void) {
  fixture at;
  int calls = 0;
  open_fixture(&at);
  make_file(at.from, 100000);
  CHECK_CODE(ent_copy_file(at.from, at.to, stop_at_once, &calls), ENT_ERR_BUSY);
  CHECK_INT(calls, 1);
  CHECK_CODE(ent_copy_file("/nowhere/at/all", at.to, NULL, NULL), ENT_ERR_IO);
  CHECK_CONTAINS(ent_error_message(), "cannot open '/nowhere/at/all'");
  CHECK_CODE(ent_copy_file(at.from, "/nowhere/at/all", NULL, NULL), ENT_ERR_IO);
  CHECK_CONTAINS(ent_error_message(), "cannot create '/nowhere/at/all'");
  close_fixture(&at);
}

static const ent_test tests[] = {
  {"bytes and permissions are copied", copies_bytes_and_permissions},
  {"holes stay holes", holes_stay_holes},
  {"a copy can be ended, and says why it failed", can_be_ended_and_fails_with_a_reason},
  {0},
};

ENT_TEST_MAIN("base/copy", tests)
