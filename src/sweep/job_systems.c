#include "entrain/sweep/job_systems.h"

#include <stdio.h>
#include <string.h>

#include "entrain/sweep/job_inputs.h"

enum { AXIS_NAME_SIZE = 128 };

const ent_yaml_node *ent_job_find(const ent_job *job, const char *section, const char *key) {
  const ent_yaml_node *mapping = section ? ent_yaml_find(job->root, section, strlen(section)) : job->root;
  return ent_yaml_find(mapping, key, strlen(key));
}

static void set_defaults(ent_job *job, ent_group group) {
  const ent_parameter *table = ent_job_table(job, group);
  for (size_t i = 0; table && table[i].name; i++)
    job->spec->base.values[group][i] = (ent_value){.number = table[i].default_value};
}

/* Without `initial` the start is uniform; a model with a start of its own has none. */
static void find_initial(ent_job *job) {
  const ent_model *model = job->spec->model;
  const ent_yaml_node *kind = ent_job_find(job, "initial", "kind");
  if (model && (model->flags & ENT_MODEL_OWN_START)) {
    job->knows_initial = true;
    return;
  }
  if (!ent_job_find(job, NULL, "initial"))
    job->spec->initial = ent_initial_find("uniform", strlen("uniform"));
  if (kind && kind->kind == ENT_YAML_SCALAR) job->spec->initial = ent_initial_find(kind->text, kind->length);
  job->knows_initial = job->spec->initial != NULL;
}

void ent_job_prepare(ent_job *job) {
  const ent_yaml_node *model = ent_job_find(job, NULL, "model");
  if (model && model->kind == ENT_YAML_SCALAR) job->spec->model = ent_model_find(model->text, model->length);
  find_initial(job);
  for (int group = 0; group < ENT_GROUP_COUNT; group++) set_defaults(job, (ent_group)group);
}

const ent_parameter *ent_job_table(const ent_job *job, ent_group group) {
  if (group == ENT_GROUP_MODEL && !job->spec->model) return NULL;
  if (group == ENT_GROUP_INITIAL && !job->knows_initial) return NULL;
  return ent_spec_parameters(job->spec, group);
}

const char *ent_job_axis_prefix(ent_group group) {
  return group == ENT_GROUP_INITIAL ? "initial." : group == ENT_GROUP_SOLVER ? "solver." : "";
}

const ent_yaml_node *ent_job_axis(const ent_job *job, ent_group group, const char *name) {
  char key[AXIS_NAME_SIZE];
  snprintf(key, sizeof(key), "%s%s", ent_job_axis_prefix(group), name);
  const ent_yaml_node *axis = ent_job_find(job, "sweep", key);
  return axis ? axis : ent_yaml_find(ent_job_find(job, "sweep", "zip"), key, strlen(key));
}

/* Adds the fault for a name that is not registered. */
static void refuse_name(ent_job *job, const ent_yaml_node *node, const ent_names *names) {
  char advice[512];
  const bool is_name = node->kind == ENT_YAML_SCALAR;
  ent_names_advise(names, is_name ? node->text : "", is_name ? node->length : 0, sizeof(advice), advice);
  ent_value_refuse(&job->faults, node, "%s", advice);
}

static void refuse_missing(ent_job *job, const ent_yaml_node *section, const char *name,
                           const ent_parameter *parameter) {
  const ent_yaml_node *place = !section ? job->root : section->key ? section->key : section;
  char legal[256];
  ent_parameter_legal(parameter, sizeof(legal), legal);
  ent_faults_add(&job->faults, place->line, place->column, "missing key '%s.%s', must be %s", name,
                 parameter->name, legal);
}

static void check_keys(ent_job *job, const ent_yaml_node *section, const ent_parameter *table,
                       const char *extra) {
  ent_names names = {0};
  if (extra) ent_names_add(&names, extra);
  for (size_t i = 0; table && table[i].name; i++)
    if (!table[i].must_be_axis) ent_names_add(&names, table[i].name);
  for (const ent_yaml_node *child = section->first; child; child = child->next) {
    const bool is_known = !table || (extra && ent_yaml_is(child->key, extra)) ||
                          (child->key->kind == ENT_YAML_SCALAR &&
                           ent_parameter_find(table, child->key->text, child->key->length) >= 0);
    if (!is_known)
      ent_value_refuse_key(&job->faults, child, &names);
    else
      ent_value_is_repeated(&job->faults, child);
  }
}

/* Reads one parameter of a section where it may and must stand. */
static int read_parameter(ent_job *job, ent_group group, const ent_yaml_node *node, int slot) {
  const ent_parameter *parameter = &ent_job_table(job, group)[slot];
  const ent_yaml_node *axis = ent_job_axis(job, group, parameter->name);
  if (parameter->must_be_axis && !axis)
    ent_value_fault(&job->faults, node, "must be an axis under 'sweep'");
  else if (axis)
    ent_value_fault(&job->faults, node, "is also an axis, on line %d, must be set once", axis->key->line);
  else
    ENT_TRY(
      ent_value_read(job->spec->arena, &job->faults, node, parameter, &job->spec->base.values[group][slot]));
  if (parameter->kind == ENT_PARAM_FILE || parameter->is_input)
    ENT_TRY(ent_job_read_input(job, group, slot, node));
  return ENT_OK;
}

/* A section whose keys are the parameters of a group, and `extra` (or NULL). */
static int read_section(ent_job *job, ent_group group, const ent_yaml_node *section, const char *name,
                        const char *extra) {
  const ent_parameter *table = ent_job_table(job, group);
  if (section && !ent_value_is_mapping(&job->faults, section)) return ENT_OK;
  if (section) check_keys(job, section, table, extra);
  for (size_t i = 0; table && table[i].name; i++) {
    const ent_yaml_node *node = ent_yaml_find(section, table[i].name, strlen(table[i].name));
    const bool is_missing =
      table[i].required && !table[i].must_be_axis && !ent_job_axis(job, group, table[i].name);
    if (node)
      ENT_TRY(read_parameter(job, group, node, (int)i));
    else if (is_missing)
      refuse_missing(job, section, name, &table[i]);
  }
  return ENT_OK;
}

int ent_job_read_model(ent_job *job, const ent_yaml_node *node) {
  ent_names names = {0};
  if (job->spec->model) return ENT_OK;
  for (size_t i = 0; ent_models[i]; i++) ent_names_add(&names, ent_models[i]->name);
  refuse_name(job, node, &names);
  return ENT_OK;
}

int ent_job_read_parameters(ent_job *job, const ent_yaml_node *node) {
  return read_section(job, ENT_GROUP_MODEL, node, "parameters", NULL);
}

int ent_job_read_solver(ent_job *job, const ent_yaml_node *node) {
  return read_section(job, ENT_GROUP_SOLVER, node, "solver", NULL);
}

static void check_kind(ent_job *job, const ent_yaml_node *section) {
  ent_names names = {0};
  const ent_yaml_node *kind = ent_yaml_find(section, "kind", strlen("kind"));
  if (job->knows_initial) return;
  for (size_t i = 0; ent_initials[i]; i++) ent_names_add(&names, ent_initials[i]->name);
  if (kind) {
    refuse_name(job, kind, &names);
  } else {
    char advice[512];
    ent_names_advise(&names, "", 0, sizeof(advice), advice);
    ent_faults_add(&job->faults, section->key->line, section->key->column, "missing key 'initial.kind', %s",
                   advice);
  }
}

int ent_job_read_initial(ent_job *job, const ent_yaml_node *node) {
  const ent_model *model = job->spec->model;
  if (node && model && (model->flags & ENT_MODEL_OWN_START)) {
    ent_faults_add(&job->faults, node->key->line, node->key->column,
                   "'initial' is given, but model '%s' has a start of its own, must be left out",
                   model->name);
    return ENT_OK;
  }
  if (node && node->kind == ENT_YAML_MAPPING) check_kind(job, node);
  return read_section(job, ENT_GROUP_INITIAL, node, "initial", "kind");
}
