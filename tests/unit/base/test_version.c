#include <string.h>

#include "entrain/base/version.h"

#include "check.h"

static void the_version_has_three_numbers(void) {
  const char *version = ent_version_string();
  CHECK_INT(strspn(version, "0123456789."), strlen(version));
  CHECK(strchr(version, '.') != strrchr(version, '.'));
}

static void the_build_is_described(void) {
  const char *commit = ent_version_commit();
  const size_t digits = strspn(commit, "0123456789abcdef");
  CHECK(digits == 40 || strcmp(commit, "unknown") == 0);
  if (digits == 40) CHECK(strcmp(commit + digits, "") == 0 || strcmp(commit + digits, "-dirty") == 0);
  CHECK_CONTAINS(ent_version_flags(), "-ffp-contract=off");
  CHECK(strlen(ent_version_compiler()) > 4);
}

static void the_processor_is_described(void) {
  CHECK(strlen(ent_version_cpu()) > 0);
  CHECK(!strchr(ent_version_cpu(), '\n'));
  CHECK_TEXT(ent_version_cpu(), ent_version_cpu());
}

static const ent_test tests[] = {{"the version has three numbers", the_version_has_three_numbers},
                                 {"commit, compiler and flags are described", the_build_is_described},
                                 {"the processor is described", the_processor_is_described},
                                 {0}};

ENT_TEST_MAIN("base/version", tests)
