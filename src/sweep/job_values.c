#include "entrain/sweep/job_values.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "entrain/sweep/decimal.h"

enum { WHY_SIZE = 1536, LEGAL_SIZE = 512 };

static void refuse_legal(ent_faults *faults, const ent_yaml_node *node, const ent_parameter *legal) {
  char range[LEGAL_SIZE];
  ent_parameter_legal(legal, sizeof(range), range);
  ent_value_refuse(faults, node, "must be %s", range);
}

/* A name that is not among the choices: with the near one, if there is one. */
static void refuse_choice(ent_faults *faults, const ent_yaml_node *node, const ent_parameter *legal) {
  ent_names names = {0};
  char advice[LEGAL_SIZE];
  for (size_t i = 0; legal->choices[i]; i++) ent_names_add(&names, legal->choices[i]);
  ent_names_advise(&names, node->text, node->length, sizeof(advice), advice);
  ent_value_refuse(faults, node, "%s", advice);
}

void ent_value_path(const ent_yaml_node *node, char buffer[ENT_VALUE_PATH]) {
  const ent_yaml_node *keys[8];
  size_t count = 0, used = 0;
  for (; node && count < sizeof(keys) / sizeof(keys[0]); node = node->parent)
    if (node->key) keys[count++] = node->key;
  buffer[0] = '\0';
  for (; count > 0 && used < ENT_VALUE_PATH; count--) {
    char shown[ENT_YAML_SHOWN];
    ent_yaml_show(keys[count - 1], shown);
    used += (size_t)snprintf(buffer + used, ENT_VALUE_PATH - used, "%s%s", used > 0 ? "." : "", shown);
  }
}

void ent_value_refuse(ent_faults *faults, const ent_yaml_node *node, const char *format, ...) {
  char path[ENT_VALUE_PATH], shown[ENT_YAML_SHOWN], why[WHY_SIZE];
  const bool is_value = node->kind == ENT_YAML_SCALAR && (node->length > 0 || !node->plain);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(why, sizeof(why), format, arguments);
  va_end(arguments);
  ent_value_path(node, path);
  ent_yaml_show(node, shown);
  const char *quote = path[0] ? "'" : "", *name = path[0] ? path : "the file", *verb = is_value ? "=" : "is";
  ent_faults_add(faults, node->line, node->column, "%s%s%s %s %s, %s", quote, name, quote, verb, shown, why);
}

void ent_value_fault(ent_faults *faults, const ent_yaml_node *node, const char *format, ...) {
  char path[ENT_VALUE_PATH], why[WHY_SIZE];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(why, sizeof(why), format, arguments);
  va_end(arguments);
  ent_value_path(node, path);
  ent_faults_add(faults, node->line, node->column, "'%s' %s", path, why);
}

void ent_value_refuse_key(ent_faults *faults, const ent_yaml_node *child, const ent_names *names) {
  char path[ENT_VALUE_PATH], advice[WHY_SIZE];
  if (child->key->kind != ENT_YAML_SCALAR) return; /* was a fault when it was parsed */
  ent_value_path(child, path);
  ent_names_advise(names, child->key->text, child->key->length, sizeof(advice), advice);
  ent_faults_add(faults, child->key->line, child->key->column, "unknown key '%s', %s", path, advice);
}

bool ent_value_is_mapping(ent_faults *faults, const ent_yaml_node *node) {
  if (node->kind == ENT_YAML_MAPPING) return true;
  ent_value_refuse(faults, node, "must be a mapping of keys to values");
  return false;
}

bool ent_value_is_repeated(ent_faults *faults, const ent_yaml_node *child) {
  char path[ENT_VALUE_PATH];
  if (child->key->kind != ENT_YAML_SCALAR) return false;
  const ent_yaml_node *first = ent_yaml_find(child->parent, child->key->text, child->key->length);
  if (!first || first == child) return false;
  ent_value_path(child, path);
  ent_faults_add(faults, child->key->line, child->key->column,
                 "duplicate key '%s', is set on line %d already", path, first->key->line);
  return true;
}

static bool read_choice(ent_faults *faults, const ent_yaml_node *node, const ent_parameter *legal,
                        double *number) {
  if (node->kind != ENT_YAML_SCALAR || node->length == 0) {
    refuse_legal(faults, node, legal);
    return false;
  }
  const int choice = ent_parameter_choice(legal, node->text, node->length);
  if (choice < 0) refuse_choice(faults, node, legal);
  if (choice >= 0) *number = choice;
  return choice >= 0;
}

bool ent_value_number(ent_faults *faults, const ent_yaml_node *node, const ent_parameter *legal,
                      double *number) {
  if (legal->kind == ENT_PARAM_CHOICE) return read_choice(faults, node, legal, number);
  const bool may_be = node->kind == ENT_YAML_SCALAR && node->plain && node->length > 0;
  const ent_decimal scanned = may_be ? ent_decimal_scan(node->text) : (ent_decimal){0};
  const bool is_decimal = scanned.length > 0 && scanned.length == node->length;
  const bool is_exact = legal->kind != ENT_PARAM_INTEGER || scanned.is_whole;
  if (may_be && ent_decimal_is_not_finite(node->text))
    ent_value_refuse(faults, node, "must be finite");
  else if (is_decimal && is_exact && !isfinite(scanned.number))
    ent_value_refuse(faults, node, "must be finite");
  else if (!is_decimal || !is_exact || !ent_parameter_accepts(legal, scanned.number)) {
    ent_parameter element = *legal;
    if (element.kind == ENT_PARAM_LIST && node->parent && node->parent->kind == ENT_YAML_LIST)
      element.kind = ENT_PARAM_REAL;
    refuse_legal(faults, node, &element);
  } else {
    *number = scanned.number + 0.0; /* -0 becomes 0 */
    return true;
  }
  return false;
}

bool ent_value_duration(ent_faults *faults, const ent_yaml_node *node, bool may_be_never, double *seconds) {
  static const struct {
    const char *suffix;
    double seconds;
  } units[] = {{"", 1.0}, {"s", 1.0}, {"m", 60.0}, {"h", 3600.0}, {"d", 86400.0}};
  const bool may_be = node->kind == ENT_YAML_SCALAR && node->plain && strlen(node->text) == node->length;
  if (may_be && may_be_never && ent_yaml_is(node, "never")) {
    *seconds = INFINITY;
    return true;
  }
  const ent_decimal scanned = may_be ? ent_decimal_scan(node->text) : (ent_decimal){0};
  for (size_t i = 0; scanned.length > 0 && i < sizeof(units) / sizeof(units[0]); i++) {
    const double value = scanned.number * units[i].seconds;
    if (strcmp(node->text + scanned.length, units[i].suffix) != 0 || !(value > 0.0) || !isfinite(value))
      continue;
    *seconds = value;
    return true;
  }
  ent_value_refuse(faults, node, "must be %sa positive duration: 90s, 10m, 2h or 1d",
                   may_be_never ? "never or " : "");
  return false;
}

bool ent_value_text(ent_faults *faults, const ent_yaml_node *node, const char **text) {
  bool is_text = node->kind == ENT_YAML_SCALAR && node->length > 0;
  for (size_t i = 0; is_text && i < node->length; i++) is_text = !iscntrl((unsigned char)node->text[i]);
  if (is_text)
    *text = node->text;
  else
    ent_value_refuse(faults, node, "must be text in one line");
  return is_text;
}

static int read_list(ent_arena *arena, ent_faults *faults, const ent_yaml_node *node,
                     const ent_parameter *legal, ent_value *value) {
  double *list = NULL;
  size_t count = 0;
  if (node->kind != ENT_YAML_LIST || node->count == 0) {
    refuse_legal(faults, node, legal);
    return ENT_OK;
  }
  ENT_TRY(ent_arena_alloc(arena, node->count, sizeof(*list), &list));
  for (const ent_yaml_node *element = node->first; element; element = element->next)
    count += ent_value_number(faults, element, legal, &list[count]);
  if (count < node->count) return ENT_OK;
  value->list = list;
  value->count = count;
  return ENT_OK;
}

int ent_value_read(ent_arena *arena, ent_faults *faults, const ent_yaml_node *node,
                   const ent_parameter *legal, ent_value *value) {
  if (legal->kind == ENT_PARAM_LIST) return read_list(arena, faults, node, legal, value);
  if (legal->kind == ENT_PARAM_TEXT || legal->kind == ENT_PARAM_FILE)
    ent_value_text(faults, node, &value->text);
  else
    ent_value_number(faults, node, legal, &value->number);
  return ENT_OK;
}
