#ifndef ENTRAIN_APP_SELECT_H
#define ENTRAIN_APP_SELECT_H

/*
 * The rows of a results file that an expression of the user means (sweep/where), for the commands that have
 * --where. A row that is not finished, for whatever reason, counts as pending and has no values.
 */

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "entrain/store/store.h"

/* What retry and drop are given. */
typedef struct ent_select_arguments {
  const char *path, *where, *job; /* job: where drop writes the job file; NULL: by rule */
  bool is_dry, keeps_old;
} ent_select_arguments;

typedef struct ent_selection {
  unsigned char *finished;          /* [grid size] */
  unsigned char *matches;           /* [grid size] */
  int64_t broken;                   /* rows that are pending because their checksum does not hold */
  int64_t count;                    /* of the rows that match */
  int64_t status[ENT_STATUS_COUNT]; /* of them */
} ent_selection;

/* The options of both, and their parser, which also takes the one results file. */
#define ENT_SELECT_OPTIONS                                                                                   \
  {"where", 'w', "EXPR", 0, "the rows that are meant: 'status==failed', 'beta>5 && n==32'", 0},              \
    {"dry-run", 'n', NULL, 0, "say what would be done, change nothing", 0}, {                                \
    "keep", 'k', NULL, 0, "keep the old file as OUT.h5~", 0                                                  \
  }
error_t ent_select_parse(int key, char *argument, struct argp_state *state);

/*
 * Reads all rows. Errors: those of ent_where_parse; those of the store; ENT_ERR_MEMORY.
 * [out] selection  ent_selection_fini it, also after a failure
 */
ENT_MUST_CHECK int ent_selection_make(ent_store *store, const char *where, ent_selection *selection);
void ent_selection_fini(ent_selection *selection);

/*
 * Prints how many rows match, by status, and the first of them. Errors: those of the store, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_selection_print(ent_store *store, const ent_selection *selection);

/*
 * Appends "row 17: beta=5 n=32 d=2 seed=3" and what became of it. Errors: those of the store, ENT_ERR_MEMORY.
 * [in]  is_finished  otherwise it is shown as pending
 */
ENT_MUST_CHECK int ent_select_append_row(ent_store *store, int64_t row, bool is_finished, ent_text *text);

#endif
