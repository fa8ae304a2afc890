#include "entrain/app/fold.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { TERMINAL_ROWS = 24, LEAST_COLUMNS = 8, DEEP = 8 };

static bool begins_letter(char byte) {
  return ((unsigned char)byte & 0xc0) != 0x80; /* UTF-8 */
}

static int width_of(const char *text, size_t length) {
  int width = 0;
  for (size_t i = 0; i < length; i++) width += begins_letter(text[i]);
  return width;
}

/* Bytes of the letters that fit into so many columns. */
static size_t fitting(const char *text, size_t length, int columns) {
  size_t end = 0;
  for (int width = 0; end < length; end++) {
    width += begins_letter(text[end]);
    if (width > columns) break;
  }
  return end;
}

/* Where the lines that continue this one begin. */
static int hanging(const char *line, size_t length, int columns) {
  size_t at = 0;
  while (at < length && line[at] == ' ') at++;
  const int plain = (int)at + (at < DEEP ? 2 : 0); /* a line that stands under a text goes on under it */
  while (at + 1 < length && !(line[at] == ' ' && line[at + 1] == ' ')) at++;
  while (at < length && line[at] == ' ') at++;
  const int under = width_of(line, at);
  if (at < length && under <= columns / 2) return under;
  return plain <= columns / 2 ? plain : 0;
}

/* Bytes that go on this line: up to the last space that fits; a word too wide is broken or kept whole. */
static size_t cut(const char *line, size_t length, int columns, bool breaks_words) {
  const size_t most = fitting(line, length, columns);
  size_t begin = 0, end = most;
  if (most == length) return length;
  while (begin < length && line[begin] == ' ') begin++;
  while (end > begin && line[end] != ' ') end--;
  while (end > begin && line[end - 1] == ' ') end--;
  if (end > begin) return end;
  end = begin;
  while (end < length && line[end] != ' ') end++;
  return breaks_words && memchr(line, ENT_FOLD_JOIN, end) == NULL ? most : end;
}

static int append_plain(const char *line, size_t length, ent_text *text) {
  for (size_t i = 0; i < length; i++) {
    const char letter = line[i] == ENT_FOLD_JOIN ? ' ' : line[i];
    const unsigned char byte = (unsigned char)letter;
    ENT_TRY(ent_text_append(text, "%c", byte < 0x20 || byte == 0x7f ? '?' : letter));
  }
  return ENT_OK;
}

static int append_line(const char *line, size_t length, int columns, bool breaks_words, ent_text *text) {
  const int indent = hanging(line, length, columns);
  size_t part = cut(line, length, columns, breaks_words);
  ENT_TRY(append_plain(line, part, text));
  for (size_t at = part; at < length; at += part) {
    while (at < length && line[at] == ' ') at++;
    if (at == length) break;
    part = cut(line + at, length - at, columns - indent, breaks_words);
    ENT_TRY(ent_text_append(text, "\n%*s", indent, ""));
    ENT_TRY(append_plain(line + at, part, text));
  }
  return ent_text_append(text, "\n");
}

int ent_fold_append(const char *lines, int columns, bool breaks_words, ent_text *text) {
  const int room = columns < LEAST_COLUMNS ? LEAST_COLUMNS : columns;
  while (*lines) {
    const char *end = strchrnul(lines, '\n');
    ENT_TRY(append_line(lines, (size_t)(end - lines), room, breaks_words, text));
    lines = *end ? end + 1 : end;
  }
  return ENT_OK;
}

int ent_fold_print(const char *lines) {
  int code = ENT_OK;
  ent_text text = {0};
  ENT_GOTO(ent_fold_append(lines, ENT_FOLD_COLUMNS, false, &text));
  if (text.data) fputs(text.data, stdout);
done:
  ent_text_fini(&text);
  return code;
}

int ent_fold_rows(const char *lines, int columns) {
  int rows = 0;
  while (*lines) {
    const char *end = strchrnul(lines, '\n');
    const int width = width_of(lines, (size_t)(end - lines));
    rows += columns > 0 && width > columns ? (width + columns - 1) / columns : 1;
    lines = *end ? end + 1 : end;
  }
  return rows;
}

void ent_fold_terminal(int *columns, int *rows) {
  struct winsize size = {0};
  const bool tells = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  *columns = tells && size.ws_col > 0 ? size.ws_col : ENT_FOLD_COLUMNS;
  *rows = tells && size.ws_row > 0 ? size.ws_row : TERMINAL_ROWS;
}
