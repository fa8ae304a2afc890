#ifndef ENTRAIN_SWEEP_RESULT_H
#define ENTRAIN_SWEEP_RESULT_H

/*
 * What one integration gives, and how it lies in a row of /jobs: the columns with their types and offsets as
 * data, made from the specification, and the functions between a result and the bytes of a row.
 */

#include <stdint.h>

#include "entrain/sweep/spec.h"

typedef enum {
  ENT_STATUS_PENDING,
  ENT_STATUS_DONE,
  ENT_STATUS_FAILED,
  ENT_STATUS_QUARANTINED,
  ENT_STATUS_COUNT
} ent_status;

typedef enum {
  ENT_OUTCOME_NONE,
  ENT_OUTCOME_SYNC,
  ENT_OUTCOME_NONSYNC,
  ENT_OUTCOME_UNDECIDED,
  ENT_OUTCOME_FINISHED,
  ENT_OUTCOME_COUNT
} ent_outcome;

/* Why a job failed: the column `error`. Append only, the numbers are in files. */
#define ENT_JOB_ERRORS(X)                                                                                    \
  X(ENT_JOB_OK, 0, "none", "no error")                                                                       \
  X(ENT_JOB_NOT_FINITE, 1, "not-finite", "the right-hand side or the state overflowed or was not a number")  \
  X(ENT_JOB_STEP_COLLAPSE, 2, "step-collapse", "the step size fell below what the time can resolve")         \
  X(ENT_JOB_STEP_LIMIT, 3, "step-limit", "limits.steps was reached")                                         \
  X(ENT_JOB_WALL_LIMIT, 4, "wall-limit", "limits.wall was reached")                                          \
  X(ENT_JOB_INTEGRATOR, 5, "integrator", "PETSc refused the step for another reason")                        \
  X(ENT_JOB_START, 6, "start", "the start could not be made")                                                \
  X(ENT_JOB_KILLED, 7, "killed", "its worker died three times")                                              \
  X(ENT_JOB_UNDER_RESOLVED, 8, "under-resolved", "the model's numbers no longer describe its state")

typedef enum {
#define ENT_JOB_ERROR_ENUM(name, number, label, text) name = number,
  ENT_JOB_ERRORS(ENT_JOB_ERROR_ENUM)
#undef ENT_JOB_ERROR_ENUM
} ent_job_error;

/* Label ("wall-limit") and text of a job error; "unknown" for other numbers. */
const char *ent_job_error_label(int error);
const char *ent_job_error_text(int error);

/* Labels of the enums, NULL-terminated, indexed by their values. */
extern const char *const ent_status_names[];
extern const char *const ent_outcome_names[];

enum { ENT_MAX_EXTRAS = 96 };

/* A value of an observable: a number, or an index into its labels. */
typedef union ent_extra {
  double number;
  int32_t label;
} ent_extra;

typedef struct ent_result {
  int32_t status, outcome;
  double t_sync[ENT_MAX_DELTAS]; /* one for each delta; NaN if not reached */
  double t_certain, t_end, order_parameter, energy, speed;
  int32_t clusters;
  int64_t steps, rejected, rhs_evals;
  double drift;
  int32_t error;
  double wall_s;
  int32_t worker, attempt;
  uint32_t checksum;
  ent_extra extras[ENT_MAX_EXTRAS]; /* columns declared by observables, in their order */
} ent_result;

/* A result before anything is known: NaN where a number is missing, zero elsewhere. */
void ent_result_init(ent_result *result);

typedef enum { ENT_TYPE_F8, ENT_TYPE_I4, ENT_TYPE_I8, ENT_TYPE_U4, ENT_TYPE_ENUM } ent_type;

typedef enum { ENT_COLUMN_AXIS, ENT_COLUMN_RESULT } ent_column_source;

typedef struct ent_column {
  char name[64];
  ent_type type;             /* ENUM is stored as a 4-byte integer */
  size_t offset;             /* in the row */
  const char *const *labels; /* ENUM: names of the values 0, 1, ..., NULL-terminated */
  const char *unit;          /* "1" when dimensionless */
  const char *summary;       /* one line */
  ent_column_source source;
  size_t place; /* AXIS: index of the axis; RESULT: byte offset in ent_result */
} ent_column;

typedef struct ent_layout {
  ent_arena *arena;
  size_t n_columns;
  ent_column *columns; /* [n_columns], packed in this order */
  size_t size;         /* bytes of a row */
  size_t checksum_offset, status_offset;
} ent_layout;

/* Size in bytes of a type. */
size_t ent_type_size(ent_type type);

/*
 * Makes the columns of a specification: every sweep axis by its own name, the fixed columns of the contract
 * (t_sync_K behind t_sync for further deltas), then what the observables declare. Errors: ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_layout_create(const ent_spec *spec, ent_layout **layout);

/* Frees it; accepts NULL, sets NULL. */
void ent_layout_destroy(ent_layout **layout);

/* The column of that name, NULL if there is none. */
const ent_column *ent_layout_find(const ent_layout *layout, const char *name);

/* Writes the axis columns of grid row `index` into row [size]; other bytes are left alone. */
void ent_layout_encode_axes(const ent_layout *layout, const ent_grid *grid, int64_t index,
                            unsigned char *row);

/* Writes the result columns into row [size], the checksum column as it is in `result`. */
void ent_layout_encode(const ent_layout *layout, const ent_result *result, unsigned char *row);

/* Reads the result columns of row [size]. */
void ent_layout_decode(const ent_layout *layout, const unsigned char *row, ent_result *result);

/* Value of any column of a row as a double (int64 above 2^53 are rounded). */
double ent_column_value(const ent_column *column, const unsigned char *row);

/*
 * Checksum of a job's record: CRC-32 over the row with its checksum bytes zero, then over its series
 * [n_series * n_record] and its final state [n * d] (NULL, 0 where there are none). Never 0.
 */
uint32_t ent_layout_checksum(const ent_layout *layout, const unsigned char *row, const float *series,
                             size_t n_series_values, const double *final_state, size_t n_final_values);

#endif
