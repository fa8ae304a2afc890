#include "entrain/store/start_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/store/h5_try.h"
#include "entrain/store/inputs.h"

/* How far from 1 the norm of a start may be. */
static const double NORM_TOLERANCE = 1e-6;

enum { TABLE_HEAD = 64 }; /* bytes before the values, which keeps them aligned */

/* The dataset while it is read. */
typedef struct start_file {
  const ent_spec *spec;
  const ent_input *input;
  const char *name; /* of the dataset */
  hid_t file, data;
  hsize_t extent[3];
  ent_start_table *table;
  double *x; /* table->x */
} start_file;

#define FAULT_UNLESS(condition, ...)                                                                         \
  do {                                                                                                       \
    if (!(condition)) {                                                                                      \
      snprintf(why, sizeof why, __VA_ARGS__);                                                                \
      code = ent_inputs_fault(start->spec, start->input, why);                                               \
      goto done;                                                                                             \
    }                                                                                                        \
  } while (0)

static const char *dataset_name(const ent_spec *spec) {
  const int slot = ent_parameter_find(spec->initial->parameters, "dataset", strlen("dataset"));
  const char *name = slot >= 0 ? spec->base.values[ENT_GROUP_INITIAL][slot].text : NULL;
  return name ? name : "x";
}

/* The file must still be the one that was hashed when the job file was read. */
static int check_content(const start_file *start) {
  char why[512], digest[ENT_DIGEST_SIZE];
  if (ent_digest_file(start->input->path, digest) != ENT_OK) {
    snprintf(why, sizeof why, "%s", ent_error_message());
    return ent_inputs_fault(start->spec, start->input, why);
  }
  return ent_inputs_check(start->spec, start->input, digest);
}

static int open_dataset(start_file *start) {
  int code = ENT_OK;
  char why[512];
  hid_t access = 0, space = 0, type = 0;
  const char *path = start->input->path;
  ENT_GOTO(ent_h5_access(&access));
  FAULT_UNLESS((start->file = H5Fopen(path, H5F_ACC_RDONLY, access)) >= 0, "'%s' is no HDF5 file", path);
  FAULT_UNLESS((start->data = H5Dopen2(start->file, start->name, H5P_DEFAULT)) >= 0,
               "'%s' has no dataset '%s'", path, start->name);
  ENT_GOTO_H5(space = H5Dget_space(start->data));
  const int rank = H5Sget_simple_extent_ndims(space);
  FAULT_UNLESS(rank == 3, "dataset '%s' has %d dimensions, must have 3: [count, n, d]", start->name, rank);
  ENT_GOTO_H5(H5Sget_simple_extent_dims(space, start->extent, NULL));
  ENT_GOTO_H5(type = H5Dget_type(start->data));
  FAULT_UNLESS(H5Tget_class(type) == H5T_FLOAT, "dataset '%s' holds no floating-point numbers", start->name);
done:
  ent_h5_close(&type);
  ent_h5_close(&space);
  ent_h5_close(&access);
  return code;
}

/* Every value of an axis must be the extent of the dataset. */
static int check_axis(const start_file *start, const char *name, hsize_t extent) {
  int code = ENT_OK;
  char why[512];
  const ent_axis *axis = ent_grid_axis(&start->spec->grid, name);
  for (int64_t i = 0; i < axis->count; i++) {
    const double value = ent_axis_value(axis, i);
    FAULT_UNLESS(value == (double)extent, "dataset '%s' has %s = %llu, the sweep has %s = %.0f", start->name,
                 name, (unsigned long long)extent, name, value);
  }
done:
  return code;
}

static int check_seeds(const start_file *start) {
  int code = ENT_OK;
  char why[512];
  const ent_axis *axis = ent_grid_axis(&start->spec->grid, "seed");
  for (int64_t i = 0; i < axis->count; i++) {
    const double seed = ent_axis_value(axis, i);
    FAULT_UNLESS(seed >= 0 && seed < (double)start->extent[0],
                 "seed %.0f has no start: dataset '%s' holds %llu", seed, start->name,
                 (unsigned long long)start->extent[0]);
  }
done:
  return code;
}

static int read_values(start_file *start) {
  unsigned char *memory = NULL;
  const hsize_t *extent = start->extent;
  const size_t values = (size_t)(extent[0] * extent[1] * extent[2]);
  _Static_assert(sizeof(ent_start_table) <= TABLE_HEAD, "the table fits before its values");
  ENT_TRY(ent_mem_alloc(values + TABLE_HEAD / sizeof(double), sizeof(double), &memory));
  start->table = (ent_start_table *)(void *)memory;
  start->x = (double *)(void *)(memory + TABLE_HEAD);
  *start->table = (ent_start_table){
    .count = (int64_t)extent[0], .n = (int64_t)extent[1], .d = (int64_t)extent[2], .x = start->x};
  ENT_TRY_H5(H5Dread(start->data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, start->x));
  return ENT_OK;
}

/* Rounding in the file is mended, anything else is refused. */
static int normalize(const start_file *start) {
  int code = ENT_OK;
  char why[512];
  const ent_start_table *table = start->table;
  for (int64_t row = 0; row < table->count * table->n; row++) {
    double *x = start->x + row * table->d, sum = 0;
    for (int64_t k = 0; k < table->d; k++) sum += x[k] * x[k];
    const double norm = sqrt(sum);
    FAULT_UNLESS(fabs(norm - 1) <= NORM_TOLERANCE,
                 "start %lld, particle %lld of dataset '%s' has norm %.9g, must be 1",
                 (long long)(row / table->n), (long long)(row % table->n), start->name, norm);
    for (int64_t k = 0; k < table->d; k++) x[k] /= norm;
  }
done:
  return code;
}

/* The file of starts among the inputs, NULL if there is none. */
static const ent_input *find_input(const ent_spec *spec) {
  for (size_t i = 0; i < spec->n_inputs; i++) {
    const ent_input *input = &spec->inputs[i];
    const ent_parameter *parameter = &ent_spec_parameters(spec, input->group)[input->slot];
    if (input->group == ENT_GROUP_INITIAL && parameter->kind == ENT_PARAM_TEXT) return input;
  }
  return NULL;
}

int ent_start_file_load(const ent_spec *spec, ent_start_table **table) {
  int code = ENT_OK;
  start_file start = {.spec = spec, .input = find_input(spec)};
  *table = NULL;
  if (start.input == NULL) return ENT_OK;
  start.name = dataset_name(spec);
  ENT_GOTO(check_content(&start));
  ENT_GOTO(open_dataset(&start));
  ENT_GOTO(check_axis(&start, "n", start.extent[1]));
  ENT_GOTO(check_axis(&start, "d", start.extent[2]));
  ENT_GOTO(check_seeds(&start));
  ENT_GOTO(read_values(&start));
  ENT_GOTO(normalize(&start));
  *table = start.table;
  start.table = NULL;
done:
  free(start.table);
  ent_h5_close(&start.data);
  if (start.file > 0) H5Fclose(start.file);
  return code;
}

void ent_start_table_destroy(ent_start_table **table) {
  if (table == NULL) return;
  free(*table);
  *table = NULL;
}
