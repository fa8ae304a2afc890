#ifndef ENTRAIN_MATH_POINT_TREE_H
#define ENTRAIN_MATH_POINT_TREE_H

/*
 * Questions about all pairs of many points of R^3 without looking at all of them: the points in a tree of
 * halves, each with its box, and pairs of boxes that are certainly near or certainly far are settled whole.
 * Gaps are |x - y|^2 / 2 as ent_vec_half_distance2 computes them, and whatever is not certain is compared by
 * it: answers are those of a loop over all pairs. Costs some O(n log n), and more for pairs of boxes of
 * which it is not certain, those at the distance asked for.
 */

#include <stddef.h>
#include <stdint.h>

enum {
  ENT_POINT_TREE_LEAF = 32,   /* points of an undivided piece at most */
  ENT_POINT_TREE_FROM = 4096, /* points: for fewer, a loop over all pairs is as fast */
};

typedef struct ent_point_tree {
  size_t n, leaves;
  double *points;  /* [n, 3], so that every piece is contiguous */
  double *boxes;   /* [2 leaves, 6]: least and largest coordinates; node k has children 2k, 2k + 1, root 1 */
  uint32_t *order; /* [n]: numbers of the points */
  uint32_t *links; /* [n]: of clusters */
  unsigned char *is_joined; /* [2 leaves]: all points of a node are known to be in one cluster */
} ent_point_tree;

/* Doubles of scratch for n points. Not collective. */
size_t ent_point_tree_work(size_t n);

/* Makes a tree of points x [n, 3], 2 <= n < 2^32, in scratch of the caller, which it is valid as long as. */
ent_point_tree ent_point_tree_make(size_t n, const double *x, double *work);

/* Number of pairs with a gap of at most delta. */
uint64_t ent_point_tree_close_pairs(const ent_point_tree *tree, double delta);

/* The largest gap. */
double ent_point_tree_largest_gap(const ent_point_tree *tree);

/*
 * Clusters by single linkage: points with a gap of at most delta are linked. Returns their number.
 * [out] cluster  [n]: of each point, 0 ... number - 1, by the first point; it lies in the tree's scratch
 */
size_t ent_point_tree_clusters(ent_point_tree *tree, double delta, const uint32_t **cluster);

#endif
