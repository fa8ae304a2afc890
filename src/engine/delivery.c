#include "entrain/engine/delivery.h"

#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"

/* Layout: kind, place and generation, 8 bytes each, then what is to be written. */
typedef enum { KIND_JOB = 1, KIND_CHECKPOINT } record_kind;

enum { WORD = 8, AT_KIND = 0, AT_PLACE = 8, AT_GENERATION = 16, HEAD = 24 };

/* How long the parts of a row's record are. */
typedef struct parts {
  size_t row, series, final_state; /* bytes */
} parts;

static void put_word(unsigned char *bytes, uint64_t value) {
  for (int i = 0; i < WORD; i++) bytes[i] = (unsigned char)(value >> 8 * i);
}

static uint64_t get_word(const unsigned char *bytes) {
  uint64_t value = 0;
  for (int i = 0; i < WORD; i++) value |= (uint64_t)bytes[i] << 8 * i;
  return value;
}

/* Makes a head and room for so many bytes behind it. [out] body  where they go */
static int append_record(ent_text *record, record_kind kind, int64_t place, int generation, size_t size,
                         unsigned char **body) {
  unsigned char *data = NULL;
  ENT_TRY(ent_mem_alloc(HEAD + size + 1, 1, &data));
  put_word(data + AT_KIND, kind);
  put_word(data + AT_PLACE, (uint64_t)place);
  put_word(data + AT_GENERATION, (uint64_t)generation);
  ent_text_fini(record);
  *record = (ent_text){.data = (char *)data, .length = HEAD + size, .capacity = HEAD + size + 1};
  *body = data + HEAD;
  return ENT_OK;
}

static parts parts_of(const ent_store *store, int64_t row) {
  ent_point point;
  const ent_spec *spec = ent_store_spec(store);
  ent_spec_point(spec, row, &point);
  return (parts){.row = ent_store_layout(store)->size,
                 .series = ent_spec_series_count(spec) * spec->n_record * sizeof(float),
                 .final_state = spec->final_state ? (size_t)(point.n * point.d) * sizeof(double) : 0};
}

int ent_delivery_job(const ent_store *store, int64_t row, const ent_result *result, const float *series,
                     const double *final_state, ent_text *record) {
  unsigned char *body = NULL;
  const parts sizes = parts_of(store, row);
  ENT_TRY(append_record(record, KIND_JOB, row, 0, sizes.row + sizes.series + sizes.final_state, &body));
  ent_layout_encode(ent_store_layout(store), result, body);
  if (sizes.series > 0) memcpy(body + sizes.row, series, sizes.series);
  if (sizes.final_state > 0) memcpy(body + sizes.row + sizes.series, final_state, sizes.final_state);
  return ENT_OK;
}

int ent_delivery_checkpoint(int64_t slot, int generation, const unsigned char *bytes, size_t length,
                            ent_text *record) {
  unsigned char *body = NULL;
  ENT_TRY(append_record(record, KIND_CHECKPOINT, slot, generation, length, &body));
  memcpy(body, bytes, length);
  return ENT_OK;
}

/* Writes a job; its parts are copied to where they are aligned. */
static int write_job(const unsigned char *body, size_t length, int64_t row, const ent_store *store,
                     const ent_sink *sink) {
  int code = ENT_OK;
  float *series = NULL;
  double *final_state = NULL;
  ent_result result;
  ENT_CHECK(row >= 0 && row < ent_store_spec(store)->grid.size, ENT_ERR_FORMAT,
            "record of row %lld, which does not exist", (long long)row);
  const parts sizes = parts_of(store, row);
  ENT_CHECK(length == sizes.row + sizes.series + sizes.final_state, ENT_ERR_FORMAT,
            "record of row %lld with %zu bytes, must have %zu", (long long)row, length,
            sizes.row + sizes.series + sizes.final_state);
  ENT_GOTO(ent_mem_alloc(sizes.series, 1, &series));
  ENT_GOTO(ent_mem_alloc(sizes.final_state, 1, &final_state));
  memcpy(series, body + sizes.row, sizes.series);
  memcpy(final_state, body + sizes.row + sizes.series, sizes.final_state);
  ent_layout_decode(ent_store_layout(store), body, &result);
  ENT_GOTO(sink->operations->job(sink->own, row, &result, sizes.series > 0 ? series : NULL,
                                 sizes.final_state > 0 ? final_state : NULL));
done:
  free(series);
  free(final_state);
  return code;
}

int ent_delivery_write(const unsigned char *bytes, size_t length, const ent_store *store,
                       const ent_sink *sink) {
  ENT_CHECK(length >= HEAD, ENT_ERR_FORMAT, "record of %zu bytes, must have at least %d", length, HEAD);
  const uint64_t kind = get_word(bytes + AT_KIND), generation = get_word(bytes + AT_GENERATION);
  const int64_t place = (int64_t)get_word(bytes + AT_PLACE);
  if (kind == KIND_JOB) {
    ENT_TRY(write_job(bytes + HEAD, length - HEAD, place, store, sink));
    return ENT_OK;
  }
  ENT_CHECK(kind == KIND_CHECKPOINT, ENT_ERR_FORMAT, "record of kind %llu, must be %d or %d",
            (unsigned long long)kind, KIND_JOB, KIND_CHECKPOINT);
  ENT_CHECK(generation <= 1, ENT_ERR_FORMAT, "record of generation %llu, must be 0 or 1",
            (unsigned long long)generation);
  ENT_TRY(sink->operations->checkpoint(sink->own, place, (int)generation, bytes + HEAD, length - HEAD));
  return ENT_OK;
}
