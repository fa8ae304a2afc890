#ifndef ENTRAIN_STORE_VISIT_H
#define ENTRAIN_STORE_VISIT_H

/* All rows of a results file in their order, a chunk at a time. */

#include "entrain/store/store.h"

/* Who is shown the rows. */
typedef struct ent_row_visitor {
  /* REQUIRED: rows [count, layout size] from `first` on, to read or to change; an error ends the visit. */
  int (*see)(void *context, int64_t first, int64_t count, unsigned char *rows);
  bool (*has_enough)(void *context); /* asked before each chunk: true ends the visit; OPTIONAL */
  void *context;
} ent_row_visitor;

/*
 * Shows all rows. Errors: those of ent_store_read_rows, ENT_ERR_MEMORY, those of the visitor. Not collective.
 */
ENT_MUST_CHECK int ent_visit_rows(ent_store *store, const ent_row_visitor *visitor);

#endif
