#ifndef ENTRAIN_SWEEP_SPEC_H
#define ENTRAIN_SWEEP_SPEC_H

/*
 * A resolved specification: a job file with every default filled in, every name looked up and every list
 * expanded. All later stages read this and never the text again. sweep/job_file makes it.
 */

#include "entrain/base/digest.h"
#include "entrain/base/mem.h"
#include "entrain/base/text.h"
#include "entrain/initial/initial.h"
#include "entrain/model/model.h"
#include "entrain/observe/observe.h"
#include "entrain/sweep/grid.h"

enum { ENT_MAX_DELTAS = 8, ENT_MAX_OBSERVABLES = 32, ENT_MAX_INPUTS = 8 };

typedef enum { ENT_STOP_SYNC, ENT_STOP_CERTIFIED, ENT_STOP_HORIZON } ent_stop;

typedef enum { ENT_UNIT_T, ENT_UNIT_EXP_MINUS_BETA } ent_time_unit;

/* Who writes the results file; AUTO: the job file does not say. */
typedef enum { ENT_WRITER_AUTO, ENT_WRITER_WORKERS, ENT_WRITER_MASTER } ent_writer;

/* Indices in the parameter tables below. */
enum { ENT_SOLVER_TYPE, ENT_SOLVER_SCHEME, ENT_SOLVER_RTOL, ENT_SOLVER_ATOL, ENT_SOLVER_PARAMETERS };

/* Parameters of the GRID group (n, d, seed) and of the SOLVER group (type, scheme, rtol, atol). */
extern const ent_parameter ent_grid_parameters[];
extern const ent_parameter ent_solver_parameters[];

/* Names of the stop rules and time units in the job file, NULL-terminated, indexed by their enums. */
extern const char *const ent_stop_names[];
extern const char *const ent_time_unit_names[];

/* A file that the job file names: a parameter of kind FILE, or `path` of the `file` start. */
typedef struct ent_input {
  ent_group group;
  int slot;                     /* in the table of the group */
  const char *path;             /* resolved */
  char digest[ENT_DIGEST_SIZE]; /* SHA-256 of its content; "" when it is not known */
  int line, column;             /* where the job file names it */
} ent_input;

enum { ENT_SPEC_MOST_RANKS = 64 }; /* of `ranks_per_job` */

typedef struct ent_spec {
  ent_arena *arena; /* owns everything below */
  const char *text; /* the job file as it was read; size text_length */
  size_t text_length;
  const char *path;   /* of the job file as given, for messages */
  const char *folder; /* of the job file: relative paths start here */
  const char *name;   /* `name`, default: the job file's name without its ending */
  int64_t study;
  const ent_model *model;
  const ent_initial *initial; /* NULL for models with a start of their own */
  ent_point base;             /* parameter values that no axis sets */
  ent_grid grid;
  double horizon; /* in the time unit */
  ent_time_unit unit;
  size_t n_record;
  const double *record; /* [n_record] ascending in [0, horizon]; n_record = 0: no series */
  size_t n_delta;       /* >= 1 */
  double delta[ENT_MAX_DELTAS];
  ent_stop stop;
  size_t n_observe;
  const ent_observable *observe[ENT_MAX_OBSERVABLES];
  int ranks_per_job; /* workers that compute a large job together; 1: each one alone */
  int64_t limit_steps;
  double limit_wall;         /* seconds */
  double checkpoint_seconds; /* between two checkpoints of a running job; infinite: never */
  bool final_state;
  ent_writer writer;
  size_t n_inputs;
  ent_input inputs[ENT_MAX_INPUTS]; /* in the order of the tables, the model's before the start's */
  const char *input_digests; /* of all of them, in that order, with spaces between; "" if there is none */
  const char *petsc_options; /* what stood after `--`, joined by spaces; "" if nothing */
} ent_spec;

/* The table of a group for this specification (that of its model, its initial condition ...); {0}-terminated.
 */
const ent_parameter *ent_spec_parameters(const ent_spec *spec, ent_group group);

/* Number of series the specification records: sum of the observables' widths, 0 without record times. */
size_t ent_spec_series_count(const ent_spec *spec);

/*
 * The k-th series, 0 <= k < ent_spec_series_count: its observable and its delta (the first one for
 * observables without PER_DELTA); `name` [64] receives its name.
 */
const ent_observable *ent_spec_series(const ent_spec *spec, size_t k, double *delta, char name[64]);

/* The input that a parameter names, NULL if it names none. Not collective. */
const ent_input *ent_spec_input(const ent_spec *spec, ent_group group, int slot);

/*
 * What is legal on an axis of a specification whose model is known or not: n = 0 with a model that has the
 * limit of large n only. Not collective.
 */
ent_parameter ent_spec_legal_values(const ent_spec *spec, const ent_axis *axis);

/* log of the time unit at a point: 0, or -beta. */
double ent_spec_log_unit(const ent_spec *spec, const ent_point *point);

/* A row of the grid that has the longest state, and that state's length, in numbers. Not collective. */
int64_t ent_spec_largest_row(const ent_spec *spec);
size_t ent_spec_largest_state(const ent_spec *spec);

/*
 * Whether the job of a row is large: several ranks can share its sums, and may do so if ranks_per_job > 1.
 * Not collective.
 */
bool ent_spec_is_large(const ent_spec *spec, int64_t row);

/* Sets a point to a row of the grid. 0 <= row < grid.size. */
void ent_spec_point(const ent_spec *spec, int64_t row, ent_point *point);

/*
 * The identity of the study, one `key = value` a line: everything that can change a bit of a row (rule 6 of
 * docs/results-format.md), nothing that cannot (comments, name, limits, output). `engine` lines (solver
 * version, instruction set, PETSc) are appended by the store, not here. Errors: ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_spec_identity(const ent_spec *spec, ent_text *text);

/* Frees a specification; accepts NULL, sets NULL. */
void ent_spec_destroy(ent_spec **spec);

#endif
