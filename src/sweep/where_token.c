#include "where_token.h"

#include <ctype.h>
#include <string.h>

/* The longest ones first. */
static const struct {
  const char *text;
  ent_token_kind kind;
  ent_relation relation;
} signs[] = {
  {"==", ENT_TOKEN_COMPARE, ENT_EQUAL},      {"!=", ENT_TOKEN_COMPARE, ENT_UNEQUAL},
  {"<=", ENT_TOKEN_COMPARE, ENT_LESS_EQUAL}, {">=", ENT_TOKEN_COMPARE, ENT_GREATER_EQUAL},
  {"&&", ENT_TOKEN_AND, ENT_EQUAL},          {"||", ENT_TOKEN_OR, ENT_EQUAL},
  {"<", ENT_TOKEN_COMPARE, ENT_LESS},        {">", ENT_TOKEN_COMPARE, ENT_GREATER},
  {"!", ENT_TOKEN_NOT, ENT_EQUAL},           {"(", ENT_TOKEN_OPEN, ENT_EQUAL},
  {")", ENT_TOKEN_CLOSE, ENT_EQUAL},
};

static const struct {
  const char *text;
  ent_token_kind kind;
} words[] = {{"and", ENT_TOKEN_AND}, {"or", ENT_TOKEN_OR}, {"not", ENT_TOKEN_NOT}};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool is_in_word(char c) {
  return isalnum((unsigned char)c) || (c != '\0' && strchr("_.+-", c) != NULL);
}

bool ent_where_is(const ent_where_text *source, const ent_token *token, const char *text) {
  return token->length == strlen(text) && memcmp(source->text + token->at, text, token->length) == 0;
}

int ent_where_shown(const ent_token *token) {
  return token->length < ENT_WHERE_SHOWN ? (int)token->length : ENT_WHERE_SHOWN;
}

static int take_quoted(ent_where_text *source) {
  const char quote = source->text[source->now.at];
  const char *begin = source->text + source->now.at + 1, *end = strchr(begin, quote);
  if (end == NULL) ENT_WHERE_REFUSE(source, source->now.at, "a quotation mark without its partner");
  source->now = (ent_token){.kind = ENT_TOKEN_WORD,
                            .at = (size_t)(begin - source->text),
                            .length = (size_t)(end - begin),
                            .is_quoted = true};
  source->next = (size_t)(end - source->text) + 1;
  return ENT_OK;
}

static void take_word(ent_where_text *source) {
  ent_token *now = &source->now;
  now->kind = ENT_TOKEN_WORD;
  while (is_in_word(source->text[now->at + now->length])) now->length++;
  for (size_t i = 0; i < COUNT(words); i++)
    if (ent_where_is(source, now, words[i].text)) now->kind = words[i].kind;
  source->next = now->at + now->length;
}

static int take_sign(ent_where_text *source) {
  const char *at = source->text + source->now.at;
  for (size_t i = 0; i < COUNT(signs); i++) {
    const size_t length = strlen(signs[i].text);
    if (strncmp(at, signs[i].text, length) != 0) continue;
    source->now.kind = signs[i].kind;
    source->now.relation = signs[i].relation;
    source->now.length = length;
    source->next = source->now.at + length;
    return ENT_OK;
  }
  if (*at == '=' || *at == '&' || *at == '|')
    ENT_WHERE_REFUSE(source, source->now.at, "'%c', must be '%c%c'", *at, *at, *at);
  if (isprint((unsigned char)*at))
    ENT_WHERE_REFUSE(source, source->now.at,
                     "'%c' means nothing here, legal are names, numbers, == != < <= > >= && || ! ( )", *at);
  ENT_WHERE_REFUSE(source, source->now.at, "byte 0x%02x means nothing here", (unsigned)(unsigned char)*at);
}

/* Reads the next token into `now`. */
int ent_where_advance(ent_where_text *source) {
  size_t at = source->next;
  while (isspace((unsigned char)source->text[at])) at++;
  source->now = (ent_token){.kind = ENT_TOKEN_END, .at = at};
  source->next = at;
  const char first = source->text[at];
  if (first == '\0') return ENT_OK;
  if (first == '"' || first == '\'') {
    ENT_TRY(take_quoted(source));
    return ENT_OK;
  }
  if (is_in_word(first)) {
    take_word(source);
    return ENT_OK;
  }
  ENT_TRY(take_sign(source));
  return ENT_OK;
}
