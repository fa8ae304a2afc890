#ifndef ENTRAIN_MODEL_THEORY_H
#define ENTRAIN_MODEL_THEORY_H

/*
 * What is proved about a system for almost every start, from plain facts about it. A model states the facts
 * in its slot `theory`; which theorem follows from them is decided here, and nowhere else.
 */

#include <stdbool.h>
#include <stddef.h>

/* Who sees whom. */
typedef enum {
  ENT_SIGHT_OTHER,   /* none of the following: no theorem */
  ENT_SIGHT_ALL,     /* everybody sees all */
  ENT_SIGHT_EARLIER, /* particle i sees the particles j <= i */
  ENT_SIGHT_GRAPH,   /* the neighbours in an undirected graph, with equal strength */
} ent_sight;

/* What an interaction is: x_i' = P_{x_i} sum_j m_j w(<x_i,x_j>) x_j, perhaps over a positive factor of i. */
typedef struct ent_theory_kernel {
  /*
   * The weight and its derivatives at c = <x_i,x_j> in [-1, 1], over any positive constant.
   * [out] w  w(c), w'(c), w''(c)
   */
  void (*weight)(const void *context, double c, double w[3]);
  const void *context;
} ent_theory_kernel;

/* All zero: no theorem is known to apply. */
typedef struct ent_theory_facts {
  size_t n, d;
  /* the hemisphere theorem holds in every open hemisphere (docs/verdicts.md) */
  bool collapses_in_hemisphere;
  bool is_equiangular; /* the equation of equal overlaps: the start is special */
  ent_sight sight;
  /* Q^T K = V = identity, layer normalization `post`, no noise, no frequencies: the form above */
  bool is_plain;
  bool has_equal_masses;
  /* V = identity, normalization `post`, softmax weights; Q and K are of no importance */
  bool is_softmax;
  double least_degree; /* GRAPH: fewest neighbours of a particle, over n-1 */
  double beta;         /* of the kernel e^{beta c}; NaN for another kernel */
  ent_theory_kernel kernel;
} ent_theory_facts;

/* The theorems; docs/observables.md says what each of them states, and where it is from. Append only. */
typedef enum {
  ENT_THEOREM_NONE,
  ENT_THEOREM_SYNC_SINGLE,
  ENT_THEOREM_SYNC_EQUIANGULAR,
  ENT_THEOREM_SYNC_HEMISPHERE,
  ENT_THEOREM_SYNC_CAUSAL,
  ENT_THEOREM_SYNC_SPHERE,
  ENT_THEOREM_SYNC_CIRCLE,
  ENT_THEOREM_SYNC_CRITERION,
  ENT_THEOREM_SYNC_DENSE,
  ENT_THEOREM_NONSYNC_TRIANGLE,
  ENT_THEOREM_NONSYNC_SIMPLEX,
} ent_theorem;

/* Their names, NULL-terminated. */
extern const char *const ent_theorem_names[];

/* The strongest theorem that decides a system with these facts. Not collective. */
ent_theorem ent_theory_decide(const ent_theory_facts *facts);

/*
 * The criterion of arXiv:2507.22857 for f(t) = sin(t) w(cos t), which must be below 0 outside [-tau, tau] in
 * its derivative:
 *   (4 (1 + tau/(2 pi)) f'(0) - tau int |f'''|_+) / f'(0),   the integral over one turn,
 * to 1e-5 of its value. Where it is not negative, every stationary point on the circle with equal masses is
 * consensus or unstable. ENT_CRITERION_LOWEST where f'(0) <= 0, and instead of anything below it. Not
 * collective.
 */
double ent_theory_criterion(const ent_theory_kernel *kernel);

#define ENT_CRITERION_LOWEST (-1e300)

/* The weight e^{beta (c-1)}: `context` points at beta. */
void ent_theory_exponential(const void *context, double c, double w[3]);

#endif
