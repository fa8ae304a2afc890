#ifndef ENTRAIN_MATH_ASSIGNMENT_H
#define ENTRAIN_MATH_ASSIGNMENT_H

/*
 * Optimal assignments: the cheapest way to give each of n things one of n others. GLPK's primal simplex
 * method solves the linear program, whose vertices are assignments. For a few hundred things.
 */

#include <stddef.h>

#include "entrain/base/error.h"

/* Cost of giving i to j; finite. */
typedef double (*ent_assignment_cost)(const void *context, size_t i, size_t j);

/*
 * The cheapest assignment; its cost is the least to about 1e-9 of the costs.
 * [out] partner  [n]: whom i is given
 * Errors: ENT_ERR_ARGUMENT when the solver gives up. Not collective.
 */
ENT_MUST_CHECK int ent_assignment_solve(size_t n, ent_assignment_cost cost, const void *context,
                                        size_t *partner);

#endif
