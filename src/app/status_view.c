#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/app/slurm_script.h"
#include "entrain/app/status.h"
#include "entrain/base/mem.h"
#include "entrain/store/kept.h"
#include "entrain/store/visit.h"

/* One axis of a point, in words and as JSON. */
static int append_axis(const ent_axis *axis, int64_t index, bool is_first, ent_status_row *row) {
  const double value = ent_axis_value(axis, index);
  const bool is_choice = axis->parameter->kind == ENT_PARAM_CHOICE;
  ENT_TRY(ent_text_append(&row->point, "%s%s ", is_first ? "" : ", ", axis->name));
  ENT_TRY(ent_text_append(&row->point_json, "%s\"%s\":", is_first ? "" : ",", axis->name));
  if (is_choice) {
    ENT_TRY(ent_text_append(&row->point, "%s", axis->parameter->choices[(int)value]));
    return ent_text_append(&row->point_json, "\"%s\"", axis->parameter->choices[(int)value]);
  }
  if (axis->parameter->kind == ENT_PARAM_INTEGER) {
    ENT_TRY(ent_text_append(&row->point, "%.0f", value));
    return ent_text_append(&row->point_json, "%.0f", value);
  }
  ENT_TRY(ent_text_append(&row->point, "%.6g", value));
  return ent_text_append_json_real(&row->point_json, value);
}

static int describe_point(const ent_grid *grid, ent_status_row *row) {
  int64_t at[ENT_MAX_AXES];
  if (row->row < 0 || row->row >= grid->size) return ent_text_append(&row->point_json, "{}");
  ent_grid_coordinates(grid, row->row, at);
  ENT_TRY(ent_text_append(&row->point_json, "{"));
  for (size_t i = 0; i < grid->n_axes; i++)
    ENT_TRY(append_axis(&grid->axes[i], at[grid->axes[i].dim], i == 0, row));
  return ent_text_append(&row->point_json, "}");
}

static int describe_slow(const ent_grid *grid, ent_status_view *view) {
  const ent_lock_progress *progress = &view->owner.progress;
  if (!view->known || !view->alive) return ENT_OK;
  for (int32_t i = 0; i < progress->n_slow; i++) {
    const ent_lock_slow *slow = &progress->slow[i];
    ent_status_row *row = &view->slow[view->n_slow++];
    *row = (ent_status_row){.row = slow->row, .seconds = slow->seconds, .worker = slow->worker};
    ENT_TRY(describe_point(grid, row));
  }
  return ENT_OK;
}

/* A search for quarantined rows. */
typedef struct search {
  ent_store *store;
  ent_status_view *view;
  size_t wanted;
} search;

static int name_quarantined(void *context, int64_t first, int64_t count, unsigned char *rows) {
  const search *own = context;
  ent_status_view *view = own->view;
  const ent_layout *layout = ent_store_layout(own->store);
  for (int64_t i = 0; i < count && view->n_quarantined < own->wanted; i++) {
    ent_result result;
    ent_layout_decode(layout, rows + (size_t)i * layout->size, &result);
    if (result.status != ENT_STATUS_QUARANTINED) continue;
    ent_status_row *row = &view->quarantined[view->n_quarantined++];
    *row = (ent_status_row){.row = first + i, .error = result.error};
    ENT_TRY(describe_point(&ent_store_spec(own->store)->grid, row));
  }
  return ENT_OK;
}

static bool has_found_all(void *context) {
  const search *own = context;
  return own->view->n_quarantined >= own->wanted;
}

static int find_quarantined(ent_store *store, ent_status_view *view) {
  const int64_t there = view->tally.status[ENT_STATUS_QUARANTINED];
  search own = {
    .store = store, .view = view, .wanted = there < ENT_STATUS_NAMED ? (size_t)there : ENT_STATUS_NAMED};
  const ent_row_visitor visitor = {.see = name_quarantined, .has_enough = has_found_all, .context = &own};
  ENT_TRY(ent_visit_rows(store, &visitor));
  return ENT_OK;
}

/* The newer one of the two checkpoints of a slot, if one of them is whole. */
static int read_slot(ent_store *store, int64_t slot, unsigned char *bytes, ent_checkpoint *newest) {
  *newest = (ent_checkpoint){.row = -1};
  for (int generation = 0; generation < 2; generation++) {
    ent_checkpoint read;
    ENT_TRY(ent_kept_read(store, (ent_kept_place){slot, generation}, NULL, bytes, &read));
    if (read.row >= 0 && (newest->row < 0 || read.sequence > newest->sequence)) *newest = read;
  }
  return ENT_OK;
}

/* A row may be in two slots, of two runs: the one that is further counts. */
static void note_checkpoint(const ent_checkpoint *found, ent_checkpoint *noted, ent_status_view *view) {
  int64_t i = 0;
  while (i < view->checkpoints && noted[i].row != found->row) i++;
  if (i == view->checkpoints) noted[view->checkpoints++] = (ent_checkpoint){.row = found->row};
  if (found->steps <= noted[i].steps) return;
  view->checkpointed_steps += found->steps - noted[i].steps;
  noted[i].steps = found->steps;
}

/* Rows that go on from a checkpoint; one of a row that is decided by now is of no more use. */
static int count_checkpoints(ent_store *store, ent_status_view *view) {
  int code = ENT_OK;
  unsigned char *bytes = NULL, *row = NULL;
  ent_checkpoint *noted = NULL;
  const ent_layout *layout = ent_store_layout(store);
  const int64_t slots = ent_store_slots(store);
  ENT_GOTO(ent_mem_alloc(ent_store_slot_bytes(store), 1, &bytes));
  ENT_GOTO(ent_mem_alloc(layout->size, 1, &row));
  ENT_GOTO(ent_mem_alloc((size_t)slots, sizeof *noted, &noted));
  for (int64_t slot = 0; slot < slots; slot++) {
    ent_checkpoint newest;
    ent_result result;
    ENT_GOTO(read_slot(store, slot, bytes, &newest));
    if (newest.row < 0) continue;
    ENT_GOTO(ent_store_read_rows(store, newest.row, 1, row));
    ent_layout_decode(layout, row, &result);
    if (result.status == ENT_STATUS_PENDING) note_checkpoint(&newest, noted, view);
  }
done:
  free(noted);
  free(row);
  free(bytes);
  return code;
}

static int read_store(ent_store *store, ent_status_view *view) {
  const ent_spec *spec = ent_store_spec(store);
  ent_text job_path = {0}, options = {0};
  snprintf(view->name, sizeof view->name, "%s", spec->name);
  snprintf(view->model, sizeof view->model, "%s", spec->model->name);
  ENT_TRY(ent_text_append(&job_path, "%s", spec->path));
  view->job_path = job_path.data;
  ENT_TRY(ent_text_append(&options, "%s", spec->petsc_options));
  view->petsc_options = options.data;
  ENT_TRY(ent_tally_read(store, &view->tally));
  ENT_TRY(describe_slow(&spec->grid, view));
  if (view->tally.status[ENT_STATUS_QUARANTINED] > 0) ENT_TRY(find_quarantined(store, view));
  if (view->tally.status[ENT_STATUS_PENDING] > 0) ENT_TRY(count_checkpoints(store, view));
  return ent_store_read_segments(store, ENT_STORE_SEGMENTS, view->segments, &view->n_segments);
}

/* A lock that cannot be read is a lock all the same. */
static void read_lock(ent_status_view *view) {
  const int code = ent_lock_read(view->path, &view->owner, &view->alive);
  view->known = code == ENT_OK;
  if (!view->known) view->alive = ent_lock_probe(view->path) != ENT_OK;
  view->held = view->known || view->alive || code == ENT_ERR_FORMAT;
  view->hung = view->known && !view->alive && ent_process_alive(&view->owner.launcher);
  ent_error_clear();
}

static int read_file(ent_status_view *view) {
  ent_store *store = NULL;
  struct stat status;
  if (stat(view->path, &status) == 0) view->written = (double)status.st_mtim.tv_sec;
  ENT_TRY(ent_store_open(view->path, ENT_STORE_READ, &store));
  return ent_store_close_after(&store, read_store(store, view));
}

static bool is_there(const char *path) {
  return access(path, F_OK) == 0 || errno != ENOENT;
}

/* A file that its batch script has yet to make: all rows are pending. */
static int expect_file(ent_status_view *view) {
  ent_slurm_script script;
  const int code = ent_slurm_script_find(view->path, &script);
  view->expected = code == ENT_OK && script.is_there && (script.parts == 1 || script.task >= 0);
  if (view->expected) view->tally.total = view->tally.status[ENT_STATUS_PENDING] = script.total;
  ent_slurm_script_fini(&script);
  return code;
}

int ent_status_read(const char *path, ent_status_view *view) {
  int code = ENT_OK;
  *view = (ent_status_view){.path = path};
  read_lock(view); /* first: what an owner that is gone has left behind is final */
  if (!is_there(path)) code = expect_file(view);
  if (code == ENT_OK && !view->expected) code = read_file(view);
  if (code != ENT_OK) ent_status_fini(view);
  return code;
}

static void free_rows(ent_status_row *rows, size_t *count) {
  for (size_t i = 0; i < *count; i++) {
    ent_text_fini(&rows[i].point);
    ent_text_fini(&rows[i].point_json);
  }
  *count = 0;
}

void ent_status_fini(ent_status_view *view) {
  if (view->known) ent_lock_owner_fini(&view->owner);
  free_rows(view->slow, &view->n_slow);
  free_rows(view->quarantined, &view->n_quarantined);
  free(view->job_path);
  free(view->petsc_options);
  view->job_path = view->petsc_options = NULL;
  view->held = view->known = 0;
}

int ent_status_ask_slurm(ent_status_view *view) {
  int code = ENT_OK;
  ent_text absolute = {0};
  ent_slurm_script script = {0};
  const bool is_over = ent_status_is_complete(view) && !view->held;
  int64_t job = view->known ? view->owner.slurm_job : -1;
  if (is_over) return ENT_OK;
  if (job < 0 && view->n_segments > 0) job = view->segments[view->n_segments - 1].slurm_job;
  ENT_GOTO(ent_slurm_script_find(view->path, &script));
  if (job < 0 && !script.is_there) goto done;
  ENT_GOTO(ent_slurm_append_absolute(script.path.data, &absolute));
  const ent_slurm_wanted wanted = {.job = job, .script = absolute.data, .task = script.task};
  ENT_GOTO(ent_slurm_find(&wanted, &view->slurm));
done:
  ent_slurm_script_fini(&script);
  ent_text_fini(&absolute);
  return code;
}

int ent_status_is_complete(const ent_status_view *view) {
  return !view->expected && view->tally.status[ENT_STATUS_PENDING] == 0;
}
