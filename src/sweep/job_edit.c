#include "entrain/sweep/job_edit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/sweep/axis_values.h"

enum { MAX_EDITS = ENT_MAX_AXES + 1 + ENT_MAX_INPUTS };

/* Bytes of the text and what takes their place. */
typedef struct splice {
  const ent_yaml_node *node; /* the value that it changes */
  size_t begin, end;
  ent_text text; /* owned */
} splice;

struct ent_job_edit {
  ent_arena *arena; /* owns the tree and the edit itself */
  const ent_spec *spec;
  const ent_yaml_node *root;
  size_t n_splices;
  splice splices[MAX_EDITS];
};

/* Parses text of ours or of the user's; a fault becomes an error that begins with `what`. */
static int parse(ent_arena *arena, const char *text, size_t length, const char *what,
                 const ent_yaml_node **root) {
  int code = ENT_OK;
  ent_faults faults;
  ent_faults_init(&faults, arena);
  ENT_GOTO(ent_yaml_parse(arena, text, length, &faults, root));
  ENT_GOTO(faults.code);
  ENT_CHECK_GOTO(faults.count == 0 && *root, ENT_ERR_ARGUMENT, "%s: %s", what,
                 faults.count > 0 ? faults.items[0].message : "is empty");
done:
  ent_faults_fini(&faults);
  return code;
}

int ent_job_edit_create(const ent_spec *spec, ent_job_edit **edit) {
  int code = ENT_OK;
  ent_arena *arena = NULL;
  ent_job_edit *made = NULL;
  ENT_GOTO(ent_arena_create(&arena));
  ENT_GOTO(ent_arena_alloc(arena, 1, sizeof *made, &made));
  *made = (ent_job_edit){.arena = arena, .spec = spec};
  ENT_GOTO(parse(arena, spec->text, spec->text_length, "the job file inside", &made->root));
  *edit = made;
  arena = NULL;
done:
  ent_arena_destroy(&arena);
  return code == ENT_ERR_ARGUMENT ? ENT_ERR_FORMAT : code;
}

void ent_job_edit_destroy(ent_job_edit **edit) {
  if (edit == NULL || *edit == NULL) return;
  ent_arena *arena = (*edit)->arena; /* the edit itself lies in it */
  for (size_t i = 0; i < (*edit)->n_splices; i++) ent_text_fini(&(*edit)->splices[i].text);
  *edit = NULL;
  ent_arena_destroy(&arena);
}

static const ent_yaml_node *find(const ent_yaml_node *mapping, const char *key) {
  return ent_yaml_find(mapping, key, strlen(key));
}

/* Begins a splice for a node that has none yet. */
static int add_splice(ent_job_edit *edit, const ent_yaml_node *node, const char *name, splice **added) {
  for (size_t i = 0; i < edit->n_splices; i++)
    ENT_CHECK(edit->splices[i].node != node, ENT_ERR_ARGUMENT, "'%s' is named twice, must be once", name);
  ENT_CHECK(edit->n_splices < MAX_EDITS, ENT_ERR_ARGUMENT, "more than %d changes at once", MAX_EDITS);
  splice *made = &edit->splices[edit->n_splices++];
  *made = (splice){.node = node, .begin = node->begin, .end = node->end};
  *added = made;
  return ENT_OK;
}

/* `name: values` as a node of its own, so that faults name it. */
static int parse_value(ent_job_edit *edit, const char *name, const char *values, const ent_yaml_node **node) {
  int code = ENT_OK;
  const ent_yaml_node *root = NULL;
  const char *kept = NULL;
  ent_text text = {0};
  ENT_GOTO(ent_text_append(&text, "%s: %s\n", name, values));
  ENT_GOTO(ent_arena_text(edit->arena, text.data, text.length, &kept));
  ENT_GOTO(parse(edit->arena, kept, text.length, name, &root));
  ENT_CHECK_GOTO(root->kind == ENT_YAML_MAPPING && root->count == 1, ENT_ERR_ARGUMENT,
                 "'%s' = '%s', must be one value, list or form", name, values);
  *node = root->first;
done:
  ent_text_fini(&text);
  return code;
}

/* The first fault of reading a value as an error. */
static int raise_fault(const ent_faults *faults) {
  ENT_TRY(faults->code);
  if (faults->count > 0) ENT_RAISE(ENT_ERR_ARGUMENT, "%s", faults->items[0].message);
  return ENT_OK;
}

int ent_job_edit_horizon(ent_job_edit *edit, const char *value) {
  int code = ENT_OK;
  double horizon = 0;
  const ent_yaml_node *given = NULL, *node = find(find(edit->root, "time"), "horizon");
  const ent_parameter legal = {
    .name = "horizon", .kind = ENT_PARAM_REAL, .open_min = true, .min = edit->spec->horizon, .max = INFINITY};
  splice *added = NULL;
  ent_faults faults;
  ent_faults_init(&faults, edit->arena);
  ENT_GOTO(parse_value(edit, "horizon", value, &given));
  if (ent_value_number(&faults, given, &legal, &horizon)) {
    ENT_CHECK_GOTO(node, ENT_ERR_FORMAT, "the job file inside has no time.horizon");
    ENT_GOTO(add_splice(edit, node, "horizon", &added));
    ENT_GOTO(ent_text_append(&added->text, "%s", given->text));
  }
  ENT_GOTO(raise_fault(&faults));
done:
  ent_faults_fini(&faults);
  return code;
}

/* An axis of the specification and the node of its values. */
static int find_axis(ent_job_edit *edit, const char *name, const ent_axis **axis,
                     const ent_yaml_node **node) {
  const ent_grid *grid = &edit->spec->grid;
  const ent_yaml_node *sweep = find(edit->root, "sweep");
  *axis = ent_grid_axis(grid, name);
  if (*axis == NULL) {
    ent_names names = {0};
    char advice[512];
    for (size_t i = 0; i < grid->n_axes; i++) ent_names_add(&names, grid->axes[i].name);
    ent_names_advise(&names, name, strlen(name), sizeof advice, advice);
    ENT_RAISE(ENT_ERR_ARGUMENT, "'%s' is no axis of this sweep, %s", name, advice);
  }
  *node = find(sweep, name);
  if (*node == NULL) *node = find(find(sweep, "zip"), name);
  ENT_CHECK(*node, ENT_ERR_FORMAT, "the job file inside has no axis '%s'", name);
  return ENT_OK;
}

static int append_value(const ent_axis *axis, double value, ent_text *text) {
  if (axis->parameter->kind == ENT_PARAM_CHOICE)
    return ent_text_append(text, "%s", axis->parameter->choices[(size_t)value]);
  return ent_text_append_real(text, value);
}

static bool is_seed(const ent_axis *axis) {
  return axis->group == ENT_GROUP_GRID && axis->slot == ENT_GRID_SEED;
}

/* Whether values are a, a + 1, a + 2, ... */
static bool is_run(const double *values, int64_t count) {
  for (int64_t i = 1; i < count; i++)
    if (values[i] != values[0] + (double)i) return false;
  return true;
}

static int append_run(int64_t first, int64_t count, ent_text *text) {
  ENT_TRY(ent_text_append(text, "{count: %lld", (long long)count));
  if (first != 0) ENT_TRY(ent_text_append(text, ", first: %lld", (long long)first));
  return ent_text_append(text, "}");
}

/* A list in brackets; seeds that follow one another as a count. */
static int append_values(const ent_axis *axis, const double *values, int64_t count, ent_text *text) {
  if (is_seed(axis) && count > 1 && is_run(values, count)) return append_run((int64_t)values[0], count, text);
  for (int64_t i = 0; i < count; i++) {
    ENT_TRY(ent_text_append(text, i > 0 ? ", " : "["));
    ENT_TRY(append_value(axis, values[i], text));
  }
  return ent_text_append(text, "]");
}

/* The values that an axis has and room for `more`. [out] values  free() it */
static int list_values(const ent_axis *axis, int64_t more, double **values) {
  ENT_TRY(ent_mem_alloc((size_t)(axis->count + more), sizeof **values, values));
  for (int64_t i = 0; i < axis->count; i++) (*values)[i] = ent_axis_value(axis, i);
  return ENT_OK;
}

static int compare_reals(const void *left, const void *right) {
  const double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static double given_value(const ent_axis_values *given, int64_t i) {
  return given->values ? given->values[i] : (double)(given->first + i);
}

/* Those of the given values that the axis does not have, behind those that it has. */
static int merge_values(const ent_axis *axis, const ent_axis_values *given, double *values, int64_t *added) {
  double *sorted = NULL;
  *added = 0;
  ENT_TRY(ent_mem_alloc((size_t)axis->count, sizeof *sorted, &sorted));
  memcpy(sorted, values, (size_t)axis->count * sizeof *sorted);
  qsort(sorted, (size_t)axis->count, sizeof *sorted, compare_reals);
  for (int64_t i = 0; i < given->count; i++) {
    const double value = given_value(given, i);
    if (bsearch(&value, sorted, (size_t)axis->count, sizeof *sorted, compare_reals) == NULL)
      values[axis->count + (*added)++] = value;
  }
  free(sorted);
  return ENT_OK;
}

/* A list in brackets grows at its end and keeps its layout; any other form is written anew. */
static int write_added(splice *to, const ent_axis *axis, const double *values, int64_t added) {
  const ent_yaml_node *node = to->node;
  if (node->kind != ENT_YAML_LIST || !node->flow) {
    ENT_TRY(append_values(axis, values, axis->count + added, &to->text));
    return ENT_OK;
  }
  to->begin = to->end = node->last->end;
  for (int64_t i = 0; i < added; i++) {
    ENT_TRY(ent_text_append(&to->text, ", "));
    ENT_TRY(append_value(axis, values[axis->count + i], &to->text));
  }
  return ENT_OK;
}

static int read_given(ent_job_edit *edit, const ent_axis *axis, const char *text, ent_axis_values *given) {
  int code = ENT_OK;
  const ent_yaml_node *node = NULL;
  const ent_parameter legal = ent_spec_legal_values(edit->spec, axis);
  ent_faults faults;
  ent_faults_init(&faults, edit->arena);
  ENT_GOTO(parse_value(edit, axis->name, text, &node));
  ENT_GOTO(ent_axis_values_read(edit->arena, &faults, node, &legal, is_seed(axis), given));
  if (given->count > 0) ENT_GOTO(ent_axis_values_check_distinct(&faults, node, &legal, given));
  ENT_GOTO(raise_fault(&faults));
done:
  ent_faults_fini(&faults);
  return code;
}

static int append_bytes(const ent_job_edit *edit, size_t begin, size_t end, ent_text *text) {
  return ent_text_append(text, "%.*s", (int)(end - begin), edit->spec->text + begin);
}

/*
 * Seeds that go on where those of the axis end need no list, however many they are. [out] added  -1: do not
 */
static int64_t count_run(const ent_axis *axis, const ent_axis_values *given) {
  const int64_t end = axis->first + axis->count;
  if (axis->values || given->values || given->first < axis->first || given->first > end) return -1;
  const int64_t given_end = given->first + given->count;
  return given_end > end ? given_end - end : 0;
}

/* Any values: those that are new are listed. */
static int add_listed(const ent_axis *axis, const ent_axis_values *given, splice *to, int64_t *added) {
  int code = ENT_OK;
  double *all = NULL;
  ENT_CHECK(given->count <= ENT_AXIS_VALUES_MAX, ENT_ERR_ARGUMENT,
            "'%s' has %lld further values, legal are %d", axis->name, (long long)given->count,
            (int)ENT_AXIS_VALUES_MAX);
  ENT_GOTO(list_values(axis, given->count, &all));
  ENT_GOTO(merge_values(axis, given, all, added));
  if (*added > 0) ENT_GOTO(write_added(to, axis, all, *added));
done:
  free(all);
  return code;
}

int ent_job_edit_add(ent_job_edit *edit, const char *axis, const char *values, int64_t *added) {
  const ent_axis *found = NULL;
  const ent_yaml_node *node = NULL;
  ent_axis_values given = {0};
  splice *to = NULL;
  ENT_TRY(find_axis(edit, axis, &found, &node));
  ENT_TRY(read_given(edit, found, values, &given));
  ENT_TRY(add_splice(edit, node, axis, &to));
  *added = count_run(found, &given);
  if (*added > 0) ENT_TRY(append_run(found->first, found->count + *added, &to->text));
  if (*added < 0) ENT_TRY(add_listed(found, &given, to, added));
  if (*added == 0) ENT_TRY(append_bytes(edit, to->begin, to->end, &to->text)); /* as it was */
  return ENT_OK;
}

int ent_job_edit_keep(ent_job_edit *edit, const char *axis, const unsigned char *keep) {
  int code = ENT_OK;
  const ent_axis *found = NULL;
  const ent_yaml_node *node = NULL;
  double *values = NULL;
  int64_t count = 0;
  splice *to = NULL;
  ENT_GOTO(find_axis(edit, axis, &found, &node));
  ENT_GOTO(list_values(found, 0, &values));
  for (int64_t i = 0; i < found->count; i++)
    if (keep[i]) values[count++] = values[i];
  ENT_CHECK_GOTO(count > 0, ENT_ERR_ARGUMENT, "no value of '%s' would be left", axis);
  ENT_GOTO(add_splice(edit, node, axis, &to));
  ENT_GOTO(append_values(found, values, count, &to->text));
done:
  free(values);
  return code;
}

int ent_job_edit_input(ent_job_edit *edit, const ent_input *input, const char *path) {
  const char *section = input->group == ENT_GROUP_INITIAL ? "initial" : "parameters";
  const char *name = ent_spec_parameters(edit->spec, input->group)[input->slot].name;
  const ent_yaml_node *node = find(find(edit->root, section), name);
  splice *to = NULL;
  ENT_CHECK(node, ENT_ERR_FORMAT, "the job file inside has no %s.%s", section, name);
  ENT_TRY(add_splice(edit, node, name, &to));
  ENT_TRY(ent_text_append(&to->text, "\""));
  ENT_TRY(ent_text_append_json(&to->text, path));
  ENT_TRY(ent_text_append(&to->text, "\""));
  return ENT_OK;
}

static int compare_splices(const void *left, const void *right) {
  const splice *a = *(const splice *const *)left, *b = *(const splice *const *)right;
  return (a->begin > b->begin) - (a->begin < b->begin);
}

int ent_job_edit_write(const ent_job_edit *edit, ent_text *text) {
  const splice *sorted[MAX_EDITS];
  size_t at = 0;
  for (size_t i = 0; i < edit->n_splices; i++) sorted[i] = &edit->splices[i];
  qsort(sorted, edit->n_splices, sizeof sorted[0], compare_splices);
  for (size_t i = 0; i < edit->n_splices; i++) {
    ENT_TRY(append_bytes(edit, at, sorted[i]->begin, text));
    ENT_TRY(ent_text_append(text, "%s", sorted[i]->text.data));
    at = sorted[i]->end;
  }
  ENT_TRY(append_bytes(edit, at, edit->spec->text_length, text));
  return ENT_OK;
}
