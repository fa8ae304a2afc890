#include <stdlib.h>
#include <string.h>

#include "store_impl.h"

/* Bytes of rows, series and final states held at a time. */
static const size_t BLOCK_BYTES = (size_t)16 << 20;

/* A block of jobs with all that their checksums are made over. */
typedef struct job_scan {
  ent_store *store;
  int64_t most;        /* jobs in a block */
  size_t job_values;   /* n_series * n_record */
  unsigned char *rows; /* [most, layout size] */
  float *one;          /* [most, n_record], a series as it comes from the file */
  float *series;       /* [most, job_values], regrouped by job */
  double *finals;      /* [most, largest n d] */
  const double **next; /* [n_groups] next final state of each group in `finals` */
} job_scan;

static int scan_init(job_scan *scan, ent_store *store) {
  const size_t n_record = store->spec->n_record;
  size_t largest = 0;
  scan->store = store;
  scan->job_values = store->n_series * n_record;
  for (size_t g = 0; g < store->n_groups; g++) {
    const size_t values = (size_t)(store->groups[g].n * store->groups[g].d);
    if (values > largest) largest = values;
  }
  const size_t bytes =
    store->layout->size + (scan->job_values + n_record) * sizeof(float) + largest * sizeof(double);
  const int64_t size = store->spec->grid.size, fitting = (int64_t)(BLOCK_BYTES / bytes) + 1;
  scan->most = size < fitting ? size : fitting;
  const size_t most = (size_t)scan->most;
  ENT_TRY(ent_mem_alloc(most, store->layout->size, &scan->rows));
  ENT_TRY(ent_mem_alloc(most * n_record, sizeof *scan->one, &scan->one));
  ENT_TRY(ent_mem_alloc(most * scan->job_values, sizeof *scan->series, &scan->series));
  ENT_TRY(ent_mem_alloc(most * largest, sizeof *scan->finals, &scan->finals));
  ENT_TRY(ent_mem_alloc(store->n_groups, sizeof *scan->next, &scan->next));
  return ENT_OK;
}

static void scan_fini(job_scan *scan) {
  free(scan->rows);
  free(scan->one);
  free(scan->series);
  free(scan->finals);
  free(scan->next);
}

static int read_series(job_scan *scan, int64_t first, int64_t count) {
  ent_store *store = scan->store;
  const size_t n_record = store->spec->n_record;
  for (size_t k = 0; k < store->n_series; k++) {
    ENT_TRY(ent_array_read(&store->series[k], first, count, scan->one));
    for (size_t i = 0; i < (size_t)count; i++)
      memcpy(scan->series + i * scan->job_values + k * n_record, scan->one + i * n_record,
             n_record * sizeof *scan->one);
  }
  return ENT_OK;
}

/* Rows of one (n, d) lie in job order, so those of a block of jobs are a block of their group. */
static int read_finals(job_scan *scan, int64_t first, int64_t count) {
  ent_store *store = scan->store;
  const ent_grid *grid = &store->spec->grid;
  double *to = scan->finals;
  for (size_t g = 0; g < store->n_groups; g++) {
    const ent_final_group *group = &store->groups[g];
    const int64_t from = ent_grid_group_rank(grid, group->n, group->d, first);
    const int64_t end = ent_grid_group_rank(grid, group->n, group->d, first + count);
    scan->next[g] = to;
    ENT_TRY(ent_array_read(&group->x, from, end - from, to));
    to += (end - from) * group->n * group->d;
  }
  return ENT_OK;
}

static uint32_t stored_checksum(const ent_layout *layout, const unsigned char *row) {
  uint32_t stored = 0;
  memcpy(&stored, row + layout->checksum_offset, sizeof stored);
  return stored;
}

static bool has_status(const ent_layout *layout, const unsigned char *row) {
  int32_t status = 0;
  memcpy(&status, row + layout->status_offset, sizeof status);
  return status != ENT_STATUS_PENDING;
}

bool ent_row_claims(const ent_layout *layout, const unsigned char *row) {
  return has_status(layout, row) || stored_checksum(layout, row) != 0;
}

bool ent_row_holds(const ent_layout *layout, const unsigned char *row, const float *series,
                   size_t n_series_values, const double *final_state, size_t n_final_values) {
  return has_status(layout, row) &&
         stored_checksum(layout, row) ==
           ent_layout_checksum(layout, row, series, n_series_values, final_state, n_final_values);
}

/* Whether job i of the block is finished. */
static bool check_job(job_scan *scan, int64_t first, int64_t i) {
  const ent_store *store = scan->store;
  const double *final_state = NULL;
  size_t final_values = 0;
  if (store->n_groups > 0) {
    int64_t place = 0;
    const ent_final_group *group = ent_final_find(store, first + i, &place);
    const double **next = &scan->next[group - store->groups];
    final_state = *next;
    final_values = (size_t)(group->n * group->d);
    *next += final_values;
  }
  return ent_row_holds(store->layout, scan->rows + (size_t)i * store->layout->size,
                       scan->series + (size_t)i * scan->job_values, scan->job_values, final_state,
                       final_values);
}

static int walk_block(job_scan *scan, int64_t first, int64_t count, ent_job_visit *visit, void *context) {
  const ent_layout *layout = scan->store->layout;
  bool any = false;
  ENT_TRY(ent_array_read(&scan->store->jobs, first, count, scan->rows));
  for (int64_t i = 0; i < count && !any; i++)
    any = ent_row_claims(layout, scan->rows + (size_t)i * layout->size);
  if (any) { /* spares the reading of series that are still empty */
    ENT_TRY(read_series(scan, first, count));
    ENT_TRY(read_finals(scan, first, count));
  }
  for (int64_t i = 0; i < count; i++) {
    const bool holds = any && check_job(scan, first, i);
    ENT_TRY(visit(context, first + i, scan->rows + (size_t)i * layout->size, holds));
  }
  return ENT_OK;
}

int ent_store_walk(ent_store *store, ent_job_visit *visit, void *context) {
  int code = ENT_OK;
  const int64_t size = store->spec->grid.size;
  job_scan scan = {0};
  ENT_GOTO(scan_init(&scan, store));
  for (int64_t first = 0; first < size; first += scan.most) {
    const int64_t left = size - first, count = left < scan.most ? left : scan.most;
    ENT_GOTO(walk_block(&scan, first, count, visit, context));
  }
done:
  scan_fini(&scan);
  return code;
}

/* What ent_store_scan gathers. */
typedef struct finished_list {
  ent_store *store;
  unsigned char *finished;
  int64_t broken;
} finished_list;

static int note_finished(void *context, int64_t index, const unsigned char *row, bool holds) {
  finished_list *list = context;
  list->finished[index] = holds && ent_row_has_axes(list->store, index, row);
  list->broken += !list->finished[index] && ent_row_claims(list->store->layout, row);
  return ENT_OK;
}

int ent_store_scan(ent_store *store, unsigned char *finished, int64_t *broken) {
  finished_list list = {store, finished, 0};
  ENT_TRY(ent_store_walk(store, note_finished, &list));
  *broken = list.broken;
  return ENT_OK;
}
