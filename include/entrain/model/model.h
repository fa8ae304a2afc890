#ifndef ENTRAIN_MODEL_MODEL_H
#define ENTRAIN_MODEL_MODEL_H

/*
 * The systems that can be swept. A model is a const table: what it is, what can be set, what it promises, and
 * its right-hand side. A system is a model made ready for given (n, d); it is pointed at one grid point after
 * the other. Initial conditions and integration are not its business.
 */

#include "entrain/model/geometry.h"
#include "entrain/model/parameter.h"

/* Promises; the conformance suite tests each on every registered model. */
enum {
  ENT_MODEL_GRADIENT_FLOW = 1 << 0, /* the energy never decreases along solutions */
  ENT_MODEL_EXCHANGEABLE =
    1 << 1,                       /* renaming particles renames the solution (equal masses and frequencies) */
  ENT_MODEL_EQUIVARIANT = 1 << 2, /* rotating the start rotates the solution */
  ENT_MODEL_OWN_START = 1 << 3,   /* the start is a parameter of the model; `initial` is refused */
  ENT_MODEL_CIRCLE_ONLY = 1 << 4, /* d = 2 only */
  ENT_MODEL_ANY_COUNT = 1 << 5,   /* cost and memory do not depend on n and d */
};

typedef struct ent_system ent_system;

typedef struct ent_model {
  const char *name;                /* REQUIRED */
  const char *summary;             /* REQUIRED: one line */
  const char *equation;            /* REQUIRED: the right-hand side */
  const char *source;              /* REQUIRED: arXiv number and equation */
  unsigned flags;                  /* promises, above */
  const ent_parameter *parameters; /* REQUIRED: terminated by {0}; `beta` by this name */
  /* Kind of the state for dimension d. REQUIRED */
  ent_state_kind (*kind)(size_t d);
  /* Whether a combination of legal values makes sense. OPTIONAL */
  bool (*check)(const ent_point *point, ent_refusal *refusal);
  /* Allocates system->context for n, d. OPTIONAL */
  int (*create)(ent_system *system);
  void (*destroy)(ent_system *system);
  /* Takes over a point's parameters: sets beta, masses, time_scale, certificate. No allocation. REQUIRED */
  int (*configure)(ent_system *system, const ent_point *point);
  /* dx/dt at (t, x), as long as the state; may use system->context as scratch. REQUIRED */
  void (*drift)(ent_system *system, double t, const double *x, double *dxdt);
  /* The start, for OWN_START. */
  void (*start)(ent_system *system, const ent_point *point, double *x);
} ent_model;

struct ent_system {
  const ent_model *model;
  ent_state_kind kind;
  size_t n, d;
  size_t size;          /* length of the state vector */
  double beta;          /* of the energy; 0 for models without one */
  const double *masses; /* [n], sum 1; NULL: all 1/n */
  bool certificate;     /* the hemisphere theorem holds for this composition (docs/verdicts.md) */
  double log_unit;      /* log of the time unit: the drift is dx/d(t e^{-log_unit}); set before configure */
  void *context;        /* the model's own */
  double *work;         /* scratch for geometry, [ent_cloud_work] */
};

/* All registered models, NULL-terminated, in the order they are listed to users. */
extern const ent_model *const ent_models[];

/* The model of that name, NULL if there is none. Not collective. */
const ent_model *ent_model_find(const char *name, size_t length);

/* Makes a model ready for n particles in dimension d. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_system_create(const ent_model *model, size_t n, size_t d, ent_system **system);

/* Frees it; accepts NULL, sets NULL. Not collective. */
void ent_system_destroy(ent_system **system);

/*
 * Points the system at a grid point with the same n and d. `log_unit` is the log of the time unit (0 for t,
 * -beta for exp(-beta)). Errors: whatever the model raises. Not collective.
 */
ENT_MUST_CHECK int ent_system_configure(ent_system *system, const ent_point *point, double log_unit);

/* A view of a state of this system, for geometry and observables; valid as long as x and the system. */
ent_cloud ent_system_cloud(const ent_system *system, const double *x);

#endif
