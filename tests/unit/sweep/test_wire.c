#include <math.h>
#include <string.h>

#include "entrain/base/digest.h"
#include "entrain/base/rng.h"
#include "entrain/sweep/wire.h"

#include "support/check.h"

static const ent_wire_message samples[] = {
  {.kind = ENT_WIRE_HELLO, .pid = 4711, .start = INT64_C(0x123456789abcdef), .text = "node-1.cluster"},
  {.kind = ENT_WIRE_TASK, .lease = {.number = 3, .first = INT64_C(1) << 39, .count = 17}},
  {.kind = ENT_WIRE_REPORT, .report = {.number = 3, .done = 17, .failed = 2, .sync = 15, .seconds = 0.1}},
  {.kind = ENT_WIRE_BEAT, .lease = {.number = 9}, .position = 123456, .seconds = 61.25},
  {.kind = ENT_WIRE_BEAT, .position = -1},
  {.kind = ENT_WIRE_STOP, .drain = 1},
  {.kind = ENT_WIRE_BYE, .code = 9},
  {.kind = ENT_WIRE_FAILED, .code = ENT_ERR_HDF5, .text = "dataset '/jobs' cannot be written"},
};

enum { N_SAMPLES = sizeof samples / sizeof samples[0] };

static void check_same(const ent_wire_message *a, const ent_wire_message *b) {
  CHECK_INT(a->kind, b->kind);
  CHECK_INT(a->pid, b->pid);
  CHECK_INT(a->start, b->start);
  CHECK_TEXT(a->text, b->text);
  CHECK_INT(a->lease.number, b->lease.number);
  CHECK_INT(a->lease.first, b->lease.first);
  CHECK_INT(a->lease.count, b->lease.count);
  CHECK_INT(a->report.number, b->report.number);
  CHECK_INT(a->report.done, b->report.done);
  CHECK_INT(a->report.failed, b->report.failed);
  CHECK_INT(a->report.sync, b->report.sync);
  CHECK_REAL(a->report.seconds, b->report.seconds, 0);
  CHECK_INT(a->position, b->position);
  CHECK_REAL(a->seconds, b->seconds, 0);
  CHECK_INT(a->drain, b->drain);
  CHECK_INT(a->code, b->code);
}

static void round_trip(void) {
  for (size_t i = 0; i < N_SAMPLES; i++) {
    unsigned char bytes[ENT_WIRE_SIZE];
    ent_wire_message read;
    memset(&read, 0xa5, sizeof read);
    ent_wire_encode(&samples[i], bytes);
    CHECK_OK(ent_wire_decode(bytes, sizeof bytes, &read));
    check_same(&read, &samples[i]);
  }
}

static void unused_fields_are_zero(void) {
  unsigned char bytes[ENT_WIRE_SIZE], clean[ENT_WIRE_SIZE];
  ent_wire_message message = samples[0], read;
  message.kind = ENT_WIRE_STOP;
  message.code = 5;
  message.lease.first = 8;
  ent_wire_encode(&message, bytes);
  ent_wire_encode(&(ent_wire_message){.kind = ENT_WIRE_STOP}, clean);
  CHECK(memcmp(bytes, clean, sizeof bytes) == 0);
  CHECK_OK(ent_wire_decode(bytes, sizeof bytes, &read));
  check_same(&read, &(ent_wire_message){.kind = ENT_WIRE_STOP});
}

/* These bytes are the protocol: a change of them is a new ENT_WIRE_VERSION. */
static void bytes_are_fixed(void) {
  static const unsigned char head[] = {1, 0, 0, 0, 2, 0, 0, 0};
  static const unsigned char fields[] = {3, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0, 128,
                                         0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0};
  unsigned char bytes[ENT_WIRE_SIZE];
  ent_wire_encode(&samples[1], bytes);
  CHECK(memcmp(bytes, head, sizeof head) == 0);
  CHECK(memcmp(bytes + 16, fields, sizeof fields) == 0);
}

static void long_text_is_cut(void) {
  unsigned char bytes[ENT_WIRE_SIZE];
  ent_wire_message message = {.kind = ENT_WIRE_FAILED}, read;
  memset(message.text, 'x', sizeof message.text);
  ent_wire_encode(&message, bytes);
  CHECK_OK(ent_wire_decode(bytes, sizeof bytes, &read));
  CHECK_INT(strlen(read.text), sizeof read.text - 1);
}

static void wrong_length(void) {
  unsigned char bytes[ENT_WIRE_SIZE + 1] = {0};
  ent_wire_message read = {.pid = 42};
  for (size_t i = 0; i < N_SAMPLES; i++) {
    ent_wire_encode(&samples[i], bytes);
    for (size_t length = 0; length <= sizeof bytes; length++) {
      if (length != ENT_WIRE_SIZE) CHECK_CODE(ent_wire_decode(bytes, length, &read), ENT_ERR_FORMAT);
    }
  }
  CHECK_INT(read.pid, 42);
}

static void flipped_bit(void) {
  for (size_t i = 0; i < N_SAMPLES; i++) {
    unsigned char bytes[ENT_WIRE_SIZE];
    ent_wire_message read = {.pid = 42};
    ent_wire_encode(&samples[i], bytes);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
      bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
      CHECK_CODE(ent_wire_decode(bytes, sizeof bytes, &read), ENT_ERR_FORMAT);
      bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    CHECK_INT(read.pid, 42);
  }
}

/* Gives bytes the checksum they would have had, so that the checks behind it are reached. */
static void sign(unsigned char *bytes) {
  uint32_t crc = ent_digest_crc(0, bytes, 8);
  crc = ent_digest_crc(crc, bytes + 12, ENT_WIRE_SIZE - 12);
  for (int i = 0; i < 4; i++) bytes[8 + i] = (unsigned char)(crc >> 8 * i);
}

static void wrong_head(void) {
  unsigned char bytes[ENT_WIRE_SIZE];
  ent_wire_message read;
  ent_wire_encode(&samples[1], bytes);
  bytes[0] = ENT_WIRE_VERSION + 1;
  sign(bytes);
  CHECK_CODE(ent_wire_decode(bytes, sizeof bytes, &read), ENT_ERR_FORMAT);
  CHECK_CONTAINS(ent_error_message(), "version 2, must be 1");
  for (int kind = 0; kind < 256; kind++) {
    if (kind >= ENT_WIRE_HELLO && kind <= ENT_WIRE_FAILED) continue;
    ent_wire_encode(&samples[1], bytes);
    bytes[4] = (unsigned char)kind;
    sign(bytes);
    CHECK_CODE(ent_wire_decode(bytes, sizeof bytes, &read), ENT_ERR_FORMAT);
  }
}

static void wrong_fields(void) {
  static const ent_wire_message wrong[] = {
    {.kind = ENT_WIRE_HELLO, .pid = 0},
    {.kind = ENT_WIRE_HELLO, .pid = 1, .start = -1},
    {.kind = ENT_WIRE_TASK, .lease = {.number = 0, .first = 0, .count = 1}},
    {.kind = ENT_WIRE_TASK, .lease = {.number = 1, .first = -1, .count = 1}},
    {.kind = ENT_WIRE_TASK, .lease = {.number = 1, .first = 0, .count = 0}},
    {.kind = ENT_WIRE_TASK, .lease = {.number = 1, .first = INT64_MAX, .count = 1}},
    {.kind = ENT_WIRE_REPORT, .report = {.number = 0, .done = 1}},
    {.kind = ENT_WIRE_REPORT, .report = {.number = 1, .done = -1}},
    {.kind = ENT_WIRE_REPORT, .report = {.number = 1, .done = 1, .failed = 1, .sync = 1}},
    {.kind = ENT_WIRE_REPORT, .report = {.number = 1, .done = 1, .failed = INT64_MAX, .sync = INT64_MAX}},
    {.kind = ENT_WIRE_REPORT, .report = {.number = 1, .done = 1, .seconds = -1}},
    {.kind = ENT_WIRE_REPORT, .report = {.number = 1, .done = 1, .seconds = NAN}},
    {.kind = ENT_WIRE_BEAT, .position = -2},
    {.kind = ENT_WIRE_BEAT, .seconds = INFINITY},
    {.kind = ENT_WIRE_STOP, .drain = -1},
    {.kind = ENT_WIRE_BYE, .code = -1},
  };
  unsigned char bytes[ENT_WIRE_SIZE];
  ent_wire_message read;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    ent_wire_encode(&wrong[i], bytes);
    CHECK_CODE(ent_wire_decode(bytes, sizeof bytes, &read), ENT_ERR_FORMAT);
  }
  ent_wire_encode(&samples[0], bytes);
  memset(bytes + 16, 'x', ENT_WIRE_SIZE - 16);
  sign(bytes);
  CHECK_CODE(ent_wire_decode(bytes, sizeof bytes, &read), ENT_ERR_FORMAT);
}

static void random_bytes(void) {
  unsigned char bytes[ENT_WIRE_SIZE];
  ent_wire_message read;
  ent_rng rng;
  ent_rng_init(&rng, 5, 1, 1, 1, ENT_STREAM_START);
  for (int trial = 0; trial < 20000; trial++) {
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(256 * ent_rng_uniform(&rng));
    CHECK_CODE(ent_wire_decode(bytes, sizeof bytes, &read), ENT_ERR_FORMAT);
    memset(bytes, 0, 8);
    bytes[0] = ENT_WIRE_VERSION;
    bytes[4] = (unsigned char)(1 + trial % ENT_WIRE_FAILED);
    sign(bytes);
    if (ent_wire_decode(bytes, sizeof bytes, &read) == ENT_OK) CHECK_INT(read.kind, bytes[4]);
  }
}

static const ent_test tests[] = {
  {"every kind of message survives a round trip", round_trip},
  {"fields that a kind does not have are sent as zero", unused_fields_are_zero},
  {"the bytes of a message are fixed", bytes_are_fixed},
  {"a text that is too long is cut", long_text_is_cut},
  {"every other length is refused", wrong_length},
  {"every single wrong bit is refused", flipped_bit},
  {"other versions and kinds are refused", wrong_head},
  {"fields out of range are refused", wrong_fields},
  {"random bytes never crash", random_bytes},
  {0}};

ENT_TEST_MAIN("sweep/wire", tests)
