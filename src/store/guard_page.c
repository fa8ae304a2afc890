#include <stdlib.h>
#include <string.h>

#include "entrain/base/digest.h"
#include "entrain/base/mem.h"
#include "entrain/store/store.h"

#include "guard_impl.h"

/* Places of the fields of a header, little-endian; docs/results-format.md has the same table. */
enum {
  AT_FORMAT = 8,
  AT_BLOCK_SIZE = 12,
  AT_SIZE = 16,
  AT_HEADERS = 24,
  AT_TABLES = 48,
  AT_COPY = 64,
  AT_LENGTH = 72,
  AT_RANGES = 80,
  AT_BLOCKS = 84,
  AT_TABLE_CRC = 88,
  AT_CRC = ENT_GUARD_PAGE - 4,
};

enum { RANGE_BYTES = 16, CRC_BYTES = 4, LARGEST_BLOCK = 1 << 30 };

/* Unlike any text, and mangled by what mangles line ends. */
static const unsigned char magic[8] = {0x89, 'E', 'N', 'T', '\r', '\n', 0x1a, '\n'};

static void put(unsigned char *bytes, size_t size, uint64_t value) {
  for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get(const unsigned char *bytes, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; i++) value |= (uint64_t)bytes[i] << (8 * i);
  return value;
}

void ent_guard_encode(const ent_guard *guard, unsigned char page[ENT_GUARD_PAGE]) {
  memset(page, 0, ENT_GUARD_PAGE);
  memcpy(page, magic, sizeof magic);
  put(page + AT_FORMAT, 4, guard->format);
  put(page + AT_BLOCK_SIZE, 4, guard->block_size);
  put(page + AT_SIZE, 8, guard->size);
  for (size_t i = 0; i < ENT_GUARD_HEADERS; i++) put(page + AT_HEADERS + 8 * i, 8, guard->headers[i]);
  for (size_t i = 0; i < ENT_GUARD_TABLES; i++) put(page + AT_TABLES + 8 * i, 8, guard->tables[i]);
  put(page + AT_COPY, 8, guard->copy);
  put(page + AT_LENGTH, 8, guard->length);
  put(page + AT_RANGES, 4, guard->n_ranges);
  put(page + AT_BLOCKS, 4, guard->n_blocks);
  put(page + AT_TABLE_CRC, 4, guard->table_crc);
  put(page + AT_CRC, 4, ent_digest_crc(0, page, AT_CRC));
}

/* Whether bytes [length] from an offset on lie in the file. */
static bool is_inside(const ent_guard *guard, uint64_t offset, uint64_t length) {
  return length <= guard->size && offset <= guard->size - length;
}

static bool is_sound(const ent_guard *guard) {
  const uint32_t block = guard->block_size;
  if (guard->size > INT64_MAX || guard->length == 0 || guard->length > guard->size) return false;
  if (block < ENT_GUARD_BLOCK || block > LARGEST_BLOCK || (block & (block - 1)) != 0) return false;
  if (guard->n_ranges == 0 || guard->n_ranges > ENT_GUARD_RANGES) return false;
  if (guard->n_blocks > ENT_GUARD_BLOCKS) return false;
  if (guard->n_blocks != (guard->length + block - 1) / block) return false;
  if (guard->headers[0] != ENT_GUARD_PAGE || guard->headers[1] != 2 * ENT_GUARD_PAGE) return false;
  for (size_t i = 0; i < ENT_GUARD_HEADERS; i++)
    if (!is_inside(guard, guard->headers[i], ENT_GUARD_PAGE)) return false;
  for (size_t i = 0; i < ENT_GUARD_TABLES; i++)
    if (!is_inside(guard, guard->tables[i], ent_guard_table_bytes(guard))) return false;
  return is_inside(guard, guard->copy, guard->length);
}

ent_guard_kind ent_guard_decode(const unsigned char page[ENT_GUARD_PAGE], ent_guard *guard) {
  ent_guard read = *guard;
  if (memcmp(page, magic, sizeof magic) != 0) return ENT_GUARD_FOREIGN;
  if (get(page + AT_CRC, 4) != ent_digest_crc(0, page, AT_CRC)) return ENT_GUARD_FOREIGN;
  read.format = (uint32_t)get(page + AT_FORMAT, 4);
  if (read.format != ENT_STORE_FORMAT) {
    guard->format = read.format;
    return ENT_GUARD_OTHER;
  }
  read.block_size = (uint32_t)get(page + AT_BLOCK_SIZE, 4);
  read.size = get(page + AT_SIZE, 8);
  for (size_t i = 0; i < ENT_GUARD_HEADERS; i++) read.headers[i] = get(page + AT_HEADERS + 8 * i, 8);
  for (size_t i = 0; i < ENT_GUARD_TABLES; i++) read.tables[i] = get(page + AT_TABLES + 8 * i, 8);
  read.copy = get(page + AT_COPY, 8);
  read.length = get(page + AT_LENGTH, 8);
  read.n_ranges = (uint32_t)get(page + AT_RANGES, 4);
  read.n_blocks = (uint32_t)get(page + AT_BLOCKS, 4);
  read.table_crc = (uint32_t)get(page + AT_TABLE_CRC, 4);
  if (!is_sound(&read)) return ENT_GUARD_FOREIGN;
  *guard = read;
  return ENT_GUARD_OURS;
}

size_t ent_guard_table_bytes(const ent_guard *guard) {
  return (size_t)guard->n_ranges * RANGE_BYTES + (size_t)guard->n_blocks * CRC_BYTES;
}

void ent_guard_encode_table(const ent_guard *guard, unsigned char *table) {
  for (uint32_t i = 0; i < guard->n_ranges; i++, table += RANGE_BYTES) {
    put(table, 8, guard->ranges[i].offset);
    put(table + 8, 8, guard->ranges[i].length);
  }
  for (uint32_t i = 0; i < guard->n_blocks; i++, table += CRC_BYTES) put(table, CRC_BYTES, guard->crcs[i]);
}

/* Ranges ascend, lie in the file and make up the metadata. */
static bool has_sound_ranges(const ent_guard *guard) {
  uint64_t end = 0, sum = 0;
  for (uint32_t i = 0; i < guard->n_ranges; i++) {
    const ent_guard_range *range = &guard->ranges[i];
    if (range->length == 0 || range->offset < end || !is_inside(guard, range->offset, range->length))
      return false;
    end = range->offset + range->length;
    sum += range->length;
  }
  return sum == guard->length;
}

bool ent_guard_decode_table(const unsigned char *table, ent_guard *guard) {
  if (ent_digest_crc(0, table, ent_guard_table_bytes(guard)) != guard->table_crc) return false;
  for (uint32_t i = 0; i < guard->n_ranges; i++, table += RANGE_BYTES)
    guard->ranges[i] = (ent_guard_range){get(table, 8), get(table + 8, 8)};
  for (uint32_t i = 0; i < guard->n_blocks; i++, table += CRC_BYTES)
    guard->crcs[i] = (uint32_t)get(table, CRC_BYTES);
  return has_sound_ranges(guard);
}

int ent_guard_init_table(ent_guard *guard) {
  ENT_TRY(ent_mem_alloc(guard->n_ranges, sizeof *guard->ranges, &guard->ranges));
  ENT_TRY(ent_mem_alloc(guard->n_blocks, sizeof *guard->crcs, &guard->crcs));
  return ENT_OK;
}

void ent_guard_fini(ent_guard *guard) {
  free(guard->ranges);
  free(guard->crcs);
  *guard = (ent_guard){0};
}
