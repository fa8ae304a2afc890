#include "entrain/sweep/wire.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "entrain/base/digest.h"

/*
 * Layout: version (4 bytes), kind (4), CRC-32 of all other bytes (4), 4 zero bytes, then the fields of the
 * kind in the order of its table, zeros up to ENT_WIRE_SIZE, then the piece.
 */
enum { AT_VERSION = 0, AT_KIND = 4, AT_CRC = 8, AT_FIELDS = 16, MAX_FIELDS = 7 };

static const int64_t largest_total = INT64_C(1) << 32; /* bytes that pieces may add up to */

typedef enum { FIELD_END, FIELD_I32, FIELD_I64, FIELD_F64, FIELD_TEXT } field_type;

typedef struct wire_field {
  field_type type;
  size_t offset;   /* in ent_wire_message */
  int64_t minimum; /* smallest legal value of a number */
} wire_field;

typedef struct kind_table {
  const char *name;
  wire_field fields[MAX_FIELDS];
  bool has_piece;
} kind_table;

#define AT(member) offsetof(ent_wire_message, member)

#define PIECE_FIELDS                                                                                         \
  {FIELD_I64, AT(piece.total), 1}, {FIELD_I64, AT(piece.offset), 0}, {FIELD_I32, AT(piece.length), 1}, {     \
    0                                                                                                        \
  }

static const kind_table kinds[] = {
  [ENT_WIRE_HELLO] = {"hello",
                      {{FIELD_I64, AT(pid), 1}, {FIELD_I64, AT(start), 0}, {FIELD_TEXT, AT(text), 0}, {0}},
                      false},
  [ENT_WIRE_STUDY] = {"study", {PIECE_FIELDS}, true},
  [ENT_WIRE_BEGIN] = {"begin", {{FIELD_I32, AT(writes), 0}, {0}}, false},
  [ENT_WIRE_READY] = {"ready", {{FIELD_I32, AT(trail), 0}, {0}}, false},
  [ENT_WIRE_MATE] = {"mate",
                     {{FIELD_I32, AT(rank), 1},
                      {FIELD_I64, AT(pid), 1},
                      {FIELD_I64, AT(start), 0},
                      {FIELD_TEXT, AT(text), 0},
                      {0}},
                     false},
  [ENT_WIRE_TASK] = {"task",
                     {{FIELD_I64, AT(lease.number), 1},
                      {FIELD_I64, AT(lease.first), 0},
                      {FIELD_I64, AT(lease.count), 1},
                      {FIELD_I64, AT(slot), -1},
                      {FIELD_I32, AT(resumes), 0},
                      {FIELD_I32, AT(helped), 0},
                      {0}},
                     false},
  [ENT_WIRE_RECORD] = {"record", {PIECE_FIELDS}, true},
  [ENT_WIRE_KEPT] = {"kept", {{FIELD_I64, AT(bytes), 1}, {0}}, false},
  [ENT_WIRE_REPORT] = {"report",
                       {{FIELD_I64, AT(report.number), 1},
                        {FIELD_I64, AT(report.done), 0},
                        {FIELD_I64, AT(report.failed), 0},
                        {FIELD_I64, AT(report.sync), 0},
                        {FIELD_F64, AT(report.seconds), 0},
                        {0}},
                       false},
  [ENT_WIRE_BEAT] =
    {"beat",
     {{FIELD_I64, AT(lease.number), 0}, {FIELD_I64, AT(position), -1}, {FIELD_F64, AT(seconds), 0}, {0}},
     false},
  [ENT_WIRE_STOP] = {"stop", {{FIELD_I32, AT(drain), 0}, {0}}, false},
  [ENT_WIRE_BYE] = {"bye", {{FIELD_I32, AT(code), 0}, {0}}, false},
  [ENT_WIRE_FAILED] = {"failed", {{FIELD_I32, AT(code), 0}, {FIELD_TEXT, AT(text), 0}, {0}}, false},
};

enum { N_KINDS = sizeof kinds / sizeof kinds[0], TEXT_SIZE = sizeof((ent_wire_message *)0)->text };

static const size_t field_sizes[] = {
  [FIELD_I32] = 4, [FIELD_I64] = 8, [FIELD_F64] = 8, [FIELD_TEXT] = TEXT_SIZE};

static void put_unsigned(unsigned char *bytes, uint64_t value, size_t size) {
  for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)(value >> 8 * i);
}

static uint64_t get_unsigned(const unsigned char *bytes, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; i++) value |= (uint64_t)bytes[i] << 8 * i;
  return value;
}

static uint32_t checksum(const unsigned char *bytes, size_t length) {
  const uint32_t start = ent_digest_crc(0, bytes, AT_CRC);
  return ent_digest_crc(start, bytes + AT_CRC + 4, length - AT_CRC - 4);
}

static void put_field(unsigned char *bytes, const wire_field *field, const void *value) {
  uint64_t bits = 0;
  int32_t small = 0;
  if (field->type == FIELD_TEXT) {
    memcpy(bytes, value, strnlen(value, TEXT_SIZE - 1));
  } else if (field->type == FIELD_I32) {
    memcpy(&small, value, sizeof small);
    put_unsigned(bytes, (uint32_t)small, sizeof small);
  } else {
    memcpy(&bits, value, sizeof bits);
    put_unsigned(bytes, bits, sizeof bits);
  }
}

static int get_text(const unsigned char *bytes, const char *kind, char *text) {
  ENT_CHECK(memchr(bytes, 0, TEXT_SIZE) != NULL, ENT_ERR_FORMAT, "message '%s' with a text without end",
            kind);
  memcpy(text, bytes, TEXT_SIZE);
  return ENT_OK;
}

static int get_real(const unsigned char *bytes, const char *kind, double *value) {
  const uint64_t bits = get_unsigned(bytes, sizeof bits);
  double real = 0;
  memcpy(&real, &bits, sizeof real);
  ENT_CHECK(isfinite(real) && real >= 0, ENT_ERR_FORMAT,
            "message '%s' with %g s, must be finite and not negative", kind, real);
  *value = real;
  return ENT_OK;
}

static int get_whole(const unsigned char *bytes, const char *kind, const wire_field *field, void *value) {
  const uint64_t bits = get_unsigned(bytes, field_sizes[field->type]);
  const int32_t small = (int32_t)(uint32_t)bits;
  const int64_t whole = field->type == FIELD_I32 ? small : (int64_t)bits;
  ENT_CHECK(whole >= field->minimum, ENT_ERR_FORMAT,
            "message '%s' with the value %lld, must be at least %lld", kind, (long long)whole,
            (long long)field->minimum);
  if (field->type == FIELD_I32) {
    memcpy(value, &small, sizeof small);
  } else {
    memcpy(value, &whole, sizeof whole);
  }
  return ENT_OK;
}

static int get_field(const unsigned char *bytes, const char *kind, const wire_field *field, void *value) {
  if (field->type == FIELD_TEXT) return get_text(bytes, kind, value);
  if (field->type == FIELD_F64) return get_real(bytes, kind, value);
  return get_whole(bytes, kind, field, value);
}

static int check_head(const unsigned char *bytes, size_t length) {
  ENT_CHECK(length >= ENT_WIRE_SIZE && length <= ENT_WIRE_LARGEST, ENT_ERR_FORMAT,
            "message of %zu bytes, must have %d to %d", length, ENT_WIRE_SIZE, ENT_WIRE_LARGEST);
  const uint64_t version = get_unsigned(bytes + AT_VERSION, 4);
  ENT_CHECK(version == ENT_WIRE_VERSION, ENT_ERR_FORMAT, "message of version %llu, must be %d",
            (unsigned long long)version, ENT_WIRE_VERSION);
  ENT_CHECK(get_unsigned(bytes + AT_CRC, 4) == checksum(bytes, length), ENT_ERR_FORMAT,
            "message of %zu bytes is damaged, its checksum does not match", length);
  const uint64_t kind = get_unsigned(bytes + AT_KIND, 4);
  ENT_CHECK(kind >= 1 && kind < N_KINDS, ENT_ERR_FORMAT, "message of kind %llu, must be in 1..%d",
            (unsigned long long)kind, N_KINDS - 1);
  return ENT_OK;
}

/* Whether what lies behind the fields is what they say. */
static int check_piece(const kind_table *kind, size_t length, const ent_wire_piece *piece) {
  const size_t expected = ENT_WIRE_SIZE + (kind->has_piece ? (size_t)piece->length : 0);
  ENT_CHECK(length == expected, ENT_ERR_FORMAT, "message '%s' of %zu bytes, must have %zu", kind->name,
            length, expected);
  if (!kind->has_piece) return ENT_OK;
  ENT_CHECK(piece->total <= largest_total && piece->offset <= piece->total - piece->length, ENT_ERR_FORMAT,
            "message '%s' with %d bytes from %lld on of %lld, must end within them and these be at most %lld",
            kind->name, (int)piece->length, (long long)piece->offset, (long long)piece->total,
            (long long)largest_total);
  return ENT_OK;
}

/* What no single field shows. */
static int check_together(const ent_wire_message *message) {
  const ent_lease *lease = &message->lease;
  const ent_lease_report *report = &message->report;
  ENT_CHECK(message->kind != ENT_WIRE_TASK || lease->first <= INT64_MAX - lease->count, ENT_ERR_FORMAT,
            "message 'task' with %lld positions from %lld on, beyond the largest number",
            (long long)lease->count, (long long)lease->first);
  ENT_CHECK(report->failed <= report->done && report->sync <= report->done - report->failed, ENT_ERR_FORMAT,
            "message 'report' with %lld failed and %lld synchronized of %lld finished jobs",
            (long long)report->failed, (long long)report->sync, (long long)report->done);
  return ENT_OK;
}

size_t ent_wire_encode(const ent_wire_message *message, unsigned char bytes[ENT_WIRE_LARGEST]) {
  const kind_table *kind = &kinds[message->kind];
  size_t length = ENT_WIRE_SIZE;
  memset(bytes, 0, ENT_WIRE_SIZE);
  put_unsigned(bytes + AT_VERSION, ENT_WIRE_VERSION, 4);
  put_unsigned(bytes + AT_KIND, message->kind, 4);
  unsigned char *at = bytes + AT_FIELDS;
  for (const wire_field *field = kind->fields; field->type != FIELD_END; field++) {
    put_field(at, field, (const char *)message + field->offset);
    at += field_sizes[field->type];
  }
  if (kind->has_piece) {
    memcpy(bytes + length, message->piece.data, (size_t)message->piece.length);
    length += (size_t)message->piece.length;
  }
  put_unsigned(bytes + AT_CRC, checksum(bytes, length), 4);
  return length;
}

int ent_wire_decode(const unsigned char *bytes, size_t length, ent_wire_message *message) {
  ENT_TRY(check_head(bytes, length));
  ent_wire_message read = {.kind = (ent_wire_kind)get_unsigned(bytes + AT_KIND, 4)};
  const kind_table *kind = &kinds[read.kind];
  const unsigned char *at = bytes + AT_FIELDS;
  for (const wire_field *field = kind->fields; field->type != FIELD_END; field++) {
    ENT_TRY(get_field(at, kind->name, field, (char *)&read + field->offset));
    at += field_sizes[field->type];
  }
  ENT_TRY(check_piece(kind, length, &read.piece));
  ENT_TRY(check_together(&read));
  if (kind->has_piece) read.piece.data = bytes + ENT_WIRE_SIZE;
  *message = read;
  return ENT_OK;
}
