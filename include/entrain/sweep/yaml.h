#ifndef ENTRAIN_SWEEP_YAML_H
#define ENTRAIN_SWEEP_YAML_H

/*
 * YAML text as a tree of nodes with positions, by libfyaml's event parser. Only what a job file needs: one
 * document of mappings, lists and scalars in UTF-8; anchors, aliases, tags and further documents are faults.
 * What the nodes mean is not its business; duplicate keys are kept.
 */

#include <stdbool.h>
#include <stddef.h>

#include "entrain/base/mem.h"
#include "entrain/sweep/faults.h"

typedef enum { ENT_YAML_SCALAR, ENT_YAML_LIST, ENT_YAML_MAPPING } ent_yaml_kind;

typedef struct ent_yaml_node ent_yaml_node;

struct ent_yaml_node {
  ent_yaml_kind kind;
  int line, column;            /* where it starts, from 1; of an empty scalar, where its key starts */
  size_t begin, end;           /* bytes of the text that it takes, quotes and brackets included */
  bool flow;                   /* LIST, MAPPING: in brackets */
  const char *text;            /* SCALAR: its text, zero-terminated, may hold zeros within; NULL otherwise */
  size_t length;               /* SCALAR: bytes of text */
  bool plain;                  /* SCALAR: not in quotes, not a block */
  const ent_yaml_node *key;    /* the scalar before the colon, for values of a mapping; NULL otherwise */
  ent_yaml_node *parent;       /* NULL for the root */
  ent_yaml_node *first, *last; /* children, in the order of the file */
  ent_yaml_node *next;         /* the parent's next child */
  size_t count;                /* children: elements of a list, values of a mapping */
};

/*
 * Parses text [length]; nodes and their text belong to the arena.
 * [out] root  NULL after faults that leave no tree (syntax, bytes that are not UTF-8, no content)
 * Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_yaml_parse(ent_arena *arena, const char *text, size_t length, ent_faults *faults,
                                  const ent_yaml_node **root);

/* First value of a mapping under a key, NULL if there is none or the node (may be NULL) is no mapping. */
const ent_yaml_node *ent_yaml_find(const ent_yaml_node *mapping, const char *key, size_t length);

/* Whether a scalar is exactly this text. Not collective. */
bool ent_yaml_is(const ent_yaml_node *scalar, const char *text);

enum { ENT_YAML_SHOWN = 80 };

/*
 * Writes how a message shows a node: a scalar's text, cut at 60 bytes, control characters as ?; "a list",
 * "a mapping", "empty". Not collective.
 */
void ent_yaml_show(const ent_yaml_node *node, char buffer[ENT_YAML_SHOWN]);

#endif
