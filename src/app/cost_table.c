#include "entrain/app/cost_table.h"

#include <inttypes.h>
#include <math.h>

#include "entrain/app/report_curves.h"
#include "entrain/store/visit.h"
#include "entrain/sweep/cost_check.h"

#define QUICK_SECONDS 1e-3 /* where a fault of a page or an interruption counts as much as the job */

typedef struct rows_seen {
  const ent_layout *layout;
  ent_cost_check *check;
} rows_seen;

static int see(void *context, int64_t first, int64_t count, unsigned char *rows) {
  const rows_seen *own = context;
  for (int64_t i = 0; i < count; i++) {
    ent_result result;
    ent_layout_decode(own->layout, rows + (size_t)i * own->layout->size, &result);
    const bool is_known = result.status == ENT_STATUS_DONE && isfinite(result.wall_s) && result.wall_s >= 0;
    if (is_known) ent_cost_check_add(own->check, first + i, result.wall_s);
  }
  return ENT_OK;
}

static int append_header(const ent_grid *grid, ent_text *text) {
  for (size_t i = 0; i < grid->n_axes; i++)
    if (grid->axes[i].dim != grid->seed_dim) ENT_TRY(ent_text_append(text, "%s,", grid->axes[i].name));
  return ent_text_append(text, "jobs,predicted_s,measured_s\n");
}

static int append_cell(const ent_cost_check *check, int64_t cell, ent_text *text) {
  const ent_grid *grid = check->grid;
  for (size_t i = 0; i < grid->n_axes; i++) {
    const ent_axis *axis = &grid->axes[i];
    if (axis->dim == grid->seed_dim) continue;
    ENT_TRY(ent_curves_append_value(axis, ent_phase_cell_value(grid, axis, cell), text));
    ENT_TRY(ent_text_append(text, ","));
  }
  return ent_text_append(text, "%" PRId64 ",%.4g,%.4g\n", check->jobs[cell],
                         ent_cost_check_predicted(check, cell), ent_cost_check_measured(check, cell));
}

static int write_table(const ent_cost_check *check, const char *folder, ent_text *written) {
  int code = ENT_OK;
  ent_text table = {0}, path = {0};
  ENT_GOTO(append_header(check->grid, &table));
  for (int64_t cell = 0; cell < check->n_cells; cell++)
    if (check->jobs[cell] > 0) ENT_GOTO(append_cell(check, cell, &table));
  ENT_GOTO(ent_text_append(&path, "%s/costs.csv", folder));
  ENT_GOTO(ent_text_write_file(path.data, table.data, table.length));
  ENT_GOTO(ent_text_append(written, "%s\n", path.data));
done:
  ent_text_fini(&table);
  ent_text_fini(&path);
  return code;
}

/* What is written for people; nothing of quick jobs, whose noise is not the model's. */
static int append_summary(const ent_cost_score *score, ent_text *summary) {
  if (score->measured / (double)score->jobs < QUICK_SECONDS) return ENT_OK;
  return ent_text_append(
    summary,
    "costs: half of the rows predict %.4g s for the other half, which took %.4g s; a cell is "
    "off by a factor of %.2f",
    score->predicted, score->measured, score->factor);
}

int ent_cost_table_write(ent_store *store, const char *folder, ent_text *written, ent_text *summary) {
  int code = ENT_OK;
  ent_cost_check check = {0};
  const ent_grid *grid = &ent_store_spec(store)->grid;
  if (grid->size / grid->extent[grid->seed_dim] > ENT_COST_CHECK_CELLS) return ENT_OK;
  ENT_GOTO(ent_cost_check_init(&check, grid));
  rows_seen own = {.layout = ent_store_layout(store), .check = &check};
  ENT_GOTO(ent_visit_rows(store, &(ent_row_visitor){.see = see, .context = &own}));
  const ent_cost_score score = ent_cost_check_score(&check);
  if (isnan(score.factor)) goto done;
  ENT_GOTO(write_table(&check, folder, written));
  ENT_GOTO(append_summary(&score, summary));
done:
  ent_cost_check_fini(&check);
  return code;
}
