#include "entrain/sweep/spec.h"

#include <string.h>

#define SEED_MAX 9007199254740991.0 /* 2^53 - 1: every whole number up to it is exact as a double */

static const char *const solver_types[] = {"rk", NULL};
static const char *const solver_schemes[] = {"3bs", "5f", "5dp", "5bs", "6vr", "7vr", "8vr", NULL};
enum { DEFAULT_SCHEME = 2 };

static const ent_parameter no_parameters[] = {{0}};

static int append_list(ent_text *text, const double *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    ENT_TRY(ent_text_append(text, i == 0 ? "" : " "));
    ENT_TRY(ent_text_append_real(text, values[i]));
  }
  ENT_TRY(ent_text_append(text, "\n"));
  return ENT_OK;
}

static int append_quoted(ent_text *text, const char *value) {
  ENT_TRY(ent_text_append(text, "\""));
  ENT_TRY(ent_text_append_json(text, value));
  ENT_TRY(ent_text_append(text, "\"\n"));
  return ENT_OK;
}

static int append_value(ent_text *text, const ent_parameter *parameter, const ent_value *value) {
  if (parameter->kind == ENT_PARAM_TEXT) return append_quoted(text, value->text ? value->text : "");
  if (parameter->kind == ENT_PARAM_FILE) return ent_text_append(text, "\n"); /* absent: it is no input */
  if (parameter->kind == ENT_PARAM_LIST) return append_list(text, value->list, value->count);
  if (parameter->kind == ENT_PARAM_CHOICE)
    return ent_text_append(text, "%s\n", parameter->choices[(size_t)value->number]);
  return append_list(text, &value->number, 1);
}

static bool is_axis(const ent_grid *grid, ent_group group, int slot) {
  for (size_t k = 0; k < grid->n_axes; k++)
    if (grid->axes[k].group == group && grid->axes[k].slot == slot) return true;
  return false;
}

static int append_group(const ent_spec *spec, ent_group group, const char *prefix, ent_text *text) {
  const ent_parameter *table = ent_spec_parameters(spec, group);
  for (int i = 0; table[i].name; i++) {
    const ent_input *input = ent_spec_input(spec, group, i);
    if (is_axis(&spec->grid, group, i)) continue;
    ENT_TRY(ent_text_append(text, "%s.%s = ", prefix, table[i].name));
    if (input) /* counts by its content, not by where it lies */
      ENT_TRY(ent_text_append(text, "%s\n", input->digest));
    else
      ENT_TRY(append_value(text, &table[i], &spec->base.values[group][i]));
  }
  return ENT_OK;
}

/* Seeds are mostly first, first + 1, ... however the job file wrote them. One value is told as a list. */
static bool is_consecutive(const ent_axis *axis) {
  if (axis->count == 1) return false;
  for (int64_t i = 0; axis->values && i < axis->count; i++)
    if (axis->values[i] != axis->values[0] + (double)i) return false;
  return true;
}

static int append_axis_value(ent_text *text, const ent_axis *axis, int64_t i) {
  const double value = ent_axis_value(axis, i);
  if (axis->parameter->kind == ENT_PARAM_CHOICE)
    return ent_text_append(text, " %s", axis->parameter->choices[(size_t)value]);
  ENT_TRY(ent_text_append(text, " "));
  return ent_text_append_real(text, value);
}

static int append_axis(ent_text *text, const ent_axis *axis) {
  ENT_TRY(ent_text_append(text, "sweep.%s = axis %d:", axis->name, axis->dim));
  const bool is_run = axis->parameter->kind != ENT_PARAM_CHOICE && is_consecutive(axis);
  const int64_t written = is_run ? 1 : axis->count;
  for (int64_t i = 0; i < written; i++) ENT_TRY(append_axis_value(text, axis, i));
  if (is_run) ENT_TRY(ent_text_append(text, " and on, %lld values", (long long)axis->count));
  ENT_TRY(ent_text_append(text, "\n"));
  return ENT_OK;
}

static int append_sweep(const ent_spec *spec, ent_text *text) {
  for (size_t k = 0; k < spec->grid.n_axes; k++) ENT_TRY(append_axis(text, &spec->grid.axes[k]));
  return ENT_OK;
}

static int append_parameters(const ent_spec *spec, ent_text *text) {
  ENT_TRY(append_group(spec, ENT_GROUP_GRID, "grid", text));
  ENT_TRY(append_group(spec, ENT_GROUP_MODEL, "parameters", text));
  ENT_TRY(ent_text_append(text, "initial.kind = %s\n", spec->initial ? spec->initial->name : "own"));
  ENT_TRY(append_group(spec, ENT_GROUP_INITIAL, "initial", text));
  ENT_TRY(append_group(spec, ENT_GROUP_SOLVER, "solver", text));
  return ENT_OK;
}

static int append_measurement(const ent_spec *spec, ent_text *text) {
  ENT_TRY(ent_text_append(text, "time.horizon = "));
  ENT_TRY(append_list(text, &spec->horizon, 1));
  ENT_TRY(ent_text_append(text, "time.unit = %s\n", ent_time_unit_names[spec->unit]));
  ENT_TRY(ent_text_append(text, "time.record = "));
  ENT_TRY(append_list(text, spec->record, spec->n_record));
  ENT_TRY(ent_text_append(text, "detect.delta = "));
  ENT_TRY(append_list(text, spec->delta, spec->n_delta));
  ENT_TRY(ent_text_append(text, "detect.stop = %s\n", ent_stop_names[spec->stop]));
  ENT_TRY(ent_text_append(text, "observe ="));
  for (size_t k = 0; k < spec->n_observe; k++) ENT_TRY(ent_text_append(text, " %s", spec->observe[k]->name));
  ENT_TRY(ent_text_append(text, "\n"));
  return ENT_OK;
}

const ent_parameter *ent_spec_parameters(const ent_spec *spec, ent_group group) {
  switch (group) {
    case ENT_GROUP_GRID: return ent_grid_parameters;
    case ENT_GROUP_MODEL: return spec->model->parameters;
    case ENT_GROUP_INITIAL: return spec->initial ? spec->initial->parameters : no_parameters;
    case ENT_GROUP_SOLVER: return ent_solver_parameters;
    default: return no_parameters;
  }
}

/* Number of series of an observable. */
static size_t series_of(const ent_spec *spec, const ent_observable *observable) {
  return observable->flags & ENT_OBSERVE_ROW_ONLY ? 0 : ent_observable_width(observable, spec->n_delta);
}

size_t ent_spec_series_count(const ent_spec *spec) {
  size_t count = 0;
  for (size_t i = 0; i < spec->n_observe && spec->n_record > 0; i++)
    count += series_of(spec, spec->observe[i]);
  return count;
}

const ent_observable *ent_spec_series(const ent_spec *spec, size_t k, double *delta, char name[64]) {
  for (size_t i = 0; i < spec->n_observe; i++) {
    const ent_observable *observable = spec->observe[i];
    const size_t width = series_of(spec, observable);
    if (k < width) {
      *delta = spec->delta[observable->flags & ENT_OBSERVE_PER_DELTA ? k : 0];
      ent_observable_name(observable, k, 64, name);
      return observable;
    }
    k -= width;
  }
  return NULL;
}

const ent_input *ent_spec_input(const ent_spec *spec, ent_group group, int slot) {
  for (size_t i = 0; i < spec->n_inputs; i++)
    if (spec->inputs[i].group == group && spec->inputs[i].slot == slot) return &spec->inputs[i];
  return NULL;
}

ent_parameter ent_spec_legal_values(const ent_spec *spec, const ent_axis *axis) {
  ent_parameter legal = *axis->parameter;
  const bool is_count = axis->group == ENT_GROUP_GRID && axis->slot == ENT_GRID_N;
  const bool has_limit = spec->model && (spec->model->flags & ENT_MODEL_LIMIT_COUNT);
  if (is_count && !has_limit) legal.min = 1;
  return legal;
}

double ent_spec_log_unit(const ent_spec *spec, const ent_point *point) {
  if (spec->unit == ENT_UNIT_T) return 0.0;
  return spec->model->beta ? -spec->model->beta(point) : 0.0;
}

void ent_spec_point(const ent_spec *spec, int64_t row, ent_point *point) {
  ent_grid_point(&spec->grid, &spec->base, row, point);
}

static bool shapes_state(const ent_axis *axis) {
  const bool is_extent = axis->group == ENT_GROUP_GRID && axis->slot != ENT_GRID_SEED;
  return is_extent || axis->parameter->shapes;
}

static int64_t place_of_largest(const ent_axis *axis) {
  int64_t place = 0;
  for (int64_t i = 1; i < axis->count; i++)
    if (ent_axis_value(axis, i) > ent_axis_value(axis, place)) place = i;
  return place;
}

/* The coordinates along a dimension among which the longest state is: those from first to last. */
static void bracket_longest(const ent_grid *grid, int dim, int64_t *first, int64_t *last) {
  const ent_axis *only = NULL;
  size_t n_shaping = 0;
  for (size_t k = 0; k < grid->n_axes; k++) {
    if (grid->axes[k].dim != dim || !shapes_state(&grid->axes[k])) continue;
    only = &grid->axes[k];
    n_shaping++;
  }
  const bool grows = n_shaping == 1 && only->parameter->kind != ENT_PARAM_CHOICE;
  *first = grows ? place_of_largest(only) : 0;
  *last = n_shaping == 0 ? 0 : grows ? *first : grid->extent[dim] - 1;
}

int64_t ent_spec_largest_row(const ent_spec *spec) {
  const ent_grid *grid = &spec->grid;
  int64_t first[ENT_MAX_AXES] = {0}, last[ENT_MAX_AXES] = {0}, at[ENT_MAX_AXES];
  int64_t found = 0;
  size_t largest = 0;
  for (int k = 0; k < grid->n_dims; k++) bracket_longest(grid, k, &first[k], &last[k]);
  memcpy(at, first, sizeof(at));
  for (int k = 0; k < grid->n_dims;) {
    ent_point point;
    const int64_t row = ent_grid_row(grid, at);
    ent_spec_point(spec, row, &point);
    const size_t size = ent_model_size(spec->model, &point);
    if (size > largest) {
      largest = size;
      found = row;
    }
    for (k = 0; k < grid->n_dims && at[k] == last[k]; k++) at[k] = first[k];
    if (k < grid->n_dims) at[k]++;
  }
  return found;
}

size_t ent_spec_largest_state(const ent_spec *spec) {
  ent_point point;
  ent_spec_point(spec, ent_spec_largest_row(spec), &point);
  return ent_model_size(spec->model, &point);
}

int ent_spec_identity(const ent_spec *spec, ent_text *text) {
  ENT_TRY(ent_text_append(text, "study = %lld\n", (long long)spec->study));
  ENT_TRY(ent_text_append(text, "model = %s\n", spec->model->name));
  ENT_TRY(append_parameters(spec, text));
  ENT_TRY(append_sweep(spec, text));
  ENT_TRY(append_measurement(spec, text));
  ENT_TRY(ent_text_append(text, "petsc_options = "));
  ENT_TRY(append_quoted(text, spec->petsc_options));
  return ENT_OK;
}

bool ent_spec_is_large(const ent_spec *spec, int64_t row) {
  ent_point point;
  ent_spec_point(spec, row, &point);
  return ent_model_is_large(spec->model, &point);
}

void ent_spec_destroy(ent_spec **spec) {
  if (!spec || !*spec) return;
  ent_arena *arena = (*spec)->arena; /* the specification itself lies in it */
  ent_arena_destroy(&arena);
  *spec = NULL;
}

const char *const ent_stop_names[] = {"sync", "certified", "horizon", NULL};
const char *const ent_time_unit_names[] = {"t", "exp(-beta)", NULL};

const ent_parameter ent_grid_parameters[] = {
  [ENT_GRID_N] = {.name = "n",
                  .kind = ENT_PARAM_INTEGER,
                  .required = true,
                  .must_be_axis = true,
                  .min = 0,
                  .max = INT32_MAX,
                  .unit = "1",
                  .summary = "number of particles"},
  [ENT_GRID_D] = {.name = "d",
                  .kind = ENT_PARAM_INTEGER,
                  .required = true,
                  .must_be_axis = true,
                  .min = 2,
                  .max = 1000000,
                  .unit = "1",
                  .summary = "dimension of the space; particles live on the unit sphere of R^d"},
  [ENT_GRID_SEED] = {.name = "seed",
                     .kind = ENT_PARAM_INTEGER,
                     .required = true,
                     .must_be_axis = true,
                     .min = 0,
                     .max = SEED_MAX,
                     .unit = "1",
                     .summary = "number of the random start"},
  [ENT_GRID_PARAMETERS] = {0},
};

const ent_parameter ent_solver_parameters[] = {
  [ENT_SOLVER_TYPE] = {.name = "type",
                       .kind = ENT_PARAM_CHOICE,
                       .choices = solver_types,
                       .summary = "family of time steppers: explicit Runge-Kutta"},
  [ENT_SOLVER_SCHEME] = {.name = "scheme",
                         .kind = ENT_PARAM_CHOICE,
                         .default_value = DEFAULT_SCHEME,
                         .choices = solver_schemes,
                         .summary = "Runge-Kutta scheme, by PETSc's name: order and authors"},
  [ENT_SOLVER_RTOL] = {.name = "rtol",
                       .kind = ENT_PARAM_REAL,
                       .open_min = true,
                       .default_value = 1e-6,
                       .min = 0,
                       .max = 0.1,
                       .unit = "1",
                       .summary = "error per step, relative to the sphere's radius 1"},
  [ENT_SOLVER_ATOL] = {.name = "atol",
                       .kind = ENT_PARAM_REAL,
                       .open_min = true,
                       .default_value = 1e-9,
                       .min = 0,
                       .max = 0.1,
                       .unit = "1",
                       .summary = "error per step, absolute"},
  [ENT_SOLVER_PARAMETERS] = {0},
};
