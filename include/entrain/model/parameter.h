#ifndef ENTRAIN_MODEL_PARAMETER_H
#define ENTRAIN_MODEL_PARAMETER_H

/*
 * What can be set about a thing (a model, an initial condition, the solver, the grid) as data: const tables
 * that the job-file reader, the columns of the results file, `entrain models` and the documentation all read.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  ENT_PARAM_REAL,    /* a finite number */
  ENT_PARAM_INTEGER, /* a whole number */
  ENT_PARAM_CHOICE,  /* one of a list of names; the value is its index */
  ENT_PARAM_LIST,    /* a list of finite numbers */
  ENT_PARAM_TEXT,    /* free text, a path for instance */
  ENT_PARAM_FILE,    /* the path of a text file of finite numbers, relative to the job file's folder */
} ent_param_kind;

typedef struct ent_parameter {
  const char *name;     /* REQUIRED; NULL terminates a table */
  ent_param_kind kind;  /* REQUIRED */
  bool required;        /* true: no default, the job file must set it */
  bool must_be_axis;    /* true: stands under `sweep`, nowhere else; not required: not-a-number if absent */
  bool open_min;        /* true: `min` itself is not legal */
  bool is_input;        /* TEXT: the path of a file which counts by its content, as that of a FILE does */
  bool shapes;          /* true: the length of the model's state depends on it, and grows with a number */
  double default_value; /* a number, or the index of a choice */
  double min, max;      /* legal range of numbers and of the elements of a list or a file */
  const char *const *choices; /* CHOICE: names, NULL-terminated */
  const char *unit;           /* "1" when dimensionless; OPTIONAL */
  const char *summary;        /* REQUIRED: one line */
} ent_parameter;

/*
 * A value as a point carries it; lists and text are owned by the specification. The numbers of a FILE are
 * there when its job file was read from the disk and when rows are computed; whoever reads a results file has
 * only the path, so that no `shape` may depend on them and no `check` may miss them.
 */
typedef struct ent_value {
  double number;      /* REAL, INTEGER (exact below 2^53), CHOICE (index) */
  const double *list; /* LIST, FILE: shape [count], NULL when absent or not loaded */
  size_t count;
  const char *text; /* TEXT, FILE: as it is written, NULL when absent */
} ent_value;

/* The four things that have parameters; an axis of a sweep sets one parameter of one of them. */
typedef enum {
  ENT_GROUP_GRID,
  ENT_GROUP_MODEL,
  ENT_GROUP_INITIAL,
  ENT_GROUP_SOLVER,
  ENT_GROUP_COUNT
} ent_group;

enum { ENT_GRID_N, ENT_GRID_D, ENT_GRID_SEED, ENT_GRID_PARAMETERS };
enum { ENT_MAX_PARAMETERS = 24 }; /* of one group */

/*
 * Everything that defines one integration: n particles in dimension d, the seed, and the parameters of model,
 * initial condition and solver, each in the order of its table.
 */
typedef struct ent_point {
  int64_t index; /* row in the results file */
  int64_t study;
  int64_t n, d, seed; /* the GRID group once more, as whole numbers */
  ent_value values[ENT_GROUP_COUNT][ENT_MAX_PARAMETERS];
} ent_point;

/* Why a combination of legal values is refused, and at which key of the job file ("parameters.masses"). */
typedef struct ent_refusal {
  char key[64];
  char why[192];
} ent_refusal;

/* Number of entries of a table. Not collective. */
size_t ent_parameter_count(const ent_parameter *table);

/* Index of a name in a table, -1 if it is not there. Not collective. */
int ent_parameter_find(const ent_parameter *table, const char *name, size_t length);

/* Index of a name among the choices of a parameter, -1 if it is not there. Not collective. */
int ent_parameter_choice(const ent_parameter *parameter, const char *name, size_t length);

/* Whether a value is one number: of a REAL, INTEGER or CHOICE, which alone can be an axis. Not collective. */
bool ent_parameter_is_number(const ent_parameter *parameter);

/* Whether a number is legal for a REAL, INTEGER, CHOICE, or in a LIST or FILE. Not collective. */
bool ent_parameter_accepts(const ent_parameter *parameter, double number);

/*
 * Writes what is legal, "a number in (0, 0.1]", "a finite number", "softmax or mean", into buffer[size].
 * Infinite limits (and those of DBL_MAX) are not legal themselves. Not collective.
 */
void ent_parameter_legal(const ent_parameter *parameter, size_t size, char *buffer);

/* Fills a refusal and returns false, so that a check can end with `return ent_refuse(...)`. */
bool ent_refuse(ent_refusal *refusal, const char *key, const char *format, ...)
  __attribute__((format(printf, 3, 4)));

#endif
