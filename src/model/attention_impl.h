#ifndef ENTRAIN_SRC_MODEL_ATTENTION_IMPL_H
#define ENTRAIN_SRC_MODEL_ATTENTION_IMPL_H

/*
 * The parts of the attention model: attention.c its table, attention_check.c what cannot be combined,
 * attention_setup.c from a point to the laws of the kernels, attention_matrices.c the random matrices,
 * attention_drift.c the right-hand side with its layer normalization, attention_kernel.c the energy and what
 * is known of a kernel.
 */

#include "entrain/base/rng.h"
#include "entrain/kernel/pairs.h"
#include "entrain/kernel/rows.h"
#include "entrain/model/attention_parameters.h"
#include "entrain/model/model.h"

/* Places in the table of parameters. */
enum {
  WEIGHTS,
  BETA,
  MASSES,
  GAMMA,
  KERNEL,
  KAPPA,
  COEFFICIENTS,
  MASK,
  NEAREST,
  COS_CUTOFF,
  MATRICES,
  VALUE,
  SCORE_FILE,
  VALUE_FILE,
  PERIOD,
  CENTRES,
  CENTRE_MASSES,
  NORM,
  ALPHA,
  TAU,
  ATTENTION_PARAMETERS
};

/* Values of `matrices` and `value`; those of `kernel` and `mask` are ent_weighing and ent_row_sight. */
typedef enum {
  MATRICES_IDENTITY,
  MATRICES_GAUSSIAN,
  MATRICES_WIGNER,
  MATRICES_GOE,
  MATRICES_FILE
} matrices_choice;
typedef enum { VALUE_IDENTITY, VALUE_GAUSSIAN_PSD, VALUE_PLUS, VALUE_MINUS, VALUE_FROM_FILE } value_choice;

/* B = Q^T K and V of a point. */
typedef struct attention_matrices {
  matrices_choice matrices;
  value_choice value;
  int64_t study, n, d, seed;               /* the point that they are drawn for */
  double period;                           /* infinite: they stay */
  int64_t piece;                           /* of time, that they are drawn for; -1: none yet */
  double *score, *value_of;                /* [d, d]; NULL until they are needed */
  double *factor;                          /* [d, d]: G of V = G G^T / d */
  const double *given_score, *given_value; /* [d, d], from files; NULL: none */
} attention_matrices;

typedef struct attention {
  ent_pairs *pairs;
  ent_rows *rows; /* NULL until a composition needs them */
  bool is_plain;  /* pairs do it: exp, everybody sees everybody, no matrices, no centres */
  ent_pair_law pair_law;
  ent_row_law row_law;
  ent_norm norm;
  double alpha, tau;
  bool is_past_tau;
  double unit;           /* e^{log_unit} */
  double *masses;        /* [n], normalized; NULL until a point has some */
  double *radial;        /* [n]; NULL until a composition needs it */
  double *centres;       /* as the state */
  double *centre_masses; /* [ENT_ROWS_CENTRES], in the unit of the masses */
  attention_matrices matrices;
} attention;

static inline int ent_attention_choice(const ent_point *point, int slot) {
  return (int)point->values[ENT_GROUP_MODEL][slot].number;
}

/* Whether B and V are the identity. Not collective. */
bool ent_attention_scores_by_overlap(const ent_point *point);
bool ent_attention_keeps_values(const ent_point *point);

/* What cannot be combined; a slot of ent_model. */
bool ent_attention_check(const ent_point *point, ent_refusal *refusal);

/* Whether pairs do it at a point, see is_plain; a slot of ent_model. */
bool ent_attention_shares(const ent_point *point);

/* From a point to laws, promises and certificate; a slot of ent_model. */
int ent_attention_configure(ent_system *system, const ent_point *point);

/* Makes room for the matrices that a point needs and forgets those of another one. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_attention_matrices_set(attention_matrices *matrices, const ent_point *point);
void ent_attention_matrices_fini(attention_matrices *matrices);

/* Draws the matrices for the times from t, 0 or the begin of a piece, unless they are there. */
void ent_attention_matrices_enter(attention_matrices *matrices, double t);

/* The begin of the next piece after t, infinite if there is none. */
double ent_attention_matrices_next(const attention_matrices *matrices, double t);

/* Slots of ent_model. */
void ent_attention_drift(ent_system *system, double t, const double *x, double *dxdt);
void ent_attention_jacobian(ent_system *system, double t, const double *x, const double *v, double *jv);
double ent_attention_next_break(const ent_system *system, double t);
void ent_attention_enter(ent_system *system, double t);
double ent_attention_energy(const ent_system *system, const double *x);
void ent_attention_theory(const ent_system *system, ent_theory_facts *facts);

#endif
