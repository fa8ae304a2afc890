#include <string.h>

#include "entrain/sweep/gather.h"

#include "support/check.h"

static const unsigned char alphabet[] = "abcdefghijklmnopqrstuvwxyz";

/* A piece of the alphabet's first `total` letters. */
static ent_wire_piece piece(int64_t total, int64_t offset, int32_t length) {
  return (ent_wire_piece){.total = total, .offset = offset, .length = length, .data = alphabet + offset};
}

static int add(ent_gather *gather, int64_t total, int64_t offset, int32_t length) {
  const ent_wire_piece one = piece(total, offset, length);
  return ent_gather_add(gather, &one);
}

static void pieces_become_whole(void) {
  ent_gather gather = {0};
  CHECK_OK(add(&gather, 10, 0, 4));
  CHECK(!gather.is_complete);
  CHECK_OK(add(&gather, 10, 4, 5));
  CHECK(!gather.is_complete);
  CHECK_OK(add(&gather, 10, 9, 1));
  CHECK(gather.is_complete);
  REQUIRE(gather.length == 10);
  CHECK(memcmp(gather.data, alphabet, 10) == 0);
  CHECK_OK(add(&gather, 26, 0, 26)); /* the next one, longer */
  CHECK(gather.is_complete && gather.length == 26);
  CHECK(memcmp(gather.data, alphabet, 26) == 0);
  CHECK_OK(add(&gather, 3, 0, 3)); /* and shorter */
  CHECK(gather.is_complete && gather.length == 3);
  ent_gather_fini(&gather);
  CHECK(gather.data == NULL && !gather.is_complete);
}

static void a_new_beginning_drops_the_old(void) {
  ent_gather gather = {0};
  CHECK_OK(add(&gather, 10, 0, 4));
  CHECK_OK(add(&gather, 6, 0, 3));
  CHECK_OK(add(&gather, 6, 3, 3));
  CHECK(gather.is_complete && gather.length == 6);
  ent_gather_fini(&gather);
}

static void gaps_are_refused(void) {
  ent_gather gather = {0};
  CHECK_CODE(add(&gather, 10, 4, 4), ENT_ERR_FORMAT);
  CHECK_OK(add(&gather, 10, 0, 4));
  CHECK_CODE(add(&gather, 10, 5, 2), ENT_ERR_FORMAT);
  CHECK_CODE(add(&gather, 10, 3, 2), ENT_ERR_FORMAT);
  CHECK_OK(add(&gather, 10, 4, 6));
  CHECK_CODE(add(&gather, 10, 10, 1), ENT_ERR_FORMAT);
  ent_gather_fini(&gather);
}

static void room_is_never_exceeded(void) {
  ent_gather gather = {0};
  CHECK_OK(add(&gather, 4, 0, 3));
  CHECK_CODE(add(&gather, 26, 3, 23), ENT_ERR_FORMAT); /* it says otherwise now */
  CHECK_OK(add(&gather, 4, 3, 1));
  CHECK(gather.is_complete);
  ent_gather_fini(&gather);
}

static const ent_test tests[] = {
  {"pieces in order become whole, again and again", pieces_become_whole},
  {"a new beginning drops what was not complete", a_new_beginning_drops_the_old},
  {"gaps, overlaps and pieces behind the end are refused", gaps_are_refused},
  {"a piece never writes beyond the room", room_is_never_exceeded},
  {0}};

ENT_TEST_MAIN("sweep/gather", tests)
