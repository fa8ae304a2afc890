#include "entrain/sweep/yaml.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <libfyaml.h>

#include "yaml_text.h"

enum { MAX_DEPTH = 16, SHOWN_BYTES = 60 };

typedef struct tree_builder {
  ent_arena *arena;
  ent_faults *faults;
  ent_yaml_node *root;
  ent_yaml_node *open;      /* innermost collection that is not closed yet */
  const ent_yaml_node *key; /* of the open mapping, read and waiting for its value */
  int depth;
  int documents;
  int ignored;       /* depth inside a collection that is a key, which is a fault */
  bool is_broken;    /* a fault after which reading on makes no sense */
  int line, column;  /* of the last event, for those without a position */
  size_t begin, end; /* bytes of the last event */
} tree_builder;

static int add_node(tree_builder *builder, ent_yaml_kind kind, ent_yaml_node **node) {
  ent_yaml_node *made = NULL;
  ENT_TRY(ent_arena_alloc(builder->arena, 1, sizeof(*made), &made));
  made->kind = kind;
  made->line = builder->line;
  made->column = builder->column;
  made->begin = builder->begin;
  made->end = builder->end;
  made->parent = builder->open;
  *node = made;
  return ENT_OK;
}

/* Hangs a complete value into the open collection, or makes it the root. */
static void attach(tree_builder *builder, ent_yaml_node *node) {
  ent_yaml_node *parent = node->parent;
  if (!parent) {
    builder->root = node;
    return;
  }
  node->key = builder->key;
  builder->key = NULL;
  if (parent->last)
    parent->last->next = node;
  else
    parent->first = node;
  parent->last = node;
  parent->count++;
}

static bool wants_key(const tree_builder *builder) {
  return builder->open && builder->open->kind == ENT_YAML_MAPPING && !builder->key;
}

/* Its marks stand inside the quotes. */
static bool is_quoted(struct fy_event *event) {
  const enum fy_node_style style = fy_event_get_node_style(event);
  return style == FYNS_SINGLE_QUOTED || style == FYNS_DOUBLE_QUOTED;
}

/* Copies a token's text into `text`, unless that is NULL; returns its length. */
static size_t copy_token(struct fy_token *token, struct fy_token_iter *iterator, char *text) {
  size_t length = 0;
  fy_token_iter_start(token, iterator);
  for (const struct fy_iter_chunk *chunk = NULL; (chunk = fy_token_iter_chunk_next(iterator, chunk, NULL));) {
    if (text) memcpy(text + length, chunk->str, chunk->len);
    length += chunk->len;
  }
  fy_token_iter_finish(iterator);
  return length;
}

/*
 * The value of a scalar. libfyaml 0.7 and 0.8 read '' twice in a row in single quotes as three quotes instead
 * of two, and fy_token_get_text then may leak.
 */
static int read_token(tree_builder *builder, struct fy_token *token, ent_yaml_node *node) {
  int code = ENT_OK;
  char *text = NULL;
  struct fy_token_iter *iterator = fy_token_iter_create(NULL);
  ENT_CHECK_GOTO(iterator, ENT_ERR_MEMORY, "cannot read a YAML value");
  node->length = copy_token(token, iterator, NULL);
  ENT_GOTO(ent_arena_alloc(builder->arena, node->length + 1, 1, &text));
  (void)copy_token(token, iterator, text);
  node->text = text;
done:
  fy_token_iter_destroy(iterator);
  return code;
}

static int on_scalar(tree_builder *builder, struct fy_event *event) {
  ent_yaml_node *node = NULL;
  struct fy_token *token = fy_event_get_token(event);
  ENT_TRY(add_node(builder, ENT_YAML_SCALAR, &node));
  node->text = "";
  if (token) ENT_TRY(read_token(builder, token, node));
  if (fy_event_get_node_style(event) == FYNS_SINGLE_QUOTED && strstr(node->text, "''")) {
    ent_faults_add(builder->faults, builder->line, builder->column,
                   "quotes in a row within single quotes, legal within double quotes");
  }
  node->plain = !token || fy_event_get_node_style(event) == FYNS_PLAIN;
  if (is_quoted(event)) {
    node->begin--;
    node->end++;
  }
  if (node->plain && node->length == 0 && builder->key) { /* libfyaml 0.7 has no position for it */
    node->line = builder->key->line;
    node->column = builder->key->column;
    node->begin = node->end = builder->key->end;
  }
  if (wants_key(builder))
    builder->key = node;
  else
    attach(builder, node);
  return ENT_OK;
}

static int on_open(tree_builder *builder, ent_yaml_kind kind, bool is_flow) {
  if (wants_key(builder)) {
    ent_faults_add(builder->faults, builder->line, builder->column,
                   "a key is a collection, must be a plain name");
    builder->ignored = 1;
    return ENT_OK;
  }
  if (++builder->depth > MAX_DEPTH) {
    ent_faults_add(builder->faults, builder->line, builder->column, "nested too deeply, legal are %d levels",
                   MAX_DEPTH);
    builder->is_broken = true;
    return ENT_OK;
  }
  ent_yaml_node *node = NULL;
  ENT_TRY(add_node(builder, kind, &node));
  node->flow = is_flow;
  attach(builder, node);
  builder->open = node;
  return ENT_OK;
}

/* Without brackets a collection ends with its last value. */
static void on_close(tree_builder *builder) {
  ent_yaml_node *closed = builder->open;
  if (closed && closed->flow) closed->end = builder->end;
  if (closed && !closed->flow && closed->last) closed->end = closed->last->end;
  builder->open = builder->open ? builder->open->parent : NULL;
  builder->key = NULL;
  builder->depth--;
}

/* A collection as a key: skipped up to its end, then its place is taken by a key that has no name. */
static int on_ignored(tree_builder *builder, enum fy_event_type type) {
  if (type == FYET_MAPPING_START || type == FYET_SEQUENCE_START) builder->ignored++;
  if (type == FYET_MAPPING_END || type == FYET_SEQUENCE_END) builder->ignored--;
  if (builder->ignored > 0) return ENT_OK;
  ent_yaml_node *node = NULL;
  ENT_TRY(add_node(builder, ENT_YAML_LIST, &node));
  builder->key = node;
  return ENT_OK;
}

static void on_document(tree_builder *builder) {
  if (++builder->documents < 2) return;
  ent_faults_add(builder->faults, builder->line, builder->column, "a second document, legal is one");
  builder->is_broken = true;
}

static void check_properties(tree_builder *builder, struct fy_event *event) {
  static const char *const names[] = {"an anchor", "a tag"};
  struct fy_token *const tokens[] = {fy_event_get_anchor_token(event), fy_event_get_tag_token(event)};
  for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
    if (!tokens[i]) continue;
    const struct fy_mark *mark = fy_token_start_mark(tokens[i]);
    const int line = mark ? mark->line + 1 : builder->line;
    const int column = mark ? mark->column + 1 : builder->column;
    ent_faults_add(builder->faults, line, column, "%s, legal are plain values", names[i]);
  }
}

/* An alias is a fault; an empty scalar takes its place. */
static int on_alias(tree_builder *builder) {
  ent_yaml_node *node = NULL;
  ent_faults_add(builder->faults, builder->line, builder->column, "an alias, legal are plain values");
  ENT_TRY(add_node(builder, ENT_YAML_SCALAR, &node));
  node->text = "";
  node->plain = true;
  if (wants_key(builder))
    builder->key = node;
  else
    attach(builder, node);
  return ENT_OK;
}

static int on_event(tree_builder *builder, struct fy_event *event) {
  const struct fy_mark *mark = fy_event_start_mark(event);
  if (mark) {
    builder->line = mark->line + 1;
    builder->column = mark->column + 1;
    builder->begin = builder->end = mark->input_pos;
  }
  const struct fy_mark *end = fy_event_end_mark(event);
  if (end) builder->end = end->input_pos;
  const bool is_flow = fy_event_get_node_style(event) == FYNS_FLOW;
  if (builder->ignored > 0) return on_ignored(builder, event->type);
  switch (event->type) {
    case FYET_DOCUMENT_START: on_document(builder); return ENT_OK;
    case FYET_ALIAS: return on_alias(builder);
    case FYET_SCALAR: check_properties(builder, event); return on_scalar(builder, event);
    case FYET_SEQUENCE_START:
      check_properties(builder, event);
      return on_open(builder, ENT_YAML_LIST, is_flow);
    case FYET_MAPPING_START:
      check_properties(builder, event);
      return on_open(builder, ENT_YAML_MAPPING, is_flow);
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END: on_close(builder); return ENT_OK;
    default: return ENT_OK;
  }
}

/* The parser's own words, which are without culprit and legal part; a fault of ours if it has none. */
static void add_syntax_faults(tree_builder *builder, struct fy_diag *diag) {
  void *iterator = NULL;
  bool is_told = false;
  for (struct fy_diag_error *error; (error = fy_diag_errors_iterate(diag, &iterator));) {
    if (error->type != FYET_ERROR || !error->msg) continue;
    const int line = error->line > 0 ? error->line : builder->line;
    ent_faults_add(builder->faults, line, error->column > 0 ? error->column : builder->column,
                   "not valid YAML: %s", error->msg);
    is_told = true;
  }
  if (!is_told) ent_faults_add(builder->faults, builder->line, builder->column, "not valid YAML");
}

static int read_events(tree_builder *builder, struct fy_parser *parser, struct fy_diag *diag) {
  int code = ENT_OK;
  struct fy_event *event = NULL;
  while (code == ENT_OK && !builder->is_broken && (event = fy_parser_parse(parser))) {
    code = on_event(builder, event);
    fy_parser_event_free(parser, event);
  }
  if (code == ENT_OK && !builder->is_broken && fy_parser_get_stream_error(parser)) {
    add_syntax_faults(builder, diag);
    builder->is_broken = true;
  }
  return code;
}

static int parse(tree_builder *builder, const char *text, size_t length) {
  int code = ENT_OK;
  struct fy_diag *diag = NULL;
  struct fy_parser *parser = NULL;
  struct fy_diag_cfg diag_config;
  fy_diag_cfg_default(&diag_config);
  diag_config.fp = NULL; /* the library never prints */
  diag_config.level = FYET_ERROR;
  diag = fy_diag_create(&diag_config);
  ENT_CHECK_GOTO(diag, ENT_ERR_MEMORY, "cannot create the YAML parser's diagnostics");
  fy_diag_set_collect_errors(diag, true);
  const struct fy_parse_cfg config = {
    .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_ALLOW_DUPLICATE_KEYS | FYPCF_JSON_NONE, .diag = diag};
  parser = fy_parser_create(&config);
  ENT_CHECK_GOTO(parser, ENT_ERR_MEMORY, "cannot create the YAML parser");
  const bool is_started = fy_parser_set_string(parser, text, length) == 0;
  ENT_CHECK_GOTO(is_started, ENT_ERR_MEMORY, "cannot start the YAML parser");
  ENT_GOTO(read_events(builder, parser, diag));
done:
  fy_parser_destroy(parser);
  fy_diag_destroy(diag);
  return code;
}

int ent_yaml_parse(ent_arena *arena, const char *text, size_t length, ent_faults *faults,
                   const ent_yaml_node **root) {
  tree_builder builder = {.arena = arena, .faults = faults, .line = 1, .column = 1};
  *root = NULL;
  if (!ent_yaml_check_text(text, length, faults)) return ENT_OK;
  if (length > 0) ENT_TRY(parse(&builder, text, length));
  if (builder.is_broken) return ENT_OK;
  if (!builder.root) ent_faults_add(faults, 1, 1, "the file is empty, must be a mapping of keys to values");
  *root = builder.root;
  return ENT_OK;
}

const ent_yaml_node *ent_yaml_find(const ent_yaml_node *mapping, const char *key, size_t length) {
  if (!mapping || mapping->kind != ENT_YAML_MAPPING) return NULL;
  for (const ent_yaml_node *child = mapping->first; child; child = child->next) {
    const ent_yaml_node *name = child->key;
    const bool is_it =
      name && name->kind == ENT_YAML_SCALAR && name->length == length && memcmp(name->text, key, length) == 0;
    if (is_it) return child;
  }
  return NULL;
}

bool ent_yaml_is(const ent_yaml_node *scalar, const char *text) {
  return scalar->kind == ENT_YAML_SCALAR && scalar->length == strlen(text) &&
         memcmp(scalar->text, text, scalar->length) == 0;
}

void ent_yaml_show(const ent_yaml_node *node, char buffer[ENT_YAML_SHOWN]) {
  if (node->kind != ENT_YAML_SCALAR || (node->plain && node->length == 0)) {
    static const char *const words[] = {"empty", "a list", "a mapping"}; /* by ent_yaml_kind */
    snprintf(buffer, ENT_YAML_SHOWN, "%s", words[node->kind]);
    return;
  }
  size_t length = node->length < SHOWN_BYTES ? node->length : SHOWN_BYTES;
  while (length < node->length && length > 0 && ((unsigned char)node->text[length] & 0xc0) == 0x80) length--;
  const char *quote = node->plain ? "" : "\"", *more = length < node->length ? "..." : "";
  int used = snprintf(buffer, ENT_YAML_SHOWN, "%s", quote);
  for (size_t i = 0; i < length; i++) {
    const unsigned char byte = (unsigned char)node->text[i];
    buffer[used++] = byte < 0x20 || byte == 0x7f ? '?' : node->text[i];
  }
  snprintf(buffer + used, ENT_YAML_SHOWN - (size_t)used, "%s%s", more, quote);
}
