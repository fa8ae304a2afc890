#ifndef ENTRAIN_MATH_NEAR_PAIRS_H
#define ENTRAIN_MATH_NEAR_PAIRS_H

/*
 * Close pairs of unit vectors in R^d that are counted again and again while they move: in single precision,
 * sixteen at a time, with bounds that say whether the count is certain, and not at all while no vector has
 * moved so far that a pair could have come or gone. The gap of two points is |x - y|^2 / 2.
 */

#include <stdbool.h>
#include <stddef.h>

enum {
  ENT_NEAR_PAIRS_MOST = 512, /* points */
  ENT_NEAR_PAIRS_MOST_D = 64
};

/* Doubles in which counts of n points in R^d are kept; 0 where there are more than the most. */
size_t ent_near_pairs_memory(size_t n, size_t d);

/*
 * Number of pairs i < j whose gap is at most delta, that of ent_points_close_pairs to the last pair; false,
 * with *close untouched, where it is not certain: a pair's distance is within 2e-7, and (d + 5) 2e-7 of
 * itself, of the limit, delta is below 1e-6 or above 2, or a point is not-a-number or longer than 1.2.
 * [in] columns  points coordinate by coordinate (ent_points_turn)
 * [in,out] memory  [ent_near_pairs_memory, not 0] of counts for the same n and d; all zero before the first
 * [out] close
 * Not collective.
 */
bool ent_near_pairs_count(size_t n, size_t d, const double *columns, double delta, double *memory,
                          size_t *close);

#endif
