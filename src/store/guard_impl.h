#ifndef ENTRAIN_STORE_GUARD_IMPL_H
#define ENTRAIN_STORE_GUARD_IMPL_H

/*
 * The guard as bytes and as a struct. Its layout is frozen (docs/results-format.md): a later format keeps the
 * first 12 bytes of a header and where it stands.
 */

#include <hdf5.h>

#include "entrain/store/guard.h"

enum {
  ENT_GUARD_PAGE = 4096,     /* size of a header and place of the first one */
  ENT_GUARD_BLOCK = 4096,    /* smallest block */
  ENT_GUARD_BLOCKS = 1024,   /* at most */
  ENT_GUARD_RANGES = 1 << 22 /* at most */
};

enum { ENT_GUARD_BAD_PLACE = 1, ENT_GUARD_BAD_COPY = 2 };

/* Bytes of the file that are metadata. */
typedef struct ent_guard_range {
  uint64_t offset, length;
} ent_guard_range;

typedef struct ent_guard {
  uint32_t format;
  uint32_t block_size;                 /* of the metadata, all ranges put one after the other */
  uint64_t size;                       /* of the file */
  uint64_t headers[ENT_GUARD_HEADERS]; /* where the copies of the header stand */
  uint64_t tables[ENT_GUARD_TABLES];
  uint64_t copy;   /* where the copy of the metadata stands */
  uint64_t length; /* of the metadata */
  uint32_t n_ranges, n_blocks, table_crc;
  ent_guard_range *ranges; /* [n_ranges] ascending; owned */
  uint32_t *crcs;          /* [n_blocks] CRC-32 of each block; owned */
} ent_guard;

/* What a page is. */
typedef enum {
  ENT_GUARD_FOREIGN, /* no header, or a damaged one */
  ENT_GUARD_OTHER,   /* the header of a format that this program does not read; only `format` is set */
  ENT_GUARD_OURS
} ent_guard_kind;

/* A header as bytes, and back with every field checked; ranges and crcs are left alone. */
void ent_guard_encode(const ent_guard *guard, unsigned char page[ENT_GUARD_PAGE]);
ent_guard_kind ent_guard_decode(const unsigned char page[ENT_GUARD_PAGE], ent_guard *guard);

/* Bytes of a table. */
size_t ent_guard_table_bytes(const ent_guard *guard);

/* A table as bytes [table_bytes], and back: false unless its CRC and every range are right. Room for ranges
 * and crcs is the caller's. */
void ent_guard_encode_table(const ent_guard *guard, unsigned char *table);
bool ent_guard_decode_table(const unsigned char *table, ent_guard *guard);

/* Allocates ranges and crcs by n_ranges and n_blocks; fini frees them, and accepts one that is all zero. */
ENT_MUST_CHECK int ent_guard_init_table(ent_guard *guard);
void ent_guard_fini(ent_guard *guard);

/*
 * Reads exactly `length` bytes; what lies behind the file's end reads as zeros. False when the system cannot
 * read. The other writes them all, or fails.
 */
bool ent_guard_read(int file, uint64_t offset, size_t length, unsigned char *bytes);
ENT_MUST_CHECK int ent_guard_write(int file, uint64_t offset, size_t length, const unsigned char *bytes);

/* Bytes of a block; reads it from its places in the file or from the copy, or writes it there. */
size_t ent_guard_block_bytes(const ent_guard *guard, uint32_t block);
bool ent_guard_read_block(int file, const ent_guard *guard, uint32_t block, bool from_copy,
                          unsigned char *bytes);
ENT_MUST_CHECK int ent_guard_write_block(int file, const ent_guard *guard, uint32_t block, bool to_copy,
                                         const unsigned char *bytes);

/* Where in the file a block begins. */
uint64_t ent_guard_block_offset(const ent_guard *guard, uint32_t block);

/* Whether a block's checksum holds. [out] bytes  [block_size] */
bool ent_guard_block_holds(int file, const ent_guard *guard, uint32_t block, bool in_copy,
                           unsigned char *bytes);

/*
 * Reads the first good header, looking near the end of the file when those at its start are damaged.
 * [out] kind  FOREIGN when there is none
 */
ENT_MUST_CHECK int ent_guard_find_header(int file, ent_guard *guard, ent_guard_kind *kind);

/* Reads a table for a header. [out] good  which of them are right; ranges and crcs are NULL if none is */
ENT_MUST_CHECK int ent_guard_load_table(int file, ent_guard *guard, bool good[ENT_GUARD_TABLES]);

/*
 * Whether HDF5 may be shown a file that is open. Errors: ENT_ERR_FORMAT saying what is wrong and what helps.
 */
ENT_MUST_CHECK int ent_guard_admit(int file, const char *path);

/* Examines an open file of this format whose header is read; loads its table. [out] bad  [n_blocks] owned by
 * the caller, NULL without a table: ENT_GUARD_BAD_PLACE and ENT_GUARD_BAD_COPY for each block. */
ENT_MUST_CHECK int ent_guard_examine(int file, ent_guard *guard, ent_guard_report *report,
                                     unsigned char **bad);

/* Writes a copy of the table, setting table_crc, or of the header. Errors: ENT_ERR_IO, ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_guard_write_table(int file, ent_guard *guard, size_t i);
ENT_MUST_CHECK int ent_guard_write_header(int file, const ent_guard *guard, size_t i);

/* Opens a file and finds its header. [out] file  close() it. Errors: as ent_store_check_guard. */
ENT_MUST_CHECK int ent_guard_open(const char *path, int flags, int *file, ent_guard *guard);

/*
 * Creates /guard, the first dataset of a file, and /guard_copy, the last: after it no object and no attribute
 * may be added. It gives all datasets their places in the file, its own at the end.
 * Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_guard_create(hid_t file, const ent_spec *spec);
ENT_MUST_CHECK int ent_guard_create_copy(hid_t file, const ent_spec *spec);

#endif
