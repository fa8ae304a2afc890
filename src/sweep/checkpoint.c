#include "entrain/sweep/checkpoint.h"

#include <math.h>
#include <string.h>

#include "entrain/base/digest.h"

/*
 * Layout: magic (8 bytes), version (4), CRC-32 of all other bytes (4), length of all (8), the fields of the
 * table below (8 each), then the state, the slope where there is one, state and slope before the last step
 * where they are kept, and the series.
 */
enum { VERSION = 2, AT_VERSION = 8, AT_CRC = 12, AT_LENGTH = 16, AT_FIELDS = 24, WORD = 8 };

static const char magic[AT_VERSION] = "ENTCKPT";

typedef enum {
  FIELD_WHOLE,    /* int64_t, at least 0 */
  FIELD_POSITIVE, /* int64_t, at least 1 */
  FIELD_AMOUNT,   /* double, finite and at least 0 */
  FIELD_TIME,     /* double, NaN or in [0, t] */
} field_type;

typedef struct checkpoint_field {
  const char *name;
  field_type type;
  size_t offset; /* in ent_checkpoint */
  size_t count;  /* of an array */
} checkpoint_field;

#define AT(member) offsetof(ent_checkpoint, member)

static const checkpoint_field fields[] = {
  {"row", FIELD_WHOLE, AT(row), 1},
  {"sequence", FIELD_WHOLE, AT(sequence), 1},
  {"seconds", FIELD_AMOUNT, AT(seconds), 1},
  {"t", FIELD_AMOUNT, AT(t), 1},
  {"next_step", FIELD_AMOUNT, AT(next_step), 1},
  {"steps", FIELD_POSITIVE, AT(steps), 1},
  {"rejected", FIELD_WHOLE, AT(rejected), 1},
  {"rhs_evals", FIELD_POSITIVE, AT(rhs_evals), 1},
  {"drift", FIELD_AMOUNT, AT(drift), 1},
  {"error_estimate", FIELD_AMOUNT, AT(error_estimate), 1},
  {"t_sync", FIELD_TIME, AT(t_sync), ENT_MAX_DELTAS},
  {"t_certain", FIELD_TIME, AT(t_certain), 1},
  {"t_before", FIELD_TIME, AT(t_before), 1},
};

enum { N_FIELDS = sizeof fields / sizeof fields[0] };

/* Words behind the fields that say how long the arrays are, and which there are. */
enum { SIZE_WORD, KEPT_WORD, VALUES_WORD, N_LENGTHS };

/* What is kept beside the state. */
enum { KEEPS_SLOPE = 1 << 0, KEEPS_BEFORE = 1 << 1, KEEPS_ALL = KEEPS_SLOPE | KEEPS_BEFORE };

static void put_word(unsigned char *bytes, uint64_t value, size_t size) {
  for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)(value >> 8 * i);
}

static uint64_t get_word(const unsigned char *bytes, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; i++) value |= (uint64_t)bytes[i] << 8 * i;
  return value;
}

static size_t head_bytes(void) {
  size_t words = N_LENGTHS;
  for (size_t i = 0; i < N_FIELDS; i++) words += fields[i].count;
  return AT_FIELDS + words * WORD;
}

static size_t bytes_of(size_t size, uint64_t kept, size_t n_values) {
  const size_t arrays = 1 + (kept & KEEPS_SLOPE ? 1 : 0) + (kept & KEEPS_BEFORE ? 2 : 0);
  return head_bytes() + arrays * size * sizeof(double) + n_values * sizeof(float);
}

static uint32_t checksum(const unsigned char *bytes, size_t length) {
  const uint32_t start = ent_digest_crc(0, bytes, AT_CRC);
  return ent_digest_crc(start, bytes + AT_LENGTH, length - AT_LENGTH);
}

static size_t values_count(const ent_spec *spec) {
  return ent_spec_series_count(spec) * spec->n_record;
}

size_t ent_checkpoint_bytes(const ent_spec *spec) {
  return bytes_of(ent_spec_largest_state(spec), KEEPS_ALL, values_count(spec));
}

static unsigned char *put_reals(unsigned char *at, const double *values, size_t count) {
  uint64_t bits = 0;
  for (size_t i = 0; i < count; i++, at += WORD) {
    memcpy(&bits, &values[i], WORD);
    put_word(at, bits, WORD);
  }
  return at;
}

static unsigned char *put_fields(unsigned char *at, const ent_checkpoint *checkpoint) {
  uint64_t bits = 0;
  for (size_t i = 0; i < N_FIELDS; i++) {
    const char *from = (const char *)checkpoint + fields[i].offset;
    for (size_t k = 0; k < fields[i].count; k++, at += WORD) {
      memcpy(&bits, from + k * WORD, WORD);
      put_word(at, bits, WORD);
    }
  }
  return at;
}

size_t ent_checkpoint_encode(const ent_checkpoint *checkpoint, unsigned char *bytes) {
  const size_t size = checkpoint->size;
  const uint64_t kept = (checkpoint->slope ? KEEPS_SLOPE : 0) | (checkpoint->x_before ? KEEPS_BEFORE : 0);
  const size_t length = bytes_of(size, kept, checkpoint->n_values);
  uint32_t single = 0;
  memcpy(bytes, magic, sizeof magic);
  put_word(bytes + AT_VERSION, VERSION, 4);
  put_word(bytes + AT_LENGTH, length, WORD);
  unsigned char *at = put_fields(bytes + AT_FIELDS, checkpoint);
  put_word(at + SIZE_WORD * WORD, size, WORD);
  put_word(at + KEPT_WORD * WORD, kept, WORD);
  put_word(at + VALUES_WORD * WORD, checkpoint->n_values, WORD);
  at = put_reals(bytes + head_bytes(), checkpoint->x, size);
  if (kept & KEEPS_SLOPE) at = put_reals(at, checkpoint->slope, size);
  if (kept & KEEPS_BEFORE) at = put_reals(at, checkpoint->x_before, size);
  if (kept & KEEPS_BEFORE) at = put_reals(at, checkpoint->slope_before, size);
  for (size_t i = 0; i < checkpoint->n_values; i++, at += sizeof single) {
    memcpy(&single, &checkpoint->series[i], sizeof single);
    put_word(at, single, sizeof single);
  }
  put_word(bytes + AT_CRC, checksum(bytes, length), 4);
  return length;
}

size_t ent_checkpoint_length(const unsigned char *bytes, size_t length) {
  if (length < head_bytes() || memcmp(bytes, magic, sizeof magic) != 0) return 0;
  return get_word(bytes + AT_LENGTH, WORD);
}

/* [out] whole  its length, at least that of the head */
static int check_head(const unsigned char *bytes, size_t length, size_t *whole) {
  const uint64_t stated = ent_checkpoint_length(bytes, length);
  ENT_CHECK(stated > 0, ENT_ERR_FORMAT, "there is no checkpoint");
  const uint64_t version = get_word(bytes + AT_VERSION, 4);
  ENT_CHECK(version == VERSION, ENT_ERR_FORMAT, "checkpoint of version %llu, must be %d",
            (unsigned long long)version, VERSION);
  ENT_CHECK(stated >= head_bytes() && stated <= length, ENT_ERR_FORMAT,
            "checkpoint of %llu bytes, must have from %zu to %zu", (unsigned long long)stated, head_bytes(),
            length);
  ENT_CHECK(get_word(bytes + AT_CRC, 4) == checksum(bytes, (size_t)stated), ENT_ERR_FORMAT,
            "checkpoint is damaged, its checksum does not match");
  *whole = (size_t)stated;
  return ENT_OK;
}

static int get_whole(const checkpoint_field *field, uint64_t bits, char *to) {
  const int64_t whole = (int64_t)bits, least = field->type == FIELD_POSITIVE;
  ENT_CHECK(whole >= least, ENT_ERR_FORMAT, "checkpoint with '%s' = %lld, must be at least %lld", field->name,
            (long long)whole, (long long)least);
  memcpy(to, &whole, sizeof whole);
  return ENT_OK;
}

static int get_real(const checkpoint_field *field, uint64_t bits, double latest, char *to) {
  double real = 0;
  memcpy(&real, &bits, sizeof real);
  const bool is_time = field->type == FIELD_TIME;
  const bool is_legal = is_time ? isnan(real) || (real >= 0 && real <= latest) : isfinite(real) && real >= 0;
  ENT_CHECK(is_legal, ENT_ERR_FORMAT, "checkpoint with '%s' = %g, must be %s", field->name, real,
            is_time ? "nan or between 0 and its time" : "finite and not negative");
  memcpy(to, &real, sizeof real);
  return ENT_OK;
}

static int get_fields(const unsigned char *at, ent_checkpoint *checkpoint) {
  for (size_t i = 0; i < N_FIELDS; i++) {
    char *to = (char *)checkpoint + fields[i].offset;
    for (size_t k = 0; k < fields[i].count; k++, at += WORD) {
      const uint64_t bits = get_word(at, WORD);
      if (fields[i].type == FIELD_WHOLE || fields[i].type == FIELD_POSITIVE)
        ENT_TRY(get_whole(&fields[i], bits, to + k * WORD));
      else
        ENT_TRY(get_real(&fields[i], bits, checkpoint->t, to + k * WORD));
    }
  }
  return ENT_OK;
}

/* Whether the specification has such a job. [in] whole  length of the checkpoint */
static int check_against(const ent_spec *spec, const ent_checkpoint *checkpoint, uint64_t kept,
                         size_t whole) {
  ent_point point;
  ENT_CHECK(checkpoint->row < spec->grid.size, ENT_ERR_FORMAT,
            "checkpoint of row %lld, but the sweep has only %lld", (long long)checkpoint->row,
            (long long)spec->grid.size);
  ent_spec_point(spec, checkpoint->row, &point);
  const size_t size = ent_model_size(spec->model, &point), n_values = values_count(spec);
  ENT_CHECK(checkpoint->size == size && checkpoint->n_values == n_values, ENT_ERR_FORMAT,
            "checkpoint of row %lld with %zu numbers and %zu recorded values, must have %zu and %zu",
            (long long)checkpoint->row, checkpoint->size, checkpoint->n_values, size, n_values);
  ENT_CHECK(kept <= KEEPS_ALL && whole == bytes_of(size, kept, n_values), ENT_ERR_FORMAT,
            "checkpoint of row %lld with %zu bytes, which do not fit its content", (long long)checkpoint->row,
            whole);
  ENT_CHECK(!(kept & KEEPS_BEFORE) || checkpoint->t_before < checkpoint->t, ENT_ERR_FORMAT,
            "checkpoint at t = %g after a step from t = %g", checkpoint->t, checkpoint->t_before);
  ENT_CHECK(checkpoint->t > 0 && checkpoint->t <= spec->horizon && checkpoint->next_step > 0, ENT_ERR_FORMAT,
            "checkpoint at t = %g with the next step %g, must be in (0, %g] and positive", checkpoint->t,
            checkpoint->next_step, spec->horizon);
  for (size_t k = spec->n_delta; k < ENT_MAX_DELTAS; k++)
    ENT_CHECK(isnan(checkpoint->t_sync[k]), ENT_ERR_FORMAT, "checkpoint with %zu deltas, must have %zu",
              k + 1, spec->n_delta);
  return ENT_OK;
}

static int get_reals(const unsigned char *at, size_t count, double *values) {
  for (size_t i = 0; i < count; i++, at += WORD) {
    const uint64_t bits = get_word(at, WORD);
    memcpy(&values[i], &bits, WORD);
    ENT_CHECK(isfinite(values[i]), ENT_ERR_FORMAT, "checkpoint with a state that is not finite");
  }
  return ENT_OK;
}

/* An array of as many numbers as the state has; *at moves behind it. */
static int get_state(const unsigned char **at, size_t size, ent_arena *arena, const double **state) {
  double *read = NULL;
  ENT_TRY(ent_arena_alloc(arena, size, sizeof *read, &read));
  ENT_TRY(get_reals(*at, size, read));
  *at += size * WORD;
  *state = read;
  return ENT_OK;
}

/* The arrays, whose lengths are checked. */
static int get_arrays(const unsigned char *at, uint64_t kept, ent_arena *arena, ent_checkpoint *checkpoint) {
  float *series = NULL;
  const size_t size = checkpoint->size;
  ENT_TRY(get_state(&at, size, arena, &checkpoint->x));
  if (kept & KEEPS_SLOPE) ENT_TRY(get_state(&at, size, arena, &checkpoint->slope));
  if (kept & KEEPS_BEFORE) ENT_TRY(get_state(&at, size, arena, &checkpoint->x_before));
  if (kept & KEEPS_BEFORE) ENT_TRY(get_state(&at, size, arena, &checkpoint->slope_before));
  ENT_TRY(ent_arena_alloc(arena, checkpoint->n_values, sizeof *series, &series));
  for (size_t i = 0; i < checkpoint->n_values; i++, at += sizeof *series) {
    const uint32_t bits = (uint32_t)get_word(at, sizeof bits);
    memcpy(&series[i], &bits, sizeof bits);
  }
  checkpoint->series = series;
  return ENT_OK;
}

int ent_checkpoint_decode(const unsigned char *bytes, size_t length, const ent_spec *spec, ent_arena *arena,
                          ent_checkpoint *checkpoint) {
  ent_checkpoint read = {0};
  size_t whole = 0;
  ENT_TRY(check_head(bytes, length, &whole));
  ENT_TRY(get_fields(bytes + AT_FIELDS, &read));
  const unsigned char *lengths = bytes + head_bytes() - N_LENGTHS * WORD;
  const uint64_t kept = get_word(lengths + KEPT_WORD * WORD, WORD);
  read.size = get_word(lengths + SIZE_WORD * WORD, WORD);
  read.n_values = get_word(lengths + VALUES_WORD * WORD, WORD);
  ENT_TRY(check_against(spec, &read, kept, whole));
  if (arena) ENT_TRY(get_arrays(bytes + head_bytes(), kept, arena, &read));
  *checkpoint = read;
  return ENT_OK;
}
