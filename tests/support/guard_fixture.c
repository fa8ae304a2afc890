#include "guard_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

void fixture_make_full(fixture *at) {
  ent_store *store = NULL;
  fixture_open(at, fixture_job);
  CHECK_OK(ent_store_create(at->path, at->spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at->path, ENT_STORE_EDIT, &store));
  for (int64_t i = 0; i < FIXTURE_ROWS; i++) CHECK_OK(fixture_write(store, i));
  CHECK_OK(ent_store_close(&store));
}

void fixture_read_at(const char *path, int64_t offset, size_t length, void *bytes) {
  const int file = open(path, O_RDONLY);
  REQUIRE(file >= 0 && pread(file, bytes, length, offset) == (ssize_t)length);
  close(file);
}

void fixture_write_at(const char *path, int64_t offset, size_t length, const void *bytes) {
  const int file = open(path, O_RDWR);
  REQUIRE(file >= 0 && pwrite(file, bytes, length, offset) == (ssize_t)length);
  close(file);
}

void fixture_flip(const char *path, int64_t offset) {
  unsigned char byte = 0;
  fixture_read_at(path, offset, 1, &byte);
  byte ^= 0x10;
  fixture_write_at(path, offset, 1, &byte);
}

int64_t fixture_place(const char *path, int field) {
  int64_t value = 0;
  fixture_read_at(path, HEADER_A + field, sizeof value, &value);
  return value;
}

int64_t fixture_size(const char *path) {
  struct stat status;
  REQUIRE(stat(path, &status) == 0);
  return status.st_size;
}

ent_guard_report fixture_check(const char *path) {
  ent_guard_report report = {0};
  CHECK_OK(ent_store_check_guard(path, &report));
  return report;
}

void fixture_check_all_there(const char *path) {
  ent_store *store = NULL;
  const ent_guard_report report = fixture_check(path);
  CHECK(ent_guard_is_whole(&report));
  CHECK_OK(ent_store_open(path, ENT_STORE_READ, &store));
  for (int64_t i = 0; i < FIXTURE_ROWS; i++) CHECK(fixture_holds(store, i));
  CHECK_OK(ent_store_close(&store));
}
