#include "entrain/sweep/result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const ent_status_names[] = {"pending", "done", "failed", "quarantined", NULL};
const char *const ent_outcome_names[] = {"none", "sync", "nonsync", "undecided", "finished", NULL};

/* A column that every results file has. */
typedef struct fixed_column {
  const char *name;
  ent_type type;
  const char *const *labels;
  const char *unit; /* NULL: the job's time unit */
  const char *summary;
  size_t place;
  bool per_delta;
} fixed_column;

#define PLACE(field) offsetof(ent_result, field)

static const fixed_column fixed_columns[] = {
  {"status", ENT_TYPE_ENUM, ent_status_names, "1", "what became of the job", PLACE(status), false},
  {"outcome", ENT_TYPE_ENUM, ent_outcome_names, "1", "verdict on synchronization", PLACE(outcome), false},
  {"t_sync", ENT_TYPE_F8, NULL, NULL, "first time at which every pair overlap is >= 1-delta", PLACE(t_sync),
   true},
  {"t_certain", ENT_TYPE_F8, NULL, NULL, "first time with the hemisphere certificate", PLACE(t_certain),
   false},
  {"t_end", ENT_TYPE_F8, NULL, NULL, "time at which the integration ended", PLACE(t_end), false},
  {"order_parameter", ENT_TYPE_F8, NULL, "1", "length of the mean of all particles at t_end",
   PLACE(order_parameter), false},
  {"energy", ENT_TYPE_F8, NULL, "1", "energy at t_end", PLACE(energy), false},
  {"speed", ENT_TYPE_F8, NULL, "1", "root mean square of |dx_i/dt| at t_end", PLACE(speed), false},
  {"clusters", ENT_TYPE_I4, NULL, "1", "number of clusters at t_end, single linkage at the first delta",
   PLACE(clusters), false},
  {"steps", ENT_TYPE_I8, NULL, "1", "accepted steps", PLACE(steps), false},
  {"rejected", ENT_TYPE_I8, NULL, "1", "rejected steps", PLACE(rejected), false},
  {"rhs_evals", ENT_TYPE_I8, NULL, "1", "evaluations of the right-hand side", PLACE(rhs_evals), false},
  {"drift", ENT_TYPE_F8, NULL, "1", "largest ||x_i| - 1| before renormalizing", PLACE(drift), false},
  {"error", ENT_TYPE_I4, NULL, "1", "why the job failed, 0 when it did not", PLACE(error), false},
  {"wall_s", ENT_TYPE_F8, NULL, "s", "time it took", PLACE(wall_s), false},
  {"worker", ENT_TYPE_I4, NULL, "1", "rank that computed the row", PLACE(worker), false},
  {"attempt", ENT_TYPE_I4, NULL, "1",
   "the run segment that wrote the row, 1, 2, ...: its entry in /segments plus one", PLACE(attempt), false},
  {"checksum", ENT_TYPE_U4, NULL, "1", "CRC-32 of the row, its series and its final state", PLACE(checksum),
   false},
};

enum { FIXED_COLUMNS = sizeof fixed_columns / sizeof fixed_columns[0] };

static const struct {
  int number;
  const char *label, *text;
} job_errors[] = {
#define JOB_ERROR_ENTRY(name, number, label, text) {number, label, text},
  ENT_JOB_ERRORS(JOB_ERROR_ENTRY)
#undef JOB_ERROR_ENTRY
};

enum { JOB_ERRORS = sizeof job_errors / sizeof job_errors[0] };

const char *ent_job_error_label(int error) {
  for (size_t i = 0; i < JOB_ERRORS; i++)
    if (job_errors[i].number == error) return job_errors[i].label;
  return "unknown";
}

const char *ent_job_error_text(int error) {
  for (size_t i = 0; i < JOB_ERRORS; i++)
    if (job_errors[i].number == error) return job_errors[i].text;
  return "unknown";
}

void ent_result_init(ent_result *result) {
  memset(result, 0, sizeof *result);
  for (size_t k = 0; k < ENT_MAX_DELTAS; k++) result->t_sync[k] = NAN;
  result->t_certain = result->t_end = NAN;
  result->order_parameter = result->energy = result->speed = result->drift = NAN;
  for (size_t k = 0; k < ENT_MAX_EXTRAS; k++)
    result->extras[k].number = NAN; /* whose first half is label 0 */
}

size_t ent_type_size(ent_type type) {
  return type == ENT_TYPE_F8 || type == ENT_TYPE_I8 ? 8 : 4;
}

/* Appends a column; the array has room for it. */
static int add_column(ent_layout *layout, const char *name, const ent_column *like) {
  ent_column *column = &layout->columns[layout->n_columns];
  ENT_CHECK(ent_layout_find(layout, name) == NULL, ENT_ERR_ARGUMENT,
            "two columns of the results are named '%s'", name);
  ENT_CHECK(strlen(name) < sizeof column->name, ENT_ERR_ARGUMENT, "column name '%s' is too long", name);
  *column = *like;
  snprintf(column->name, sizeof column->name, "%s", name);
  column->offset = layout->size;
  layout->size += ent_type_size(column->type);
  layout->n_columns++;
  return ENT_OK;
}

static ent_type axis_type(const ent_axis *axis) {
  if (axis->parameter->kind == ENT_PARAM_CHOICE) return ENT_TYPE_ENUM;
  if (axis->group != ENT_GROUP_GRID) return ENT_TYPE_F8;
  return axis->slot == ENT_GRID_SEED ? ENT_TYPE_I8 : ENT_TYPE_I4;
}

static int add_axes(ent_layout *layout, const ent_grid *grid) {
  for (size_t i = 0; i < grid->n_axes; i++) {
    const ent_axis *axis = &grid->axes[i];
    const ent_column like = {.type = axis_type(axis),
                             .labels = axis->parameter->choices,
                             .unit = axis->parameter->unit ? axis->parameter->unit : "1",
                             .summary = axis->parameter->summary,
                             .source = ENT_COLUMN_AXIS,
                             .place = i};
    ENT_TRY(add_column(layout, axis->name, &like));
  }
  return ENT_OK;
}

static int add_fixed(ent_layout *layout, const fixed_column *fixed, const ent_spec *spec) {
  const size_t width = fixed->per_delta ? spec->n_delta : 1;
  for (size_t k = 0; k < width; k++) {
    char name[64];
    if (k == 0)
      snprintf(name, sizeof name, "%s", fixed->name);
    else
      snprintf(name, sizeof name, "%s_%zu", fixed->name, k + 1);
    const ent_column like = {.type = fixed->type,
                             .labels = fixed->labels,
                             .unit = fixed->unit ? fixed->unit : ent_time_unit_names[spec->unit],
                             .summary = fixed->summary,
                             .source = ENT_COLUMN_RESULT,
                             .place = fixed->place + k * sizeof(double)};
    ENT_TRY(add_column(layout, name, &like));
  }
  return ENT_OK;
}

static int add_extras(ent_layout *layout, const ent_spec *spec) {
  size_t extra = 0;
  for (size_t i = 0; i < spec->n_observe; i++) {
    const ent_observable *observable = spec->observe[i];
    if (observable->flags & ENT_OBSERVE_IN_EVERY_ROW) continue;
    for (size_t k = 0; k < ent_observable_width(observable, spec->n_delta); k++, extra++) {
      char name[64];
      ENT_CHECK(extra < ENT_MAX_EXTRAS, ENT_ERR_ARGUMENT,
                "the observables declare more columns than the %d that a row has room for", ENT_MAX_EXTRAS);
      ent_observable_name(observable, k, sizeof name, name);
      const ent_column like = {.type = observable->labels ? ENT_TYPE_ENUM : ENT_TYPE_F8,
                               .labels = observable->labels,
                               .unit = observable->unit,
                               .summary = observable->summary,
                               .source = ENT_COLUMN_RESULT,
                               .place = PLACE(extras) + extra * sizeof(ent_extra)};
      ENT_TRY(add_column(layout, name, &like));
    }
  }
  return ENT_OK;
}

int ent_layout_create(const ent_spec *spec, ent_layout **layout) {
  int code = ENT_OK;
  ent_arena *arena = NULL;
  ent_layout *made = NULL;
  const size_t most = spec->grid.n_axes + FIXED_COLUMNS + ENT_MAX_DELTAS + ENT_MAX_EXTRAS;
  ENT_GOTO(ent_arena_create(&arena));
  ENT_GOTO(ent_arena_alloc(arena, 1, sizeof *made, &made));
  made->arena = arena;
  ENT_GOTO(ent_arena_alloc(arena, most, sizeof *made->columns, &made->columns));
  ENT_GOTO(add_axes(made, &spec->grid));
  for (size_t i = 0; i < FIXED_COLUMNS; i++) ENT_GOTO(add_fixed(made, &fixed_columns[i], spec));
  ENT_GOTO(add_extras(made, spec));
  made->checksum_offset = ent_layout_find(made, "checksum")->offset;
  made->status_offset = ent_layout_find(made, "status")->offset;
  *layout = made;
  arena = NULL;
done:
  ent_arena_destroy(&arena);
  return code;
}

void ent_layout_destroy(ent_layout **layout) {
  if (layout == NULL || *layout == NULL) return;
  ent_arena *arena = (*layout)->arena; /* the layout itself lives in it */
  *layout = NULL;
  ent_arena_destroy(&arena);
}

const ent_column *ent_layout_find(const ent_layout *layout, const char *name) {
  for (size_t i = 0; i < layout->n_columns; i++)
    if (strcmp(layout->columns[i].name, name) == 0) return &layout->columns[i];
  return NULL;
}

static void encode_axis(const ent_column *column, const ent_axis *axis, int64_t i, unsigned char *row) {
  const double real = ent_axis_value(axis, i);
  const int64_t whole = (int64_t)real; /* exact: no seed is above 2^53 - 1 */
  const int32_t small = (int32_t)whole;
  switch (column->type) {
    case ENT_TYPE_F8: memcpy(row + column->offset, &real, sizeof real); break;
    case ENT_TYPE_I8: memcpy(row + column->offset, &whole, sizeof whole); break;
    case ENT_TYPE_I4:
    case ENT_TYPE_U4:
    case ENT_TYPE_ENUM: memcpy(row + column->offset, &small, sizeof small); break;
  }
}

void ent_layout_encode_axes(const ent_layout *layout, const ent_grid *grid, int64_t index,
                            unsigned char *row) {
  int64_t coordinates[ENT_MAX_AXES];
  ent_grid_coordinates(grid, index, coordinates);
  for (size_t i = 0; i < layout->n_columns; i++) {
    const ent_column *column = &layout->columns[i];
    if (column->source != ENT_COLUMN_AXIS) continue;
    const ent_axis *axis = &grid->axes[column->place];
    encode_axis(column, axis, coordinates[axis->dim], row);
  }
}

void ent_layout_encode(const ent_layout *layout, const ent_result *result, unsigned char *row) {
  const unsigned char *from = (const unsigned char *)result;
  for (size_t i = 0; i < layout->n_columns; i++) {
    const ent_column *column = &layout->columns[i];
    if (column->source != ENT_COLUMN_RESULT) continue;
    memcpy(row + column->offset, from + column->place, ent_type_size(column->type));
  }
}

void ent_layout_decode(const ent_layout *layout, const unsigned char *row, ent_result *result) {
  unsigned char *to = (unsigned char *)result;
  ent_result_init(result);
  for (size_t i = 0; i < layout->n_columns; i++) {
    const ent_column *column = &layout->columns[i];
    if (column->source != ENT_COLUMN_RESULT) continue;
    memcpy(to + column->place, row + column->offset, ent_type_size(column->type));
  }
}

double ent_column_value(const ent_column *column, const unsigned char *row) {
  double f8 = NAN;
  int64_t i8 = 0;
  int32_t i4 = 0;
  uint32_t u4 = 0;
  switch (column->type) {
    case ENT_TYPE_F8: memcpy(&f8, row + column->offset, sizeof f8); return f8;
    case ENT_TYPE_I8: memcpy(&i8, row + column->offset, sizeof i8); return (double)i8;
    case ENT_TYPE_U4: memcpy(&u4, row + column->offset, sizeof u4); return (double)u4;
    case ENT_TYPE_I4:
    case ENT_TYPE_ENUM: memcpy(&i4, row + column->offset, sizeof i4); return (double)i4;
  }
  return f8;
}

uint32_t ent_layout_checksum(const ent_layout *layout, const unsigned char *row, const float *series,
                             size_t n_series_values, const double *final_state, size_t n_final_values) {
  static const unsigned char zero[sizeof(uint32_t)];
  const size_t behind = layout->checksum_offset + sizeof zero;
  uint32_t crc = ent_digest_crc(0, row, layout->checksum_offset);
  crc = ent_digest_crc(crc, zero, sizeof zero);
  if (layout->size > behind) crc = ent_digest_crc(crc, row + behind, layout->size - behind);
  if (n_series_values > 0) crc = ent_digest_crc(crc, series, n_series_values * sizeof *series);
  if (n_final_values > 0) crc = ent_digest_crc(crc, final_state, n_final_values * sizeof *final_state);
  return crc != 0 ? crc : 1; /* 0 is what a row that was never written holds */
}
