#include "store_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/sweep/job_file.h"

#include "check.h"

enum { SERIES_VALUES = 64, FINAL_VALUES = 64, ROW_BYTES = 512 };

#define SWEEP                                                                                                \
  "name: fixture\nmodel: attention\n"                                                                        \
  "sweep:\n  beta: [-1, 0.5, 4]\n  n: [3, 2]\n  d: [2, 3]\n  seed: {count: 4}\n"                             \
  "detect: {delta: [1.0e-3, 1.0e-2]}\nobserve: [order_parameter, pair_overlap]\n"

const char *const fixture_job = SWEEP "time: {horizon: 2, record: [0, 1, 2]}\noutput: {final_state: true}\n";

const char *const fixture_plain_job = SWEEP "time: {horizon: 2}\n";

ent_spec *fixture_parse(const char *job) {
  ent_spec *spec = NULL;
  ent_text faults = {0};
  const int code = ent_job_file_parse(job, "fixture.yaml", "", "", &spec, &faults);
  if (code != ENT_OK && faults.data) fputs(faults.data, stderr);
  ent_text_fini(&faults);
  CHECK_OK(code);
  return spec;
}

void fixture_open(fixture *at, const char *job) {
  const char *root = getenv("TMPDIR");
  *at = (fixture){0};
  (void)snprintf(at->folder, sizeof at->folder, "%s/entrain-store-XXXXXX", root ? root : "/tmp");
  REQUIRE(mkdtemp(at->folder) != NULL);
  (void)snprintf(at->path, sizeof at->path, "%s/OUT.h5", at->folder);
  at->spec = fixture_parse(job);
}

void fixture_close(fixture *at) {
  ent_spec_destroy(&at->spec);
  unlink(at->path);
  CHECK_INT(rmdir(at->folder), 0);
}

void fixture_record(const ent_spec *spec, int64_t index, ent_result *result, float *series,
                    double *final_state) {
  ent_point point;
  ent_spec_point(spec, index, &point);
  const size_t n_series = ent_spec_series_count(spec) * spec->n_record;
  ent_result_init(result);
  result->status = index % 5 == 4 ? ENT_STATUS_FAILED : ENT_STATUS_DONE;
  result->outcome = index % 5 == 4 ? ENT_OUTCOME_NONE : ENT_OUTCOME_SYNC;
  result->t_sync[0] = (double)index + 0.25;
  result->t_end = (double)index + 0.5;
  result->steps = index * 3;
  result->worker = (int32_t)(index % 4);
  result->extras[0].number = 1.0 / (double)(index + 1);
  for (size_t i = 0; i < n_series; i++) series[i] = (float)index + 0.01f * (float)i;
  if (!spec->final_state) return;
  for (int64_t i = 0; i < point.n * point.d; i++) final_state[i] = sin((double)(index * 100 + i));
}

int fixture_write(ent_store *store, int64_t index) {
  const ent_spec *spec = ent_store_spec(store);
  ent_result result;
  float series[SERIES_VALUES];
  double final_state[FINAL_VALUES];
  fixture_record(spec, index, &result, series, final_state);
  return ent_store_write_job(store, index, &result, series, final_state);
}

static bool holds_row(ent_store *store, int64_t index, const ent_result *result, const float *series,
                      const double *final_state, size_t n_final) {
  const ent_spec *spec = ent_store_spec(store);
  const ent_layout *layout = ent_store_layout(store);
  const size_t n_series = ent_spec_series_count(spec) * spec->n_record;
  unsigned char row[ROW_BYTES], expected[ROW_BYTES];
  CHECK_OK(ent_store_read_rows(store, index, 1, row));
  ent_layout_encode_axes(layout, &spec->grid, index, expected);
  ent_layout_encode(layout, result, expected);
  const uint32_t checksum = ent_layout_checksum(layout, expected, series, n_series, final_state, n_final);
  memcpy(expected + layout->checksum_offset, &checksum, sizeof checksum);
  return memcmp(row, expected, layout->size) == 0;
}

bool fixture_holds(ent_store *store, int64_t index) {
  const ent_spec *spec = ent_store_spec(store);
  ent_result result;
  float series[SERIES_VALUES], one[SERIES_VALUES];
  double final_state[FINAL_VALUES], read[FINAL_VALUES];
  size_t n_final = 0;
  bool holds = true;
  fixture_record(spec, index, &result, series, final_state);
  for (size_t k = 0; k < ent_spec_series_count(spec); k++) {
    CHECK_OK(ent_store_read_series(store, k, index, 1, one));
    holds = holds && memcmp(one, series + k * spec->n_record, spec->n_record * sizeof *one) == 0;
  }
  if (spec->final_state) {
    ent_point point;
    ent_spec_point(spec, index, &point);
    n_final = (size_t)(point.n * point.d);
    CHECK_OK(ent_store_read_final(store, index, read));
    holds = holds && memcmp(read, final_state, n_final * sizeof *read) == 0;
  }
  return holds_row(store, index, &result, series, final_state, n_final) && holds;
}

void fixture_copy(const char *from, const char *to, int64_t length) {
  FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
  REQUIRE(in != NULL && out != NULL);
  for (int64_t i = 0; length < 0 || i < length; i++) {
    const int byte = getc(in);
    if (byte == EOF) break;
    putc(byte, out);
  }
  CHECK_INT(fclose(in), 0);
  CHECK_INT(fclose(out), 0);
}

ent_checkpoint fixture_checkpoint(const ent_spec *spec, int64_t row, double t) {
  static double x[FINAL_VALUES];
  static float series[SERIES_VALUES];
  ent_point point;
  ent_spec_point(spec, row, &point);
  ent_checkpoint made = {.row = row,
                         .t = t,
                         .next_step = 0.1,
                         .steps = 3,
                         .rhs_evals = 20,
                         .t_certain = NAN,
                         .size = ent_model_size(spec->model, &point),
                         .x = x,
                         .n_values = ent_spec_series_count(spec) * spec->n_record,
                         .series = series};
  for (int k = 0; k < ENT_MAX_DELTAS; k++) made.t_sync[k] = NAN;
  for (size_t i = 0; i < made.size; i++) x[i] = t + (double)i;
  return made;
}
