#include "entrain/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <malloc.h>
#include <stdalign.h>

#ifdef ENT_MEMCHECK /* valgrind does not know what madvise does to memory */
#include <valgrind/memcheck.h>
#else
#define VALGRIND_MAKE_MEM_DEFINED(memory, bytes) ((void)(memory), (void)(bytes))
#endif

enum { ALIGNMENT = 64, BLOCK_SIZE = 16384, LONG_ARRAY = 1 << 22, MOST_LONG_ARRAYS = 1 << 15 };

/* A block of the arena; what is handed out follows its header. */
typedef struct block {
  alignas(ALIGNMENT) struct block *previous;
  size_t used, capacity; /* bytes, without the header */
} block;

struct ent_arena {
  block *last;
};

/* Bytes of count elements rounded up to whole alignments, at least one; 0 when that overflows. */
static size_t padded_size(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2) return 0;
  return bytes == 0 ? ALIGNMENT : (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void store_pointer(void *memory, void *value) {
  memcpy(memory, &value, sizeof value); /* any object pointer has this representation here */
}

/*
 * Makes memory zero. Whole pages of a long array are given back to the system, which gives zero pages when
 * they are touched: what is never used takes no room.
 */
static void clear(unsigned char *memory, size_t bytes) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE), skipped = (page - (uintptr_t)memory % page) % page;
  const size_t pages = bytes < LONG_ARRAY ? 0 : (bytes - skipped) / page * page;
  if (pages == 0 || madvise(memory + skipped, pages, MADV_DONTNEED) != 0) {
    memset(memory, 0, bytes);
    return;
  }
  VALGRIND_MAKE_MEM_DEFINED(memory + skipped, pages);
  memset(memory, 0, skipped);
  memset(memory + skipped + pages, 0, bytes - skipped - pages);
}

int ent_mem_alloc(size_t count, size_t size, void *memory) {
  const size_t bytes = padded_size(count, size);
  void *allocated = bytes ? aligned_alloc(ALIGNMENT, bytes) : NULL;
  ENT_CHECK(allocated, ENT_ERR_MEMORY, "out of memory for %zu elements of %zu bytes", count, size);
  clear(allocated, bytes);
  store_pointer(memory, allocated);
  return ENT_OK;
}

void ent_mem_return_long_arrays(void) {
  (void)mallopt(M_MMAP_THRESHOLD, LONG_ARRAY);
  (void)mallopt(M_MMAP_MAX, MOST_LONG_ARRAYS);
}

int ent_arena_create(ent_arena **arena) {
  ENT_TRY(ent_mem_alloc(1, sizeof **arena, arena));
  return ENT_OK;
}

void ent_arena_destroy(ent_arena **arena) {
  if (!*arena) return;
  for (block *it = (*arena)->last; it;) {
    block *previous = it->previous;
    free(it);
    it = previous;
  }
  free(*arena);
  *arena = NULL;
}

int ent_arena_alloc(ent_arena *arena, size_t count, size_t size, void *memory) {
  const size_t bytes = padded_size(count, size);
  ENT_CHECK(bytes, ENT_ERR_MEMORY, "out of memory for %zu elements of %zu bytes", count, size);
  if (!arena->last || arena->last->capacity - arena->last->used < bytes) {
    const size_t capacity = bytes > BLOCK_SIZE ? bytes : BLOCK_SIZE;
    block *fresh;
    ENT_TRY(ent_mem_alloc(1, sizeof *fresh + capacity, &fresh));
    fresh->previous = arena->last;
    fresh->capacity = capacity;
    arena->last = fresh;
  }
  store_pointer(memory, (char *)(arena->last + 1) + arena->last->used);
  arena->last->used += bytes;
  return ENT_OK;
}

int ent_arena_text(ent_arena *arena, const char *text, size_t length, const char **copy) {
  char *bytes;
  ENT_CHECK(length < SIZE_MAX, ENT_ERR_MEMORY, "out of memory for a text");
  ENT_TRY(ent_arena_alloc(arena, length + 1, 1, &bytes));
  memcpy(bytes, text, length);
  *copy = bytes;
  return ENT_OK;
}
