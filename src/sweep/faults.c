#include "entrain/sweep/faults.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_SIZE = 2048, NAME_SIZE = 64 };

static int compare_faults(const void *left, const void *right) {
  const ent_fault *a = left, *b = right;
  if (a->line != b->line) return a->line < b->line ? -1 : 1;
  if (a->column != b->column) return a->column < b->column ? -1 : 1;
  return a->order < b->order ? -1 : a->order > b->order;
}

static int grow(ent_faults *faults) {
  if (faults->count < faults->capacity) return ENT_OK;
  const size_t capacity = faults->capacity ? 2 * faults->capacity : 16;
  ent_fault *items = NULL;
  ENT_TRY(ent_mem_alloc(capacity, sizeof(*items), &items));
  if (faults->count > 0) memcpy(items, faults->items, faults->count * sizeof(*items));
  free(faults->items);
  faults->items = items;
  faults->capacity = capacity;
  return ENT_OK;
}

static int append(ent_faults *faults, int line, int column, const char *message) {
  ENT_TRY(grow(faults));
  ent_fault *fault = &faults->items[faults->count];
  *fault = (ent_fault){.line = line, .column = column, .order = faults->count};
  ENT_TRY(ent_arena_text(faults->arena, message, strlen(message), &fault->message));
  faults->count++;
  return ENT_OK;
}

void ent_faults_init(ent_faults *faults, ent_arena *arena) {
  *faults = (ent_faults){.arena = arena};
}

void ent_faults_fini(ent_faults *faults) {
  free(faults->items);
  *faults = (ent_faults){0};
}

void ent_faults_add(ent_faults *faults, int line, int column, const char *format, ...) {
  char message[MESSAGE_SIZE];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof(message), format, arguments);
  va_end(arguments);
  const int code = append(faults, line, column, message);
  if (faults->code == ENT_OK) faults->code = code;
}

int ent_faults_write(ent_faults *faults, const char *path, ent_text *text) {
  if (faults->count > 0) qsort(faults->items, faults->count, sizeof(*faults->items), compare_faults);
  for (size_t i = 0; i < faults->count; i++) {
    const ent_fault *fault = &faults->items[i], *last = i > 0 ? fault - 1 : NULL;
    const bool is_repeated = last && last->line == fault->line && last->column == fault->column &&
                             strcmp(last->message, fault->message) == 0;
    if (is_repeated) continue;
    ENT_TRY(ent_text_append(text, "%s:%d:%d: error: %s\n", path, fault->line, fault->column, fault->message));
  }
  return ENT_OK;
}

void ent_names_add(ent_names *names, const char *name) {
  if (names->count < ENT_MAX_NAMES) names->names[names->count++] = name;
}

static size_t smallest(size_t a, size_t b, size_t c) {
  const size_t least = a < b ? a : b;
  return least < c ? least : c;
}

/* Levenshtein's distance, case ignored, a swap of neighbours counted as one; SIZE_MAX if too long. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length) {
  size_t row[3][NAME_SIZE + 1];
  if (a_length > NAME_SIZE || b_length > NAME_SIZE) return SIZE_MAX;
  for (size_t j = 0; j <= b_length; j++) row[0][j] = j;
  for (size_t i = 1; i <= a_length; i++) {
    size_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
    now[0] = i;
    for (size_t j = 1; j <= b_length; j++) {
      const int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);
      now[j] = smallest(last[j] + 1, now[j - 1] + 1, last[j - 1] + (x != y));
      const bool may_swap =
        i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) && y == tolower((unsigned char)a[i - 2]);
      if (may_swap && before[j - 2] + 1 < now[j]) now[j] = before[j - 2] + 1;
    }
  }
  return row[a_length % 3][b_length];
}

const char *ent_names_nearest(const ent_names *names, const char *text, size_t length) {
  const char *best = NULL;
  size_t best_distance = SIZE_MAX;
  for (size_t i = 0; i < names->count; i++) {
    const size_t name_length = strlen(names->names[i]);
    const size_t longest = length > name_length ? length : name_length;
    const size_t distance = edit_distance(text, length, names->names[i], name_length);
    if (distance == SIZE_MAX || 3 * distance > longest || distance >= best_distance) continue;
    best = names->names[i];
    best_distance = distance;
  }
  return best;
}

void ent_names_advise(const ent_names *names, const char *text, size_t length, size_t size, char *buffer) {
  const char *near = ent_names_nearest(names, text, length);
  if (near) {
    snprintf(buffer, size, "did you mean '%s'", near);
    return;
  }
  const char *const starts[] = {"none is legal", "legal is ", "legal are "};
  size_t used = (size_t)snprintf(buffer, size, "%s", starts[names->count < 2 ? names->count : 2]);
  for (size_t i = 0; i < names->count && used < size; i++)
    used += (size_t)snprintf(buffer + used, size - used, "%s%s", i > 0 ? ", " : "", names->names[i]);
}
