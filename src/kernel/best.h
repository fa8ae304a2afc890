#ifndef ENTRAIN_SRC_KERNEL_BEST_H
#define ENTRAIN_SRC_KERNEL_BEST_H

/* The best of a row's tokens, without sorting all of them. */

#include <stddef.h>

typedef struct ent_ranked {
  double score;
  size_t index;
} ent_ranked;

/*
 * Brings the `best` entries of highest score to the front of ranked [count], in no order; of equal scores
 * the lower index is better. best <= count. O(count) on average. Not collective.
 */
void ent_best_first(size_t count, size_t best, ent_ranked *ranked);

#endif
