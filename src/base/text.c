#include "entrain/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/base/draft.h"

/* Makes room for `more` bytes and a terminating zero. */
static int reserve(ent_text *text, size_t more) {
  ENT_CHECK(more < SIZE_MAX / 4 && text->length < SIZE_MAX / 4, ENT_ERR_MEMORY, "out of memory for a text");
  const size_t wanted = text->length + more + 1;
  if (wanted <= text->capacity) return ENT_OK;
  const size_t capacity = wanted < 2 * text->capacity ? 2 * text->capacity : wanted;
  char *data = realloc(text->data, capacity);
  ENT_CHECK(data, ENT_ERR_MEMORY, "out of memory for a text of %zu bytes", capacity);
  text->data = data;
  text->capacity = capacity;
  return ENT_OK;
}

static int append_bytes(ent_text *text, const char *bytes, size_t count) {
  ENT_TRY(reserve(text, count));
  memcpy(text->data + text->length, bytes, count);
  text->length += count;
  text->data[text->length] = '\0';
  return ENT_OK;
}

void ent_text_fini(ent_text *text) {
  free(text->data);
  *text = (ent_text){0};
}

int ent_text_append(ent_text *text, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  ENT_CHECK(length >= 0, ENT_ERR_MEMORY, "cannot format a text");
  ENT_TRY(reserve(text, (size_t)length));
  va_start(arguments, format);
  (void)vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
  va_end(arguments);
  text->length += (size_t)length;
  return ENT_OK;
}

int ent_text_append_real(ent_text *text, double value) {
  enum {
    EXACT_DIGITS = 15,
    MOST_DIGITS = 17
  }; /* every decimal of 15 digits survives a double, every double 17 */
  char digits[32];
  if (isnan(value)) return append_bytes(text, "nan", 3);
  for (int precision = EXACT_DIGITS; precision <= MOST_DIGITS; precision++) {
    (void)snprintf(digits, sizeof digits, "%.*g", precision, value);
    if (strtod(digits, NULL) == value) break;
  }
  return append_bytes(text, digits, strlen(digits));
}

/* The letter after the backslash in JSON's short escapes, 0 where there is none. */
static char json_letter(unsigned char byte) {
  switch (byte) {
    case '"': return '"';
    case '\\': return '\\';
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
  }
}

int ent_text_append_json(ent_text *text, const char *value) {
  for (const char *it = value; *it; it++) {
    const unsigned char byte = (unsigned char)*it;
    const char letter = json_letter(byte);
    if (letter) {
      ENT_TRY(append_bytes(text, (const char[]){'\\', letter}, 2));
    } else if (byte < 0x20) {
      ENT_TRY(ent_text_append(text, "\\u%04x", byte));
    } else {
      ENT_TRY(append_bytes(text, it, 1));
    }
  }
  return append_bytes(text, "", 0);
}

int ent_text_append_json_real(ent_text *text, double value) {
  if (!isfinite(value)) return append_bytes(text, "null", 4);
  return ent_text_append_real(text, value);
}

/* A number below 1000 in three digits at most, "1.2", "43". */
static void write_scaled(double value, const char *unit, size_t size, char *buffer) {
  (void)snprintf(buffer, size, value < 9.95 ? "%.1f %s" : "%.0f %s", value, unit);
}

void ent_text_duration(double seconds, size_t size, char *buffer) {
  const double minute = 60.0, hour = 3600.0, day = 86400.0;
  if (!isfinite(seconds)) {
    (void)snprintf(buffer, size, "unknown");
  } else if (seconds < 0.0) {
    (void)snprintf(buffer, size, "-");
    if (size > 1) ent_text_duration(-seconds, size - 1, buffer + 1);
  } else if (seconds < 0.9995e-3) {
    write_scaled(seconds * 1e6, "us", size, buffer);
  } else if (seconds < 0.9995) {
    write_scaled(seconds * 1e3, "ms", size, buffer);
  } else if (seconds < minute - 0.5) {
    write_scaled(seconds, "s", size, buffer);
  } else if (seconds < hour - 0.5) {
    const double whole = round(seconds);
    (void)snprintf(buffer, size, "%.0f min %02.0f s", floor(whole / minute), fmod(whole, minute));
  } else if (seconds < day - minute / 2.0) {
    const double minutes = round(seconds / minute);
    (void)snprintf(buffer, size, "%.0f h %02.0f m", floor(minutes / 60.0), fmod(minutes, 60.0));
  } else {
    const double hours = round(seconds / hour);
    (void)snprintf(buffer, size, "%.0f d %02.0f h", floor(hours / 24.0), fmod(hours, 24.0));
  }
}

void ent_text_rate(double value, size_t size, char *buffer) {
  const double hundred = 100.0;
  if (fabs(value) < hundred || !isfinite(value)) {
    (void)snprintf(buffer, size, "%.3g", value);
    return;
  }
  const double unit = pow(10.0, floor(log10(fabs(value))) - 2.0);
  (void)snprintf(buffer, size, "%.0f", round(value / unit) * unit);
}

const char *ent_text_plural(int64_t count) {
  return count == 1 ? "" : "s";
}

int ent_text_read_file(const char *path, ent_text *text) {
  int code = ENT_OK;
  char bytes[16384];
  ent_text content = {0};
  FILE *file = fopen(path, "rb");
  ENT_CHECK(file, ENT_ERR_IO, "cannot open '%s': %s", path, strerror(errno));
  size_t count;
  while ((count = fread(bytes, 1, sizeof bytes, file)) > 0) ENT_GOTO(append_bytes(&content, bytes, count));
  ENT_CHECK_GOTO(!ferror(file), ENT_ERR_IO, "cannot read '%s': %s", path, strerror(errno));
  ENT_GOTO(append_bytes(&content, "", 0));
  *text = content;
  content = (ent_text){0};
done:
  ent_text_fini(&content);
  fclose(file);
  return code;
}

/* Writes all bytes, whatever the pieces in which the system takes them. */
static int write_all(int file, const char *path, const char *data, size_t length) {
  while (length > 0) {
    const ssize_t written = write(file, data, length);
    if (written < 0 && errno == EINTR) continue;
    ENT_CHECK(written >= 0, ENT_ERR_IO, "cannot write '%s': %s", path, strerror(errno));
    data += written;
    length -= (size_t)written;
  }
  return ENT_OK;
}

int ent_text_write_file(const char *path, const char *data, size_t length) {
  int code = ENT_OK;
  int file = -1;
  ent_draft draft = {0};
  ENT_GOTO(ent_draft_begin(path, &draft));
  file = open(draft.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  ENT_CHECK_GOTO(file >= 0, ENT_ERR_IO, "cannot create '%s': %s", path, strerror(errno));
  ENT_GOTO(write_all(file, path, data, length));
  ENT_GOTO(ent_draft_keep(&draft));
done:
  if (file >= 0) close(file);
  ent_draft_drop(&draft);
  return code;
}
