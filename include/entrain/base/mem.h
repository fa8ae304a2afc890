#ifndef ENTRAIN_BASE_MEM_H
#define ENTRAIN_BASE_MEM_H

/*
 * Memory: checked allocation of arrays, and an arena for things that live and die together (a job file's
 * specification, a table's columns). The arena is not for buffers that come and go.
 */

#include <stddef.h>

#include "entrain/base/error.h"

typedef struct ent_arena ent_arena;

/*
 * Allocates count elements of the given size, all zero, aligned to 64 bytes; count = 0 gives a valid
 * pointer.
 * [out] memory  owned by the caller, free() it.
 * Errors: ENT_ERR_MEMORY, also when count * size overflows. Not collective.
 */
ENT_MUST_CHECK int ent_mem_alloc(size_t count, size_t size, void *memory);

/*
 * Lets free() give long arrays (4 MB and more) back to the system at once, instead of keeping them for what
 * comes next: each has pages of its own. To be called once, when the program starts: a library that we are
 * linked with (SuperLU_DIST, through PETSc) forbids it when it is loaded. Not collective.
 */
void ent_mem_return_long_arrays(void);

/* Creates an empty arena. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_arena_create(ent_arena **arena);

/* Frees the arena and all it holds; accepts NULL, sets NULL. Not collective. */
void ent_arena_destroy(ent_arena **arena);

/* Like ent_mem_alloc, but the memory belongs to the arena. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_arena_alloc(ent_arena *arena, size_t count, size_t size, void *memory);

/* Copies `length` bytes of text and a terminating zero into the arena. Errors: ENT_ERR_MEMORY. Not
 * collective. */
ENT_MUST_CHECK int ent_arena_text(ent_arena *arena, const char *text, size_t length, const char **copy);

#endif
