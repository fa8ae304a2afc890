#ifndef ENTRAIN_SRC_KERNEL_HELPER_IMPL_H
#define ENTRAIN_SRC_KERNEL_HELPER_IMPL_H

/* The helper's side of kernel/help: helper.c answers for series, direct_answer.c for direct sums. */

#include "entrain/base/brake.h"
#include "entrain/kernel/direct.h"
#include "entrain/kernel/help.h"

#define ENT_HELPER_PARTICLES 0x1p40 /* nobody has so many */

/* What a helper of direct sums has; {0} is valid. */
typedef struct ent_direct_answerer {
  size_t n, d, pieces; /* that there is room for */
  ent_direct *direct;
  double *x, *masses; /* [n, d], angles [n]; [n] */
  double *answer;
} ent_direct_answerer;

/* Whole number `which` of a question, which must lie in low ... high. Errors: ENT_ERR_FORMAT. */
ENT_MUST_CHECK int ent_helper_take(const double *question, int which, size_t low, double high, size_t *value);

/*
 * Answers a question of kind ENT_HELP_PAIRS: ends early when the asker is lost or calls, or when `outer`,
 * which may be NULL, is pulled. Errors: ENT_ERR_FORMAT, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_direct_answer(ent_direct_answerer *own, const ent_channel *channel, ent_brake *outer,
                                     const double *question);

/* Frees all and empties it. */
void ent_direct_answerer_fini(ent_direct_answerer *own);

#endif
