#ifndef ENTRAIN_STORE_TALLY_H
#define ENTRAIN_STORE_TALLY_H

/* A results file summed up: rows counted by what became of them, and the phase diagram made from them. */

#include "entrain/store/store.h"

enum { ENT_TALLY_ERRORS = 32 }; /* error numbers that are told apart; the last takes all above */

/* Rows counted by what became of them. */
typedef struct ent_tally {
  int64_t total; /* rows of the grid */
  int64_t status[ENT_STATUS_COUNT];
  int64_t outcome[ENT_OUTCOME_COUNT]; /* of the rows that are done */
  int64_t error[ENT_TALLY_ERRORS];    /* of the rows that failed or are quarantined */
  int64_t broken; /* rows with a status whose checksum does not hold, counted as pending */
} ent_tally;

/* Rows that failed or are quarantined. */
int64_t ent_tally_failed(const ent_tally *tally);

/* Counts all rows of a store by what they say of themselves. Errors: those of ent_store_read_rows,
 * ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_tally_read(ent_store *store, ent_tally *tally);

/*
 * Reads all rows and series whose checksums hold into a finished phase diagram, and counts them.
 * [out] phase  ent_phase_destroy it before the store is closed
 * Errors: those of the store, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_tally_read_phase(ent_store *store, ent_phase **phase, ent_tally *tally);

/*
 * Appends "1024 rows: 1000 done (900 sync, 100 undecided), 3 failed (2 step-limit, 1 wall-limit), 21
 * pending". Errors: ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_tally_append(const ent_tally *tally, ent_text *text);

/* Appends the parentheses of that, with a space before them; nothing when all is zero. Errors:
 * ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_tally_append_outcomes(const ent_tally *tally, ent_text *text);
ENT_MUST_CHECK int ent_tally_append_errors(const ent_tally *tally, ent_text *text);

#endif
