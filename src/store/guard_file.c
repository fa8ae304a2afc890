#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/base/digest.h"
#include "entrain/base/mem.h"
#include "entrain/store/store.h"

#include "guard_impl.h"

/* How far from the end of a file its last header is looked for: somebody may have appended something. */
static const int64_t TAIL_BYTES = 1 << 20;

/* Place in the file of HDF5's mark that it is open for writing, four bytes. */
enum { OPEN_MARK = 20 };

bool ent_guard_read(int file, uint64_t offset, size_t length, unsigned char *bytes) {
  while (length > 0) {
    const ssize_t got = pread(file, bytes, length, (off_t)offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) {
      memset(bytes, 0, length);
      return true;
    }
    bytes += got;
    offset += (uint64_t)got;
    length -= (size_t)got;
  }
  return true;
}

int ent_guard_write(int file, uint64_t offset, size_t length, const unsigned char *bytes) {
  while (length > 0) {
    const ssize_t put = pwrite(file, bytes, length, (off_t)offset);
    if (put < 0 && errno == EINTR) continue;
    ENT_CHECK(put > 0, ENT_ERR_IO, "cannot write the guard: %s", strerror(errno));
    bytes += put;
    offset += (uint64_t)put;
    length -= (size_t)put;
  }
  return ENT_OK;
}

size_t ent_guard_block_bytes(const ent_guard *guard, uint32_t block) {
  const uint64_t left = guard->length - (uint64_t)block * guard->block_size;
  return left < guard->block_size ? (size_t)left : guard->block_size;
}

/* A walk over the pieces of the file in which a block lies. */
typedef struct piece_walk {
  const ent_guard *guard;
  uint32_t range;
  uint64_t skip; /* bytes of that range before the next piece */
  size_t left;   /* bytes of the block */
} piece_walk;

static piece_walk start_walk(const ent_guard *guard, uint32_t block) {
  piece_walk walk = {guard, 0, (uint64_t)block * guard->block_size, ent_guard_block_bytes(guard, block)};
  while (walk.skip >= guard->ranges[walk.range].length) walk.skip -= guard->ranges[walk.range++].length;
  return walk;
}

/* [out] offset  of the next piece in the file. Returns its length, 0 at the end. */
static size_t next_piece(piece_walk *walk, uint64_t *offset) {
  if (walk->left == 0) return 0;
  const ent_guard_range *range = &walk->guard->ranges[walk->range];
  const uint64_t there = range->length - walk->skip;
  const size_t length = there < walk->left ? (size_t)there : walk->left;
  *offset = range->offset + walk->skip;
  walk->left -= length;
  walk->skip = 0;
  walk->range++;
  return length;
}

uint64_t ent_guard_block_offset(const ent_guard *guard, uint32_t block) {
  const piece_walk walk = start_walk(guard, block);
  return guard->ranges[walk.range].offset + walk.skip;
}

/* HDF5's serial driver sets a flag in the superblock while a file is open for writing, and leaves it there
 * when it is killed; it has no meaning in files of this version. */
static void clear_open_mark(unsigned char *superblock) {
  static const unsigned char mark[4] = {1, 0, 0, 0};
  if (memcmp(superblock + OPEN_MARK, mark, sizeof mark) == 0) superblock[OPEN_MARK] = 0;
}

bool ent_guard_read_block(int file, const ent_guard *guard, uint32_t block, bool from_copy,
                          unsigned char *bytes) {
  uint64_t offset = guard->copy + (uint64_t)block * guard->block_size;
  if (from_copy) return ent_guard_read(file, offset, ent_guard_block_bytes(guard, block), bytes);
  unsigned char *to = bytes;
  piece_walk walk = start_walk(guard, block);
  for (size_t length; (length = next_piece(&walk, &offset)) > 0; to += length)
    if (!ent_guard_read(file, offset, length, to)) return false;
  if (block == 0 && guard->ranges[0].offset == 0 && guard->ranges[0].length >= OPEN_MARK + 4)
    clear_open_mark(bytes);
  return true;
}

int ent_guard_write_block(int file, const ent_guard *guard, uint32_t block, bool to_copy,
                          const unsigned char *bytes) {
  uint64_t offset = guard->copy + (uint64_t)block * guard->block_size;
  if (to_copy) return ent_guard_write(file, offset, ent_guard_block_bytes(guard, block), bytes);
  piece_walk walk = start_walk(guard, block);
  for (size_t length; (length = next_piece(&walk, &offset)) > 0; bytes += length)
    ENT_TRY(ent_guard_write(file, offset, length, bytes));
  return ENT_OK;
}

bool ent_guard_block_holds(int file, const ent_guard *guard, uint32_t block, bool in_copy,
                           unsigned char *bytes) {
  return ent_guard_read_block(file, guard, block, in_copy, bytes) &&
         ent_digest_crc(0, bytes, ent_guard_block_bytes(guard, block)) == guard->crcs[block];
}

static ent_guard_kind header_at(int file, uint64_t offset, ent_guard *guard) {
  unsigned char page[ENT_GUARD_PAGE];
  return ent_guard_read(file, offset, sizeof page, page) ? ent_guard_decode(page, guard) : ENT_GUARD_FOREIGN;
}

int ent_guard_find_header(int file, ent_guard *guard, ent_guard_kind *kind) {
  struct stat status;
  for (uint64_t copy = 1; copy < ENT_GUARD_HEADERS; copy++) {
    *kind = header_at(file, copy * ENT_GUARD_PAGE, guard);
    if (*kind != ENT_GUARD_FOREIGN) return ENT_OK;
  }
  ENT_CHECK(fstat(file, &status) == 0, ENT_ERR_IO, "cannot examine the file: %s", strerror(errno));
  const int64_t last = status.st_size / ENT_GUARD_PAGE * ENT_GUARD_PAGE;
  for (int64_t at = last; at > ENT_GUARD_PAGE && at > last - TAIL_BYTES; at -= ENT_GUARD_PAGE) {
    *kind = header_at(file, (uint64_t)at, guard);
    if (*kind != ENT_GUARD_FOREIGN) return ENT_OK;
  }
  return ENT_OK;
}

int ent_guard_load_table(int file, ent_guard *guard, bool good[ENT_GUARD_TABLES]) {
  int code = ENT_OK;
  unsigned char *table = NULL;
  bool any = false;
  const size_t bytes = ent_guard_table_bytes(guard);
  ENT_GOTO(ent_mem_alloc(bytes, 1, &table));
  ENT_GOTO(ent_guard_init_table(guard));
  for (size_t i = 0; i < ENT_GUARD_TABLES; i++) {
    good[i] = ent_guard_read(file, guard->tables[i], bytes, table) && ent_guard_decode_table(table, guard);
    any = any || good[i];
  }
  if (!any) {
    free(guard->ranges);
    free(guard->crcs);
    guard->ranges = NULL;
    guard->crcs = NULL;
  }
done:
  free(table);
  return code;
}

int ent_guard_open(const char *path, int flags, int *file, ent_guard *guard) {
  int code = ENT_OK;
  ent_guard_kind kind = ENT_GUARD_FOREIGN;
  const int opened = open(path, flags | O_CLOEXEC | O_NONBLOCK); /* it may be a pipe */
  ENT_CHECK(opened >= 0, ENT_ERR_IO, "cannot open '%s': %s", path, strerror(errno));
  ENT_GOTO(ent_guard_find_header(opened, guard, &kind));
  ENT_CHECK_GOTO(kind != ENT_GUARD_OTHER, ENT_ERR_FORMAT,
                 "'%s' is of format %u, this program knows format %d", path, guard->format, ENT_STORE_FORMAT);
  ENT_CHECK_GOTO(kind == ENT_GUARD_OURS, ENT_ERR_FORMAT,
                 "'%s' is no results file of this program, or nothing is left of its guard", path);
  *file = opened;
  return ENT_OK;
done:
  close(opened);
  return code;
}
