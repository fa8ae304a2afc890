#include <stdio.h>
#include <stdlib.h>

#include "store_impl.h"

/* Job numbers are written in pieces of this many. */
enum { JOBS_AT_ONCE = 1024 };

static int compare_groups(const void *a, const void *b) {
  const ent_final_group *x = a, *y = b;
  if (x->n != y->n) return x->n < y->n ? -1 : 1;
  return (x->d > y->d) - (x->d < y->d);
}

/* Sorts and leaves one of each. */
static size_t make_unique(ent_final_group *groups, size_t count) {
  size_t kept = 0;
  qsort(groups, count, sizeof *groups, compare_groups);
  for (size_t i = 0; i < count; i++)
    if (kept == 0 || compare_groups(&groups[kept - 1], &groups[i]) != 0) groups[kept++] = groups[i];
  return kept;
}

int ent_final_groups(const ent_spec *spec, ent_final_group **groups, size_t *count) {
  const ent_axis *n = ent_grid_axis(&spec->grid, "n"), *d = ent_grid_axis(&spec->grid, "d");
  const bool zipped = n->dim == d->dim;
  const int64_t inner = zipped ? 1 : d->count;
  const size_t pairs = (size_t)(n->count * inner);
  ent_final_group *made = NULL;
  ENT_TRY(ent_mem_alloc(pairs, sizeof *made, &made));
  for (size_t i = 0; i < pairs; i++) {
    const int64_t in = (int64_t)i / inner, id = zipped ? in : (int64_t)i % inner;
    made[i].n = (int64_t)ent_axis_value(n, in);
    made[i].d = (int64_t)ent_axis_value(d, id);
  }
  *count = make_unique(made, pairs);
  for (size_t i = 0; i < *count; i++)
    made[i].rows = ent_grid_group_rank(&spec->grid, made[i].n, made[i].d, spec->grid.size);
  *groups = made;
  return ENT_OK;
}

static ent_array_shape final_shape(const ent_final_group *group, char name[64], hsize_t extent[3]) {
  snprintf(name, 64, "%lldx%lld", (long long)group->n, (long long)group->d);
  extent[0] = (hsize_t)group->rows;
  extent[1] = (hsize_t)group->n;
  extent[2] = (hsize_t)group->d;
  return (ent_array_shape){.name = name, .type = H5T_NATIVE_DOUBLE, .rank = 3, .extent = extent};
}

/* What is done with job numbers. */
typedef enum { LIST_WRITE, LIST_CHECK, LIST_REPAIR } list_act;

/* Job numbers on their way into /final/<n>x<d>/job, or to be held against it. */
typedef struct job_list {
  list_act act;
  ent_array array;
  int64_t done;
  int64_t waiting; /* in jobs */
  int64_t misplaced;
  int64_t jobs[JOBS_AT_ONCE];
} job_list;

static int create_group(hid_t final, const ent_final_group *group) {
  int code = ENT_OK;
  hid_t inside = 0;
  char name[64];
  hsize_t extent[3];
  ent_array x = {0}, job = {0};
  ent_array_shape shape = final_shape(group, name, extent);
  ENT_GOTO(ent_group_create(final, name, &inside));
  shape.name = "x";
  ENT_GOTO(ent_array_create(inside, &shape, &x));
  ENT_GOTO(ent_attribute_text(x.data, "long_name", "unit vectors at t_end [row, particle, component]"));
  shape = (ent_array_shape){.name = "job", .type = H5T_NATIVE_INT64, .rank = 1, .extent = extent};
  ENT_GOTO(ent_array_create(inside, &shape, &job));
  ENT_GOTO(ent_attribute_text(job.data, "long_name", "row of /jobs"));
done:
  ent_array_close(&x);
  ent_array_close(&job);
  ent_h5_close(&inside);
  return code;
}

/* [out] misplaced  numbers of the file that are not those that wait. */
static int compare_jobs(const job_list *list, int64_t *misplaced) {
  int64_t there[JOBS_AT_ONCE];
  *misplaced = 0;
  ENT_TRY(ent_array_read(&list->array, list->done, list->waiting, there));
  for (int64_t i = 0; i < list->waiting; i++) *misplaced += there[i] != list->jobs[i];
  return ENT_OK;
}

static int flush_jobs(job_list *list) {
  int64_t misplaced = 0;
  if (list->act != LIST_WRITE) ENT_TRY(compare_jobs(list, &misplaced));
  if (list->act == LIST_WRITE || (list->act == LIST_REPAIR && misplaced > 0))
    ENT_TRY(ent_array_write(&list->array, 0, list->done, list->waiting, list->jobs));
  list->misplaced += misplaced;
  list->done += list->waiting;
  list->waiting = 0;
  return ENT_OK;
}

static size_t group_of(const ent_final_group *groups, size_t count, int64_t n, int64_t d) {
  const ent_final_group key = {.n = n, .d = d};
  const ent_final_group *found = bsearch(&key, groups, count, sizeof key, compare_groups);
  return (size_t)(found - groups);
}

/* One pass over the grid, each row's number to the list of its group. */
static int list_jobs(const ent_grid *grid, const ent_final_group *groups, size_t count, job_list *lists) {
  const ent_axis *n = ent_grid_axis(grid, "n"), *d = ent_grid_axis(grid, "d");
  int64_t at[ENT_MAX_AXES];
  for (int64_t row = 0; row < grid->size; row++) {
    ent_grid_coordinates(grid, row, at);
    const int64_t of_n = (int64_t)ent_axis_value(n, at[n->dim]),
                  of_d = (int64_t)ent_axis_value(d, at[d->dim]);
    job_list *list = &lists[group_of(groups, count, of_n, of_d)];
    list->jobs[list->waiting++] = row;
    if (list->waiting == JOBS_AT_ONCE) ENT_TRY(flush_jobs(list));
  }
  for (size_t g = 0; g < count; g++) ENT_TRY(flush_jobs(&lists[g]));
  return ENT_OK;
}

int ent_final_create(hid_t file, const ent_spec *spec) {
  int code = ENT_OK;
  hid_t final = 0;
  size_t count = 0;
  ent_final_group *groups = NULL;
  if (!spec->final_state) return ENT_OK;
  ENT_GOTO(ent_final_groups(spec, &groups, &count));
  ENT_GOTO(ent_group_create(file, "final", &final));
  for (size_t g = 0; g < count; g++) ENT_GOTO(create_group(final, &groups[g]));
done:
  ent_h5_close(&final);
  free(groups);
  return code;
}

/* Takes all job numbers of a file in hand. [out] misplaced  numbers that were not those of the grid */
static int treat_jobs(hid_t file, const ent_spec *spec, list_act act, int64_t *misplaced) {
  int code = ENT_OK;
  int64_t wrong = 0;
  size_t count = 0;
  ent_final_group *groups = NULL;
  job_list *lists = NULL;
  if (spec->final_state) ENT_TRY(ent_final_groups(spec, &groups, &count));
  ENT_GOTO(ent_mem_alloc(count, sizeof *lists, &lists));
  for (size_t g = 0; g < count; g++) {
    char name[64], path[80];
    hsize_t extent[3];
    final_shape(&groups[g], name, extent);
    snprintf(path, sizeof path, "final/%s/job", name);
    const ent_array_shape shape = {.name = path, .type = H5T_NATIVE_INT64, .rank = 1, .extent = extent};
    lists[g].act = act;
    ENT_GOTO(ent_array_open(file, &shape, &lists[g].array));
  }
  if (count > 0) ENT_GOTO(list_jobs(&spec->grid, groups, count, lists));
  for (size_t g = 0; g < count; g++) wrong += lists[g].misplaced;
  *misplaced = wrong;
done:
  for (size_t g = 0; lists && g < count; g++) ent_array_close(&lists[g].array);
  free(lists);
  free(groups);
  return code;
}

int ent_final_fill(hid_t file, const ent_spec *spec) {
  int64_t none = 0;
  return treat_jobs(file, spec, LIST_WRITE, &none);
}

int ent_final_check_jobs(ent_store *store, bool repairs, int64_t *misplaced) {
  return treat_jobs(store->file, store->spec, repairs ? LIST_REPAIR : LIST_CHECK, misplaced);
}

int ent_final_open(ent_store *store) {
  if (!store->spec->final_state) return ENT_OK;
  ENT_TRY(ent_final_groups(store->spec, &store->groups, &store->n_groups));
  for (size_t g = 0; g < store->n_groups; g++) {
    char name[64], path[80];
    hsize_t extent[3];
    ent_array_shape shape = final_shape(&store->groups[g], name, extent);
    snprintf(path, sizeof path, "final/%s/x", name);
    shape.name = path;
    ENT_TRY(ent_array_open(store->file, &shape, &store->groups[g].x));
  }
  return ENT_OK;
}

ent_final_group *ent_final_find(const ent_store *store, int64_t index, int64_t *place) {
  int64_t at[ENT_MAX_AXES];
  const ent_grid *grid = &store->spec->grid;
  ent_grid_coordinates(grid, index, at);
  const int64_t n = (int64_t)ent_axis_value(store->n_axis, at[store->n_axis->dim]);
  const int64_t d = (int64_t)ent_axis_value(store->d_axis, at[store->d_axis->dim]);
  *place = ent_grid_group_rank(grid, n, d, index);
  return &store->groups[group_of(store->groups, store->n_groups, n, d)];
}
