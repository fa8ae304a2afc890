#include "entrain/sweep/job_sweep.h"

#include <string.h>

#include "entrain/sweep/axis_values.h"

static const ent_group groups[] = {ENT_GROUP_GRID, ENT_GROUP_MODEL, ENT_GROUP_INITIAL, ENT_GROUP_SOLVER};
enum { GROUPS = sizeof(groups) / sizeof(groups[0]) };

/* Adds the names of all axes that there can be. */
static int list_axes(ent_job *job, bool with_zip, ent_names *names) {
  for (size_t g = 0; g < GROUPS; g++) {
    const ent_parameter *table = ent_job_table(job, groups[g]);
    const char *prefix = ent_job_axis_prefix(groups[g]);
    for (size_t i = 0; table && table[i].name; i++) {
      ent_text text = {0};
      const char *name = NULL;
      if (!ent_parameter_is_number(&table[i])) continue;
      int code = ent_text_append(&text, "%s%s", prefix, table[i].name);
      if (code == ENT_OK) code = ent_arena_text(job->spec->arena, text.data, text.length, &name);
      ent_text_fini(&text);
      ENT_TRY(code);
      ent_names_add(names, name);
    }
  }
  if (with_zip) ent_names_add(names, "zip");
  return ENT_OK;
}

/* Finds group and slot of an axis name; false if no table that is known has it. */
static bool resolve(const ent_job *job, const ent_yaml_node *key, ent_axis *axis) {
  for (size_t g = 0; g < GROUPS && key->kind == ENT_YAML_SCALAR; g++) {
    const ent_parameter *table = ent_job_table(job, groups[g]);
    const char *prefix = ent_job_axis_prefix(groups[g]);
    const size_t skip = strlen(prefix);
    if (!table || key->length < skip || memcmp(key->text, prefix, skip) != 0) continue;
    const int slot = ent_parameter_find(table, key->text + skip, key->length - skip);
    if (slot < 0) continue;
    *axis = (ent_axis){.name = key->text, .group = groups[g], .slot = slot, .parameter = &table[slot]};
    return true;
  }
  return false;
}

/* Whether an unknown name may belong to a model or an initial condition whose own name is wrong. */
static bool is_excused(const ent_job *job, const ent_yaml_node *key) {
  static const char initial[] = "initial.", solver[] = "solver.";
  if (key->kind != ENT_YAML_SCALAR) return true;
  if (strncmp(key->text, solver, sizeof(solver) - 1) == 0) return false;
  if (strncmp(key->text, initial, sizeof(initial) - 1) == 0) return !job->knows_initial;
  return !job->spec->model;
}

static int refuse_axis(ent_job *job, const ent_yaml_node *node, bool with_zip) {
  ent_names names = {0};
  if (is_excused(job, node->key)) return ENT_OK;
  ENT_TRY(list_axes(job, with_zip, &names));
  ent_value_refuse_key(&job->faults, node, &names);
  return ENT_OK;
}

static const char *const kind_names[] = {
  [ENT_PARAM_LIST] = "a list", [ENT_PARAM_TEXT] = "text", [ENT_PARAM_FILE] = "a file"};

/* Whether an axis may stand here: not set twice, and of a kind that has single values. */
static bool check_axis(ent_job *job, const ent_yaml_node *node, const ent_axis *axis) {
  const ent_yaml_node *direct = ent_job_find(job, "sweep", axis->name);
  if (ent_value_is_repeated(&job->faults, node)) return false;
  if (!ent_parameter_is_number(axis->parameter)) {
    ent_faults_add(&job->faults, node->key->line, node->key->column,
                   "parameter '%s' is %s, cannot be an axis", axis->name, kind_names[axis->parameter->kind]);
    return false;
  }
  if (direct && direct != node) {
    ent_faults_add(&job->faults, node->key->line, node->key->column,
                   "duplicate axis '%s', is set on line %d already", axis->name, direct->key->line);
    return false;
  }
  return true;
}

/* Puts an axis into the grid; its name becomes the name of a column. */
static void add_axis(ent_job *job, const ent_yaml_node *node, const ent_axis *axis) {
  ent_grid *grid = &job->spec->grid;
  if (grid->n_axes < ENT_MAX_AXES)
    grid->axes[grid->n_axes++] = *axis;
  else
    ent_faults_add(&job->faults, node->key->line, node->key->column, "too many axes, legal are %d",
                   ENT_MAX_AXES);
}

/*
 * Reads the values of an axis along dimension `dim`; count stays 0 after a fault.
 * [out] axis  not in the grid yet
 */
static int read_axis(ent_job *job, const ent_yaml_node *node, int dim, bool in_zip, ent_axis *axis) {
  ent_axis_values values;
  axis->count = 0;
  if (!resolve(job, node->key, axis)) return refuse_axis(job, node, !in_zip);
  if (!check_axis(job, node, axis)) return ENT_OK;
  const bool is_seed = axis->group == ENT_GROUP_GRID && axis->slot == ENT_GRID_SEED;
  const ent_parameter legal = ent_spec_legal_values(job->spec, axis);
  ENT_TRY(ent_axis_values_read(job->spec->arena, &job->faults, node, &legal, is_seed, &values));
  if (values.count == 0) return ENT_OK;
  ENT_TRY(ent_axis_values_check_distinct(&job->faults, node, &legal, &values));
  axis->dim = dim;
  axis->count = values.count;
  axis->first = values.first;
  axis->values = values.values;
  return ENT_OK;
}

/* `zip: {a: [...], b: [...]}`: axes of one dimension. Returns through n_added how many there are. */
static int read_zip(ent_job *job, const ent_yaml_node *zip, int dim, size_t *n_added) {
  int64_t length = 0;
  const ent_yaml_node *first = NULL;
  if (!ent_value_is_mapping(&job->faults, zip)) return ENT_OK;
  if (zip->count == 0) ent_value_fault(&job->faults, zip, "is empty, must have at least one axis");
  for (const ent_yaml_node *node = zip->first; node; node = node->next) {
    ent_axis axis = {0};
    ENT_TRY(read_axis(job, node, dim, true, &axis));
    if (axis.count == 0) continue;
    if (!first) {
      first = node;
      length = axis.count;
    }
    if (axis.count == length) {
      add_axis(job, node, &axis);
      ++*n_added;
    } else {
      ent_value_fault(&job->faults, node,
                      "has length %lld but '%s' has %lld, zipped axes must be of one length",
                      (long long)axis.count, first->key->text, (long long)length);
    }
  }
  return ENT_OK;
}

static int read_dimension(ent_job *job, const ent_yaml_node *node, int dim, size_t *n_added) {
  ent_axis axis = {0};
  *n_added = 0;
  if (ent_yaml_is(node->key, "zip")) {
    if (ent_value_is_repeated(&job->faults, node)) return ENT_OK;
    return read_zip(job, node, dim, n_added);
  }
  ENT_TRY(read_axis(job, node, dim, false, &axis));
  if (axis.count == 0) return ENT_OK;
  add_axis(job, node, &axis);
  *n_added = 1;
  return ENT_OK;
}

static void check_mandatory(ent_job *job, const ent_yaml_node *sweep, ent_group group) {
  const ent_parameter *table = ent_job_table(job, group);
  for (size_t i = 0; table && table[i].name; i++) {
    if (!table[i].must_be_axis || !table[i].required || ent_job_axis(job, group, table[i].name)) continue;
    ent_faults_add(&job->faults, sweep->key->line, sweep->key->column,
                   "missing key 'sweep.%s', must be an axis: %s", table[i].name, table[i].summary);
  }
}

int ent_job_read_sweep(ent_job *job, const ent_yaml_node *node) {
  int dim = 0;
  if (!ent_value_is_mapping(&job->faults, node)) return ENT_OK;
  for (const ent_yaml_node *child = node->first; child; child = child->next) {
    size_t n_added = 0;
    ENT_TRY(read_dimension(job, child, dim, &n_added));
    dim += n_added > 0;
  }
  check_mandatory(job, node, ENT_GROUP_GRID);
  check_mandatory(job, node, ENT_GROUP_MODEL);
  if (!ent_grid_complete(&job->spec->grid))
    ent_faults_add(&job->faults, node->key->line, node->key->column, "the grid has more than 2^40 points");
  return ENT_OK;
}
