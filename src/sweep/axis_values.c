#include "entrain/sweep/axis_values.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sleef.h>

enum { SETTLE_DIGITS = 12, NUMBER_SIZE = 400, SHORT_SIZE = 32, MAX_ARGUMENTS = 3 };

#define SETTLE_TOLERANCE (16.0 * DBL_EPSILON)
#define SETTLE_MIN 1e-300
#define SETTLE_MAX 1e11      /* above, 12 digits do not reach behind the point */
#define RANGE_TOLERANCE 1e-9 /* in steps: how far b may be from the last one and still be hit */

/* One way to write a sequence, `name: [arguments]`. */
typedef struct axis_form {
  const char *name;
  const char *usage;
  ent_parameter arguments[MAX_ARGUMENTS];
  /* Number of values, 0 after adding a fault. */
  int64_t (*count)(ent_faults *faults, const ent_yaml_node *node, const double *arguments);
  void (*fill)(const double *arguments, int64_t count, double *values);
} axis_form;

/*
 * A value that is, within rounding, a decimal of 12 digits, becomes the double nearest to it: 0.3, not
 * 0.30000000000000004. The digits are those of a number of the size of `scale`. Other values stay as they
 * are.
 */
static double settle(double value, double scale) {
  char buffer[NUMBER_SIZE];
  if (!(scale >= SETTLE_MIN && scale <= SETTLE_MAX)) return value;
  snprintf(buffer, sizeof(buffer), "%.*f", SETTLE_DIGITS - 1 - (int)floor(log10(scale)), value);
  const double decimal = strtod(buffer, NULL) + 0.0;
  return fabs(decimal - value) <= SETTLE_TOLERANCE * scale ? decimal : value;
}

/* The larger one of two absolute values. */
static double size_of(double a, double b) {
  return fmax(fabs(a), fabs(b));
}

/* Value i of count from a to b: both ends exact, whole numbers stay whole. */
static double between(double a, double b, int64_t i, int64_t count) {
  const double last = (double)(count - 1), left = (double)(count - 1 - i), done = (double)i;
  if (i == 0) return a;
  if (i == count - 1) return b;
  const double value = (a * left + b * done) / last;
  return isfinite(value) ? settle(value, size_of(a, b)) : a * (left / last) + b * (done / last);
}

static int64_t count_space(ent_faults *faults, const ent_yaml_node *node, const double *arguments) {
  if (arguments[2] >= 2.0 || arguments[0] == arguments[1]) return (int64_t)arguments[2];
  ent_value_fault(faults, node, "has one value for two ends, the count must be 2 or more");
  return 0;
}

static void fill_linspace(const double *arguments, int64_t count, double *values) {
  for (int64_t i = 0; i < count; i++) values[i] = between(arguments[0], arguments[1], i, count);
}

/*
 * a^(1-s) b^s with s = i / (count - 1), by SLEEF's deterministic function: libm's bits depend on the
 * processor.
 */
static void fill_logspace(const double *arguments, int64_t count, double *values) {
  const double a = arguments[0], b = arguments[1];
  for (int64_t i = 0; i < count; i++) {
    const double s = (double)i / (double)(count > 1 ? count - 1 : 1);
    const double value = Sleef_cinz_powd1_u10purec(a, 1.0 - s) * Sleef_cinz_powd1_u10purec(b, s);
    values[i] = i == 0 ? a : i == count - 1 ? b : settle(value, value);
  }
}

static int64_t count_range(ent_faults *faults, const ent_yaml_node *node, const double *arguments) {
  const double steps = (arguments[1] - arguments[0]) / arguments[2];
  if (arguments[2] == 0.0 || !(steps >= 0.0)) {
    ent_value_fault(faults, node, "is empty, step must lead from a to b and not be 0");
    return 0;
  }
  if (steps + 1.0 > ENT_AXIS_VALUES_MAX) {
    ent_value_fault(faults, node, "has too many values, at most %d are legal", (int)ENT_AXIS_VALUES_MAX);
    return 0;
  }
  return (int64_t)floor(steps + RANGE_TOLERANCE) + 1;
}

/* a + i step; where b is hit within rounding the values lie between a and b, so that b is exact. */
static void fill_range(const double *arguments, int64_t count, double *values) {
  const double a = arguments[0], b = arguments[1], step = arguments[2];
  const bool is_hit = fabs((b - a) / step - (double)(count - 1)) <= RANGE_TOLERANCE;
  for (int64_t i = 0; i < count; i++)
    values[i] = is_hit ? between(a, b, i, count) : settle(a + (double)i * step, size_of(a, b));
}

static const ent_parameter first_value = {
  .name = "first", .kind = ENT_PARAM_INTEGER, .min = -ENT_VALUE_WHOLE_MAX, .max = ENT_VALUE_WHOLE_MAX};

#define END                                                                                                  \
  { .name = "end", .kind = ENT_PARAM_REAL, .min = -INFINITY, .max = INFINITY }
#define POSITIVE_END                                                                                         \
  { .name = "end", .kind = ENT_PARAM_REAL, .open_min = true, .min = 0.0, .max = INFINITY }
#define COUNT                                                                                                \
  { .name = "count", .kind = ENT_PARAM_INTEGER, .min = 1, .max = ENT_AXIS_VALUES_MAX }

static const axis_form forms[] = {
  {"linspace", "[a, b, count]", {END, END, COUNT}, count_space, fill_linspace},
  {"logspace", "[a, b, count]", {POSITIVE_END, POSITIVE_END, COUNT}, count_space, fill_logspace},
  {"range", "[a, b, step]", {END, END, END}, count_range, fill_range},
};

enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

static void show_value(const ent_parameter *legal, double value, char buffer[SHORT_SIZE]) {
  if (legal->kind == ENT_PARAM_CHOICE)
    snprintf(buffer, SHORT_SIZE, "%.*s", SHORT_SIZE - 1, legal->choices[(size_t)value]);
  else
    snprintf(buffer, SHORT_SIZE, "%.15g", value);
}

/* Whether every value of a form is legal; the first that is not becomes a fault. */
static bool check_legal(ent_faults *faults, const ent_yaml_node *node, const ent_parameter *legal,
                        const double *values, int64_t count) {
  char shown[SHORT_SIZE], range[256];
  ent_parameter element = *legal;
  if (element.kind == ENT_PARAM_LIST) element.kind = ENT_PARAM_REAL;
  for (int64_t i = 0; i < count; i++) {
    if (ent_parameter_accepts(&element, values[i])) continue;
    show_value(&element, values[i], shown);
    ent_parameter_legal(&element, sizeof(range), range);
    ent_value_fault(faults, node, "has the value %s, must be %s", shown, range);
    return false;
  }
  return true;
}

static int read_form(ent_arena *arena, ent_faults *faults, const ent_yaml_node *node, const axis_form *form,
                     const ent_parameter *legal, ent_axis_values *values) {
  double arguments[MAX_ARGUMENTS], *expanded = NULL;
  size_t good = 0;
  if (node->kind != ENT_YAML_LIST || node->count != MAX_ARGUMENTS) {
    ent_value_refuse(faults, node, "must be %s", form->usage);
    return ENT_OK;
  }
  const ent_yaml_node *element = node->first;
  for (size_t i = 0; i < MAX_ARGUMENTS; i++, element = element->next)
    good += ent_value_number(faults, element, &form->arguments[i], &arguments[i]);
  const int64_t count = good == MAX_ARGUMENTS ? form->count(faults, node, arguments) : 0;
  if (count == 0) return ENT_OK;
  ENT_TRY(ent_arena_alloc(arena, (size_t)count, sizeof(*expanded), &expanded));
  form->fill(arguments, count, expanded);
  if (!check_legal(faults, node, legal, expanded, count)) return ENT_OK;
  *values = (ent_axis_values){.count = count, .values = expanded};
  return ENT_OK;
}

/* {count: N, first: K} */
static void read_count(ent_faults *faults, const ent_yaml_node *node, const ent_parameter *legal,
                       ent_axis_values *values) {
  static const ent_parameter number = {
    .name = "count", .kind = ENT_PARAM_INTEGER, .min = 1, .max = ENT_VALUE_WHOLE_MAX};
  double count = 0.0, first = 0.0;
  const ent_yaml_node *count_node = ent_yaml_find(node, "count", strlen("count"));
  const ent_yaml_node *first_node = ent_yaml_find(node, "first", strlen("first"));
  if (!count_node) ent_value_fault(faults, node, "has no 'count', must be {count: N, first: K}");
  const bool has_count = count_node && ent_value_number(faults, count_node, &number, &count);
  const bool has_first = !first_node || ent_value_number(faults, first_node, &first_value, &first);
  if (!has_count || !has_first) return;
  const double ends[] = {first, first + (count - 1.0)};
  if (check_legal(faults, node, legal, ends, 2))
    *values = (ent_axis_values){.count = (int64_t)count, .first = (int64_t)first};
}

static void list_forms(bool may_count, ent_names *names) {
  for (size_t i = 0; i < FORMS; i++) ent_names_add(names, forms[i].name);
  if (!may_count) return;
  ent_names_add(names, "count");
  ent_names_add(names, "first");
}

static const axis_form *find_form(const ent_yaml_node *child) {
  for (size_t i = 0; i < FORMS; i++)
    if (ent_yaml_is(child->key, forms[i].name)) return &forms[i];
  return NULL;
}

static int read_mapping(ent_arena *arena, ent_faults *faults, const ent_yaml_node *node,
                        const ent_parameter *legal, bool may_count, ent_axis_values *values) {
  ent_names names = {0};
  const ent_yaml_node *form_node = NULL;
  size_t n_forms = 0, n_counts = 0;
  bool is_sound = true;
  list_forms(may_count, &names);
  for (const ent_yaml_node *child = node->first; child; child = child->next) {
    const bool is_count = may_count && (ent_yaml_is(child->key, "count") || ent_yaml_is(child->key, "first"));
    const bool is_known = is_count || find_form(child);
    if (!is_known) ent_value_refuse_key(faults, child, &names);
    is_sound = is_known && !ent_value_is_repeated(faults, child) && is_sound;
    n_counts += is_count;
    n_forms += !is_count;
    form_node = is_count ? form_node : child;
  }
  if (!is_sound) return ENT_OK;
  if (n_forms + (n_counts > 0) != 1)
    ent_value_fault(faults, node, "must have exactly one of linspace, logspace, range%s",
                    may_count ? ", count" : "");
  else if (n_forms == 1)
    return read_form(arena, faults, form_node, find_form(form_node), legal, values);
  else
    read_count(faults, node, legal, values);
  return ENT_OK;
}

static int read_list(ent_arena *arena, ent_faults *faults, const ent_yaml_node *node,
                     const ent_parameter *legal, ent_axis_values *values) {
  double *list = NULL;
  const ent_yaml_node **nodes = NULL;
  size_t count = 0;
  const size_t total = node->kind == ENT_YAML_LIST ? node->count : 1;
  if (total == 0 || total > ENT_AXIS_VALUES_MAX) {
    ent_value_fault(faults, node, "has %zu values, must have from 1 to %d", total, (int)ENT_AXIS_VALUES_MAX);
    return ENT_OK;
  }
  ENT_TRY(ent_arena_alloc(arena, total, sizeof(*list), &list));
  ENT_TRY(ent_arena_alloc(arena, total, sizeof(const ent_yaml_node *), &nodes));
  const ent_yaml_node *element = node->kind == ENT_YAML_LIST ? node->first : node;
  for (size_t i = 0; i < total; i++, element = element->next) {
    nodes[count] = element;
    count += ent_value_number(faults, element, legal, &list[count]);
  }
  if (count < total) return ENT_OK;
  *values = (ent_axis_values){.count = (int64_t)count, .values = list, .nodes = nodes};
  return ENT_OK;
}

int ent_axis_values_read(ent_arena *arena, ent_faults *faults, const ent_yaml_node *node,
                         const ent_parameter *legal, bool may_count, ent_axis_values *values) {
  *values = (ent_axis_values){0};
  if (node->kind != ENT_YAML_MAPPING) return read_list(arena, faults, node, legal, values);
  if (legal->kind != ENT_PARAM_CHOICE) return read_mapping(arena, faults, node, legal, may_count, values);
  ent_value_refuse(faults, node, "must be a list of names");
  return ENT_OK;
}

typedef struct placed_value {
  double value;
  int64_t index;
} placed_value;

static int compare_placed(const void *left, const void *right) {
  const placed_value *a = left, *b = right;
  if (a->value != b->value) return a->value < b->value ? -1 : 1;
  return a->index < b->index ? -1 : a->index > b->index;
}

int ent_axis_values_check_distinct(ent_faults *faults, const ent_yaml_node *node, const ent_parameter *legal,
                                   const ent_axis_values *values) {
  placed_value *sorted = NULL;
  char shown[SHORT_SIZE];
  if (!values->values) return ENT_OK;
  ENT_TRY(ent_mem_alloc((size_t)values->count, sizeof(*sorted), &sorted));
  for (int64_t i = 0; i < values->count; i++) sorted[i] = (placed_value){values->values[i], i};
  qsort(sorted, (size_t)values->count, sizeof(*sorted), compare_placed);
  for (int64_t i = 1; i < values->count; i++) {
    if (sorted[i].value != sorted[i - 1].value) continue;
    const ent_yaml_node *place = values->nodes ? values->nodes[sorted[i].index] : node;
    show_value(legal, sorted[i].value, shown);
    ent_value_fault(faults, place, "has the value %s twice, values must differ", shown);
    if (!values->nodes) break;
  }
  free(sorted);
  return ENT_OK;
}

void ent_axis_values_check_ascending(ent_faults *faults, const ent_yaml_node *node,
                                     const ent_axis_values *values) {
  for (int64_t i = 1; i < values->count; i++) {
    if (values->values[i] > values->values[i - 1]) continue;
    if (values->nodes)
      ent_value_refuse(faults, values->nodes[i], "must be above the value before it");
    else
      ent_value_fault(faults, node, "does not ascend, each value must be above the one before it");
    return;
  }
}
