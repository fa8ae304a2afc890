#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/digest.h"
#include "entrain/base/rng.h"
#include "entrain/sweep/checkpoint.h"
#include "entrain/sweep/job_file.h"

#include "support/check.h"

enum { SIZE = 12, SERIES = 3, TIMES = 5, VALUES = SERIES * TIMES, TRIALS = 20000 };

/* The largest state is that of n = 4, d = 3; of d = 2 there is one angle a particle. */
static const char job[] = "model: attention\nsweep: {beta: [1, 2], n: [2, 4], d: [3, 2], seed: {count: 2}}\n"
                          "time: {horizon: 8, record: {linspace: [0, 8, 5]}}\n"
                          "detect: {delta: [1e-3, 1e-2]}\nobserve: [pair_overlap, energy]\n";

/* Row of beta = 1, n = 4, d = 3, seed 1. */
enum { ROW = 5 };

static const double state[SIZE] = {1, 0, 0, 0, 1, 0, 0, 0, 1, -1, 0, 0x1p-60};
static const double slope[SIZE] = {0.1, -0.2, 1e-300, 4, 5, 6, 7, 8, 9, 10, 11, 12};
static const double state_before[SIZE] = {1, 0, 0, 0, 1, 0, 0, 0, 1, -1, 0, 0x1p-50};
static const double slope_before[SIZE] = {0.2, -0.3, 2e-300, 5, 4, 3, 2, 1, 0, -1, -2, -3};
static const float series[VALUES] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0.1F};

static ent_checkpoint sample(void) {
  ent_checkpoint made = {.row = ROW,
                         .sequence = INT64_C(1) << 40,
                         .seconds = 12.5,
                         .t = 3.25,
                         .next_step = 0.1,
                         .steps = 17,
                         .rejected = 3,
                         .rhs_evals = 140,
                         .drift = 1e-9,
                         .error_estimate = 2e-7,
                         .t_certain = NAN,
                         .t_before = 3.125,
                         .size = SIZE,
                         .x = state,
                         .slope = slope,
                         .x_before = state_before,
                         .slope_before = slope_before,
                         .n_values = VALUES,
                         .series = series};
  for (size_t k = 0; k < ENT_MAX_DELTAS; k++) made.t_sync[k] = NAN;
  made.t_sync[1] = 2.5;
  return made;
}

static ent_spec *read_spec(const char *text) {
  ent_spec *spec = NULL;
  ent_text faults = {0};
  const int code = ent_job_file_parse(text, "job.yaml", "", "", &spec, &faults);
  CHECK_TEXT(faults.data, NULL);
  ent_text_fini(&faults);
  CHECK_OK(code);
  return spec;
}

/* Bytes of the sample [ent_checkpoint_bytes], of which `length` are used. The caller frees them. */
static unsigned char *encode(const ent_spec *spec, const ent_checkpoint *checkpoint, size_t *length) {
  unsigned char *bytes = NULL;
  CHECK_OK(ent_mem_alloc(ent_checkpoint_bytes(spec), 1, &bytes));
  *length = ent_checkpoint_encode(checkpoint, bytes);
  REQUIRE(*length <= ent_checkpoint_bytes(spec));
  return bytes;
}

static bool same_fields(const ent_checkpoint *a, const ent_checkpoint *b) {
  return memcmp(a, b, offsetof(ent_checkpoint, size)) == 0 && a->size == b->size &&
         a->n_values == b->n_values;
}

static void round_trip(void) {
  size_t length = 0;
  ent_spec *spec = read_spec(job);
  ent_arena *arena = NULL;
  ent_checkpoint given = sample(), read;
  CHECK_OK(ent_arena_create(&arena));
  unsigned char *bytes = encode(spec, &given, &length);
  CHECK_INT(length, ent_checkpoint_bytes(spec));
  CHECK_OK(ent_checkpoint_decode(bytes, length, spec, arena, &read));
  CHECK(same_fields(&read, &given));
  CHECK(memcmp(read.x, state, sizeof state) == 0);
  CHECK(memcmp(read.slope, slope, sizeof slope) == 0);
  CHECK(memcmp(read.x_before, state_before, sizeof state_before) == 0);
  CHECK(memcmp(read.slope_before, slope_before, sizeof slope_before) == 0);
  CHECK(memcmp(read.series, series, sizeof series) == 0);
  free(bytes);
  given.slope = NULL;
  bytes = encode(spec, &given, &length);
  CHECK_INT(length, ent_checkpoint_bytes(spec) - sizeof slope);
  CHECK_OK(ent_checkpoint_decode(bytes, ent_checkpoint_bytes(spec), spec, arena, &read));
  CHECK(same_fields(&read, &given));
  CHECK(read.slope == NULL);
  CHECK(memcmp(read.x_before, state_before, sizeof state_before) == 0);
  CHECK(memcmp(read.slope_before, slope_before, sizeof slope_before) == 0);
  CHECK(memcmp(read.series, series, sizeof series) == 0);
  free(bytes);
  given.t_before = NAN;
  given.x_before = given.slope_before = NULL;
  bytes = encode(spec, &given, &length);
  CHECK_INT(length, ent_checkpoint_bytes(spec) - 3 * sizeof slope);
  CHECK_OK(ent_checkpoint_decode(bytes, length, spec, arena, &read));
  CHECK(same_fields(&read, &given));
  CHECK(read.slope == NULL && read.x_before == NULL && read.slope_before == NULL);
  CHECK(memcmp(read.series, series, sizeof series) == 0);
  free(bytes);
  ent_arena_destroy(&arena);
  ent_spec_destroy(&spec);
}

static void without_arrays(void) {
  size_t length = 0;
  ent_spec *spec = read_spec(job);
  ent_checkpoint given = sample(), read;
  unsigned char *bytes = encode(spec, &given, &length);
  CHECK_OK(ent_checkpoint_decode(bytes, length, spec, NULL, &read));
  CHECK(same_fields(&read, &given));
  CHECK(read.x == NULL && read.slope == NULL && read.series == NULL);
  CHECK(read.x_before == NULL && read.slope_before == NULL);
  free(bytes);
  ent_spec_destroy(&spec);
}

static size_t room(const char *text) {
  ent_spec *spec = read_spec(text);
  const size_t bytes = ent_checkpoint_bytes(spec);
  ent_spec_destroy(&spec);
  return bytes;
}

static void room_for_the_largest(void) {
  const size_t one = 4 * sizeof(double); /* a number of the state, its slope and both before */
  const size_t head =
    room("model: equiangular\nsweep: {beta: 1, n: 8, d: 8, seed: 0}\ntime: {horizon: 1}\n") - one;
  CHECK_INT(room("model: kuramoto\nsweep: {coupling: 1, n: [3, 9], d: 2, seed: 0}\ntime: {horizon: 1}\n"),
            head + 9 * one);
  CHECK_INT(
    room("model: attention\nsweep: {beta: 1, n: [9, 3], d: [2, 5, 3], seed: 0}\ntime: {horizon: 1}\n"),
    head + 45 * one);
  CHECK_INT(room("model: attention\nsweep: {beta: 1, zip: {n: [9, 3, 7], d: [2, 5, 3]}, seed: 0}\n"
                 "time: {horizon: 1}\n"),
            head + 21 * one);
  CHECK_INT(room(job), head + SIZE * one + VALUES * sizeof(float));
}

static void wrong_length(void) {
  size_t length = 0;
  ent_spec *spec = read_spec(job);
  const ent_checkpoint given = sample();
  ent_checkpoint read = {.row = 42};
  unsigned char *bytes = encode(spec, &given, &length);
  for (size_t cut = 0; cut < length; cut++)
    CHECK_CODE(ent_checkpoint_decode(bytes, cut, spec, NULL, &read), ENT_ERR_FORMAT);
  CHECK_INT(read.row, 42);
  free(bytes);
  ent_spec_destroy(&spec);
}

static void flipped_bits(void) {
  size_t length = 0;
  ent_spec *spec = read_spec(job);
  const ent_checkpoint given = sample();
  ent_checkpoint read = {.row = 42};
  unsigned char *bytes = encode(spec, &given, &length);
  for (size_t bit = 0; bit < 8 * length; bit++) {
    bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
    CHECK_CODE(ent_checkpoint_decode(bytes, length, spec, NULL, &read), ENT_ERR_FORMAT);
    bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
  }
  CHECK_INT(read.row, 42);
  free(bytes);
  ent_spec_destroy(&spec);
}

static void nothing_written(void) {
  ent_spec *spec = read_spec(job);
  ent_checkpoint read;
  unsigned char *bytes = NULL;
  CHECK_OK(ent_mem_alloc(ent_checkpoint_bytes(spec), 1, &bytes));
  CHECK_CODE(ent_checkpoint_decode(bytes, ent_checkpoint_bytes(spec), spec, NULL, &read), ENT_ERR_FORMAT);
  CHECK_CONTAINS(ent_error_message(), "there is no checkpoint");
  free(bytes);
  ent_spec_destroy(&spec);
}

/* What a checkpoint with a right checksum may not say. */
static void check_refused(const ent_checkpoint *given, const char *message) {
  size_t length = 0;
  ent_spec *spec = read_spec(job);
  ent_checkpoint read;
  ent_arena *arena = NULL;
  unsigned char *bytes = NULL;
  CHECK_OK(ent_arena_create(&arena));
  CHECK_OK(ent_mem_alloc(2 * ent_checkpoint_bytes(spec), 1, &bytes));
  length = ent_checkpoint_encode(given, bytes);
  CHECK_CODE(ent_checkpoint_decode(bytes, length, spec, arena, &read), ENT_ERR_FORMAT);
  CHECK_CONTAINS(ent_error_message(), message);
  free(bytes);
  ent_arena_destroy(&arena);
  ent_spec_destroy(&spec);
}

#define CHECK_REFUSED(change, message)                                                                       \
  do {                                                                                                       \
    ent_checkpoint wrong = sample();                                                                         \
    change;                                                                                                  \
    check_refused(&wrong, (message));                                                                        \
  } while (0)

static void no_sense(void) {
  static const double broken[SIZE] = {0, 0, NAN};
  CHECK_REFUSED(wrong.row = -1, "'row' = -1, must be at least 0");
  CHECK_REFUSED(wrong.row = 16, "row 16, but the sweep has only 16");
  CHECK_REFUSED(wrong.row = ROW + 2, "12 numbers and 15 recorded values, must have 4 and 15");
  CHECK_REFUSED(wrong.size = SIZE - 1, "11 numbers and 15 recorded values, must have 12 and 15");
  CHECK_REFUSED(wrong.n_values = 0, "12 numbers and 0 recorded values, must have 12 and 15");
  CHECK_REFUSED(wrong.sequence = INT64_MIN, "'sequence'");
  CHECK_REFUSED(wrong.seconds = -1, "'seconds' = -1, must be finite and not negative");
  CHECK_REFUSED(wrong.seconds = INFINITY, "'seconds' = inf");
  CHECK_REFUSED(wrong.t = NAN, "'t' = nan");
  CHECK_REFUSED(wrong.t = 0; wrong.t_before = wrong.t_sync[1] = NAN;
                wrong.x_before = NULL, "must be in (0, 8]");
  CHECK_REFUSED(wrong.t = 8.5, "must be in (0, 8]");
  CHECK_REFUSED(wrong.next_step = 0, "the next step 0");
  CHECK_REFUSED(wrong.steps = 0, "'steps' = 0, must be at least 1");
  CHECK_REFUSED(wrong.rejected = -1, "'rejected'");
  CHECK_REFUSED(wrong.rhs_evals = 0, "'rhs_evals'");
  CHECK_REFUSED(wrong.drift = NAN, "'drift'");
  CHECK_REFUSED(wrong.error_estimate = -1, "'error_estimate'");
  CHECK_REFUSED(wrong.t_sync[0] = 3.5, "'t_sync' = 3.5, must be nan or between 0 and its time");
  CHECK_REFUSED(wrong.t_sync[2] = 1, "3 deltas, must have 2");
  CHECK_REFUSED(wrong.t_certain = -1, "'t_certain'");
  CHECK_REFUSED(wrong.t_before = 3.5, "'t_before' = 3.5, must be nan or between 0 and its time");
  CHECK_REFUSED(wrong.t_before = NAN, "after a step from t = nan");
  CHECK_REFUSED(wrong.t_before = wrong.t, "at t = 3.25 after a step from t = 3.25");
  CHECK_REFUSED(wrong.x_before = broken, "not finite");
  CHECK_REFUSED(wrong.slope_before = broken, "not finite");
  CHECK_REFUSED(wrong.x = broken, "not finite");
  CHECK_REFUSED(wrong.slope = broken, "not finite");
}

/* Gives bytes the checksum they would have had, so that the checks behind it are reached. */
static void sign(unsigned char *bytes, size_t length) {
  const uint32_t crc = ent_digest_crc(ent_digest_crc(0, bytes, 12), bytes + 16, length - 16);
  for (int i = 0; i < 4; i++) bytes[12 + i] = (unsigned char)(crc >> 8 * i);
}

/* These bytes are the format: a change of them is a new version. */
static void bytes_are_fixed(void) {
  static const unsigned char head[] = {'E', 'N', 'T', 'C', 'K', 'P', 'T', 0, 2, 0, 0, 0};
  size_t length = 0;
  ent_spec *spec = read_spec(job);
  ent_checkpoint given = sample(), read;
  unsigned char *bytes = encode(spec, &given, &length);
  CHECK(memcmp(bytes, head, sizeof head) == 0);
  CHECK_INT(bytes[16] + 256 * bytes[17], length);
  CHECK_INT(bytes[24], ROW);
  CHECK_INT(bytes[37], 1); /* the sixth byte of 2^40 */
  CHECK_INT(bytes[length - 4 * VALUES + 2] + 256 * bytes[length - 4 * VALUES + 3], 0x3f80); /* 1.0F */
  bytes[8] = 1;
  sign(bytes, length);
  CHECK_CODE(ent_checkpoint_decode(bytes, length, spec, NULL, &read), ENT_ERR_FORMAT);
  CHECK_CONTAINS(ent_error_message(), "version 1, must be 2");
  free(bytes);
  ent_spec_destroy(&spec);
}

/* Decodes from a block of exactly these bytes, so that asan and valgrind find a read behind its end. */
static bool is_accepted(const unsigned char *bytes, size_t length, const ent_spec *spec) {
  ent_checkpoint read = {0};
  ent_arena *arena = NULL;
  unsigned char *copy = malloc(length + 1);
  REQUIRE(copy != NULL);
  memcpy(copy + 1, bytes, length); /* aligned to nothing */
  CHECK_OK(ent_arena_create(&arena));
  const bool accepted = ent_checkpoint_decode(copy + 1, length, spec, arena, &read) == ENT_OK;
  if (accepted) {
    CHECK(read.row >= 0 && read.row < spec->grid.size);
    CHECK(read.size >= 2 && read.size <= SIZE && read.n_values == VALUES);
    CHECK(read.t > 0 && read.t <= spec->horizon && read.x != NULL && read.series != NULL);
  }
  ent_arena_destroy(&arena);
  free(copy);
  return accepted;
}

/* Anything behind a right checksum; what is accepted keeps the promises. */
static void any_bytes(void) {
  size_t length = 0, accepted = 0;
  ent_spec *spec = read_spec(job);
  const ent_checkpoint given = sample();
  unsigned char *clean = encode(spec, &given, &length), *bytes = malloc(length);
  ent_rng rng;
  REQUIRE(bytes != NULL);
  ent_rng_init(&rng, 5, 1, 1, 1, ENT_STREAM_START);
  for (int trial = 0; trial < TRIALS; trial++) {
    memcpy(bytes, clean, length);
    const int changes = 1 + (int)(4 * ent_rng_uniform(&rng));
    for (int k = 0; k < changes; k++)
      bytes[(size_t)((double)length * ent_rng_uniform(&rng))] = (unsigned char)(256 * ent_rng_uniform(&rng));
    const size_t cut = trial % 2 ? length : 24 + (size_t)((double)(length - 24) * ent_rng_uniform(&rng));
    sign(bytes, cut);
    accepted += is_accepted(bytes, cut, spec);
  }
  CHECK(accepted > 0 && accepted < TRIALS);
  free(bytes);
  free(clean);
  ent_spec_destroy(&spec);
}

static const ent_test tests[] = {{"a checkpoint survives the round trip", round_trip},
                                 {"its arrays may be left out", without_arrays},
                                 {"there is room for the largest job and for no more", room_for_the_largest},
                                 {"the bytes of a checkpoint are fixed", bytes_are_fixed},
                                 {"a checkpoint that is cut short is refused", wrong_length},
                                 {"every flipped bit is found", flipped_bits},
                                 {"a slot that was never written holds none", nothing_written},
                                 {"what no job can have come to is refused", no_sense},
                                 {"bytes with a right checksum never crash", any_bytes},
                                 {0}};
ENT_TEST_MAIN("sweep/checkpoint", tests)
