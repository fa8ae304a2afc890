#include "entrain/app/regrid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/app/command.h"
#include "entrain/app/submit_script.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/sweep/job_file.h"

/* The absolute path of a file that need not be there: its folder must. */
static int append_absolute(const char *path, ent_text *text) {
  int code = ENT_OK;
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  char *folder = NULL;
  ent_text relative = {0};
  ENT_GOTO(ent_text_append(&relative, "%.*s.", slash ? (int)(name - path) : 0, path));
  folder = realpath(relative.data, NULL);
  ENT_CHECK_GOTO(folder && name[0] != '\0', ENT_ERR_ARGUMENT, "'%s' cannot be a job file: no such folder",
                 path);
  ENT_GOTO(ent_text_append(text, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, name));
done:
  free(folder);
  ent_text_fini(&relative);
  return code;
}

/*
 * Whoever is in the job file's place must be the job file of before, or that of an attempt that was killed.
 */
static int check_place(const ent_regrid *own) {
  int code = ENT_OK;
  ent_text there = {0};
  const ent_spec *old = ent_store_spec(own->surgery.old);
  if (access(own->job.data, F_OK) != 0) return ENT_OK;
  ENT_GOTO(ent_text_read_file(own->job.data, &there));
  const char *text = there.data ? there.data : "";
  ENT_CHECK_GOTO(strcmp(text, old->text) == 0 || strcmp(text, own->text.data) == 0, ENT_ERR_ARGUMENT,
                 "'%s' is another file, it is not replaced: name a place for the job file with --job",
                 own->job.data);
done:
  ent_text_fini(&there);
  return code;
}

static int parse_text(ent_regrid *own, ent_text *faults) {
  const ent_spec *old = ent_store_spec(own->surgery.old);
  ENT_TRY(ent_job_file_parse(own->text.data, own->job.data, old->petsc_options, old->input_digests,
                             &own->spec, faults));
  return ENT_OK;
}

/* A relative path starts at the job file's folder: in another folder it becomes absolute. */
static int keep_inputs(ent_regrid *own, ent_text *faults) {
  int code = ENT_OK;
  bool moves = false;
  ent_job_edit *edit = NULL;
  ent_text text = {0};
  const ent_spec *old = ent_store_spec(own->surgery.old);
  ENT_GOTO(ent_job_edit_create(own->spec, &edit));
  for (size_t i = 0; i < own->spec->n_inputs; i++) {
    const ent_input *input = &own->spec->inputs[i];
    const ent_input *before = ent_spec_input(old, input->group, input->slot);
    if (before == NULL || strcmp(before->path, input->path) == 0) continue;
    ENT_GOTO(ent_job_edit_input(edit, input, before->path));
    moves = true;
  }
  if (!moves) goto done;
  ENT_GOTO(ent_job_edit_write(edit, &text));
  ent_job_edit_destroy(&edit);
  ent_spec_destroy(&own->spec);
  ent_text_fini(&own->text);
  own->text = text;
  text = (ent_text){0};
  ENT_GOTO(parse_text(own, faults));
done:
  ent_job_edit_destroy(&edit);
  ent_text_fini(&text);
  return code;
}

static int read_text(ent_regrid *own, ent_text *faults) {
  int code = ENT_OK;
  ent_text path = {0};
  if (own->job_path)
    ENT_GOTO(ent_text_append(&path, "%s", own->job_path));
  else
    ENT_GOTO(ent_submit_append_beside(own->surgery.path, ".yaml", &path));
  ENT_GOTO(append_absolute(path.data, &own->job));
  ENT_GOTO(ent_command_check_target(own->job.data, own->surgery.path));
  ENT_GOTO(parse_text(own, faults));
  ENT_GOTO(keep_inputs(own, faults));
  ENT_GOTO(check_place(own));
  for (size_t i = 0; i < own->spec->n_inputs; i++)
    if (access(own->spec->inputs[i].path, R_OK) != 0)
      ent_log(ENT_LOG_WARNING, "the input file '%s' is not there", own->spec->inputs[i].path);
done:
  ent_text_fini(&path);
  return code;
}

/* Index of a value on the old axis, from `from` on; -1 if it is not there. */
static int64_t find_value(const ent_axis *axis, double value, int64_t from) {
  if (axis->values == NULL) {
    const double index = value - (double)axis->first;
    return index >= (double)from && index < (double)axis->count ? (int64_t)index : -1;
  }
  for (int64_t i = from; i < axis->count; i++)
    if (axis->values[i] == value) return i;
  return -1;
}

/*
 * Where a dimension's points were along the same dimension of the old grid; all axes of it must agree. Values
 * that stay keep their order, and new ones stand behind them all: each is looked for behind the last one
 * found.
 */
static int map_dimension(ent_regrid *own, const ent_axis *axis, bool is_first) {
  const ent_grid *old = &ent_store_spec(own->surgery.old)->grid;
  const ent_axis *before = ent_grid_axis(old, axis->name);
  int64_t *map = own->to_old[axis->dim], from = 0;
  ENT_CHECK(before && before->dim == axis->dim, ENT_ERR_INTERNAL, "axis '%s' has moved", axis->name);
  for (int64_t i = 0; i < axis->count; i++) {
    const int64_t found = find_value(before, ent_axis_value(axis, i), from);
    if (is_first) map[i] = found;
    ENT_CHECK(found == map[i], ENT_ERR_ARGUMENT,
              "'%s' is coupled to other axes by zip, must be changed together with them", axis->name);
    if (found >= 0) from = found + 1;
  }
  return ENT_OK;
}

static int map_grid(ent_regrid *own) {
  const ent_grid *grid = &own->spec->grid, *old = &ent_store_spec(own->surgery.old)->grid;
  ENT_CHECK(grid->n_dims == old->n_dims && grid->n_axes == old->n_axes, ENT_ERR_INTERNAL, "axes were lost");
  for (size_t k = 0; k < grid->n_axes; k++) {
    const ent_axis *axis = &grid->axes[k];
    const bool is_first = own->to_old[axis->dim] == NULL;
    if (is_first) ENT_TRY(ent_mem_alloc((size_t)axis->count, sizeof(int64_t), &own->to_old[axis->dim]));
    ENT_TRY(map_dimension(own, axis, is_first));
  }
  return ENT_OK;
}

/* The old row of a new one, -1 if there is none. */
static int64_t old_row(const ent_regrid *own, int64_t row) {
  int64_t at[ENT_MAX_AXES];
  const ent_grid *grid = &own->spec->grid;
  ent_grid_coordinates(grid, row, at);
  for (int dim = 0; dim < grid->n_dims; dim++) {
    at[dim] = own->to_old[dim][at[dim]];
    if (at[dim] < 0) return -1;
  }
  return ent_grid_row(&ent_store_spec(own->surgery.old)->grid, at);
}

/* Whether an old row is carried over. [in,out] bytes  [layout size] scratch */
static int is_kept(const ent_regrid *own, int64_t row, unsigned char *bytes, bool *kept) {
  ent_result result;
  *kept = own->finished[row] != 0;
  if (!*kept || own->stays == NULL) return ENT_OK;
  ENT_TRY(ent_store_read_rows(own->surgery.old, row, 1, bytes));
  ent_layout_decode(ent_store_layout(own->surgery.old), bytes, &result);
  *kept = own->stays(own->context, &result);
  return ENT_OK;
}

/* What is done with each new row. */
typedef int row_action(ent_regrid *own, int64_t old, int64_t row, bool kept);

static int visit_rows(ent_regrid *own, row_action *act) {
  int code = ENT_OK;
  unsigned char *bytes = NULL;
  ENT_TRY(ent_mem_alloc(1, ent_store_layout(own->surgery.old)->size, &bytes));
  for (int64_t row = 0; row < own->spec->grid.size; row++) {
    const int64_t old = old_row(own, row);
    bool kept = false;
    if (old >= 0) ENT_GOTO(is_kept(own, old, bytes, &kept));
    ENT_GOTO(act(own, old, row, kept));
    ENT_GOTO(ent_surgery_beat(&own->surgery));
  }
done:
  free(bytes);
  return code;
}

static int count_row(ent_regrid *own, int64_t old, int64_t row, bool kept) {
  (void)row;
  own->added += old < 0;
  own->kept += kept;
  own->again += old >= 0 && own->finished[old] && !kept;
  own->gone -= old >= 0;
  return ENT_OK;
}

int ent_regrid_plan(ent_regrid *own, ent_text *text, ent_text *faults) {
  int64_t broken = 0;
  const int64_t size = ent_store_spec(own->surgery.old)->grid.size;
  own->text = *text;
  *text = (ent_text){0};
  ENT_TRY(read_text(own, faults));
  ENT_TRY(map_grid(own));
  ENT_TRY(ent_mem_alloc((size_t)size, 1, &own->finished));
  ENT_TRY(ent_mem_alloc((size_t)size, 1, &own->kills));
  ENT_TRY(ent_store_scan(own->surgery.old, own->finished, &broken));
  ENT_TRY(ent_store_read_kills(own->surgery.old, 0, size, own->kills));
  own->gone = size;
  ENT_TRY(visit_rows(own, count_row));
  return ENT_OK;
}

static int copy_row(ent_regrid *own, int64_t old, int64_t row, bool kept) {
  if (kept) ENT_TRY(ent_store_copy_job(own->surgery.old, old, own->surgery.made, row));
  if (old >= 0 && own->kills[old] > 0)
    ENT_TRY(ent_store_write_kills(own->surgery.made, row, own->kills[old]));
  return ENT_OK;
}

/* Prints how to go on. */
static int print_command(const ent_regrid *own) {
  int code = ENT_OK;
  ent_text text = {0};
  ENT_GOTO(ent_text_append(&text, "go on with: entrain run "));
  ENT_GOTO(ent_submit_append_word(own->job.data, &text));
  ENT_GOTO(ent_text_append(&text, " -o "));
  ENT_GOTO(ent_submit_append_word(own->surgery.path, &text));
  if (own->spec->petsc_options[0] != '\0') ENT_GOTO(ent_text_append(&text, " -- "));
  ENT_GOTO(ent_submit_append_words(own->spec->petsc_options, &text));
  printf("%s\n", text.data);
done:
  ent_text_fini(&text);
  return code;
}

int ent_regrid_carry_out(ent_regrid *own) {
  if (own->surgery.is_dry) return ENT_OK;
  ENT_TRY(ent_surgery_create(&own->surgery, own->spec));
  ENT_TRY(visit_rows(own, copy_row));
  ENT_TRY(ent_text_write_file(own->job.data, own->text.data, own->text.length));
  ENT_TRY(ent_surgery_finish(&own->surgery));
  ENT_TRY(print_command(own));
  return ENT_OK;
}

int ent_regrid_end(ent_regrid *own, int code) {
  code = ent_surgery_end(&own->surgery, code);
  for (int dim = 0; dim < ENT_MAX_AXES; dim++) free(own->to_old[dim]);
  free(own->finished);
  free(own->kills);
  ent_text_fini(&own->job);
  ent_text_fini(&own->text);
  ent_spec_destroy(&own->spec);
  return code;
}
