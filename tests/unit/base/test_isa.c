#include <string.h>

#include "entrain/base/isa.h"

#include "check.h"

static void sets_are_found_by_their_names(void) {
  ent_isa found = ENT_ISA_COUNT;
  CHECK(!ent_isa_find("x86-64-v5", strlen("x86-64-v5"), &found));
  CHECK(!ent_isa_find("", 0, &found));
  CHECK_INT(found, ENT_ISA_COUNT);
  for (int k = 0; k < ENT_ISA_COUNT; k++) {
    const char *name = ent_isa_name((ent_isa)k);
    if (name == NULL) continue;
    CHECK(ent_isa_find(name, strlen(name), &found));
    CHECK_INT(found, k);
  }
}

static void the_baseline_is_everywhere(void) {
  CHECK(ent_isa_is_available(ENT_ISA_BASELINE));
  CHECK(!ent_isa_is_available(ENT_ISA_COUNT));
  CHECK(ent_isa_is_available(ent_isa_current()));
  CHECK(!ENT_ISA_HAS_LEVELS || ent_isa_name(ENT_ISA_V4) != NULL);
}

static void what_is_pinned_is_not_replaced(void) {
  const ent_isa best = ent_isa_current();
  for (int k = best + 1; k < ENT_ISA_COUNT; k++) CHECK(!ent_isa_is_available((ent_isa)k));
  ent_isa_adopt(ENT_ISA_BASELINE);
  CHECK_INT(ent_isa_current(), ENT_ISA_BASELINE);
  ent_isa_adopt(best);
  CHECK_INT(ent_isa_current(), best);
  ent_isa_pin(ENT_ISA_BASELINE);
  ent_isa_adopt(best);
  CHECK_INT(ent_isa_current(), ENT_ISA_BASELINE);
  ent_isa_pin(best);
  CHECK_INT(ent_isa_current(), best);
}

static const ent_test tests[] = {{"sets are found by their names", sets_are_found_by_their_names},
                                 {"the baseline is everywhere", the_baseline_is_everywhere},
                                 {"what is pinned is not replaced", what_is_pinned_is_not_replaced},
                                 {0}};

ENT_TEST_MAIN("base/isa", tests)
