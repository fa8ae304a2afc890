#include "entrain/sweep/job_check.h"

#include <stdio.h>
#include <string.h>

enum { MAX_COMBINATIONS = 1000000, MAX_REFUSALS = 16 };

/* What was refused so far: each refusal is told once. */
typedef struct refusal_list {
  ent_job *job;
  size_t count;
  ent_refusal seen[MAX_REFUSALS];
} refusal_list;

/* Key of the axis called `name` under sweep or zip, NULL if there is none. */
static const ent_yaml_node *axis_key(const ent_job *job, const char *name) {
  const ent_yaml_node *axis = ent_job_find(job, "sweep", name);
  if (!axis) axis = ent_yaml_find(ent_job_find(job, "sweep", "zip"), name, strlen(name));
  return axis ? axis->key : NULL;
}

/* Where "section.name" stands: in its section, or as an axis, otherwise the nearest parent that there is. */
static const ent_yaml_node *locate(const ent_job *job, const char *key) {
  const char *dot = strchr(key, '.');
  const size_t length = dot ? (size_t)(dot - key) : strlen(key);
  const ent_yaml_node *section = ent_yaml_find(job->root, key, length);
  const ent_yaml_node *node = dot ? ent_yaml_find(section, dot + 1, strlen(dot + 1)) : section;
  if (node) return node;
  const ent_yaml_node *axis = dot ? axis_key(job, dot + 1) : NULL;
  if (!axis) axis = axis_key(job, key);
  if (axis) return axis;
  return section ? section->key : job->root;
}

static void add_refusal(refusal_list *refusals, const ent_refusal *refusal) {
  for (size_t i = 0; i < refusals->count; i++) {
    const ent_refusal *seen = &refusals->seen[i];
    if (strcmp(seen->key, refusal->key) == 0 && strcmp(seen->why, refusal->why) == 0) return;
  }
  if (refusals->count == MAX_REFUSALS) return;
  refusals->seen[refusals->count++] = *refusal;
  const ent_yaml_node *place = locate(refusals->job, refusal->key);
  ent_faults_add(&refusals->job->faults, place->line, place->column, "%s", refusal->why);
}

/* Asks every observable whether it can be measured at the point. */
static void check_observables(refusal_list *refusals, const ent_point *point) {
  const ent_spec *spec = refusals->job->spec;
  for (size_t k = 0; k < spec->n_observe; k++) {
    const ent_observable *observable = spec->observe[k];
    ent_refusal refusal = {0};
    bool is_legal = true;
    if ((observable->flags & ENT_OBSERVE_PARTICLES) && (spec->model->flags & ENT_MODEL_NO_PARTICLES))
      is_legal = ent_refuse(&refusal, "observe", "'%s' is a question about particles, model '%s' has none",
                            observable->name, spec->model->name);
    else if (observable->check)
      is_legal = observable->check(spec->model, point, &refusal);
    if (!is_legal) add_refusal(refusals, &refusal);
  }
}

static void check_point(refusal_list *refusals, const int64_t *coordinates) {
  const ent_spec *spec = refusals->job->spec;
  ent_point point;
  ent_refusal refusal = {0};
  ent_spec_point(spec, ent_grid_row(&spec->grid, coordinates), &point);
  if (spec->model->check && !spec->model->check(&point, &refusal)) add_refusal(refusals, &refusal);
  memset(&refusal, 0, sizeof(refusal));
  if (spec->initial && spec->initial->check && !spec->initial->check(&point, &refusal))
    add_refusal(refusals, &refusal);
  check_observables(refusals, &point);
}

/* Whether only the seeds run along a dimension; one of them stands for all then. */
static bool is_seeds_only(const ent_grid *grid, int dim) {
  bool is_only = true;
  for (size_t i = 0; i < grid->n_axes; i++) {
    const ent_axis *axis = &grid->axes[i];
    const bool is_seed = axis->group == ENT_GROUP_GRID && axis->slot == ENT_GRID_SEED;
    is_only = is_only && (axis->dim != dim || is_seed);
  }
  return is_only;
}

/* The grid with one seed, unless another axis is zipped with the seeds: its points are what is to be tried.
 */
static ent_grid without_seeds(const ent_grid *grid) {
  ent_grid reduced = *grid;
  reduced.size = 1;
  for (int k = 0; k < grid->n_dims; k++) {
    if (is_seeds_only(grid, k)) reduced.extent[k] = 1;
    reduced.size *= reduced.extent[k];
  }
  return reduced;
}

static void check_combinations(ent_job *job) {
  const ent_grid reduced = without_seeds(&job->spec->grid);
  refusal_list refused = {.job = job};
  int64_t coordinates[ENT_MAX_AXES] = {0};
  for (int64_t row = 0; row < reduced.size && reduced.size <= MAX_COMBINATIONS; row++) {
    ent_grid_coordinates(&reduced, row, coordinates);
    check_point(&refused, coordinates);
  }
  for (int k = 0; k < reduced.n_dims && reduced.size > MAX_COMBINATIONS; k++) {
    memset(coordinates, 0, sizeof(coordinates));
    for (int64_t i = 0; i < reduced.extent[k]; i++) {
      coordinates[k] = i;
      check_point(&refused, coordinates);
    }
  }
}

/* Whether a parameter of a group has this value at every point. */
static bool is_everywhere(const ent_spec *spec, ent_group group, int slot, double value) {
  for (size_t k = 0; k < spec->grid.n_axes; k++) {
    const ent_axis *axis = &spec->grid.axes[k];
    if (axis->group != group || axis->slot != slot) continue;
    for (int64_t i = 0; i < axis->count; i++)
      if (ent_axis_value(axis, i) != value) return false;
    return true;
  }
  return spec->base.values[group][slot].number == value;
}

static void check_circle(ent_job *job) {
  const ent_spec *spec = job->spec;
  const ent_yaml_node *node = ent_job_axis(job, ENT_GROUP_GRID, ent_grid_parameters[ENT_GRID_D].name);
  if (!(spec->model->flags & ENT_MODEL_CIRCLE_ONLY) || !node) return;
  if (!is_everywhere(spec, ENT_GROUP_GRID, ENT_GRID_D, 2.0))
    ent_value_fault(&job->faults, node, "has values other than 2, model '%s' lives on the circle, must be 2",
                    spec->model->name);
}

/* A map makes its own steps. */
static void check_solver(ent_job *job) {
  const ent_yaml_node *node = ent_job_find(job, NULL, "solver");
  if (!job->spec->model->advance) return;
  for (size_t k = 0; k < job->spec->grid.n_axes && !node; k++) {
    const ent_axis *axis = &job->spec->grid.axes[k];
    if (axis->group == ENT_GROUP_SOLVER) node = ent_job_axis(job, ENT_GROUP_SOLVER, axis->parameter->name);
  }
  if (node)
    ent_value_fault(&job->faults, node, "is given, but model '%s' makes its own steps, must be left out",
                    job->spec->model->name);
}

/* exp(-beta) is the scale of USA: a model with beta whose weights, if it has the choice, are `mean`. */
static void check_unit(ent_job *job) {
  const ent_spec *spec = job->spec;
  const ent_parameter *table = spec->model->parameters;
  const ent_yaml_node *node = ent_job_find(job, "time", "unit");
  if (spec->unit != ENT_UNIT_EXP_MINUS_BETA || !node) return;
  const int weights = ent_parameter_find(table, "weights", strlen("weights"));
  const int mean = weights < 0 ? -1 : ent_parameter_choice(&table[weights], "mean", strlen("mean"));
  if (spec->model->advance)
    ent_value_refuse(&job->faults, node, "model '%s' makes its own steps, must be t", spec->model->name);
  else if (!spec->model->beta)
    ent_value_refuse(&job->faults, node, "model '%s' has no beta, must be t", spec->model->name);
  else if (weights >= 0 && !is_everywhere(spec, ENT_GROUP_MODEL, weights, mean))
    ent_value_refuse(&job->faults, node, "needs weights = mean at every point, otherwise must be t");
}

void ent_job_check(ent_job *job) {
  check_circle(job);
  check_unit(job);
  check_solver(job);
  check_combinations(job);
}
