#ifndef ENTRAIN_MODEL_MODEL_H
#define ENTRAIN_MODEL_MODEL_H

/*
 * The systems that can be swept. A model is a const table: what it is, what can be set, what it promises, and
 * its right-hand side. A system is a model made ready for given (n, d); it is pointed at one grid point after
 * the other. Initial conditions and integration are not its business.
 */

#include "entrain/base/brake.h"
#include "entrain/kernel/help.h"
#include "entrain/model/geometry.h"
#include "entrain/model/parameter.h"
#include "entrain/model/theory.h"

/*
 * What a model promises and what it is; the conformance suite tests each on every registered model. The
 * promises of a system are those of its model, fewer where its parameters break some (ent_system.promises).
 */
enum {
  ENT_MODEL_GRADIENT_FLOW = 1 << 0, /* the energy never decreases along solutions */
  ENT_MODEL_EXCHANGEABLE =
    1 << 1,                       /* renaming particles renames the solution (equal masses and frequencies) */
  ENT_MODEL_EQUIVARIANT = 1 << 2, /* rotating the start rotates the solution */
  ENT_MODEL_OWN_START = 1 << 3,   /* the start is a parameter of the model; `initial` is refused */
  ENT_MODEL_CIRCLE_ONLY = 1 << 4, /* d = 2 only */
  ENT_MODEL_ANY_COUNT = 1 << 5,   /* cost and memory do not depend on n and d */
  ENT_MODEL_CAUSAL = 1 << 6,      /* a particle moves by those before it and itself alone */
  ENT_MODEL_NO_PARTICLES =
    1 << 7, /* the state is no particles on a sphere: nothing synchronizes, rows end as `finished` */
  ENT_MODEL_LIMIT_COUNT = 1 << 8,  /* n = 0 is the limit of large n; all others have n >= 1 */
  ENT_MODEL_HAS_JACOBIAN = 1 << 9, /* `jacobian` is the derivative of the drift */
  ENT_MODEL_PROMISES = ENT_MODEL_GRADIENT_FLOW | ENT_MODEL_EXCHANGEABLE | ENT_MODEL_EQUIVARIANT |
                       ENT_MODEL_CAUSAL | ENT_MODEL_HAS_JACOBIAN,
};

/* What a state is made of. */
typedef struct ent_shape {
  ent_state_kind kind;
  size_t extras; /* radii behind the cloud's numbers, one each or none; all numbers of ENT_STATE_FREE */
} ent_shape;

typedef struct ent_system ent_system;

typedef struct ent_model {
  const char *name;                /* REQUIRED */
  const char *summary;             /* REQUIRED: one line */
  const char *equation;            /* REQUIRED: the right-hand side */
  const char *source;              /* REQUIRED: arXiv number and equation */
  unsigned flags;                  /* promises, above */
  const ent_parameter *parameters; /* REQUIRED: terminated by {0}; `beta` by this name */
  /* What the state is made of at a point; it grows with n, d and numbers that it depends on. REQUIRED */
  ent_shape (*shape)(const ent_point *point);
  /* Whether a combination of legal values makes sense. OPTIONAL */
  bool (*check)(const ent_point *point, ent_refusal *refusal);
  /* Whether helpers can compute a part of the drift or step at a point (kernel/help). OPTIONAL: nowhere */
  bool (*shares)(const ent_point *point);
  /* The beta of a point, which the time unit exp(-beta) is made of. OPTIONAL: a model without one */
  double (*beta)(const ent_point *point);
  /* Allocates system->context for the system's shape. OPTIONAL */
  int (*create)(ent_system *system);
  void (*destroy)(ent_system *system);
  /*
   * Takes over a point's parameters: sets beta, masses, certificate, for maps the step, and takes away
   * promises. REQUIRED
   */
  int (*configure)(ent_system *system, const ent_point *point);
  /* dx/dt at (t, x), as long as the state; may use system->context as scratch. REQUIRED but for maps */
  void (*drift)(ent_system *system, double t, const double *x, double *dxdt);
  /*
   * For maps and stochastic schemes, instead of `drift`: the state after step number `step` (0, 1, ...),
   * which is system->step long, from x. The state lies on its manifold. Not a function of anything else.
   */
  void (*advance)(ent_system *system, int64_t step, const double *x, double *next);
  /* The derivative of the drift at (t, x) along v, all [size]; for HAS_JACOBIAN */
  void (*jacobian)(ent_system *system, double t, const double *x, const double *v, double *jv);
  /* The start, for OWN_START. */
  void (*start)(ent_system *system, const ent_point *point, double *x);
  /*
   * For drifts that jump at known times: the first such time after t (infinity: none). Steps end there.
   * OPTIONAL, with `enter`
   */
  double (*next_break)(const ent_system *system, double t);
  /* From here on the drift is that of the times from t, 0 or a break, to the next break. */
  void (*enter)(ent_system *system, double t);
  /* What the flow ascends or the model's own energy; otherwise the cloud's, at system->beta. OPTIONAL */
  double (*energy)(const ent_system *system, const double *x);
  /* Order parameter of a state that is no cloud. OPTIONAL */
  double (*order_parameter)(const ent_system *system, const double *x);
  /*
   * Whether the numbers of a state still stand for what they are to describe; looked at at the start and
   * after every step, and where they do not the row fails as `under-resolved`. OPTIONAL
   */
  bool (*resolved)(const ent_system *system, const double *x);
  /*
   * What theorems ask of a system: n, d and what follows from system->certificate, kind and masses is filled
   * in already. OPTIONAL: none is known
   */
  void (*theory)(const ent_system *system, ent_theory_facts *facts);
  /*
   * How far a state is from what it is meant to reach, where that is not synchronization: positive, or
   * not-a-number for never. `t_sync` is the first time at which it is at most delta, and rows end as
   * `finished`. OPTIONAL
   */
  double (*distance)(const ent_system *system, const double *x);
} ent_model;

struct ent_system {
  const ent_model *model;
  ent_state_kind kind;
  size_t n, d;
  size_t extras;        /* numbers of the state behind the cloud's */
  size_t size;          /* length of the state vector */
  unsigned promises;    /* of this composition */
  double beta;          /* of the energy; 0 for models without one */
  const double *masses; /* [n], sum 1; NULL: all 1/n */
  bool certificate;     /* the hemisphere theorem holds for this composition (docs/verdicts.md) */
  double height;   /* for particles at least so deep in the hemisphere: min <x_i, u> > height, mostly 0 */
  double log_unit; /* log of the time unit: the drift is dx/d(t e^{-log_unit}); set before configure */
  double step;     /* of a map, in the time unit */
  double slack;    /* absolute error that the drift may have; 0: none beyond rounding */
  ent_helpers *helpers; /* who may compute a part of the drift, the owner's; NULL: nobody */
  ent_brake *brake;     /* ends what takes long, which is undefined then; the owner's; NULL: nothing does */
  void *context;        /* the model's own */
  double *work;         /* scratch for geometry, or the particles as vectors: [ent_model_work] */
};

/* All registered models, NULL-terminated, in the order they are listed to users. */
extern const ent_model *const ent_models[];

/* The model of that name, NULL if there is none. Not collective. */
const ent_model *ent_model_find(const char *name, size_t length);

/* Whether its states are particles that can be kept and shown as vectors [n, d]. Not collective. */
bool ent_model_has_vectors(const ent_model *model);

/*
 * Whether a point has so many particles, and sums, that helpers are worth while: from ENT_SHARES_FROM on, for
 * d > 3, where no sum is a series, from ENT_SHARES_DIRECT_FROM on. For d = 2 and 3 sums may be direct as well
 * (noise, norms with a radial part, tight tolerances), and are then shared from ENT_SHARES_FROM on only.
 * Not collective.
 */
bool ent_model_is_large(const ent_model *model, const ent_point *point);

/* Length of the state vector at a point. Not collective. */
size_t ent_model_size(const ent_model *model, const ent_point *point);

/* Numbers of its systems' scratch at a point. Not collective. */
size_t ent_model_work(const ent_model *model, const ent_point *point);

/*
 * Makes a system for all points with the n, d and shape of this one; it is not configured yet. Errors:
 * ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_system_create(const ent_model *model, const ent_point *point, ent_system **system);

/* Whether the system can be configured for a point: its n, d and shape. Not collective. */
bool ent_system_suits(const ent_system *system, const ent_point *point);

/* Frees it; accepts NULL, sets NULL. Not collective. */
void ent_system_destroy(ent_system **system);

/*
 * Points the system at a grid point that it suits. `log_unit` is the log of the time unit (0 for t, -beta for
 * exp(-beta)). Errors: ENT_ERR_ARGUMENT (another shape), whatever the model raises. Not collective.
 */
ENT_MUST_CHECK int ent_system_configure(ent_system *system, const ent_point *point, double log_unit);

/* A view of a state of this system, for geometry and observables; valid as long as x and the system. */
ent_cloud ent_system_cloud(const ent_system *system, const double *x);

/* The start of particles at unit vectors [n, d]: their state x [size], with all radii at 1. */
void ent_system_place(const ent_system *system, const double *vectors, double *x);

/* The radii in a state of particles, [system->extras] of them; NULL where there are none. */
const double *ent_system_radii(const ent_system *system, const double *x);

/* The columns `energy` and `order_parameter` of a state x [size]: the model's own, or the cloud's. */
double ent_system_energy(const ent_system *system, const double *x);
double ent_system_order_parameter(const ent_system *system, const double *x);

/* What theorems ask of a configured system. */
ent_theory_facts ent_system_theory(const ent_system *system);

/*
 * What is compared with delta: the cloud's largest gap, or the model's own distance; not-a-number where there
 * is neither.
 */
double ent_system_distance(const ent_system *system, const double *x);

/* Whether that is at most delta; particles that are far from it show it at once. */
bool ent_system_is_within(const ent_system *system, const double *x, double delta);

/*
 * Root mean square of |x_i'| over the particles, or of all numbers of a state that is no particles, at x
 * [size] for a time derivative dxdt [size].
 */
double ent_system_speed(const ent_system *system, const double *x, const double *dxdt);

#endif
