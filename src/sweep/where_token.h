#ifndef ENTRAIN_SWEEP_WHERE_TOKEN_H
#define ENTRAIN_SWEEP_WHERE_TOKEN_H

/* The words and signs of an expression over columns; only sweep/where includes this. */

#include <stdbool.h>
#include <stdio.h>

#include "entrain/sweep/result.h"

enum { ENT_WHERE_SHOWN = 60, ENT_WHERE_REASON = 1024 };

typedef enum {
  ENT_TOKEN_END,
  ENT_TOKEN_WORD, /* a name or a number */
  ENT_TOKEN_COMPARE,
  ENT_TOKEN_AND,
  ENT_TOKEN_OR,
  ENT_TOKEN_NOT,
  ENT_TOKEN_OPEN,
  ENT_TOKEN_CLOSE,
} ent_token_kind;

typedef enum {
  ENT_EQUAL,
  ENT_UNEQUAL,
  ENT_LESS,
  ENT_LESS_EQUAL,
  ENT_GREATER,
  ENT_GREATER_EQUAL
} ent_relation;

typedef struct ent_token {
  ent_token_kind kind;
  ent_relation relation; /* COMPARE */
  size_t at, length;     /* in the text; of a word without its quotes */
  bool is_quoted;
} ent_token;

/* A text and how far it was read. */
typedef struct ent_where_text {
  const char *text;
  size_t next; /* byte behind the current token */
  ent_token now;
} ent_where_text;

/* Refuses the text at a byte of it. */
#define ENT_WHERE_REFUSE(source, where, ...)                                                                 \
  do {                                                                                                       \
    char refused_[ENT_WHERE_REASON];                                                                         \
    (void)snprintf(refused_, sizeof refused_, __VA_ARGS__);                                                  \
    ENT_RAISE(ENT_ERR_ARGUMENT, "'%.*s', column %zu: %s", ENT_WHERE_SHOWN, (source)->text, (where) + 1,      \
              refused_);                                                                                     \
  } while (0)

/* Whether a token is exactly this text. */
bool ent_where_is(const ent_where_text *source, const ent_token *token, const char *text);

/* Bytes of a token that a message shows. */
int ent_where_shown(const ent_token *token);

/* Reads the next token into `now`. Errors: ENT_ERR_ARGUMENT. */
ENT_MUST_CHECK int ent_where_advance(ent_where_text *source);

#endif
