#ifndef ENTRAIN_STORE_VERIFY_H
#define ENTRAIN_STORE_VERIFY_H

/*
 * Whether every row of a results file is what it must be: finished with a checksum that holds, or pending and
 * zero but for its axes. Integrity only; whether a row is right is found by integrating it again.
 */

#include "entrain/store/store.h"

typedef enum {
  ENT_ROW_FAULT_CHECKSUM,  /* it has a status or a checksum, and the checksum does not hold over its parts */
  ENT_ROW_FAULT_AXES,      /* axes that are not those of the grid: damaged, or another row's */
  ENT_ROW_FAULT_LEFT_OVER, /* a pending row in which something but the axes is not zero */
  ENT_ROW_FAULT_COUNT
} ent_row_fault;

/* "checksum does not hold", ...; indexed by ent_row_fault. */
extern const char *const ent_row_fault_texts[];

typedef struct ent_verification {
  int64_t rows, finished;
  int64_t
    faults[ENT_ROW_FAULT_COUNT]; /* rows with each fault; a row is counted once, by the first that it has */
  int64_t misplaced;             /* job numbers in /final that are not those of the grid */
} ent_verification;

/* Told of every faulty row, in order. Returns ENT_OK to go on; anything else ends the verification. */
typedef int ent_row_fault_sink(void *context, int64_t row, ent_row_fault fault);

/*
 * Reads all jobs with their series and final states.
 * [in]  sink  may be NULL
 * Errors: those of the sink, ENT_ERR_HDF5, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_store_verify(ent_store *store, ent_row_fault_sink *sink, void *context,
                                    ent_verification *found);

#endif
