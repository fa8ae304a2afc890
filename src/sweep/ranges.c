#include "entrain/sweep/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"

enum { FIRST_CAPACITY = 64 };

static int grow(ent_ranges *ranges) {
  const int64_t old = ranges->capacity;
  const int64_t now = old == 0 ? FIRST_CAPACITY : 2 * old;
  ent_range *data = NULL;
  ENT_TRY(ent_mem_alloc((size_t)now, sizeof *data, &data));
  if (old > 0) memcpy(data, ranges->data, (size_t)old * sizeof *data);
  for (int64_t i = old; i < now; i++) data[i].next = i + 1 < now ? i + 1 : ENT_RANGES_END;
  free(ranges->data);
  ranges->data = data;
  ranges->capacity = now;
  ranges->free = old;
  return ENT_OK;
}

/* Joins a range with the next one of its list if they touch. */
static void join(ent_ranges *ranges, int64_t index) {
  ent_range *range = &ranges->data[index];
  const int64_t next = range->next;
  if (next == ENT_RANGES_END || range->first + range->count != ranges->data[next].first) return;
  range->count += ranges->data[next].count;
  range->next = ranges->data[next].next;
  ent_ranges_drop(ranges, next);
}

void ent_ranges_fini(ent_ranges *ranges) {
  free(ranges->data);
  *ranges = (ent_ranges){.free = ENT_RANGES_END};
}

int ent_ranges_make(ent_ranges *ranges, int64_t first, int64_t count, int64_t *index) {
  if (ranges->free == ENT_RANGES_END) ENT_TRY(grow(ranges));
  *index = ranges->free;
  ranges->free = ranges->data[*index].next;
  ranges->data[*index] = (ent_range){.first = first, .count = count, .next = ENT_RANGES_END};
  return ENT_OK;
}

void ent_ranges_drop(ent_ranges *ranges, int64_t index) {
  ranges->data[index].next = ranges->free;
  ranges->free = index;
}

/* What is inserted was cut from the front of the list earlier, so it belongs near the front: the walk is
 * short. */
void ent_ranges_insert(ent_ranges *ranges, int64_t *list, int64_t index) {
  ent_range *data = ranges->data;
  int64_t before = ENT_RANGES_END, after = *list;
  while (after != ENT_RANGES_END && data[after].first < data[index].first) {
    before = after;
    after = data[after].next;
  }
  data[index].next = after;
  *(before == ENT_RANGES_END ? list : &data[before].next) = index;
  join(ranges, index);
  if (before != ENT_RANGES_END) join(ranges, before);
}

int64_t ent_ranges_cut(ent_ranges *ranges, int64_t *list, int64_t count) {
  const int64_t head = *list;
  int64_t cut = head;
  if (ranges->data[head].count > count &&
      ent_ranges_make(ranges, ranges->data[head].first, count, &cut) == ENT_OK) {
    ranges->data[head].first += count;
    ranges->data[head].count -= count;
  } else {
    *list = ranges->data[head].next;
  }
  return cut;
}

/* Splits a range of a list behind its first `count` positions, if it has more. */
static int split(ent_ranges *ranges, int64_t index, int64_t count) {
  int64_t rest = ENT_RANGES_END;
  const ent_range old = ranges->data[index];
  if (old.count == count) return ENT_OK;
  ENT_TRY(ent_ranges_make(ranges, old.first + count, old.count - count, &rest));
  ranges->data[rest].next = old.next;
  ranges->data[index].next = rest;
  ranges->data[index].count = count;
  return ENT_OK;
}

int ent_ranges_extract(ent_ranges *ranges, int64_t *list, int64_t position, int64_t *index) {
  int64_t before = ENT_RANGES_END, at = *list;
  while (at != ENT_RANGES_END && ranges->data[at].first + ranges->data[at].count <= position) {
    before = at;
    at = ranges->data[at].next;
  }
  *index = ENT_RANGES_END;
  if (at == ENT_RANGES_END || ranges->data[at].first > position) return ENT_OK;
  const int64_t lead = position - ranges->data[at].first;
  ENT_TRY(split(ranges, at, lead + 1));
  if (lead > 0) {
    const int code = split(ranges, at, lead);
    if (code != ENT_OK) join(ranges, at);
    ENT_TRY(code);
    before = at;
    at = ranges->data[at].next;
  }
  *(before == ENT_RANGES_END ? list : &ranges->data[before].next) = ranges->data[at].next;
  ranges->data[at].next = ENT_RANGES_END;
  *index = at;
  return ENT_OK;
}
