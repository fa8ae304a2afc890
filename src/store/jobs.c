#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "store_impl.h"

/* The parts of a job in memory, one block. */
typedef struct job_memory {
  unsigned char *row;  /* [layout size] */
  float *series;       /* [n_series, n_record] */
  double *final_state; /* [n, d], NULL when none are kept */
  size_t final_values;
} job_memory;

int ent_store_check_range(const ent_store *store, int64_t first, int64_t count) {
  const int64_t size = store->spec->grid.size;
  ENT_CHECK(first >= 0 && count >= 0 && first <= size - count, ENT_ERR_ARGUMENT,
            "rows %" PRId64 " to %" PRId64 " are asked for, the file has %" PRId64, first, first + count - 1,
            size);
  return ENT_OK;
}

bool ent_row_has_axes(ent_store *store, int64_t index, const unsigned char *row) {
  const ent_layout *layout = store->layout;
  ent_layout_encode_axes(layout, &store->spec->grid, index, store->row);
  for (size_t i = 0; i < layout->n_columns; i++) {
    const ent_column *column = &layout->columns[i];
    if (column->source == ENT_COLUMN_AXIS &&
        memcmp(row + column->offset, store->row + column->offset, ent_type_size(column->type)) != 0)
      return false;
  }
  return true;
}

static int write_final(ent_store *store, int64_t index, const double *final_state, size_t *values) {
  int64_t place = 0;
  ent_final_group *group = ent_final_find(store, index, &place);
  *values = (size_t)(group->n * group->d);
  ENT_CHECK(final_state != NULL, ENT_ERR_ARGUMENT, "row %" PRId64 " comes without its final state", index);
  ENT_TRY(ent_array_write(&group->x, 0, place, 1, final_state));
  return ENT_OK;
}

/* Writes the parts of a job beside its row, whose result columns are in `row`, and completes that. */
static int write_parts(ent_store *store, int64_t index, const float *series, const double *final_state,
                       unsigned char *row) {
  const ent_layout *layout = store->layout;
  const size_t n_record = store->spec->n_record;
  size_t final_values = 0;
  for (size_t k = 0; k < store->n_series; k++)
    ENT_TRY(ent_array_write(&store->series[k], 0, index, 1, series + k * n_record));
  if (store->n_groups > 0) ENT_TRY(write_final(store, index, final_state, &final_values));
  ent_layout_encode_axes(layout, &store->spec->grid, index, row);
  const uint32_t checksum =
    ent_layout_checksum(layout, row, series, store->n_series * n_record, final_state, final_values);
  memcpy(row + layout->checksum_offset, &checksum, sizeof checksum);
  return ENT_OK;
}

int ent_job_write_parts(ent_store *store, int64_t index, const ent_job_parts *parts, unsigned char *row) {
  ENT_TRY(ent_store_check_range(store, index, 1));
  ENT_TRY(ent_store_check_writable(store));
  ENT_CHECK(store->n_series == 0 || parts->series, ENT_ERR_ARGUMENT,
            "row %" PRId64 " comes without its series", index);
  ent_layout_encode(store->layout, parts->result, row);
  ENT_TRY(write_parts(store, index, parts->series, parts->final_state, row));
  return ENT_OK;
}

/* The row last: as long as it says pending, the rest means nothing. */
int ent_store_write_job(ent_store *store, int64_t index, const ent_result *result, const float *series,
                        const double *final_state) {
  const ent_job_parts parts = {.result = result, .series = series, .final_state = final_state};
  ENT_TRY(ent_job_write_parts(store, index, &parts, store->row));
  ENT_TRY(ent_array_write(&store->jobs, 0, index, 1, store->row));
  return ENT_OK;
}

int ent_store_read_rows(ent_store *store, int64_t first, int64_t count, unsigned char *rows) {
  ENT_TRY(ent_store_check_range(store, first, count));
  ENT_TRY(ent_array_read(&store->jobs, first, count, rows));
  return ENT_OK;
}

int ent_store_read_series(ent_store *store, size_t k, int64_t first, int64_t count, float *values) {
  ENT_TRY(ent_store_check_range(store, first, count));
  ENT_CHECK(k < store->n_series, ENT_ERR_ARGUMENT, "series %zu is asked for, the file has %zu", k,
            store->n_series);
  ENT_TRY(ent_array_read(&store->series[k], first, count, values));
  return ENT_OK;
}

int ent_store_read_final(ent_store *store, int64_t index, double *final_state) {
  int64_t place = 0;
  ENT_TRY(ent_store_check_range(store, index, 1));
  ENT_CHECK(store->n_groups > 0, ENT_ERR_ARGUMENT, "'%s' keeps no final states", store->path);
  const ent_final_group *group = ent_final_find(store, index, &place);
  ENT_TRY(ent_array_read(&group->x, place, 1, final_state));
  return ENT_OK;
}

int ent_store_read_job(ent_store *store, int64_t index, unsigned char *row, float *series,
                       double *final_state, bool *holds) {
  const size_t n_record = store->spec->n_record;
  size_t final_values = 0;
  ENT_TRY(ent_store_read_rows(store, index, 1, row));
  for (size_t k = 0; k < store->n_series; k++)
    ENT_TRY(ent_store_read_series(store, k, index, 1, series + k * n_record));
  if (store->n_groups > 0) {
    int64_t place = 0;
    const ent_final_group *group = ent_final_find(store, index, &place);
    final_values = (size_t)(group->n * group->d);
    ENT_TRY(ent_array_read(&group->x, place, 1, final_state));
  }
  *holds = ent_row_holds(store->layout, row, series, store->n_series * n_record, final_state, final_values) &&
           ent_row_has_axes(store, index, row);
  return ENT_OK;
}

static int parts_init(job_memory *parts, const ent_store *store, int64_t index) {
  int64_t place = 0;
  if (store->n_groups > 0) {
    const ent_final_group *group = ent_final_find(store, index, &place);
    parts->final_values = (size_t)(group->n * group->d);
  }
  ENT_TRY(ent_mem_alloc(1, store->layout->size, &parts->row));
  ENT_TRY(ent_mem_alloc(store->n_series * store->spec->n_record, sizeof *parts->series, &parts->series));
  ENT_TRY(ent_mem_alloc(parts->final_values, sizeof *parts->final_state, &parts->final_state));
  return ENT_OK;
}

static void parts_fini(job_memory *parts) {
  free(parts->row);
  free(parts->series);
  free(parts->final_state);
}

/* Copies the result columns of a row into to->row, by name. */
static int copy_columns(const ent_store *from, const unsigned char *row, ent_store *to) {
  for (size_t i = 0; i < to->layout->n_columns; i++) {
    const ent_column *column = &to->layout->columns[i];
    if (column->source != ENT_COLUMN_RESULT) continue;
    const ent_column *same = ent_layout_find(from->layout, column->name);
    ENT_CHECK(same && same->source == ENT_COLUMN_RESULT && same->type == column->type, ENT_ERR_MISMATCH,
              "'%s' has no column '%s' of that type, '%s' has one", from->path, column->name, to->path);
    memcpy(to->row + column->offset, row + same->offset, ent_type_size(column->type));
  }
  return ENT_OK;
}

/* Which series of `from` is series k of `to`: of the same name, delta and times. */
static int find_series(const ent_store *from, const ent_store *to, size_t k, size_t *found) {
  char wanted[64], name[64];
  double delta = 0, other = 0;
  const size_t n_record = to->spec->n_record;
  ent_spec_series(to->spec, k, &delta, wanted);
  ENT_CHECK(from->spec->n_record == n_record &&
              memcmp(from->spec->record, to->spec->record, n_record * sizeof *to->spec->record) == 0,
            ENT_ERR_MISMATCH, "'%s' records at other times than '%s'", from->path, to->path);
  for (*found = 0; *found < from->n_series; ++*found) {
    ent_spec_series(from->spec, *found, &other, name);
    if (strcmp(name, wanted) == 0 && delta == other) return ENT_OK;
  }
  ENT_RAISE(ENT_ERR_MISMATCH, "'%s' has no series '%s', '%s' has one", from->path, wanted, to->path);
}

/* Brings the series [n_series, n_record] of `from` into the order of `to`. */
static int copy_series(const ent_store *from, const float *series, const ent_store *to, float *ordered) {
  const size_t n_record = to->spec->n_record;
  for (size_t k = 0; k < to->n_series; k++) {
    size_t found = 0;
    ENT_TRY(find_series(from, to, k, &found));
    memcpy(ordered + k * n_record, series + found * n_record, n_record * sizeof *series);
  }
  return ENT_OK;
}

static int check_copy(const ent_store *from, int64_t from_index, const ent_store *to, int64_t to_index) {
  int64_t place = 0;
  ENT_TRY(ent_store_check_writable(to));
  ENT_TRY(ent_store_check_range(from, from_index, 1));
  ENT_TRY(ent_store_check_range(to, to_index, 1));
  if (to->n_groups == 0) return ENT_OK;
  ENT_CHECK(from->n_groups > 0, ENT_ERR_MISMATCH, "'%s' keeps no final states, '%s' does", from->path,
            to->path);
  const ent_final_group *a = ent_final_find(from, from_index, &place),
                        *b = ent_final_find(to, to_index, &place);
  ENT_CHECK(a->n == b->n && a->d == b->d, ENT_ERR_MISMATCH,
            "row %" PRId64 " of '%s' has another n or d than row %" PRId64 " of '%s'", from_index, from->path,
            to_index, to->path);
  return ENT_OK;
}

int ent_store_copy_job(ent_store *from, int64_t from_index, ent_store *to, int64_t to_index) {
  int code = ENT_OK;
  bool holds = false;
  job_memory read = {0}, written = {0};
  ENT_TRY(check_copy(from, from_index, to, to_index));
  ENT_GOTO(parts_init(&read, from, from_index));
  ENT_GOTO(parts_init(&written, to, to_index));
  ENT_GOTO(ent_store_read_job(from, from_index, read.row, read.series, read.final_state, &holds));
  ENT_CHECK_GOTO(holds, ENT_ERR_ARGUMENT, "row %" PRId64 " of '%s' is not finished", from_index, from->path);
  ENT_GOTO(copy_columns(from, read.row, to));
  ENT_GOTO(copy_series(from, read.series, to, written.series));
  ENT_GOTO(write_parts(to, to_index, written.series, read.final_state, to->row));
  ENT_GOTO(ent_array_write(&to->jobs, 0, to_index, 1, to->row));
done:
  parts_fini(&read);
  parts_fini(&written);
  return code;
}

int ent_store_reset_job(ent_store *store, int64_t index) {
  ENT_TRY(ent_store_check_writable(store));
  ENT_TRY(ent_store_check_range(store, index, 1));
  memset(store->row, 0, store->layout->size);
  ent_layout_encode_axes(store->layout, &store->spec->grid, index, store->row);
  ENT_TRY(ent_array_write(&store->jobs, 0, index, 1, store->row));
  return ENT_OK;
}
