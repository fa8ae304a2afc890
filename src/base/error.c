#include "entrain/base/error.h"

#include <stdio.h>
#include <string.h>

enum { MESSAGE_SIZE = 2048, FRAMES_SIZE = 4096 };

/* Fixed size, so that running out of memory can be recorded. */
static _Thread_local struct {
  char message[MESSAGE_SIZE];
  char frames[FRAMES_SIZE];
} record;

static const struct {
  int code;
  const char *name, *text;
} codes[] = {
#define ENT_ERROR_ROW(name, number, text) {number, #name, text},
  ENT_ERROR_CODES(ENT_ERROR_ROW)
#undef ENT_ERROR_ROW
};

enum { N_CODES = sizeof codes / sizeof codes[0] };

const char *ent_error_name(int code) {
  for (size_t i = 0; i < N_CODES; i++) {
    if (codes[i].code == code) return codes[i].name;
  }
  return "unknown code";
}

const char *ent_error_text(int code) {
  for (size_t i = 0; i < N_CODES; i++) {
    if (codes[i].code == code) return codes[i].text;
  }
  return "unknown error";
}

const char *ent_error_message(void) {
  return record.message;
}

const char *ent_error_frames(void) {
  return record.frames;
}

void ent_error_clear(void) {
  record.message[0] = '\0';
  record.frames[0] = '\0';
}

int ent_error_raise(int code, const char *function, const char *file, int line, const char *format, ...) {
  char message[MESSAGE_SIZE]; /* an argument may be the message of the record that is replaced */
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  memcpy(record.message, message, sizeof message);
  record.frames[0] = '\0';
  return ent_error_trace(code, function, file, line);
}

int ent_error_trace(int code, const char *function, const char *file, int line) {
  const size_t used = strlen(record.frames);
  (void)snprintf(record.frames + used, sizeof record.frames - used, "  %s (%s:%d)\n", function, file, line);
  return code;
}
