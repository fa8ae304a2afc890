/* FUZZ max_len=768. Locks: any text. What is accepted is written as a text that is read as the same again. */
#include <string.h>

#include "entrain/store/lock.h"

#include "../../src/store/lock_text.h"
#include "fuzz.h"

static void check_round_trip(const ent_lock_owner *owner) {
  ent_lock_owner again = {0};
  ent_text first = {0}, second = {0};
  PROMISE(ent_lock_text_append(&first, owner) == ENT_OK);
  PROMISE(ent_lock_text_parse(first.data, first.length, &again) == ENT_OK);
  PROMISE(ent_lock_text_append(&second, &again) == ENT_OK);
  PROMISE(strcmp(first.data, second.data) == 0);
  ent_lock_owner_fini(&again);
  ent_text_fini(&first);
  ent_text_fini(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ent_lock_owner owner = {0};
  const int code = ent_lock_text_parse((const char *)data, size, &owner);
  PROMISE(code == ENT_OK || code == ENT_ERR_FORMAT);
  if (code == ENT_OK) check_round_trip(&owner);
  ent_lock_owner_fini(&owner);
  return 0;
}
