#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"

#include "check.h"

static int all_zero(const unsigned char *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (bytes[i] != 0) return 0;
  }
  return 1;
}

static void allocations_are_zero_and_aligned(void) {
  for (size_t count = 0; count < 200; count++) {
    double *x;
    CHECK_OK(ent_mem_alloc(count, sizeof *x, &x));
    CHECK_INT((uintptr_t)x % 64, 0);
    CHECK(all_zero((const unsigned char *)x, count * sizeof *x));
    free(x);
  }
}

/* Memory that was used before, and none of which is in the process until it is touched. */
static void long_arrays_are_zero_too(void) {
  enum { LONG = (9 << 20) + 5 };
  for (int round = 0; round < 3; round++) {
    unsigned char *x = NULL, *y = NULL;
    CHECK_OK(ent_mem_alloc(LONG, 1, &x));
    CHECK_OK(ent_mem_alloc((size_t)LONG / 2, 1, &y));
    CHECK_INT((uintptr_t)x % 64, 0);
    CHECK(all_zero(x, LONG));
    CHECK(all_zero(y, (size_t)LONG / 2));
    memset(x, 1, LONG);
    memset(y, 1, (size_t)LONG / 2);
    CHECK_INT(x[LONG - 1], 1);
    free(x);
    free(y);
  }
}

static void overflow_is_out_of_memory(void) {
  double *x = NULL;
  CHECK_CODE(ent_mem_alloc(SIZE_MAX / 4, sizeof *x, &x), ENT_ERR_MEMORY);
  CHECK_CODE(ent_mem_alloc(SIZE_MAX, 1, &x), ENT_ERR_MEMORY);
  CHECK_CODE(ent_mem_alloc(SIZE_MAX / 2 + 1, 1, &x), ENT_ERR_MEMORY);
  CHECK(x == NULL);
}

static void the_arena_keeps_its_pieces_apart(void) {
  enum { PIECES = 500 };
  ent_arena *arena;
  unsigned char *pieces[PIECES];
  CHECK_OK(ent_arena_create(&arena));
  for (size_t i = 0; i < PIECES; i++) {
    CHECK_OK(ent_arena_alloc(arena, i, 3, &pieces[i]));
    CHECK_INT((uintptr_t)pieces[i] % 64, 0);
    CHECK(all_zero(pieces[i], 3 * i));
    memset(pieces[i], (int)(i % 251), 3 * i);
  }
  for (size_t i = 1; i < PIECES; i++) {
    CHECK_INT(pieces[i][0], i % 251);
    CHECK_INT(pieces[i][3 * i - 1], i % 251);
  }
  ent_arena_destroy(&arena);
  CHECK(arena == NULL);
  ent_arena_destroy(&arena);
}

static void the_arena_holds_large_pieces(void) {
  ent_arena *arena;
  unsigned char *large, *small;
  CHECK_OK(ent_arena_create(&arena));
  CHECK_OK(ent_arena_alloc(arena, 1000000, 1, &large));
  CHECK_OK(ent_arena_alloc(arena, 10, 1, &small));
  memset(large, 1, 1000000);
  CHECK(all_zero(small, 10));
  CHECK_CODE(ent_arena_alloc(arena, SIZE_MAX / 4, 8, &large), ENT_ERR_MEMORY);
  CHECK_CODE(ent_arena_alloc(arena, SIZE_MAX / 2 - 100, 1, &large), ENT_ERR_MEMORY);
  ent_arena_destroy(&arena);
}

static void texts_are_copied_and_terminated(void) {
  ent_arena *arena;
  const char *copy, *empty;
  CHECK_OK(ent_arena_create(&arena));
  CHECK_OK(ent_arena_text(arena, "overlap", 4, &copy));
  CHECK_OK(ent_arena_text(arena, "", 0, &empty));
  CHECK_TEXT(copy, "over");
  CHECK_TEXT(empty, "");
  ent_arena_destroy(&arena);
}

static const ent_test tests[] = {
  {"allocations are zero and aligned, empty ones too", allocations_are_zero_and_aligned},
  {"long arrays are zero, also where others were", long_arrays_are_zero_too},
  {"a size that overflows is out of memory", overflow_is_out_of_memory},
  {"the arena's pieces are zero, aligned and apart", the_arena_keeps_its_pieces_apart},
  {"the arena holds pieces larger than its blocks", the_arena_holds_large_pieces},
  {"texts are copied and terminated", texts_are_copied_and_terminated},
  {0}};

ENT_TEST_MAIN("base/mem", tests)
