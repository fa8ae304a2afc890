#include "entrain/app/report_table.h"

#include <inttypes.h>
#include <string.h>

static bool is_cell_axis(const ent_grid *grid, const ent_axis *axis) {
  return axis->dim != grid->seed_dim;
}

static int append_axis_names(const ent_grid *grid, ent_text *text) {
  for (size_t i = 0; i < grid->n_axes; i++)
    if (is_cell_axis(grid, &grid->axes[i])) ENT_TRY(ent_text_append(text, "%s,", grid->axes[i].name));
  return ENT_OK;
}

static int append_axis_values(const ent_grid *grid, int64_t cell, ent_text *text) {
  for (size_t i = 0; i < grid->n_axes; i++) {
    const ent_axis *axis = &grid->axes[i];
    if (!is_cell_axis(grid, axis)) continue;
    ENT_TRY(ent_curves_append_value(axis, ent_phase_cell_value(grid, axis, cell), text));
    ENT_TRY(ent_text_append(text, ","));
  }
  return ENT_OK;
}

static int append_cells_header(const ent_curves *curves, ent_text *text) {
  ENT_TRY(append_axis_names(curves->phase->grid, text));
  ENT_TRY(ent_text_append(text, "count,sync,nonsync,undecided,failed,pending,p_sync,p_sync_low,p_sync_high"));
  for (size_t k = 0; k < curves->phase->n_delta; k++) {
    ENT_TRY(k == 0 ? ent_text_append(text, ",t_sync_median,t_sync_q25,t_sync_q75")
                   : ent_text_append(text, ",t_sync_median_%zu,t_sync_q25_%zu,t_sync_q75_%zu", k + 1, k + 1,
                                     k + 1));
  }
  return ent_text_append(text, "%s\n", curves->overlap >= 0 ? ",t_half" : "");
}

static int append_real(ent_text *text, double value) {
  ENT_TRY(ent_text_append(text, ","));
  return ent_text_append_real(text, value);
}

/* One line of cells.csv. */
static int append_cell(const ent_curves *curves, int64_t cell, double t_half, ent_text *text) {
  const ent_phase *phase = curves->phase;
  ENT_TRY(append_axis_values(phase->grid, cell, text));
  ENT_TRY(ent_text_append(text, "%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64,
                          phase->count[cell], phase->sync[cell], phase->nonsync[cell], phase->undecided[cell],
                          phase->failed[cell], phase->pending[cell]));
  ENT_TRY(append_real(text, phase->p_sync[cell]));
  ENT_TRY(append_real(text, phase->p_sync_low[cell]));
  ENT_TRY(append_real(text, phase->p_sync_high[cell]));
  for (size_t k = 0; k < phase->n_delta; k++) {
    const size_t place = k * (size_t)phase->n_cells + (size_t)cell;
    ENT_TRY(append_real(text, phase->t_sync_median[place]));
    ENT_TRY(append_real(text, phase->t_sync_first[place]));
    ENT_TRY(append_real(text, phase->t_sync_third[place]));
  }
  if (curves->overlap >= 0) ENT_TRY(append_real(text, t_half));
  return ent_text_append(text, "\n");
}

static int append_cells(const ent_curves *curves, ent_text *text) {
  const size_t points = curves->n_groups * curves->n_x;
  ENT_TRY(append_cells_header(curves, text));
  for (size_t i = 0; i < points; i++) ENT_TRY(append_cell(curves, curves->cells[i], curves->t_half[i], text));
  return ENT_OK;
}

static int append_series(const ent_curves *curves, size_t k, const char *name, ent_text *text) {
  const ent_phase *phase = curves->phase;
  ENT_TRY(append_axis_names(phase->grid, text));
  ENT_TRY(ent_text_append(text, "t,%s\n", name));
  for (size_t i = 0; i < curves->n_groups * curves->n_x; i++) {
    const float *mean = ent_curves_mean(curves, k, i / curves->n_x, i % curves->n_x);
    for (size_t t = 0; t < phase->n_times; t++) {
      ENT_TRY(append_axis_values(phase->grid, curves->cells[i], text));
      ENT_TRY(ent_text_append_real(text, curves->spec->record[t]));
      ENT_TRY(ent_text_append(text, ",%.9g\n", (double)mean[t]));
    }
  }
  return ENT_OK;
}

static int write_table(const char *folder, const char *name, const ent_text *table, ent_text *written) {
  int code = ENT_OK;
  ent_text path = {0};
  ENT_GOTO(ent_text_append(&path, "%s/%s", folder, name));
  ENT_GOTO(ent_text_write_file(path.data, table->data, table->length));
  ENT_GOTO(ent_text_append(written, "%s\n", path.data));

done:
  ent_text_fini(&path);
  return code;
}

static int write_series(const ent_curves *curves, size_t k, const char *folder, ent_text *written) {
  int code = ENT_OK;
  ent_text table = {0}, file = {0};
  char name[64];
  double delta;
  ent_spec_series(curves->spec, k, &delta, name);
  ENT_GOTO(append_series(curves, k, name, &table));
  ENT_GOTO(ent_text_append(&file, "series_%s.csv", name));
  ENT_GOTO(write_table(folder, file.data, &table, written));

done:
  ent_text_fini(&table);
  ent_text_fini(&file);
  return code;
}

int ent_table_write(const ent_curves *curves, const char *folder, ent_text *written) {
  int code = ENT_OK;
  ent_text cells = {0};
  ENT_GOTO(append_cells(curves, &cells));
  ENT_GOTO(write_table(folder, "cells.csv", &cells, written));
  for (size_t k = 0; k < curves->phase->n_series; k++) ENT_GOTO(write_series(curves, k, folder, written));

done:
  ent_text_fini(&cells);
  return code;
}

int ent_table_append_column(const ent_column *column, const unsigned char *row, ent_text *text) {
  int64_t whole = 0;
  const double value = ent_column_value(column, row);
  if (column->type == ENT_TYPE_F8) return ent_text_append_real(text, value);
  if (column->type == ENT_TYPE_I8)
    memcpy(&whole, row + column->offset, sizeof whole);
  else
    whole = (int64_t)value;
  if (column->type != ENT_TYPE_ENUM) return ent_text_append(text, "%" PRId64, whole);
  for (int64_t i = 0; column->labels[i]; i++)
    if (i == whole) return ent_text_append(text, "%s", column->labels[i]);
  return ent_text_append(text, "%" PRId64, whole);
}
