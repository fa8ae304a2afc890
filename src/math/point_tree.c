#include "entrain/math/point_tree.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "entrain/math/vec.h"

enum { D = 3, BOX = 2 * D, ROOT = 1 };

#define CERTAIN 1e-12 /* relative, of squared distances: rounding errors are far below */

/* A node and its points. */
typedef struct piece {
  size_t node, first, last; /* points first ... last - 1 */
} piece;

/* A power of two. */
static size_t count_leaves(size_t n) {
  size_t leaves = 1;
  while (leaves * ENT_POINT_TREE_LEAF < n) leaves *= 2;
  return leaves;
}

static size_t doubles_for(size_t count, size_t size) {
  return (count * size + sizeof(double) - 1) / sizeof(double);
}

size_t ent_point_tree_work(size_t n) {
  const size_t nodes = 2 * count_leaves(n);
  return n * D + nodes * BOX + 2 * doubles_for(n, sizeof(uint32_t)) + doubles_for(nodes, 1);
}

static piece whole(const ent_point_tree *tree) {
  return (piece){ROOT, 0, tree->n};
}

static bool is_leaf(const ent_point_tree *tree, piece of) {
  return of.node >= tree->leaves;
}

static piece left(piece of) {
  return (piece){2 * of.node, of.first, of.first + (of.last - of.first) / 2};
}

static piece right(piece of) {
  return (piece){2 * of.node + 1, of.first + (of.last - of.first) / 2, of.last};
}

static size_t count(piece of) {
  return of.last - of.first;
}

static void swap(ent_point_tree *tree, size_t i, size_t j) {
  double *a = tree->points + D * i, *b = tree->points + D * j;
  const uint32_t number = tree->order[i];
  tree->order[i] = tree->order[j];
  tree->order[j] = number;
  for (int k = 0; k < D; k++) {
    const double kept = a[k];
    a[k] = b[k];
    b[k] = kept;
  }
}

/* Puts what is smaller by a coordinate into the first half (Hoare 1961, doi:10.1145/366622.366647). */
static void halve(ent_point_tree *tree, piece of, int axis) {
  const double *at = tree->points + axis;
  const ptrdiff_t middle = (ptrdiff_t)right(of).first;
  ptrdiff_t low = (ptrdiff_t)of.first, high = (ptrdiff_t)of.last - 1;
  while (low < high) {
    const double pivot = at[D * (low + (high - low) / 2)];
    ptrdiff_t i = low, j = high;
    while (i <= j) {
      while (at[D * i] < pivot) i++;
      while (at[D * j] > pivot) j--;
      if (i <= j) swap(tree, (size_t)i++, (size_t)j--);
    }
    if (middle > j && middle < i) return;
    if (middle >= i) low = i;
    if (middle <= j) high = j;
  }
}

static void bound(ent_point_tree *tree, piece of) {
  double *box = tree->boxes + BOX * of.node;
  for (int k = 0; k < D; k++) {
    box[k] = INFINITY;
    box[D + k] = -INFINITY;
  }
  for (size_t i = of.first; i < of.last; i++) {
    for (int k = 0; k < D; k++) {
      const double x = tree->points[D * i + (size_t)k];
      if (x < box[k]) box[k] = x;
      if (x > box[D + k]) box[D + k] = x;
    }
  }
}

static void divide(ent_point_tree *tree, piece of) {
  const double *box = tree->boxes + BOX * of.node;
  int widest = 0;
  bound(tree, of);
  if (is_leaf(tree, of)) return;
  for (int k = 1; k < D; k++)
    if (box[D + k] - box[k] > box[D + widest] - box[widest]) widest = k;
  halve(tree, of, widest);
  divide(tree, left(of));
  divide(tree, right(of));
}

ent_point_tree ent_point_tree_make(size_t n, const double *x, double *work) {
  ent_point_tree made = {.n = n, .leaves = count_leaves(n), .points = work};
  made.boxes = made.points + n * D;
  made.order = (uint32_t *)(made.boxes + 2 * made.leaves * BOX);
  made.links = made.order + 2 * doubles_for(n, sizeof(uint32_t));
  made.is_joined = (unsigned char *)(made.links + 2 * doubles_for(n, sizeof(uint32_t)));
  memcpy(made.points, x, n * D * sizeof(*x));
  for (size_t i = 0; i < n; i++) made.order[i] = (uint32_t)i;
  divide(&made, whole(&made));
  return made;
}

/* Half the square of the least and largest distance of two boxes. */
static double least_gap(const ent_point_tree *tree, piece a, piece b) {
  const double *p = tree->boxes + BOX * a.node, *q = tree->boxes + BOX * b.node;
  double sum = 0;
  for (int k = 0; k < D; k++) {
    const double apart = fmax(0, fmax(p[k] - q[D + k], q[k] - p[D + k]));
    sum += apart * apart;
  }
  return 0.5 * sum;
}

static double most_gap(const ent_point_tree *tree, piece a, piece b) {
  const double *p = tree->boxes + BOX * a.node, *q = tree->boxes + BOX * b.node;
  double sum = 0;
  for (int k = 0; k < D; k++) {
    const double apart = fmax(p[D + k] - q[k], q[D + k] - p[k]);
    sum += apart * apart;
  }
  return 0.5 * sum;
}

static bool is_far(const ent_point_tree *tree, piece a, piece b, double delta) {
  return least_gap(tree, a, b) > delta * (1 + CERTAIN);
}

static bool is_near(const ent_point_tree *tree, piece a, piece b, double delta) {
  return most_gap(tree, a, b) < delta * (1 - CERTAIN);
}

static double gap(const ent_point_tree *tree, size_t i, size_t j) {
  return ent_vec_half_distance2(D, tree->points + D * i, tree->points + D * j);
}

/* The piece of two that is to be divided is the larger one. */
static bool divides_first(const ent_point_tree *tree, piece a, piece b) {
  return is_leaf(tree, b) || (!is_leaf(tree, a) && count(a) >= count(b));
}

/* Pairs of a point of one and a point of the other, no point being in both. */
static uint64_t count_between(const ent_point_tree *tree, piece a, piece b, double delta) {
  if (is_far(tree, a, b, delta)) return 0;
  if (is_near(tree, a, b, delta)) return (uint64_t)count(a) * count(b);
  if (is_leaf(tree, a) && is_leaf(tree, b)) {
    uint64_t close = 0;
    for (size_t i = a.first; i < a.last; i++)
      for (size_t j = b.first; j < b.last; j++) close += gap(tree, i, j) <= delta;
    return close;
  }
  if (divides_first(tree, a, b))
    return count_between(tree, left(a), b, delta) + count_between(tree, right(a), b, delta);
  return count_between(tree, a, left(b), delta) + count_between(tree, a, right(b), delta);
}

static uint64_t count_inside(const ent_point_tree *tree, piece of, double delta) {
  if (is_near(tree, of, of, delta)) return (uint64_t)count(of) * (count(of) - 1) / 2;
  if (is_leaf(tree, of)) {
    uint64_t close = 0;
    for (size_t i = of.first; i < of.last; i++)
      for (size_t j = of.first; j < i; j++) close += gap(tree, i, j) <= delta;
    return close;
  }
  return count_inside(tree, left(of), delta) + count_inside(tree, right(of), delta) +
         count_between(tree, left(of), right(of), delta);
}

uint64_t ent_point_tree_close_pairs(const ent_point_tree *tree, double delta) {
  return count_inside(tree, whole(tree), delta);
}

/* Raises `largest` to the largest gap between two pieces, which may be the same. */
static void widen(const ent_point_tree *tree, piece a, piece b, double *largest) {
  if (most_gap(tree, a, b) * (1 + CERTAIN) <= *largest) return;
  if (is_leaf(tree, a) && is_leaf(tree, b)) {
    for (size_t i = a.first; i < a.last; i++)
      for (size_t j = b.first; j < b.last; j++) *largest = fmax(*largest, gap(tree, i, j));
    return;
  }
  const bool first = divides_first(tree, a, b), same = a.node == b.node;
  const piece keeps = first ? b : a, l = left(first ? a : b), r = right(first ? a : b);
  if (same) {
    widen(tree, l, r, largest);
    widen(tree, l, l, largest);
    widen(tree, r, r, largest);
  } else if (most_gap(tree, l, keeps) >= most_gap(tree, r, keeps)) {
    widen(tree, l, keeps, largest);
    widen(tree, r, keeps, largest);
  } else {
    widen(tree, r, keeps, largest);
    widen(tree, l, keeps, largest);
  }
}

double ent_point_tree_largest_gap(const ent_point_tree *tree) {
  double largest = 0;
  size_t far = 0;
  for (size_t i = 1; i < tree->n; i++) { /* a good guess is what makes it fast */
    if (gap(tree, 0, i) > largest) largest = gap(tree, 0, far = i);
  }
  for (size_t i = 0; i < tree->n; i++) largest = fmax(largest, gap(tree, far, i));
  widen(tree, whole(tree), whole(tree), &largest);
  return largest;
}

/* The first point of a cluster, as far as it is known. */
static uint32_t root_of(uint32_t *links, uint32_t i) {
  while (links[i] != i) {
    links[i] = links[links[i]];
    i = links[i];
  }
  return i;
}

static void join(ent_point_tree *tree, size_t i, size_t j) {
  const uint32_t a = root_of(tree->links, tree->order[i]), b = root_of(tree->links, tree->order[j]);
  if (a < b)
    tree->links[b] = a;
  else
    tree->links[a] = b;
}

static bool are_joined(const ent_point_tree *tree, size_t i, size_t j) {
  return root_of(tree->links, tree->order[i]) == root_of(tree->links, tree->order[j]);
}

static void join_all(ent_point_tree *tree, piece of) {
  if (tree->is_joined[of.node]) return;
  for (size_t i = of.first + 1; i < of.last; i++) join(tree, of.first, i);
  tree->is_joined[of.node] = true;
}

/* Links of two leaves, which may be the same. */
static void link_leaves(ent_point_tree *tree, piece a, piece b, double delta) {
  for (size_t i = a.first; i < a.last; i++)
    for (size_t j = b.first; j < b.last; j++)
      if (gap(tree, i, j) <= delta) join(tree, i, j);
}

static bool is_one_cluster(const ent_point_tree *tree, piece of) {
  bool is_one = true;
  for (size_t i = of.first + 1; i < of.last && is_one; i++) is_one = are_joined(tree, of.first, i);
  return is_one;
}

static void link_between(ent_point_tree *tree, piece a, piece b, double delta) {
  const bool whole_a = tree->is_joined[a.node], whole_b = tree->is_joined[b.node];
  if (whole_a && whole_b && are_joined(tree, a.first, b.first)) return;
  if (is_far(tree, a, b, delta)) return;
  if (is_near(tree, a, b, delta)) {
    join_all(tree, a);
    join_all(tree, b);
    join(tree, a.first, b.first);
  } else if (is_leaf(tree, a) && is_leaf(tree, b)) {
    link_leaves(tree, a, b, delta);
  } else if (divides_first(tree, a, b)) {
    link_between(tree, left(a), b, delta);
    link_between(tree, right(a), b, delta);
  } else {
    link_between(tree, a, left(b), delta);
    link_between(tree, a, right(b), delta);
  }
}

static void link_inside(ent_point_tree *tree, piece of, double delta) {
  if (is_leaf(tree, of)) {
    link_leaves(tree, of, of, delta);
    tree->is_joined[of.node] = is_one_cluster(tree, of);
    return;
  }
  link_inside(tree, left(of), delta);
  link_inside(tree, right(of), delta);
  link_between(tree, left(of), right(of), delta);
  tree->is_joined[of.node] = tree->is_joined[left(of).node] && tree->is_joined[right(of).node] &&
                             are_joined(tree, left(of).first, right(of).first);
}

/* A first point has number 0 by now and the others point to one before them: they get their cluster's. */
static size_t number_clusters(uint32_t *links, size_t n) {
  size_t found = 0;
  for (size_t i = 0; i < n; i++) links[i] = links[i] == i ? (uint32_t)found++ : links[links[i]];
  return found;
}

size_t ent_point_tree_clusters(ent_point_tree *tree, double delta, const uint32_t **cluster) {
  for (size_t i = 0; i < tree->n; i++) tree->links[i] = (uint32_t)i;
  memset(tree->is_joined, 0, 2 * tree->leaves);
  link_inside(tree, whole(tree), delta);
  *cluster = tree->links;
  return number_clusters(tree->links, tree->n);
}
