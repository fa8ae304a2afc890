#include <stdio.h>

#include <hdf5_hl.h>

#include "store_impl.h"

/* Creates one series with its attributes; its second dimension is the time. */
static int create_series(hid_t group, const ent_spec *spec, size_t k, hid_t time) {
  int code = ENT_OK;
  ent_array array = {0};
  char name[64];
  double delta = 0;
  const ent_observable *observable = ent_spec_series(spec, k, &delta, name);
  const hsize_t extent[] = {(hsize_t)spec->grid.size, spec->n_record};
  const ent_array_shape shape = {.name = name, .type = H5T_NATIVE_FLOAT, .rank = 2, .extent = extent};
  ENT_GOTO(ent_array_create(group, &shape, &array));
  ENT_GOTO(ent_attribute_text(array.data, "units", observable->unit));
  ENT_GOTO(ent_attribute_text(array.data, "long_name", observable->summary));
  ENT_GOTO(ent_attribute_numbers(array.data, "delta", H5T_NATIVE_DOUBLE, 1, &delta));
  ENT_GOTO_H5(H5DSattach_scale(array.data, time, 1));
done:
  ent_array_close(&array);
  return code;
}

int ent_series_create(hid_t file, const ent_spec *spec) {
  int code = ENT_OK;
  hid_t group = 0;
  ent_array time = {0};
  const size_t n_series = ent_spec_series_count(spec);
  const hsize_t extent = spec->n_record;
  const ent_array_shape shape = {.name = "time", .type = H5T_NATIVE_DOUBLE, .rank = 1, .extent = &extent};
  if (n_series == 0) return ENT_OK;
  ENT_GOTO(ent_group_create(file, "series", &group));
  ENT_GOTO(ent_array_create(group, &shape, &time));
  ENT_GOTO(ent_array_write(&time, 0, 0, (int64_t)extent, spec->record));
  ENT_GOTO(ent_attribute_text(time.data, "units", ent_time_unit_names[spec->unit]));
  ENT_GOTO_H5(H5DSset_scale(time.data, "time"));
  for (size_t k = 0; k < n_series; k++) ENT_GOTO(create_series(group, spec, k, time.data));
done:
  ent_array_close(&time);
  ent_h5_close(&group);
  return code;
}

int ent_series_open(ent_store *store) {
  const ent_spec *spec = store->spec;
  const size_t n_series = ent_spec_series_count(spec);
  const hsize_t extent[] = {(hsize_t)spec->grid.size, spec->n_record};
  if (n_series == 0) return ENT_OK;
  ENT_TRY(ent_mem_alloc(n_series, sizeof *store->series, &store->series));
  for (; store->n_series < n_series; store->n_series++) {
    char name[64], path[80];
    double delta = 0;
    ent_spec_series(spec, store->n_series, &delta, name);
    snprintf(path, sizeof path, "series/%s", name);
    const ent_array_shape shape = {.name = path, .type = H5T_NATIVE_FLOAT, .rank = 2, .extent = extent};
    ENT_TRY(ent_array_open(store->file, &shape, &store->series[store->n_series]));
  }
  return ENT_OK;
}
