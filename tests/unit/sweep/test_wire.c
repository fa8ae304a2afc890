#include <math.h>
#include <string.h>

#include "entrain/base/digest.h"
#include "entrain/base/rng.h"
#include "entrain/sweep/wire.h"

#include "support/check.h"

static const unsigned char some_bytes[ENT_WIRE_PIECE] = {1, 2, 3, [99] = 4};

static const ent_wire_message samples[] = {
  {.kind = ENT_WIRE_HELLO, .pid = 4711, .start = INT64_C(0x123456789abcdef), .text = "node-1.cluster"},
  {.kind = ENT_WIRE_TASK, .lease = {.number = 3, .first = INT64_C(1) << 39, .count = 17}},
  {.kind = ENT_WIRE_REPORT, .report = {.number = 3, .done = 17, .failed = 2, .sync = 15, .seconds = 0.1}},
  {.kind = ENT_WIRE_BEAT, .lease = {.number = 9}, .position = 123456, .seconds = 61.25},
  {.kind = ENT_WIRE_BEAT, .position = -1},
  {.kind = ENT_WIRE_STOP, .drain = 1},
  {.kind = ENT_WIRE_BYE, .code = 9},
  {.kind = ENT_WIRE_FAILED, .code = ENT_ERR_HDF5, .text = "dataset '/jobs' cannot be written"},
  {.kind = ENT_WIRE_STUDY, .piece = {.total = 1, .offset = 0, .length = 1, .data = some_bytes}},
  {.kind = ENT_WIRE_BEGIN, .writes = 1},
  {.kind = ENT_WIRE_TASK, .lease = {.number = 1, .first = 0, .count = 1}, .slot = 200, .resumes = 1},
  {.kind = ENT_WIRE_TASK, .lease = {.number = 1, .first = 0, .count = 1}, .slot = -1, .helped = 1},
  {.kind = ENT_WIRE_MATE, .rank = 5, .pid = 4711, .start = 12, .text = "node-2.cluster"},
  {.kind = ENT_WIRE_READY, .trail = 17},
  {.kind = ENT_WIRE_RECORD,
   .piece = {.total = 10000, .offset = 5000, .length = ENT_WIRE_PIECE, .data = some_bytes}},
  {.kind = ENT_WIRE_RECORD, .piece = {.total = 10000, .offset = 9900, .length = 100, .data = some_bytes}},
  {.kind = ENT_WIRE_KEPT, .bytes = INT64_C(1) << 33},
};

enum { N_SAMPLES = sizeof samples / sizeof samples[0] };

static void check_same(const ent_wire_message *a, const ent_wire_message *b) {
  CHECK_INT(a->kind, b->kind);
  CHECK_INT(a->pid, b->pid);
  CHECK_INT(a->start, b->start);
  CHECK_INT(a->rank, b->rank);
  CHECK_INT(a->helped, b->helped);
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
  CHECK_INT(a->slot, b->slot);
  CHECK_INT(a->resumes, b->resumes);
  CHECK_INT(a->writes, b->writes);
  CHECK_INT(a->bytes, b->bytes);
  CHECK_INT(a->trail, b->trail);
  CHECK_INT(a->piece.total, b->piece.total);
  CHECK_INT(a->piece.offset, b->piece.offset);
  REQUIRE(a->piece.length == b->piece.length);
  if (a->piece.length > 0) CHECK(memcmp(a->piece.data, b->piece.data, (size_t)a->piece.length) == 0);
}

static void round_trip(void) {
  for (size_t i = 0; i < N_SAMPLES; i++) {
    unsigned char bytes[ENT_WIRE_LARGEST];
    ent_wire_message read;
    memset(&read, 0xa5, sizeof read);
    const size_t length = ent_wire_encode(&samples[i], bytes);
    CHECK_INT(length, ENT_WIRE_SIZE + samples[i].piece.length);
    CHECK_OK(ent_wire_decode(bytes, length, &read));
    check_same(&read, &samples[i]);
  }
}

static void unused_fields_are_zero(void) {
  unsigned char bytes[ENT_WIRE_LARGEST], clean[ENT_WIRE_LARGEST];
  ent_wire_message message = samples[0], read;
  message.kind = ENT_WIRE_STOP;
  message.code = 5;
  message.lease.first = 8;
  ent_wire_encode(&message, bytes);
  ent_wire_encode(&(ent_wire_message){.kind = ENT_WIRE_STOP}, clean);
  CHECK(memcmp(bytes, clean, ENT_WIRE_SIZE) == 0);
  CHECK_OK(ent_wire_decode(bytes, ENT_WIRE_SIZE, &read));
  check_same(&read, &(ent_wire_message){.kind = ENT_WIRE_STOP});
}

/* These bytes are the protocol: a change of them is a new ENT_WIRE_VERSION. */
static void bytes_are_fixed(void) {
  static const unsigned char head[] = {4, 0, 0, 0, 6, 0, 0, 0};
  static const unsigned char fields[] = {3, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0, 128,
                                         0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0};
  unsigned char bytes[ENT_WIRE_LARGEST];
  ent_wire_encode(&samples[1], bytes);
  CHECK(memcmp(bytes, head, sizeof head) == 0);
  CHECK(memcmp(bytes + 16, fields, sizeof fields) == 0);
}

static void long_text_is_cut(void) {
  unsigned char bytes[ENT_WIRE_LARGEST];
  ent_wire_message message = {.kind = ENT_WIRE_FAILED}, read;
  memset(message.text, 'x', sizeof message.text);
  const size_t length = ent_wire_encode(&message, bytes);
  CHECK_OK(ent_wire_decode(bytes, length, &read));
  CHECK_INT(strlen(read.text), sizeof read.text - 1);
}

static void wrong_length(void) {
  unsigned char bytes[ENT_WIRE_LARGEST + 1] = {0};
  ent_wire_message read = {.pid = 42};
  for (size_t i = 0; i < N_SAMPLES; i++) {
    const size_t right = ent_wire_encode(&samples[i], bytes);
    for (size_t length = 0; length <= sizeof bytes; length++) {
      if (length != right) CHECK_CODE(ent_wire_decode(bytes, length, &read), ENT_ERR_FORMAT);
    }
  }
  CHECK_INT(read.pid, 42);
}

static void flipped_bit(void) {
  for (size_t i = 0; i < N_SAMPLES; i++) {
    unsigned char bytes[ENT_WIRE_LARGEST];
    ent_wire_message read = {.pid = 42};
    const size_t length = ent_wire_encode(&samples[i], bytes);
    for (size_t bit = 0; bit < 8 * length; bit++) {
      bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
      CHECK_CODE(ent_wire_decode(bytes, length, &read), ENT_ERR_FORMAT);
      bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    CHECK_INT(read.pid, 42);
  }
}

/* Gives bytes the checksum they would have had, so that the checks behind it are reached. */
static void sign(unsigned char *bytes, size_t length) {
  uint32_t crc = ent_digest_crc(0, bytes, 8);
  crc = ent_digest_crc(crc, bytes + 12, length - 12);
  for (int i = 0; i < 4; i++) bytes[8 + i] = (unsigned char)(crc >> 8 * i);
}

static void wrong_head(void) {
  unsigned char bytes[ENT_WIRE_LARGEST];
  ent_wire_message read;
  ent_wire_encode(&samples[1], bytes);
  bytes[0] = ENT_WIRE_VERSION + 1;
  sign(bytes, ENT_WIRE_SIZE);
  CHECK_CODE(ent_wire_decode(bytes, ENT_WIRE_SIZE, &read), ENT_ERR_FORMAT);
  CHECK_CONTAINS(ent_error_message(), "version 5, must be 4");
  for (int kind = 0; kind < 256; kind++) {
    if (kind >= ENT_WIRE_HELLO && kind <= ENT_WIRE_FAILED) continue;
    ent_wire_encode(&samples[1], bytes);
    bytes[4] = (unsigned char)kind;
    sign(bytes, ENT_WIRE_SIZE);
    CHECK_CODE(ent_wire_decode(bytes, ENT_WIRE_SIZE, &read), ENT_ERR_FORMAT);
  }
}

static void wrong_fields(void) {
  static const ent_wire_message wrong[] = {
    {.kind = ENT_WIRE_HELLO, .pid = 0},
    {.kind = ENT_WIRE_MATE, .rank = 0, .pid = 1},
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
    {.kind = ENT_WIRE_BEGIN, .writes = -1},
    {.kind = ENT_WIRE_TASK, .lease = {.number = 1, .first = 0, .count = 1}, .slot = -2},
    {.kind = ENT_WIRE_TASK, .lease = {.number = 1, .first = 0, .count = 1}, .resumes = -1},
    {.kind = ENT_WIRE_KEPT, .bytes = 0},
  };
  unsigned char bytes[ENT_WIRE_LARGEST];
  ent_wire_message read;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    CHECK_INT(ent_wire_encode(&wrong[i], bytes), ENT_WIRE_SIZE);
    CHECK_CODE(ent_wire_decode(bytes, ENT_WIRE_SIZE, &read), ENT_ERR_FORMAT);
  }
  ent_wire_encode(&samples[0], bytes);
  memset(bytes + 16, 'x', ENT_WIRE_SIZE - 16);
  sign(bytes, ENT_WIRE_SIZE);
  CHECK_CODE(ent_wire_decode(bytes, ENT_WIRE_SIZE, &read), ENT_ERR_FORMAT);
}

static void wrong_pieces(void) {
  static const ent_wire_piece wrong[] = {{.total = 100, .offset = 1, .length = 100},
                                         {.total = 99, .offset = 0, .length = 100},
                                         {.total = 100, .offset = -1, .length = 100},
                                         {.total = 0, .offset = 0, .length = 100},
                                         {.total = INT64_MAX, .offset = 0, .length = 100},
                                         {.total = INT64_MAX, .offset = INT64_MAX, .length = 100}};
  unsigned char bytes[ENT_WIRE_LARGEST];
  ent_wire_message read, message = {.kind = ENT_WIRE_STUDY};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    message.piece = wrong[i];
    message.piece.data = some_bytes;
    const size_t length = ent_wire_encode(&message, bytes);
    CHECK_CODE(ent_wire_decode(bytes, length, &read), ENT_ERR_FORMAT);
  }
  const ent_wire_message good = samples[N_SAMPLES - 2];
  const size_t length = ent_wire_encode(&good, bytes);
  for (int value = 0; value < 256; value++) { /* the number of bytes, 100 */
    bytes[16 + 16] = (unsigned char)value;
    sign(bytes, length);
    const int code = ent_wire_decode(bytes, length, &read);
    CHECK_INT(code, value == good.piece.length ? ENT_OK : ENT_ERR_FORMAT);
  }
}

static void random_bytes(void) {
  unsigned char bytes[ENT_WIRE_LARGEST];
  ent_wire_message read;
  ent_rng rng;
  ent_rng_init(&rng, 5, 1, 1, 1, ENT_STREAM_START);
  for (int trial = 0; trial < 20000; trial++) {
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(256 * ent_rng_uniform(&rng));
    CHECK_CODE(ent_wire_decode(bytes, ENT_WIRE_SIZE, &read), ENT_ERR_FORMAT);
    memset(bytes, 0, 8);
    bytes[0] = ENT_WIRE_VERSION;
    bytes[4] = (unsigned char)(1 + trial % ENT_WIRE_FAILED);
    sign(bytes, ENT_WIRE_SIZE);
    if (ent_wire_decode(bytes, ENT_WIRE_SIZE, &read) == ENT_OK) CHECK_INT(read.kind, bytes[4]);
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
  {"pieces that are not where they say are refused", wrong_pieces},
  {"random bytes never crash", random_bytes},
  {0}};

ENT_TEST_MAIN("sweep/wire", tests)
