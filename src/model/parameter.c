#include "entrain/model/parameter.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_name(const char *name, const char *text, size_t length) {
  return strlen(name) == length && memcmp(name, text, length) == 0;
}

static size_t choice_count(const ent_parameter *parameter) {
  size_t count = 0;
  while (parameter->choices && parameter->choices[count]) count++;
  return count;
}

size_t ent_parameter_count(const ent_parameter *table) {
  size_t count = 0;
  while (table[count].name) count++;
  return count;
}

int ent_parameter_find(const ent_parameter *table, const char *name, size_t length) {
  for (int i = 0; table[i].name; i++)
    if (is_name(table[i].name, name, length)) return i;
  return -1;
}

int ent_parameter_choice(const ent_parameter *parameter, const char *name, size_t length) {
  for (int i = 0; parameter->choices && parameter->choices[i]; i++)
    if (is_name(parameter->choices[i], name, length)) return i;
  return -1;
}

bool ent_parameter_is_number(const ent_parameter *parameter) {
  const ent_param_kind kind = parameter->kind;
  return kind == ENT_PARAM_REAL || kind == ENT_PARAM_INTEGER || kind == ENT_PARAM_CHOICE;
}

bool ent_parameter_accepts(const ent_parameter *parameter, double number) {
  if (!isfinite(number) || parameter->kind == ENT_PARAM_TEXT) return false;
  if (parameter->kind == ENT_PARAM_CHOICE)
    return number == floor(number) && number >= 0.0 && number < (double)choice_count(parameter);
  if (parameter->kind == ENT_PARAM_INTEGER && number != floor(number)) return false;
  if (number < parameter->min || number > parameter->max) return false;
  return !(parameter->open_min && number == parameter->min);
}

/* "softmax, mean or none" */
static void write_choices(const ent_parameter *parameter, size_t size, char *buffer) {
  const size_t count = choice_count(parameter);
  size_t used = 0;
  for (size_t i = 0; i < count && used < size; i++) {
    const char *before = i == 0 ? "" : i + 1 == count ? " or " : ", ";
    used += (size_t)snprintf(buffer + used, size - used, "%s%s", before, parameter->choices[i]);
  }
}

/* "inf" or the number, with as many digits as it needs up to 17. */
static void write_limit(double limit, size_t size, char *buffer) {
  if (fabs(limit) >= DBL_MAX)
    snprintf(buffer, size, "%s", limit < 0.0 ? "-inf" : "inf");
  else
    snprintf(buffer, size, limit == floor(limit) && fabs(limit) < 1e16 ? "%.0f" : "%.6g", limit);
}

static void write_range(const ent_parameter *parameter, const char *noun, size_t size, char *buffer) {
  char low[32], high[32];
  write_limit(parameter->min, sizeof(low), low);
  write_limit(parameter->max, sizeof(high), high);
  const bool low_open = parameter->open_min || parameter->min <= -DBL_MAX;
  const bool high_open = parameter->max >= DBL_MAX;
  snprintf(buffer, size, "%s in %c%s, %s%c", noun, low_open ? '(' : '[', low, high, high_open ? ')' : ']');
}

static void write_numbers(const ent_parameter *parameter, size_t size, char *buffer) {
  const bool unlimited = parameter->min <= -DBL_MAX && parameter->max >= DBL_MAX;
  switch (parameter->kind) {
    case ENT_PARAM_INTEGER: write_range(parameter, "a whole number", size, buffer); return;
    case ENT_PARAM_LIST:
      if (unlimited)
        snprintf(buffer, size, "a list of finite numbers");
      else
        write_range(parameter, "a list of numbers", size, buffer);
      return;
    case ENT_PARAM_FILE:
      if (unlimited)
        snprintf(buffer, size, "the path of a text file of finite numbers");
      else
        write_range(parameter, "the path of a text file of numbers", size, buffer);
      return;
    default:
      if (unlimited)
        snprintf(buffer, size, "a finite number");
      else
        write_range(parameter, "a number", size, buffer);
  }
}

void ent_parameter_legal(const ent_parameter *parameter, size_t size, char *buffer) {
  if (size == 0) return;
  buffer[0] = '\0';
  if (parameter->kind == ENT_PARAM_CHOICE)
    write_choices(parameter, size, buffer);
  else if (parameter->kind == ENT_PARAM_TEXT)
    snprintf(buffer, size, "text");
  else
    write_numbers(parameter, size, buffer);
}

bool ent_refuse(ent_refusal *refusal, const char *key, const char *format, ...) {
  va_list arguments;
  snprintf(refusal->key, sizeof(refusal->key), "%s", key);
  va_start(arguments, format);
  vsnprintf(refusal->why, sizeof(refusal->why), format, arguments);
  va_end(arguments);
  return false;
}
