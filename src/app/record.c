#include "entrain/app/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"

/* Values of the largest final state. */
static size_t largest_final(const ent_spec *spec) {
  const ent_axis *n = ent_grid_axis(&spec->grid, "n"), *d = ent_grid_axis(&spec->grid, "d");
  double most_n = 0, most_d = 0;
  for (int64_t i = 0; i < n->count; i++) most_n = fmax(most_n, ent_axis_value(n, i));
  for (int64_t i = 0; i < d->count; i++) most_d = fmax(most_d, ent_axis_value(d, i));
  return spec->final_state ? (size_t)most_n * (size_t)most_d : 0;
}

int ent_record_init(const ent_store *store, ent_record *record) {
  const ent_spec *spec = ent_store_spec(store);
  *record = (ent_record){0};
  ENT_TRY(ent_mem_alloc(1, ent_store_layout(store)->size, &record->row));
  ENT_TRY(
    ent_mem_alloc(ent_spec_series_count(spec) * spec->n_record, sizeof *record->series, &record->series));
  ENT_TRY(ent_mem_alloc(largest_final(spec), sizeof *record->final_state, &record->final_state));
  return ENT_OK;
}

void ent_record_fini(ent_record *record) {
  free(record->row);
  free(record->series);
  free(record->final_state);
  *record = (ent_record){0};
}

int ent_record_read(ent_store *store, int64_t row, ent_record *record) {
  ENT_TRY(ent_store_read_job(store, row, record->row, record->series, record->final_state, &record->holds));
  ent_layout_decode(ent_store_layout(store), record->row, &record->result);
  record->index = row;
  return ENT_OK;
}

int ent_record_write(ent_store *store, int64_t row, const ent_record *record) {
  ENT_TRY(ent_store_write_job(store, row, &record->result, record->series, record->final_state));
  return ENT_OK;
}

static bool is_one_of(const char *name, const char *const *names) {
  for (; *names; names++)
    if (strcmp(name, *names) == 0) return true;
  return false;
}

/* Columns that rule 6 of docs/results-format.md leaves out. */
static bool may_differ(const char *name, const ent_comparison *how) {
  static const char *const always[] = {"wall_s", "worker", "attempt", "checksum", NULL};
  static const char *const elsewhere[] = {"steps", "rejected", "rhs_evals", "drift", NULL};
  return is_one_of(name, always) || (how->tolerance > 0 && is_one_of(name, elsewhere));
}

static bool is_near(double a, double b, double tolerance) {
  if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
  return a == b || fabs(a - b) <= tolerance * fmax(1, fmax(fabs(a), fabs(b)));
}

static bool agrees(const ent_column *column, const ent_comparison *how, const unsigned char *a,
                   const unsigned char *b) {
  if (memcmp(a + column->offset, b + column->offset, ent_type_size(column->type)) == 0) return true;
  return column->type == ENT_TYPE_F8 && how->tolerance > 0 &&
         is_near(ent_column_value(column, a), ent_column_value(column, b), how->tolerance);
}

static int compare_columns(const ent_layout *layout, const ent_comparison *how, const ent_record *a,
                           const ent_record *b, ent_text *lines, int *count) {
  for (size_t i = 0; i < layout->n_columns; i++) {
    const ent_column *column = &layout->columns[i];
    if (may_differ(column->name, how) || agrees(column, how, a->row, b->row)) continue;
    ENT_TRY(ent_text_append(lines, "  %s: %.17g %s, %.17g %s\n", column->name,
                            ent_column_value(column, a->row), how->first, ent_column_value(column, b->row),
                            how->second));
    ++*count;
  }
  return ENT_OK;
}

static bool agree_reals(const float *a, const float *b, size_t count, double tolerance) {
  if (memcmp(a, b, count * sizeof *a) == 0) return true;
  for (size_t i = 0; i < count; i++)
    if (!is_near(a[i], b[i], tolerance)) return false;
  return tolerance > 0;
}

static int compare_series(const ent_spec *spec, const ent_comparison *how, const ent_record *a,
                          const ent_record *b, ent_text *lines, int *count) {
  for (size_t k = 0; k < ent_spec_series_count(spec); k++) {
    double delta = 0;
    char name[64];
    const size_t at = k * spec->n_record;
    if (agree_reals(a->series + at, b->series + at, spec->n_record, how->tolerance)) continue;
    (void)ent_spec_series(spec, k, &delta, name);
    ENT_TRY(ent_text_append(lines, "  series %s differs\n", name));
    ++*count;
  }
  return ENT_OK;
}

/* Values of the final state of a record; what a damaged row says of n and d is not asked. */
static size_t count_final(const ent_spec *spec, const ent_record *record) {
  ent_point point;
  if (!spec->final_state) return 0;
  ent_spec_point(spec, record->index, &point);
  return (size_t)(point.n * point.d);
}

static bool agree_finals(const ent_record *a, const ent_record *b, size_t count, double tolerance) {
  if (count == 0 || memcmp(a->final_state, b->final_state, count * sizeof *a->final_state) == 0) return true;
  for (size_t i = 0; i < count; i++)
    if (!is_near(a->final_state[i], b->final_state[i], tolerance)) return false;
  return tolerance > 0;
}

int ent_record_compare(ent_store *store, const ent_comparison *how, const ent_record *a, const ent_record *b,
                       ent_text *lines, int *count) {
  const ent_spec *spec = ent_store_spec(store);
  *count = 0;
  ENT_TRY(compare_columns(ent_store_layout(store), how, a, b, lines, count));
  ENT_TRY(compare_series(spec, how, a, b, lines, count));
  if (agree_finals(a, b, count_final(spec, a), how->tolerance)) return ENT_OK;
  ENT_TRY(ent_text_append(lines, "  the final state differs\n"));
  ++*count;
  return ENT_OK;
}
