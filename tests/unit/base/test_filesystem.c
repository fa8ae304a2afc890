#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "entrain/base/filesystem.h"

#include "support/check.h"

static void knows_kinds(void) {
  static const struct {
    uint32_t number;
    const char *name;
    bool is_local, is_safe;
  } expected[] = {
    {0x6969, "nfs", false, false},      {0xff534d42, "cifs", false, false},
    {0xfe534d42, "smb2", false, false}, {0x65735546, "fuse", false, false},
    {0x01021997, "9p", false, false},   {0x0bd00bd0, "lustre", false, true},
    {0x47504653, "gpfs", false, true},  {0x19830326, "beegfs", false, true},
    {0xef53, "ext4", true, true},       {0x58465342, "xfs", true, true},
    {0x01021994, "tmpfs", true, true},
  };
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    ent_filesystem found = {.name = "none"};
    ent_filesystem_describe(expected[i].number, &found);
    CHECK_TEXT(found.name, expected[i].name);
    CHECK(found.is_local == expected[i].is_local);
    CHECK(found.is_safe == expected[i].is_safe);
  }
}

static void doubts_unknown(void) {
  ent_filesystem found = {.is_local = true, .is_safe = true};
  ent_filesystem_describe(0x12345678, &found);
  CHECK_TEXT(found.name, "unknown 0x12345678");
  CHECK(!found.is_safe);
  CHECK(!found.is_local);
}

static void looks_above(void) {
  ent_filesystem there = {0}, above = {0};
  CHECK_OK(ent_filesystem_at("/dev/shm", &there));
  CHECK_OK(ent_filesystem_at("/dev/shm/not/there/yet.h5", &above));
  CHECK_TEXT(there.name, "tmpfs");
  CHECK_TEXT(above.name, "tmpfs");
}

static void takes_relative_paths(void) {
  ent_filesystem here = {0}, empty = {0}, file = {0};
  CHECK_OK(ent_filesystem_at(".", &here));
  CHECK_OK(ent_filesystem_at("", &empty));
  CHECK_OK(ent_filesystem_at("not-there/out.h5", &file));
  CHECK_TEXT(empty.name, here.name);
  CHECK_TEXT(file.name, here.name);
}

static void tells_room(void) {
  struct statvfs expected;
  ent_filesystem found = {.free = -1, .entries = -2};
  REQUIRE(statvfs("/dev/shm", &expected) == 0);
  CHECK_OK(ent_filesystem_at("/dev/shm", &found));
  CHECK(found.free > 0);
  CHECK(found.free <= (int64_t)expected.f_blocks * (int64_t)expected.f_frsize);
  CHECK(found.entries >= -1);
  CHECK_OK(ent_filesystem_at("/proc", &found));
  CHECK_INT(found.free, 0);
}

static void names_what_fails(void) {
  char path[5000];
  ent_filesystem found = {.name = "as before"};
  memset(path, 'x', sizeof path - 1);
  path[sizeof path - 1] = 0;
  CHECK_CODE(ent_filesystem_at(path, &found), ENT_ERR_IO);
  CHECK_CONTAINS(ent_error_message(), "cannot look at the file system of 'xxx");
  CHECK_TEXT(found.name, "as before");
}

static void finds_obstacles(void) {
  char path[] = "/tmp/test-filesystem-XXXXXX";
  struct rlimit before, lower;
  const int file = mkstemp(path);
  REQUIRE(file >= 0);
  CHECK(ent_filesystem_obstacle(path, 0, 4096) == NULL);
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  lower = before;
  lower.rlim_cur = 4096;
  REQUIRE(setrlimit(RLIMIT_FSIZE, &lower) == 0);
  CHECK(ent_filesystem_obstacle(path, 0, 4096) == NULL);
  const char *reason = ent_filesystem_obstacle(path, 1, 4096);
  REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
  REQUIRE(reason != NULL);
  CHECK_TEXT(reason, "File too large");
  reason = ent_filesystem_obstacle(path, 0, (int64_t)1 << 55); /* more than any disk has */
  REQUIRE(reason != NULL);
  CHECK(strcmp(reason, "No space left on device") == 0 || strcmp(reason, "File too large") == 0);
  unlink(path);
  reason = ent_filesystem_obstacle(path, 0, 1);
  REQUIRE(reason != NULL);
  CHECK_TEXT(reason, "No such file or directory");
  close(file);
}

static const ent_test tests[] = {{"file systems are known by name, place and safety", knows_kinds},
                                 {"one that is not known is not trusted", doubts_unknown},
                                 {"a file that is not there yet is looked for above", looks_above},
                                 {"a relative path begins here", takes_relative_paths},
                                 {"the room left is told", tells_room},
                                 {"what cannot be looked at is an error", names_what_fails},
                                 {"the reason of a failed write is found", finds_obstacles},
                                 {0}};

ENT_TEST_MAIN("base/filesystem", tests)
