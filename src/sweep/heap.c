#include "entrain/sweep/heap.h"

#include <stdbool.h>
#include <stdlib.h>

#include "entrain/base/mem.h"

static bool goes_before(const ent_heap *heap, int32_t a, int32_t b) {
  return heap->keys[a] > heap->keys[b] || (heap->keys[a] == heap->keys[b] && a < b);
}

static void put(ent_heap *heap, int32_t index, int32_t id) {
  heap->ids[index] = id;
  heap->place[id] = index + 1;
}

static void sift_up(ent_heap *heap, int32_t id) {
  int32_t index = heap->place[id] - 1;
  while (index > 0 && goes_before(heap, id, heap->ids[(index - 1) / 2])) {
    put(heap, index, heap->ids[(index - 1) / 2]);
    index = (index - 1) / 2;
  }
  put(heap, index, id);
}

static void sift_down(ent_heap *heap, int32_t id) {
  const int32_t *ids = heap->ids;
  int32_t index = heap->place[id] - 1;
  for (int32_t child = 2 * index + 1; child < heap->count; child = 2 * index + 1) {
    if (child + 1 < heap->count && goes_before(heap, ids[child + 1], ids[child])) child++;
    if (!goes_before(heap, ids[child], id)) break;
    put(heap, index, ids[child]);
    index = child;
  }
  put(heap, index, id);
}

int ent_heap_init(ent_heap *heap, int32_t capacity) {
  int code = ENT_OK;
  ent_heap made = {0};
  ENT_GOTO(ent_mem_alloc((size_t)capacity, sizeof *made.ids, &made.ids));
  ENT_GOTO(ent_mem_alloc((size_t)capacity, sizeof *made.place, &made.place));
  ENT_GOTO(ent_mem_alloc((size_t)capacity, sizeof *made.keys, &made.keys));
  *heap = made;
  return ENT_OK;
done:
  ent_heap_fini(&made);
  return code;
}

void ent_heap_fini(ent_heap *heap) {
  free(heap->ids);
  free(heap->place);
  free(heap->keys);
  *heap = (ent_heap){0};
}

void ent_heap_set(ent_heap *heap, int32_t id, double key) {
  heap->keys[id] = key;
  if (heap->place[id] == 0) put(heap, heap->count++, id);
  sift_up(heap, id);
  sift_down(heap, id);
}

void ent_heap_remove(ent_heap *heap, int32_t id) {
  const int32_t place = heap->place[id];
  if (place == 0) return;
  const int32_t moved = heap->ids[--heap->count];
  heap->place[id] = 0;
  if (moved == id) return;
  put(heap, place - 1, moved);
  sift_up(heap, moved);
  sift_down(heap, moved);
}
