#include <stddef.h>

#include "entrain/sweep/ranges.h"

#include "support/check.h"

static void insert(ent_ranges *ranges, int64_t *list, int64_t first, int64_t count) {
  int64_t index = 0;
  CHECK_OK(ent_ranges_make(ranges, first, count, &index));
  ent_ranges_insert(ranges, list, index);
}

/* Compares a list with pairs (first, count), ended by a count of 0. */
static void check_list(const ent_ranges *ranges, int64_t list, const int64_t *pairs) {
  for (; pairs[1] > 0; pairs += 2) {
    REQUIRE(list != ENT_RANGES_END);
    CHECK_INT(ranges->data[list].first, pairs[0]);
    CHECK_INT(ranges->data[list].count, pairs[1]);
    list = ranges->data[list].next;
  }
  CHECK_INT(list, ENT_RANGES_END);
}

static void stays_sorted(void) {
  ent_ranges ranges = {.free = ENT_RANGES_END};
  int64_t list = ENT_RANGES_END;
  insert(&ranges, &list, 50, 5);
  insert(&ranges, &list, 10, 5);
  insert(&ranges, &list, 30, 5);
  insert(&ranges, &list, 70, 5);
  check_list(&ranges, list, (const int64_t[]){10, 5, 30, 5, 50, 5, 70, 5, 0, 0});
  ent_ranges_fini(&ranges);
}

static void joins(void) {
  ent_ranges ranges = {.free = ENT_RANGES_END};
  int64_t list = ENT_RANGES_END;
  insert(&ranges, &list, 10, 5);
  insert(&ranges, &list, 20, 5);
  insert(&ranges, &list, 25, 1);
  insert(&ranges, &list, 9, 1);
  check_list(&ranges, list, (const int64_t[]){9, 6, 20, 6, 0, 0});
  insert(&ranges, &list, 15, 5);
  check_list(&ranges, list, (const int64_t[]){9, 17, 0, 0});
  ent_ranges_fini(&ranges);
}

static void cuts_front(void) {
  ent_ranges ranges = {.free = ENT_RANGES_END};
  int64_t list = ENT_RANGES_END;
  insert(&ranges, &list, 10, 5);
  insert(&ranges, &list, 20, 5);
  const int64_t part = ent_ranges_cut(&ranges, &list, 2);
  CHECK_INT(ranges.data[part].first, 10);
  CHECK_INT(ranges.data[part].count, 2);
  const int64_t rest = ent_ranges_cut(&ranges, &list, 100);
  CHECK_INT(ranges.data[rest].first, 12);
  CHECK_INT(ranges.data[rest].count, 3);
  check_list(&ranges, list, (const int64_t[]){20, 5, 0, 0});
  ent_ranges_fini(&ranges);
}

static int64_t extract(ent_ranges *ranges, int64_t *list, int64_t position) {
  int64_t index = 0;
  CHECK_OK(ent_ranges_extract(ranges, list, position, &index));
  if (index == ENT_RANGES_END) return -1;
  CHECK_INT(ranges->data[index].count, 1);
  CHECK_INT(ranges->data[index].next, ENT_RANGES_END);
  return ranges->data[index].first;
}

static void extracts_one(void) {
  ent_ranges ranges = {.free = ENT_RANGES_END};
  int64_t list = ENT_RANGES_END;
  insert(&ranges, &list, 10, 5);
  insert(&ranges, &list, 20, 1);
  insert(&ranges, &list, 30, 5);
  CHECK_INT(extract(&ranges, &list, 9), -1);
  CHECK_INT(extract(&ranges, &list, 15), -1);
  CHECK_INT(extract(&ranges, &list, 35), -1);
  CHECK_INT(extract(&ranges, &list, 12), 12);
  check_list(&ranges, list, (const int64_t[]){10, 2, 13, 2, 20, 1, 30, 5, 0, 0});
  CHECK_INT(extract(&ranges, &list, 12), -1);
  CHECK_INT(extract(&ranges, &list, 20), 20);
  CHECK_INT(extract(&ranges, &list, 10), 10);
  CHECK_INT(extract(&ranges, &list, 34), 34);
  check_list(&ranges, list, (const int64_t[]){11, 1, 13, 2, 30, 4, 0, 0});
  CHECK_INT(extract(&ranges, &list, 11), 11);
  check_list(&ranges, list, (const int64_t[]){13, 2, 30, 4, 0, 0});
  ent_ranges_fini(&ranges);
}

static void reuses(void) {
  ent_ranges ranges = {.free = ENT_RANGES_END};
  int64_t list = ENT_RANGES_END;
  for (int64_t i = 0; i < 1000; i++) insert(&ranges, &list, 2 * (1000 - i), 1);
  const int64_t capacity = ranges.capacity;
  for (int64_t i = 0; i < 5000; i++) {
    const int64_t cut = ent_ranges_cut(&ranges, &list, 1);
    CHECK_INT(ranges.data[cut].first, 2);
    ent_ranges_drop(&ranges, cut);
    insert(&ranges, &list, 2, 1);
  }
  CHECK_INT(ranges.capacity, capacity);
  ent_ranges_fini(&ranges);
  CHECK(ranges.data == NULL);
}

static const ent_test tests[] = {{"a list stays sorted whatever the order of insertion", stays_sorted},
                                 {"ranges that touch become one", joins},
                                 {"a cut takes from the front, and never beyond the first range", cuts_front},
                                 {"any one position can be taken out", extracts_one},
                                 {"dropped ranges are used again", reuses},
                                 {0}};

ENT_TEST_MAIN("sweep/ranges", tests)
