#include "entrain/sweep/number_file.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "entrain/base/text.h"
#include "entrain/sweep/decimal.h"

enum { SHOWN = 40, LEGAL_SIZE = 256 };

/* A place in the text; lines and columns count from 1. */
typedef struct place {
  const char *at, *end;
  int line, column;
} place;

static void step(place *own) {
  own->column++;
  if (*own->at == '\n') {
    own->line++;
    own->column = 1;
  }
  own->at++;
}

static bool is_blank(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool ends_number(char byte) {
  return is_blank(byte) || byte == ',' || byte == '#';
}

/* Raises the fault of a piece of text. */
static int refuse(const place *where, size_t length, const char *why) {
  char shown[SHOWN + 1];
  size_t count = length < SHOWN ? length : SHOWN;
  for (size_t i = 0; i < count; i++) shown[i] = isprint((unsigned char)where->at[i]) ? where->at[i] : '?';
  shown[count] = '\0';
  ENT_RAISE(ENT_ERR_FORMAT, "line %d, column %d: '%s', must be %s", where->line, where->column, shown, why);
}

/* Goes on to the next number, or to the end. A comma stands behind a number and before the next one. */
static int skip(place *own, bool may_be_comma) {
  while (own->at < own->end && ends_number(*own->at)) {
    if (*own->at == ',' && !may_be_comma) return refuse(own, 1, "a number");
    if (*own->at == ',') may_be_comma = false;
    if (*own->at == '#')
      while (own->at < own->end && *own->at != '\n') step(own);
    else
      step(own);
  }
  return ENT_OK;
}

static int read_number(place *own, const ent_parameter *legal, double *number) {
  size_t length = 0;
  while (own->at + length < own->end && !ends_number(own->at[length])) length++;
  const ent_decimal scanned = ent_decimal_scan(own->at);
  const bool is_decimal = scanned.length == length && isfinite(scanned.number);
  if (!is_decimal || !ent_parameter_accepts(legal, scanned.number)) {
    char range[LEGAL_SIZE];
    ent_parameter element = *legal;
    element.kind = ENT_PARAM_REAL;
    ent_parameter_legal(&element, sizeof range, range);
    return refuse(own, length, range);
  }
  *number = scanned.number + 0.0; /* -0 becomes 0 */
  for (size_t i = 0; i < length; i++) step(own);
  return ENT_OK;
}

/* Reads all numbers into list, or counts them only where list is NULL. */
static int read_all(place own, const ent_parameter *legal, double *list, size_t *count) {
  double number = 0;
  *count = 0;
  ENT_TRY(skip(&own, false));
  while (own.at < own.end) {
    ENT_TRY(read_number(&own, legal, &number));
    if (list) list[*count] = number;
    ++*count;
    ENT_TRY(skip(&own, true));
  }
  return ENT_OK;
}

int ent_number_file_parse(const char *text, size_t length, const ent_parameter *legal, ent_arena *arena,
                          ent_value *value) {
  double *list = NULL;
  size_t count = 0;
  const place start = {.at = text, .end = text + length, .line = 1, .column = 1};
  ENT_TRY(read_all(start, legal, NULL, &count));
  ENT_CHECK(count > 0, ENT_ERR_FORMAT, "it has no numbers");
  ENT_TRY(ent_arena_alloc(arena, count, sizeof *list, &list));
  ENT_TRY(read_all(start, legal, list, &count));
  value->list = list;
  value->count = count;
  return ENT_OK;
}

int ent_number_file_read(const char *path, const ent_parameter *legal, ent_arena *arena, ent_value *value,
                         char digest[ENT_DIGEST_SIZE]) {
  int code = ENT_OK;
  ent_text text = {0};
  ENT_GOTO(ent_text_read_file(path, &text));
  ENT_GOTO(ent_number_file_parse(text.data, text.length, legal, arena, value));
  ent_digest_bytes(text.data, text.length, digest);
done:
  ent_text_fini(&text);
  return code;
}
