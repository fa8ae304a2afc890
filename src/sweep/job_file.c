#include "entrain/sweep/job_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "entrain/sweep/axis_values.h"
#include "entrain/sweep/job_check.h"
#include "entrain/sweep/job_inputs.h"
#include "entrain/sweep/job_sweep.h"
#include "entrain/sweep/job_systems.h"

enum { MAX_NAME = 100, DEFAULT_STEPS = 1000000, DEFAULT_WALL = 3600, DEFAULT_CHECKPOINT = 300 };

#define DEFAULT_DELTA 1e-3

/* A key of the file or of one of its sections. */
typedef struct job_key {
  const char *name;
  const char *legal; /* of a key that must be there: what it must be; NULL: OPTIONAL */
  bool always;       /* read with NULL where the key is missing */
  bool is_system;    /* ent_job_check relies on it */
  int (*read)(ent_job *job, const ent_yaml_node *node);
} job_key;

static void check_keys(ent_job *job, const ent_yaml_node *mapping, const job_key *keys) {
  ent_names names = {0};
  for (size_t i = 0; keys[i].name; i++) ent_names_add(&names, keys[i].name);
  for (const ent_yaml_node *child = mapping->first; child; child = child->next) {
    bool is_known = false;
    for (size_t i = 0; keys[i].name && !is_known; i++) is_known = ent_yaml_is(child->key, keys[i].name);
    if (!is_known)
      ent_value_refuse_key(&job->faults, child, &names);
    else
      ent_value_is_repeated(&job->faults, child);
  }
}

static void refuse_missing(ent_job *job, const ent_yaml_node *mapping, const job_key *key) {
  const ent_yaml_node *place = mapping->key ? mapping->key : mapping;
  char path[ENT_VALUE_PATH];
  ent_value_path(mapping, path);
  ent_faults_add(&job->faults, place->line, place->column, "missing key '%s%s%s', must be %s", path,
                 path[0] ? "." : "", key->name, key->legal);
}

static int read_keys(ent_job *job, const ent_yaml_node *mapping, const job_key *keys) {
  if (!ent_value_is_mapping(&job->faults, mapping)) return ENT_OK;
  check_keys(job, mapping, keys);
  for (size_t i = 0; keys[i].name; i++) {
    const ent_yaml_node *node = ent_yaml_find(mapping, keys[i].name, strlen(keys[i].name));
    const size_t faults_before = job->faults.count;
    if (!node && keys[i].legal) refuse_missing(job, mapping, &keys[i]);
    if (node || keys[i].always) ENT_TRY(keys[i].read(job, node));
    if (keys[i].is_system) job->system_faults += job->faults.count - faults_before;
  }
  return ENT_OK;
}

static int read_name(ent_job *job, const ent_yaml_node *node) {
  const char *name = NULL;
  if (!ent_value_text(&job->faults, node, &name)) return ENT_OK;
  if (strlen(name) > MAX_NAME || strchr(name, '/'))
    ent_value_refuse(&job->faults, node, "must be at most %d bytes without '/'", MAX_NAME);
  job->spec->name = name;
  return ENT_OK;
}

static int read_study(ent_job *job, const ent_yaml_node *node) {
  static const ent_parameter legal = {.name = "study", .kind = ENT_PARAM_INTEGER, .max = ENT_VALUE_WHOLE_MAX};
  double study = 0.0;
  if (ent_value_number(&job->faults, node, &legal, &study)) job->spec->study = (int64_t)study;
  return ENT_OK;
}

static const ent_parameter horizon_legal = {
  .name = "horizon", .kind = ENT_PARAM_REAL, .open_min = true, .max = INFINITY};

static int read_horizon(ent_job *job, const ent_yaml_node *node) {
  ent_value_number(&job->faults, node, &horizon_legal, &job->spec->horizon);
  return ENT_OK;
}

/* Comes after the horizon, which bounds it. */
static int read_record(ent_job *job, const ent_yaml_node *node) {
  ent_parameter legal = {.name = "record", .kind = ENT_PARAM_REAL, .max = INFINITY};
  ent_axis_values values;
  if (job->spec->horizon > 0.0) legal.max = job->spec->horizon;
  ENT_TRY(ent_axis_values_read(job->spec->arena, &job->faults, node, &legal, false, &values));
  ent_axis_values_check_ascending(&job->faults, node, &values);
  job->spec->n_record = (size_t)values.count;
  job->spec->record = values.values;
  return ENT_OK;
}

static int read_unit(ent_job *job, const ent_yaml_node *node) {
  static const ent_parameter legal = {
    .name = "unit", .kind = ENT_PARAM_CHOICE, .choices = ent_time_unit_names};
  double unit = 0.0;
  if (ent_value_number(&job->faults, node, &legal, &unit)) job->spec->unit = (ent_time_unit)unit;
  return ENT_OK;
}

static const job_key time_keys[] = {
  {.name = "horizon", .legal = "a number in (0, inf)", .read = read_horizon},
  {.name = "record", .read = read_record},
  {.name = "unit", .read = read_unit},
  {0},
};

static int read_time(ent_job *job, const ent_yaml_node *node) {
  return read_keys(job, node, time_keys);
}

static int read_delta(ent_job *job, const ent_yaml_node *node) {
  static const ent_parameter legal = {.name = "delta", .kind = ENT_PARAM_REAL, .open_min = true, .max = 1.0};
  ent_axis_values values;
  ENT_TRY(ent_axis_values_read(job->spec->arena, &job->faults, node, &legal, false, &values));
  if (values.count == 0) return ENT_OK;
  ENT_TRY(ent_axis_values_check_distinct(&job->faults, node, &legal, &values));
  if (values.count > ENT_MAX_DELTAS) {
    ent_value_fault(&job->faults, node, "has %lld values, must have from 1 to %d", (long long)values.count,
                    ENT_MAX_DELTAS);
    return ENT_OK;
  }
  job->spec->n_delta = (size_t)values.count;
  memcpy(job->spec->delta, values.values, job->spec->n_delta * sizeof(double));
  return ENT_OK;
}

static int read_stop(ent_job *job, const ent_yaml_node *node) {
  static const ent_parameter legal = {.name = "stop", .kind = ENT_PARAM_CHOICE, .choices = ent_stop_names};
  double stop = 0.0;
  if (ent_value_number(&job->faults, node, &legal, &stop)) job->spec->stop = (ent_stop)stop;
  return ENT_OK;
}

static const job_key detect_keys[] = {
  {.name = "delta", .read = read_delta},
  {.name = "stop", .read = read_stop},
  {0},
};

static int read_detect(ent_job *job, const ent_yaml_node *node) {
  return read_keys(job, node, detect_keys);
}

static void add_observable(ent_job *job, const ent_yaml_node *node) {
  ent_spec *spec = job->spec;
  ent_names names = {0};
  char advice[512];
  const bool is_name = node->kind == ENT_YAML_SCALAR;
  const ent_observable *observable = is_name ? ent_observable_find(node->text, node->length) : NULL;
  for (size_t i = 0; !observable && ent_observables[i]; i++) ent_names_add(&names, ent_observables[i]->name);
  for (size_t i = 0; observable && i < spec->n_observe; i++) {
    if (spec->observe[i] != observable) continue;
    ent_value_fault(&job->faults, node, "has '%s' twice, observables must differ", observable->name);
    return;
  }
  if (!observable) {
    ent_names_advise(&names, is_name ? node->text : "", is_name ? node->length : 0, sizeof(advice), advice);
    ent_value_refuse(&job->faults, node, "%s", advice);
  } else if (spec->n_observe == ENT_MAX_OBSERVABLES) {
    ent_value_fault(&job->faults, node, "has too many observables, at most %d are legal",
                    ENT_MAX_OBSERVABLES);
  } else {
    spec->observe[spec->n_observe++] = observable;
  }
}

static int read_observe(ent_job *job, const ent_yaml_node *node) {
  const bool is_list = node->kind == ENT_YAML_LIST;
  if (!is_list) ent_value_refuse(&job->faults, node, "must be a list of observables");
  for (const ent_yaml_node *element = is_list ? node->first : NULL; element; element = element->next)
    add_observable(job, element);
  return ENT_OK;
}

static int read_steps(ent_job *job, const ent_yaml_node *node) {
  static const ent_parameter legal = {
    .name = "steps", .kind = ENT_PARAM_INTEGER, .min = 1.0, .max = ENT_VALUE_WHOLE_MAX};
  double steps = 0.0;
  if (ent_value_number(&job->faults, node, &legal, &steps)) job->spec->limit_steps = (int64_t)steps;
  return ENT_OK;
}

static int read_ranks_per_job(ent_job *job, const ent_yaml_node *node) {
  static const ent_parameter legal = {
    .name = "ranks_per_job", .kind = ENT_PARAM_INTEGER, .min = 1.0, .max = ENT_SPEC_MOST_RANKS};
  double ranks = 0.0;
  if (ent_value_number(&job->faults, node, &legal, &ranks)) job->spec->ranks_per_job = (int)ranks;
  return ENT_OK;
}

static int read_wall(ent_job *job, const ent_yaml_node *node) {
  ent_value_duration(&job->faults, node, false, &job->spec->limit_wall);
  return ENT_OK;
}

static int read_checkpoint(ent_job *job, const ent_yaml_node *node) {
  ent_value_duration(&job->faults, node, true, &job->spec->checkpoint_seconds);
  return ENT_OK;
}

static const job_key limits_keys[] = {
  {.name = "steps", .read = read_steps},
  {.name = "wall", .read = read_wall},
  {.name = "checkpoint", .read = read_checkpoint},
  {0},
};

static int read_limits(ent_job *job, const ent_yaml_node *node) {
  return read_keys(job, node, limits_keys);
}

static int read_final_state(ent_job *job, const ent_yaml_node *node) {
  static const char *const words[] = {"false", "true", NULL};
  static const ent_parameter legal = {.name = "final_state", .kind = ENT_PARAM_CHOICE, .choices = words};
  const ent_model *model = job->spec->model;
  double keep = 0.0;
  if (!node->plain)
    ent_value_refuse(&job->faults, node, "must be true or false");
  else if (ent_value_number(&job->faults, node, &legal, &keep))
    job->spec->final_state = keep != 0.0;
  if (job->spec->final_state && model && !ent_model_has_vectors(model)) {
    ent_faults_add(&job->faults, node->line, node->column,
                   "'final_state' = true, but model '%s' has no particles to keep, must be false",
                   model->name);
  }
  return ENT_OK;
}

static int read_writer(ent_job *job, const ent_yaml_node *node) {
  static const char *const words[] = {"workers", "master", NULL};
  static const ent_writer writers[] = {ENT_WRITER_WORKERS, ENT_WRITER_MASTER};
  static const ent_parameter legal = {.name = "writer", .kind = ENT_PARAM_CHOICE, .choices = words};
  double writer = 0.0;
  if (ent_value_number(&job->faults, node, &legal, &writer)) job->spec->writer = writers[(size_t)writer];
  return ENT_OK;
}

static const job_key output_keys[] = {
  {.name = "final_state", .read = read_final_state},
  {.name = "writer", .read = read_writer},
  {0},
};

static int read_output(ent_job *job, const ent_yaml_node *node) {
  return read_keys(job, node, output_keys);
}

static const job_key file_keys[] = {
  {.name = "name", .read = read_name},
  {.name = "study", .read = read_study},
  {.name = "model", .legal = "the name of a model", .is_system = true, .read = ent_job_read_model},
  {.name = "parameters", .always = true, .is_system = true, .read = ent_job_read_parameters},
  {.name = "sweep", .legal = "a mapping of axes", .is_system = true, .read = ent_job_read_sweep},
  {.name = "initial", .always = true, .is_system = true, .read = ent_job_read_initial},
  {.name = "time", .legal = "a mapping with horizon", .read = read_time},
  {.name = "detect", .read = read_detect},
  {.name = "observe", .read = read_observe},
  {.name = "solver", .always = true, .is_system = true, .read = ent_job_read_solver},
  {.name = "limits", .read = read_limits},
  {.name = "output", .read = read_output},
  {.name = "ranks_per_job", .read = read_ranks_per_job},
  {0},
};

/* "jobs/circle.yaml" is in folder "jobs" and has the name "circle". */
static int set_path(ent_spec *spec, const char *path) {
  const char *slash = strrchr(path, '/');
  const char *file = slash ? slash + 1 : path;
  const char *dot = strrchr(file, '.');
  const size_t stem = dot && dot > file ? (size_t)(dot - file) : strlen(file);
  ENT_TRY(ent_arena_text(spec->arena, path, strlen(path), &spec->path));
  ENT_TRY(ent_arena_text(spec->arena, file, stem, &spec->name));
  if (slash == path) return ent_arena_text(spec->arena, "/", 1, &spec->folder);
  return ent_arena_text(spec->arena, slash ? path : ".", slash ? (size_t)(slash - path) : 1, &spec->folder);
}

/* An empty specification with every default that does not depend on the file's content. */
static int create_spec(const char *path, const char *petsc_options, ent_spec **spec) {
  ent_arena *arena = NULL;
  ent_spec *made = NULL;
  int code = ENT_OK;
  ENT_TRY(ent_arena_create(&arena));
  ENT_GOTO(ent_arena_alloc(arena, 1, sizeof(*made), &made));
  *made = (ent_spec){.arena = arena,
                     .n_delta = 1,
                     .delta = {DEFAULT_DELTA},
                     .limit_steps = DEFAULT_STEPS,
                     .ranks_per_job = 1,
                     .limit_wall = DEFAULT_WALL,
                     .checkpoint_seconds = DEFAULT_CHECKPOINT};
  ENT_GOTO(ent_arena_text(arena, petsc_options, strlen(petsc_options), &made->petsc_options));
  ENT_GOTO(set_path(made, path));
  *spec = made;
done:
  if (code != ENT_OK) ent_arena_destroy(&arena);
  return code;
}

static int resolve(ent_job *job) {
  if (!ent_value_is_mapping(&job->faults, job->root)) return ENT_OK;
  ent_job_prepare(job);
  job->system_faults = job->faults.count; /* anchors, aliases, tags: any of them may be a parameter */
  ENT_TRY(read_keys(job, job->root, file_keys));
  job->spec->base.study = job->spec->study;
  if (job->system_faults == 0) ent_job_check(job);
  return ENT_OK;
}

/* The faults as text, and the code that goes with them. */
static int conclude(ent_job *job, ent_text *faults) {
  if (job->faults.code != ENT_OK) return job->faults.code;
  if (job->faults.count == 0) return ENT_OK;
  const size_t count = job->faults.count;
  ENT_TRY(ent_faults_write(&job->faults, job->spec->path, faults));
  ENT_RAISE(ENT_ERR_JOB_FILE, "%zu fault%s in '%s'", count, count == 1 ? "" : "s", job->spec->path);
}

/* What is read: text [length], where it came from and what came with it. */
typedef struct job_source {
  const char *text;
  size_t length;
  const char *path;
  const char *petsc_options;
  const char *stored_digests; /* of the input files; NULL: they are read */
} job_source;

static int parse(const job_source *source, ent_spec **spec, ent_text *faults) {
  ent_job job = {.stored_digests = source->stored_digests};
  int code = ENT_OK;
  ENT_TRY(create_spec(source->path, source->petsc_options, &job.spec));
  ent_faults_init(&job.faults, job.spec->arena);
  ENT_GOTO(ent_arena_text(job.spec->arena, source->text, source->length, &job.spec->text));
  job.spec->text_length = source->length;
  ENT_GOTO(ent_yaml_parse(job.spec->arena, job.spec->text, source->length, &job.faults, &job.root));
  if (job.root) ENT_GOTO(resolve(&job));
  ENT_GOTO(conclude(&job, faults));
  ENT_GOTO(ent_job_join_digests(&job, source->stored_digests));
  *spec = job.spec;
  job.spec = NULL;
done:
  ent_faults_fini(&job.faults);
  ent_spec_destroy(&job.spec);
  return code;
}

int ent_job_file_read(const char *path, const char *petsc_options, ent_spec **spec, ent_text *faults) {
  ent_text text = {0};
  int code = ent_text_read_file(path, &text);
  if (code == ENT_ERR_IO) {
    ENT_TRY(ent_text_append(faults, "%s: error: %s\n", path, ent_error_message()));
    ENT_RAISE(ENT_ERR_JOB_FILE, "cannot read '%s'", path);
  }
  ENT_TRY(code);
  const job_source source = {
    .text = text.data ? text.data : "", .length = text.length, .path = path, .petsc_options = petsc_options};
  code = parse(&source, spec, faults);
  ent_text_fini(&text);
  return code;
}

int ent_job_file_parse(const char *text, const char *path, const char *petsc_options,
                       const char *input_digests, ent_spec **spec, ent_text *faults) {
  const job_source source = {.text = text,
                             .length = strlen(text),
                             .path = path,
                             .petsc_options = petsc_options,
                             .stored_digests = input_digests ? input_digests : ""};
  return parse(&source, spec, faults);
}
