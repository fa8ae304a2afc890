#ifndef ENTRAIN_APP_RECORD_H
#define ENTRAIN_APP_RECORD_H

/* All that is known of one job - row, series, final state - and how two such records differ. */

#include <stdbool.h>

#include "entrain/store/store.h"

typedef struct ent_record {
  int64_t index;       /* of the row */
  unsigned char *row;  /* [layout size] */
  float *series;       /* [n_series, n_record] */
  double *final_state; /* [largest n d] */
  ent_result result;   /* of the row */
  bool holds;          /* it is finished: it has a status and its checksum holds */
} ent_record;

/* Makes room for any job of a store. Errors: ENT_ERR_MEMORY; ent_record_fini it, also then. */
ENT_MUST_CHECK int ent_record_init(const ent_store *store, ent_record *record);
void ent_record_fini(ent_record *record);

/* Reads a job. Errors: those of ent_store_read_job. */
ENT_MUST_CHECK int ent_record_read(ent_store *store, int64_t row, ent_record *record);

/* Writes a record of one file into another file of the same columns. Errors: those of ent_store_write_job. */
ENT_MUST_CHECK int ent_record_write(ent_store *store, int64_t row, const ent_record *record);

/* How two records are compared. */
typedef struct ent_comparison {
  const char *first, *second; /* where they are: "in the file", "now" */
  double tolerance; /* 0: bit by bit; otherwise numbers may differ by this times the larger of them and 1, and
                       what counts steps is left out */
} ent_comparison;

/*
 * Appends a line for each column, series and the final state in which two records of a row differ, columns
 * that rule 6 of docs/results-format.md leaves out aside (wall_s, worker, attempt, checksum).
 * [out] count  of what differs
 * Errors: ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_record_compare(ent_store *store, const ent_comparison *how, const ent_record *a,
                                      const ent_record *b, ent_text *lines, int *count);

#endif
