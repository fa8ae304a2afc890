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

/* The place behind the comment, anchor, tag or quoted value that begins at text[i]. */
static size_t skip(const char *text, size_t length, size_t i) {
  const char first = text[i++];
  const bool is_quote = first == '"' || first == '\'';
  for (; i < length; i++) {
    const bool ends_word = is_blank(text[i]) || strchr(",[]{}", text[i]);
    if (first == '#' ? text[i] == '\n' || text[i] == '\r' : !is_quote && ends_word) return i;
    const bool is_pair = first == '\'' && text[i] == first && i + 1 < length && text[i + 1] == first;
    if (is_pair || (first == '"' && text[i] == '\\'))
      i++;
    else if (is_quote && text[i] == first)
      return i + 1;
  }
  return length;
}

/* The first question mark that begins a key, behind marks, anchors and tags only; `length`: none does. */
static size_t find_marked_key(const char *text, size_t length) {
  const bool has_order_mark = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
  const size_t first = has_order_mark ? 3 : 0;
  size_t unquoted = length; /* the place behind the last quoted value */
  bool may_begin = true;
  for (size_t i = first; i < length;) {
    const char c = text[i];
    const bool is_apart = i == first || is_blank(text[i - 1]) || strchr("[{,", text[i - 1]);
    const bool is_last = i + 1 == length || is_blank(text[i + 1]);
    const bool is_quote = c == '"' || c == '\'', is_property = c == '&' || c == '!';
    if (c == '?' && may_begin && is_apart && is_last) return i;
    if ((c == '#' && is_apart) || (may_begin && (is_quote || is_property))) {
      i = skip(text, length, i);
      if (is_quote) unquoted = i;
      may_begin = may_begin && !is_quote;
      continue;
    }
    const bool ends_key = c == ':' && (is_last || i == unquoted);
    may_begin = ends_key || strchr("\n\r[{,", c) || (may_begin && strchr(" \t-?", c));
    i++;
  }
  return length;
}

/* libfyaml 0.7 writes through a bad pointer after `? 1:<tab>?` and must see no such key; found by fuzzing. */
static bool check_keys(ent_faults *faults, const char *text, size_t length) {
  int line, column;
  const size_t i = find_marked_key(text, length);
  if (i == length) return true;
  find_place(text, i, &line, &column);
  ent_faults_add(faults, line, column, "a key that begins with '? ', legal is NAME: VALUE");
  return false;
}

bool ent_yaml_check_text(const char *text, size_t length, ent_faults *faults) {
  return check_bytes(faults, text, length) && check_keys(faults, text, length);
}
