#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "entrain/app/command.h"
#include "entrain/app/commands.h"
#include "entrain/app/regrid.h"
#include "entrain/app/report_table.h"
#include "entrain/app/select.h"
#include "entrain/base/mem.h"
#include "entrain/base/text.h"

/* For each dimension of the grid which of its points stay; NULL: all. */
typedef struct slices {
  unsigned char *stays[ENT_MAX_AXES]; /* [extent] */
} slices;

static error_t parse(int key, char *argument, struct argp_state *state) {
  ent_select_arguments *given = state->input;
  if (key != 'j') return ent_select_parse(key, argument, state);
  given->job = argument;
  return 0;
}

/* Counts the rows that match along each dimension. [out] counts  [n_dims][extent], free() each */
static int count_matches(const ent_grid *grid, const unsigned char *matches, int64_t *counts[ENT_MAX_AXES]) {
  int64_t at[ENT_MAX_AXES];
  for (int dim = 0; dim < grid->n_dims; dim++)
    ENT_TRY(ent_mem_alloc((size_t)grid->extent[dim], sizeof(int64_t), &counts[dim]));
  for (int64_t row = 0; row < grid->size; row++) {
    if (!matches[row]) continue;
    ent_grid_coordinates(grid, row, at);
    for (int dim = 0; dim < grid->n_dims; dim++) counts[dim][at[dim]]++;
  }
  return ENT_OK;
}

/* A point of a dimension goes when all its rows match. */
static int find_slices(const ent_grid *grid, const unsigned char *matches, slices *found) {
  int code = ENT_OK;
  int64_t *counts[ENT_MAX_AXES] = {NULL};
  ENT_GOTO(count_matches(grid, matches, counts));
  for (int dim = 0; dim < grid->n_dims; dim++) {
    const int64_t extent = grid->extent[dim], rows = grid->size / extent;
    ENT_GOTO(ent_mem_alloc((size_t)extent, 1, &found->stays[dim]));
    for (int64_t i = 0; i < extent; i++) found->stays[dim][i] = counts[dim][i] < rows;
  }
done:
  for (int dim = 0; dim < grid->n_dims; dim++) free(counts[dim]);
  return code;
}

static bool goes(const slices *found, int dim, int64_t i) {
  return found->stays[dim] && !found->stays[dim][i];
}

static bool loses_points(const ent_grid *grid, const slices *found, int dim) {
  for (int64_t i = 0; i < grid->extent[dim]; i++)
    if (goes(found, dim, i)) return true;
  return false;
}

/* The first row that matches although none of its values goes; -1 if there is none. */
static int64_t find_stray(const ent_grid *grid, const unsigned char *matches, const slices *found) {
  int64_t at[ENT_MAX_AXES];
  for (int64_t row = 0; row < grid->size; row++) {
    bool is_gone = false;
    if (!matches[row]) continue;
    ent_grid_coordinates(grid, row, at);
    for (int dim = 0; dim < grid->n_dims; dim++) is_gone |= goes(found, dim, at[dim]);
    if (!is_gone) return row;
  }
  return -1;
}

static int check_slices(ent_store *store, const ent_selection *selection, const slices *found) {
  int code = ENT_OK;
  ent_text text = {0};
  const ent_grid *grid = &ent_store_spec(store)->grid;
  ENT_CHECK(selection->count < grid->size, ENT_ERR_ARGUMENT, "all rows match, some must stay");
  const int64_t stray = find_stray(grid, selection->matches, found);
  if (stray < 0) return ENT_OK;
  ENT_GOTO(ent_select_append_row(store, stray, selection->finished[stray] != 0, &text));
  ENT_CHECK_GOTO(
    false, ENT_ERR_ARGUMENT,
    "%s, matches, but other rows of each of its values do not; a grid can only lose whole values of "
    "an axis: name these ('beta>5'), or use 'entrain retry' to compute rows again",
    text.data);
done:
  ent_text_fini(&text);
  return code;
}

/* "drops beta = 6, 7" for each axis that loses values. */
static int print_dropped(const ent_grid *grid, const slices *found) {
  int code = ENT_OK;
  ent_text text = {0};
  for (size_t k = 0; k < grid->n_axes; k++) {
    const ent_axis *axis = &grid->axes[k];
    const char *separator = " = ";
    if (!loses_points(grid, found, axis->dim)) continue;
    ENT_GOTO(ent_text_append(&text, "drops %s", axis->name));
    for (int64_t i = 0; i < axis->count; i++) {
      if (!goes(found, axis->dim, i)) continue;
      ENT_GOTO(ent_text_append(&text, "%s", separator));
      ENT_GOTO(ent_curves_append_value(axis, ent_axis_value(axis, i), &text));
      separator = ", ";
    }
    ENT_GOTO(ent_text_append(&text, "\n"));
  }
  fputs(text.data ? text.data : "", stdout);
done:
  ent_text_fini(&text);
  return code;
}

static int write_text(const ent_spec *spec, const slices *found, ent_text *text) {
  int code = ENT_OK;
  ent_job_edit *edit = NULL;
  const ent_grid *grid = &spec->grid;
  ENT_GOTO(ent_job_edit_create(spec, &edit));
  for (size_t k = 0; k < grid->n_axes; k++) {
    const ent_axis *axis = &grid->axes[k];
    if (loses_points(grid, found, axis->dim))
      ENT_GOTO(ent_job_edit_keep(edit, axis->name, found->stays[axis->dim]));
  }
  ENT_GOTO(ent_job_edit_write(edit, text));
done:
  ent_job_edit_destroy(&edit);
  return code;
}

/* Drops what matches. [out] faults  of the changed job file */
static int drop_slices(ent_regrid *own, const slices *found, ent_text *faults) {
  int code = ENT_OK;
  ent_text text = {0};
  const ent_spec *old = ent_store_spec(own->surgery.old);
  ENT_GOTO(print_dropped(&old->grid, found));
  ENT_GOTO(write_text(old, found, &text));
  ENT_GOTO(ent_regrid_plan(own, &text, faults));
  printf("%" PRId64 " of %" PRId64 " row%s go, %" PRId64 " of those that stay are finished\n", own->gone,
         old->grid.size, ent_text_plural(old->grid.size), own->kept);
  ENT_GOTO(ent_regrid_carry_out(own));
done:
  ent_text_fini(&text);
  return code;
}

static int drop(const ent_select_arguments *given, ent_text *faults) {
  int code = ENT_OK;
  ent_selection selection = {0};
  slices found = {{NULL}};
  ent_regrid own = {.surgery = {.command = "entrain drop",
                                .path = given->path,
                                .keeps_old = given->keeps_old,
                                .is_dry = given->is_dry},
                    .job_path = given->job};
  ENT_GOTO(ent_surgery_begin(&own.surgery));
  ENT_GOTO(ent_selection_make(own.surgery.old, given->where, &selection));
  ENT_GOTO(ent_selection_print(own.surgery.old, &selection));
  if (selection.count > 0) {
    ENT_GOTO(find_slices(&ent_store_spec(own.surgery.old)->grid, selection.matches, &found));
    ENT_GOTO(check_slices(own.surgery.old, &selection, &found));
    ENT_GOTO(drop_slices(&own, &found, faults));
  }
done:
  for (int dim = 0; dim < ENT_MAX_AXES; dim++) free(found.stays[dim]);
  ent_selection_fini(&selection);
  return ent_regrid_end(&own, code);
}

static const struct argp_option option_table[] = {
  ENT_SELECT_OPTIONS,
  {"job", 'j', "NEW.yaml", 0, "where the job file of what stays goes; default: OUT.yaml beside OUT.h5", 0},
  {0},
};

static const struct argp parser = {
  option_table,
  parse,
  "OUT.h5 --where EXPR",
  "Takes values of axes out of a study: those all of whose rows match.\v"
  "EXPR compares columns with numbers and names, joined by && || ! and parentheses: 'beta>5', "
  "'seed>=100 || n==8'. An expression that selects anything but whole values of axes is refused.\n\n"
  "Exit status: 0 done, or no row matches; 1 the engine failed; 2 usage, or the file is in use: nothing was "
  "changed.",
  NULL,
  NULL,
  NULL};

int ent_command_drop(int argc, char **argv) {
  ent_select_arguments given = {0};
  ent_text faults = {0};
  argp_parse(&parser, argc, argv, 0, NULL, &given);
  const int code = drop(&given, &faults);
  const int status = code == ENT_OK ? ENT_EXIT_OK : ent_command_fail(argv[0], code, &faults);
  ent_text_fini(&faults);
  return status;
}
