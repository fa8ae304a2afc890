/* FUZZ max_len=480. Checkpoints: any bytes as they are, then with a head and a checksum that let them in. */
#include <math.h>
#include <string.h>

#include "entrain/base/digest.h"
#include "entrain/sweep/checkpoint.h"
#include "entrain/sweep/job_file.h"

#include "fuzz.h"

enum { AT_VERSION = 8, AT_CRC = 12, AT_LENGTH = 16, AT_FIELDS = 24, MAX_BYTES = 1024 };

static const char magic[AT_VERSION] = "ENTCKPT"; /* src/sweep/checkpoint.c, as the numbers above */

/* States of 2 to 12 numbers, series of 15. */
static const char job[] = "model: attention\nsweep: {beta: [1, 2], n: [2, 4], d: [3, 2], seed: {count: 2}}\n"
                          "time: {horizon: 8, record: {linspace: [0, 8, 5]}}\n"
                          "detect: {delta: [1e-3, 1e-2]}\nobserve: [pair_overlap, energy]\n";

static const ent_spec *the_spec(void) {
  static ent_spec *spec;
  ent_text faults = {0};
  if (!spec) PROMISE(ent_job_file_parse(job, "job.yaml", "", "", &spec, &faults) == ENT_OK);
  return spec;
}

static uint64_t get(const unsigned char *bytes, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; i++) value |= (uint64_t)bytes[i] << 8 * i;
  return value;
}

static void put(unsigned char *bytes, uint64_t value, size_t size) {
  for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)(value >> 8 * i);
}

/* What was read is written as the same bytes. */
static void check_round_trip(const ent_checkpoint *checkpoint, const unsigned char *bytes) {
  unsigned char again[MAX_BYTES];
  PROMISE(ent_checkpoint_bytes(the_spec()) <= sizeof again);
  const size_t length = ent_checkpoint_encode(checkpoint, again);
  PROMISE(length <= ent_checkpoint_bytes(the_spec()));
  PROMISE(length == get(bytes + AT_LENGTH, 8) && memcmp(bytes, again, length) == 0);
}

/* Without an arena the arrays are not looked at, so that more is accepted. */
static void decode(const unsigned char *bytes, size_t length) {
  ent_checkpoint read, bare;
  ent_arena *arena = NULL;
  PROMISE(ent_arena_create(&arena) == ENT_OK);
  const int code = ent_checkpoint_decode(bytes, length, the_spec(), arena, &read);
  const int bare_code = ent_checkpoint_decode(bytes, length, the_spec(), NULL, &bare);
  PROMISE(code == ENT_OK || code == ENT_ERR_FORMAT);
  PROMISE(bare_code == ENT_OK || (bare_code == ENT_ERR_FORMAT && code == ENT_ERR_FORMAT));
  if (bare_code == ENT_OK) PROMISE(bare.x == NULL && bare.slope == NULL && bare.series == NULL);
  if (code == ENT_OK) check_round_trip(&read, bytes);
  ent_arena_destroy(&arena);
}

/* The version that is written. What is written must be read, or all made-up input would be refused too. */
static uint64_t learn_version(void) {
  static const double x[12];
  static const float series[15];
  unsigned char bytes[MAX_BYTES];
  ent_point point;
  ent_checkpoint read, plain = {.t = 1, .next_step = 1, .steps = 1, .rhs_evals = 1, .x = x, .series = series};
  for (size_t k = 0; k < ENT_MAX_DELTAS; k++) plain.t_sync[k] = NAN;
  ent_spec_point(the_spec(), plain.row, &point);
  plain.size = ent_model_size(the_spec()->model, &point);
  plain.n_values = sizeof series / sizeof *series;
  const size_t length = ent_checkpoint_encode(&plain, bytes);
  PROMISE(ent_checkpoint_decode(bytes, length, the_spec(), NULL, &read) == ENT_OK);
  return get(bytes + AT_VERSION, 4);
}

static uint64_t version(void) {
  static uint64_t known;
  if (!known) known = learn_version();
  return known;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  unsigned char bytes[MAX_BYTES];
  decode(data, size);
  if (size < AT_FIELDS || size > sizeof bytes) return 0;
  memcpy(bytes, data, size);
  memcpy(bytes, magic, sizeof magic);
  put(bytes + AT_VERSION, version(), 4);
  uint64_t length = get(bytes + AT_LENGTH, 8);
  if (length < AT_FIELDS || length > size) put(bytes + AT_LENGTH, length = size, 8);
  const uint32_t start = ent_digest_crc(0, bytes, AT_CRC);
  put(bytes + AT_CRC, ent_digest_crc(start, bytes + AT_LENGTH, (size_t)length - AT_LENGTH), 4);
  decode(bytes, size);
  return 0;
}
