#ifndef ENTRAIN_STORE_ARRAY_H
#define ENTRAIN_STORE_ARRAY_H

/*
 * The shapes in which the results file keeps things: arrays of fixed extent, laid out in one piece, and
 * attributes. Sizes and contents are the callers' business.
 */

#include <stdbool.h>
#include <stdint.h>

#include "entrain/base/mem.h"
#include "entrain/store/h5_try.h"

enum { ENT_ARRAY_MAX_RANK = 20 };

typedef struct ent_array {
  hid_t data, space;
  hid_t type;  /* in memory; not owned */
  size_t item; /* bytes of one element in memory */
  int rank;    /* 0: one value */
  hsize_t extent[ENT_ARRAY_MAX_RANK];
} ent_array;

/* What an array is to be. */
typedef struct ent_array_shape {
  const char *name; /* inside its group */
  hid_t type;       /* in the file and, converted if need be, in memory */
  int rank;
  const hsize_t *extent; /* [rank] */
  bool missing; /* creation: filled with NaN; otherwise the bytes are zero and take no room on the disk */
} ent_array_shape;

/* Creates an array of that shape in a group; it has no place in the file before it is written or allocated.
 * Errors: ENT_ERR_HDF5. */
ENT_MUST_CHECK int ent_array_create(hid_t group, const ent_array_shape *shape, ent_array *array);

/* Opens an array that must have that shape and type. Errors: ENT_ERR_FORMAT, ENT_ERR_HDF5. */
ENT_MUST_CHECK int ent_array_open(hid_t group, const ent_array_shape *shape, ent_array *array);

/*
 * Writes or reads `count` entries of the first dimension, from `first` on, in blocks; all of it for rank 0.
 * [in]  type  in memory, 0 for the array's own.
 * Errors: ENT_ERR_HDF5.
 */
ENT_MUST_CHECK int ent_array_write(const ent_array *array, hid_t type, int64_t first, int64_t count,
                                   const void *values);
ENT_MUST_CHECK int ent_array_read(const ent_array *array, int64_t first, int64_t count, void *values);

/*
 * A write of bytes at an offset in an array has failed with `code`: finds out the system's reason, which HDF5
 * over MPI-IO does not tell. Returns ENT_ERR_IO with that, or the code when there is none to be found.
 */
ENT_MUST_CHECK int ent_array_explain(const ent_array *array, uint64_t offset, uint64_t length, int code);

/*
 * Gives all arrays of a file that have none their place, `last` (a path from the root) behind all others:
 * done when everything else is there, so that metadata and texts lie together at the file's start.
 * Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_array_allocate_all(hid_t file, const char *last);

/* Closes it; accepts one that is all zero. */
void ent_array_close(ent_array *array);

/* Creates a group. Errors: ENT_ERR_HDF5. */
ENT_MUST_CHECK int ent_group_create(hid_t parent, const char *name, hid_t *group);

/* Adds a text of `size` bytes to a compound type. Errors: ENT_ERR_HDF5. */
ENT_MUST_CHECK int ent_compound_text(hid_t compound, const char *name, size_t offset, size_t size);

/* Attributes: a text (UTF-8, variable length), numbers [count] of a type (count 1: a scalar). Errors:
 * ENT_ERR_HDF5. */
ENT_MUST_CHECK int ent_attribute_text(hid_t object, const char *name, const char *text);
ENT_MUST_CHECK int ent_attribute_numbers(hid_t object, const char *name, hid_t type, size_t count,
                                         const void *numbers);

/* Reads an integer attribute. Errors: ENT_ERR_HDF5. */
ENT_MUST_CHECK int ent_attribute_read_int(hid_t object, const char *name, int *number);

/*
 * Reads a text attribute into the arena.
 * [out] text  NULL when it is no text of variable length.
 * Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_attribute_read_text(hid_t object, const char *name, ent_arena *arena,
                                           const char **text);

#endif
