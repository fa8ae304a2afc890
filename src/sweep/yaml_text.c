#include "yaml_text.h"

#include <string.h>

/* Length of the character at text [length >= 1], 0 if it is not UTF-8 (RFC 3629). */
static size_t character_length(const unsigned char *text, size_t length) {
  const unsigned char first = text[0];
  if (first >= 0x80 && (first < 0xc2 || first > 0xf4)) return 0;
  const size_t wanted = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (wanted > length) return 0;
  for (size_t i = 1; i < wanted; i++)
    if ((text[i] & 0xc0) != 0x80) return 0;
  if (first == 0xe0 && text[1] < 0xa0) return 0; /* overlong */
  if (first == 0xed && text[1] > 0x9f) return 0; /* surrogates */
  if (first == 0xf0 && text[1] < 0x90) return 0; /* overlong */
  if (first == 0xf4 && text[1] > 0x8f) return 0; /* above U+10FFFF */
  return wanted;
}

static bool is_control(unsigned char byte) {
  return (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7f;
}

/* Where the character at text[i] stands, in lines and characters from 1. */
static void find_place(const char *text, size_t i, int *line, int *column) {
  *line = *column = 1;
  for (size_t k = 0; k < i; k++) {
    if (text[k] == '\n') {
      ++*line;
      *column = 1;
    } else {
      *column += ((unsigned char)text[k] & 0xc0) != 0x80;
    }
  }
}

/* Adds a fault and returns false at the first byte that cannot stand in a job file. */
static bool check_bytes(ent_faults *faults, const char *text, size_t length) {
  const unsigned char *bytes = (const unsigned char *)text;
  int line, column;
  for (size_t i = 0, step; i < length; i += step) {
    step = character_length(bytes + i, length - i);
    if (step > 0 && !is_control(bytes[i])) continue;
    find_place(text, i, &line, &column);
    ent_faults_add(faults, line, column, "%s 0x%02x%s, the file must be UTF-8 text",
                   step > 0 ? "control character" : "byte", bytes[i], step > 0 ? "" : " is not UTF-8");
    return false;
  }
  return true;
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The first tab behind blanks and a colon, after a `?` that stands alone; `length`: there is none. */
static size_t find_bad_tab(const char *text, size_t length) {
  const bool has_order_mark = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
  const size_t first = has_order_mark ? 3 : 0;
  bool has_mark = false, is_behind_colon = false;
  for (size_t i = first; i < length; i++) {
    const bool is_apart = i == first || is_blank(text[i - 1]) || strchr("[{,", text[i - 1]);
    if (text[i] == '\t' && is_behind_colon) return i;
    has_mark = has_mark || (text[i] == '?' && is_apart && i + 1 < length && is_blank(text[i + 1]));
    is_behind_colon = has_mark && (text[i] == ':' || (text[i] == ' ' && is_behind_colon));
  }
  return length;
}

/*
 * libfyaml 0.7 writes through a bad pointer at the end of `? 1:<tab>?`; found by fuzzing. All texts of up to
 * 6 characters of YAML's marks at which it does so are refused here, whatever the mark belongs to.
 */
static bool check_tabs(ent_faults *faults, const char *text, size_t length) {
  int line, column;
  const size_t i = find_bad_tab(text, length);
  if (i == length) return true;
  find_place(text, i, &line, &column);
  ent_faults_add(faults, line, column,
                 "a tab behind ':' in a file with a single '?' before it, legal are spaces");
  return false;
}

bool ent_yaml_check_text(const char *text, size_t length, ent_faults *faults) {
  return check_bytes(faults, text, length) && check_tabs(faults, text, length);
}
