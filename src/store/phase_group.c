#include "entrain/store/phase_group.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hdf5_hl.h>

#include "store_impl.h"

/* A variable of /phase over the cells, and the array of ent_phase that fills it. */
typedef struct variable {
  const char *name;
  bool counts;    /* int64_t array, otherwise double */
  bool per_delta; /* [n_delta, n_cells] */
  bool in_time_unit;
  const char *long_name;
  size_t place; /* of the pointer in ent_phase */
} variable;

#define PLACE(field) offsetof(ent_phase, field)

static const variable variables[] = {
  {"count", true, false, false, "rows that are done", PLACE(count)},
  {"sync", true, false, false, "rows that synchronized", PLACE(sync)},
  {"nonsync", true, false, false, "rows that certainly did not synchronize", PLACE(nonsync)},
  {"undecided", true, false, false, "rows without a verdict", PLACE(undecided)},
  {"failed", true, false, false, "rows that failed or were quarantined", PLACE(failed)},
  {"pending", true, false, false, "rows not computed", PLACE(pending)},
  {"p_sync", false, false, false, "share of the decided rows that synchronized", PLACE(p_sync)},
  {"p_sync_low", false, false, false,
   "lower Wilson 95 % limit, undecided and failed rows taken as not synchronized", PLACE(p_sync_low)},
  {"p_sync_high", false, false, false,
   "upper Wilson 95 % limit, undecided and failed rows taken as synchronized", PLACE(p_sync_high)},
  {"t_sync_median", false, true, true, "Kaplan-Meier median of t_sync", PLACE(t_sync_median)},
  {"t_sync_q25", false, true, true, "Kaplan-Meier first quartile of t_sync", PLACE(t_sync_first)},
  {"t_sync_q75", false, true, true, "Kaplan-Meier third quartile of t_sync", PLACE(t_sync_third)},
};

enum { VARIABLES = sizeof variables / sizeof variables[0] };

/* /phase while it is created. */
typedef struct builder {
  hid_t group;
  const ent_spec *spec;
  const ent_layout *layout;
  int rank;                         /* dimensions of a cell */
  int dims[ENT_MAX_AXES];           /* grid dimension of each */
  hsize_t extent[ENT_MAX_AXES + 1]; /* of each, and behind them the number of times */
  hid_t scales[ENT_MAX_AXES + 1];   /* dimension scales, likewise; owned */
  ent_text others;                  /* names of the coordinates that are no dimensions, for `coordinates` */
} builder;

static void set_cells(const ent_spec *spec, int *rank, int dims[ENT_MAX_AXES],
                      hsize_t extent[ENT_MAX_AXES + 1]) {
  *rank = ent_phase_dims(&spec->grid, dims);
  for (int i = 0; i < *rank; i++) extent[i] = (hsize_t)spec->grid.extent[dims[i]];
  extent[*rank] = spec->n_record;
}

static bool is_first_of_dim(const ent_grid *grid, const ent_axis *axis) {
  for (const ent_axis *before = grid->axes; before < axis; before++)
    if (before->dim == axis->dim) return false;
  return true;
}

static bool is_real(ent_type type) {
  return type == ENT_TYPE_F8;
}

/* Choices are numbers with their names as CF flags. */
static int write_flags(hid_t data, const char *const *labels) {
  int code = ENT_OK;
  ent_text meanings = {0};
  int32_t values[256];
  size_t count = 0;
  for (; labels[count] && count < sizeof values / sizeof values[0]; count++) {
    values[count] = (int32_t)count;
    ENT_GOTO(ent_text_append(&meanings, "%s%s", count > 0 ? " " : "", labels[count]));
  }
  ENT_GOTO(ent_attribute_numbers(data, "flag_values", H5T_NATIVE_INT32, count, values));
  ENT_GOTO(ent_attribute_text(data, "flag_meanings", meanings.data ? meanings.data : ""));
done:
  ent_text_fini(&meanings);
  return code;
}

static int write_axis_values(const ent_array *array, const ent_axis *axis) {
  int code = ENT_OK;
  double *values = NULL;
  ENT_TRY(ent_mem_alloc((size_t)axis->count, sizeof *values, &values));
  for (int64_t i = 0; i < axis->count; i++) values[i] = ent_axis_value(axis, i);
  ENT_GOTO(ent_array_write(array, H5T_NATIVE_DOUBLE, 0, axis->count, values));
done:
  free(values);
  return code;
}

/* A coordinate: a dimension scale for the first axis of a dimension, an auxiliary coordinate for those zipped
 * to it. */
static int create_coordinate(builder *build, const ent_axis *axis, int place) {
  int code = ENT_OK;
  ent_array array = {0};
  const ent_column *column = ent_layout_find(build->layout, axis->name);
  const hid_t type = is_real(column->type) ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT32;
  const hsize_t extent = build->extent[place];
  const ent_array_shape shape = {.name = axis->name, .type = type, .rank = 1, .extent = &extent};
  ENT_GOTO(ent_array_create(build->group, &shape, &array));
  ENT_GOTO(write_axis_values(&array, axis));
  ENT_GOTO(ent_attribute_text(array.data, "units", column->unit));
  ENT_GOTO(ent_attribute_text(array.data, "long_name", column->summary));
  if (column->type == ENT_TYPE_ENUM) ENT_GOTO(write_flags(array.data, column->labels));
  if (is_first_of_dim(&build->spec->grid, axis)) {
    ENT_GOTO_H5(H5DSset_scale(array.data, axis->name));
    build->scales[place] = array.data;
    array.data = 0;
  } else {
    ENT_GOTO_H5(H5DSattach_scale(array.data, build->scales[place], 0));
    ENT_GOTO(ent_text_append(&build->others, "%s%s", build->others.length > 0 ? " " : "", axis->name));
  }
done:
  ent_array_close(&array);
  return code;
}

static int create_coordinates(builder *build) {
  const ent_grid *grid = &build->spec->grid;
  for (int place = 0; place < build->rank; place++)
    for (size_t i = 0; i < grid->n_axes; i++)
      if (grid->axes[i].dim == build->dims[place]) ENT_TRY(create_coordinate(build, &grid->axes[i], place));
  return ENT_OK;
}

static int create_time(builder *build) {
  int code = ENT_OK;
  ent_array array = {0};
  const ent_spec *spec = build->spec;
  const hsize_t extent = spec->n_record;
  const ent_array_shape shape = {.name = "time", .type = H5T_NATIVE_DOUBLE, .rank = 1, .extent = &extent};
  ENT_GOTO(ent_array_create(build->group, &shape, &array));
  ENT_GOTO(ent_array_write(&array, 0, 0, (int64_t)extent, spec->record));
  ENT_GOTO(ent_attribute_text(array.data, "units", ent_time_unit_names[spec->unit]));
  ENT_GOTO(ent_attribute_text(array.data, "long_name", "time"));
  ENT_GOTO_H5(H5DSset_scale(array.data, "time"));
  build->scales[build->rank] = array.data;
  array.data = 0;
done:
  ent_array_close(&array);
  return code;
}

/* A variable over the cells, and over the time when it has one dimension more; filled with NaN. */
static int create_variable(builder *build, const ent_array_shape *shape, const char *units,
                           const char *long_name) {
  int code = ENT_OK;
  ent_array array = {0};
  const float missing = NAN;
  ENT_GOTO(ent_array_create(build->group, shape, &array));
  ENT_GOTO(ent_attribute_text(array.data, "units", units));
  ENT_GOTO(ent_attribute_text(array.data, "long_name", long_name));
  if (shape->missing) {
    const double wide = NAN;
    if (H5Tequal(shape->type, H5T_NATIVE_DOUBLE) > 0)
      ENT_GOTO(ent_attribute_numbers(array.data, "_FillValue", H5T_NATIVE_DOUBLE, 1, &wide));
    else
      ENT_GOTO(ent_attribute_numbers(array.data, "_FillValue", H5T_NATIVE_FLOAT, 1, &missing));
  }
  if (build->others.length > 0) ENT_GOTO(ent_attribute_text(array.data, "coordinates", build->others.data));
  for (int i = 0; i < shape->rank; i++)
    ENT_GOTO_H5(H5DSattach_scale(array.data, build->scales[i], (unsigned)i));
done:
  ent_array_close(&array);
  return code;
}

static void variable_name(const variable *of, size_t k, size_t size, char *name) {
  if (k == 0)
    snprintf(name, size, "%s", of->name);
  else
    snprintf(name, size, "%s_%zu", of->name, k + 1);
}

/* `count` is a whole number and 0 until the group is filled; all others are NaN until then. */
static ent_array_shape variable_shape(const variable *of, const char *name, int rank, const hsize_t *extent) {
  const bool whole = strcmp(of->name, "count") == 0;
  return (ent_array_shape){.name = name,
                           .type = whole ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE,
                           .rank = rank,
                           .extent = extent,
                           .missing = !whole};
}

static int create_variables(builder *build) {
  const ent_spec *spec = build->spec;
  for (const variable *of = variables; of < variables + VARIABLES; of++) {
    const size_t width = of->per_delta ? spec->n_delta : 1;
    for (size_t k = 0; k < width; k++) {
      char name[64];
      variable_name(of, k, sizeof name, name);
      const ent_array_shape shape = variable_shape(of, name, build->rank, build->extent);
      ENT_TRY(create_variable(build, &shape, of->in_time_unit ? ent_time_unit_names[spec->unit] : "1",
                              of->long_name));
    }
  }
  return ENT_OK;
}

static ent_array_shape mean_shape(const char *name, int rank, const hsize_t *extent) {
  return (ent_array_shape){
    .name = name, .type = H5T_NATIVE_FLOAT, .rank = rank + 1, .extent = extent, .missing = true};
}

static int create_means(builder *build) {
  const size_t n_series = ent_spec_series_count(build->spec);
  if (n_series == 0) return ENT_OK;
  ENT_TRY(create_time(build));
  for (size_t k = 0; k < n_series; k++) {
    char name[64], long_name[256];
    double delta = 0;
    const ent_observable *observable = ent_spec_series(build->spec, k, &delta, name);
    const ent_array_shape shape = mean_shape(name, build->rank, build->extent);
    snprintf(long_name, sizeof long_name, "mean over the seeds of: %s", observable->summary);
    ENT_TRY(create_variable(build, &shape, observable->unit, long_name));
  }
  return ENT_OK;
}

int ent_phase_group_create(hid_t file, const ent_spec *spec) {
  int code = ENT_OK;
  ent_layout *layout = NULL;
  builder build = {.spec = spec};
  set_cells(spec, &build.rank, build.dims, build.extent);
  ENT_GOTO(ent_layout_create(spec, &layout));
  build.layout = layout;
  ENT_GOTO(ent_group_create(file, "phase", &build.group));
  ENT_GOTO(ent_attribute_text(build.group, "Conventions", "CF-1.8"));
  ENT_GOTO(ent_attribute_text(build.group, "title", spec->name));
  ENT_GOTO(create_coordinates(&build));
  ENT_GOTO(create_variables(&build));
  ENT_GOTO(create_means(&build));
done:
  for (int i = 0; i <= build.rank; i++) ent_h5_close(&build.scales[i]);
  ent_h5_close(&build.group);
  ent_text_fini(&build.others);
  ent_layout_destroy(&layout);
  return code;
}

/* What is done with an array of /phase and the values [entries] that belong into it. */
typedef struct visit visit;
struct visit {
  int (*act)(visit *own, const ent_array *array, hid_t memory, size_t entries, const void *values);
  bool counts; /* the array that is visited now holds counts of rows */
  bool differs, counts_differ, is_filled;
};

/* Opens an array of /phase, visits it and closes it. */
static int visit_array(visit *own, hid_t group, const ent_array_shape *shape, hid_t memory,
                       const void *values) {
  int code = ENT_OK;
  size_t entries = 1;
  ent_array array = {0};
  for (int i = 0; i < shape->rank; i++) entries *= (size_t)shape->extent[i];
  ENT_TRY(ent_array_open(group, shape, &array));
  ENT_GOTO(own->act(own, &array, memory, entries, values));
done:
  ent_array_close(&array);
  return code;
}

static int visit_variable(visit *own, hid_t group, const variable *of, const ent_phase *phase, int rank,
                          const hsize_t *extent) {
  const char *pointer = (const char *)phase + of->place;
  const size_t width = of->per_delta ? phase->n_delta : 1;
  own->counts = of->counts;
  for (size_t k = 0; k < width; k++) {
    char name[64];
    const size_t skip = k * (size_t)phase->n_cells;
    variable_name(of, k, sizeof name, name);
    const ent_array_shape shape = variable_shape(of, name, rank, extent);
    if (of->counts)
      ENT_TRY(
        visit_array(own, group, &shape, H5T_NATIVE_INT64, *(int64_t *const *)(const void *)pointer + skip));
    else
      ENT_TRY(
        visit_array(own, group, &shape, H5T_NATIVE_DOUBLE, *(double *const *)(const void *)pointer + skip));
  }
  return ENT_OK;
}

static int visit_means(visit *own, hid_t group, const ent_spec *spec, const ent_phase *phase, int rank,
                       const hsize_t *extent) {
  own->counts = false;
  for (size_t k = 0; k < phase->n_series; k++) {
    char name[64];
    double delta = 0;
    ent_spec_series(spec, k, &delta, name);
    const ent_array_shape shape = mean_shape(name, rank, extent);
    ENT_TRY(visit_array(own, group, &shape, H5T_NATIVE_FLOAT,
                        phase->mean + k * (size_t)phase->n_cells * phase->n_times));
  }
  return ENT_OK;
}

static int visit_all(visit *own, ent_store *store, const ent_phase *phase) {
  int code = ENT_OK, rank = 0, dims[ENT_MAX_AXES];
  hid_t group = 0;
  hsize_t extent[ENT_MAX_AXES + 1];
  set_cells(store->spec, &rank, dims, extent);
  ENT_GOTO_H5(group = H5Gopen2(store->file, "phase", H5P_DEFAULT));
  for (size_t i = 0; i < VARIABLES; i++)
    ENT_GOTO(visit_variable(own, group, &variables[i], phase, rank, extent));
  ENT_GOTO(visit_means(own, group, store->spec, phase, rank, extent));
done:
  ent_h5_close(&group);
  return code;
}

static int write_values(visit *own, const ent_array *array, hid_t memory, size_t entries,
                        const void *values) {
  (void)own;
  (void)entries;
  return ent_array_write(array, memory, 0, array->rank > 0 ? (int64_t)array->extent[0] : 1, values);
}

int ent_store_write_phase(ent_store *store, const ent_phase *phase) {
  visit own = {.act = write_values};
  ENT_TRY(ent_store_check_writable(store));
  ENT_TRY(visit_all(&own, store, phase));
  return ENT_OK;
}

/* Counts of rows lie in the file as doubles, but for `count`; NaN says that nothing was filled in yet. */
static bool same_counts(const double *there, const int64_t *wanted, size_t entries) {
  for (size_t i = 0; i < entries; i++)
    if (!(there[i] == (double)wanted[i])) return false;
  return true;
}

static int compare_values(visit *own, const ent_array *array, hid_t memory, size_t entries,
                          const void *values) {
  int code = ENT_OK;
  unsigned char *there = NULL;
  const bool converts = H5Tequal(array->type, memory) <= 0;
  ENT_TRY(ent_mem_alloc(entries, array->item, &there));
  ENT_GOTO(ent_array_read(array, 0, array->rank > 0 ? (int64_t)array->extent[0] : 1, there));
  const double *reals = (const double *)(const void *)there;
  if (converts) own->is_filled = own->is_filled || !isnan(reals[0]);
  const bool is_same =
    converts ? same_counts(reals, values, entries) : memcmp(there, values, entries * array->item) == 0;
  if (!is_same && own->counts) own->counts_differ = true;
  if (!is_same) own->differs = true;
done:
  free(there);
  return code;
}

int ent_store_check_phase(ent_store *store, const ent_phase *phase, ent_phase_state *state) {
  visit own = {.act = compare_values};
  ENT_TRY(visit_all(&own, store, phase));
  if (!own.is_filled)
    *state = ENT_PHASE_EMPTY;
  else if (!own.differs)
    *state = ENT_PHASE_CURRENT;
  else
    *state = own.counts_differ ? ENT_PHASE_STALE : ENT_PHASE_DAMAGED;
  return ENT_OK;
}
