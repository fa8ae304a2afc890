#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/math/point_tree.h"
#include "entrain/math/vec.h"

#include "check.h"

enum { MOST = 600, KINDS = 5, ROUNDS = 40 };

static const double deltas[] = {0, 1e-12, 1e-5, 1e-3, 0.03, 0.5, 1.7, 3};
enum { DELTAS = sizeof(deltas) / sizeof(*deltas) };

static double draw(double low, double high) {
  static uint64_t state = 9;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

/* On the sphere: everywhere, in a cap, in narrow groups; coinciding points; the corners of a grid. */
static void draw_points(int kind, size_t n, double *x) {
  for (size_t i = 0; i < n; i++) {
    const size_t group = kind == 2 ? i % 5 : kind == 3 ? i % 2 : 0;
    for (size_t k = 0; k < 3; k++) {
      x[3 * i + k] = draw(-1, 1);
      if (kind == 1) x[3 * i + k] = (k == 0) + 1e-3 * x[3 * i + k];
      if (kind == 2) x[3 * i + k] = sin((double)(7 * group + k)) + 1e-3 * x[3 * i + k];
      if (kind == 3) x[3 * i + k] = group == k;
      if (kind == 4) x[3 * i + k] = (double)((i >> (3 * k)) % 8);
    }
    if (kind < 4) ent_vec_normalize(3, x + 3 * i);
  }
}

static double gap(const double *x, size_t i, size_t j) {
  return ent_vec_half_distance2(3, x + 3 * i, x + 3 * j);
}

/* What a loop over all pairs finds. */
typedef struct findings {
  uint64_t close;
  double largest;
  size_t label[MOST]; /* the first point of each one's cluster */
} findings;

static bool look_at_pair(const double *x, double delta, size_t i, size_t j, findings *found) {
  size_t *label = found->label;
  found->largest = fmax(found->largest, gap(x, i, j));
  if (gap(x, i, j) > delta) return false;
  found->close++;
  const bool changes = label[i] != label[j];
  label[i] = label[j] = label[i] < label[j] ? label[i] : label[j];
  return changes;
}

/* Clusters by spreading the least number until nothing changes. */
static void look_at_all_pairs(size_t n, const double *x, double delta, findings *found) {
  found->largest = 0;
  for (size_t i = 0; i < n; i++) found->label[i] = i;
  for (bool changes = true; changes;) {
    changes = false;
    found->close = 0;
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < i; j++) changes |= look_at_pair(x, delta, i, j, found);
  }
}

static void check_clusters(ent_point_tree *tree, double delta, const size_t *label) {
  const uint32_t *cluster = NULL;
  size_t found = 0;
  const size_t number = ent_point_tree_clusters(tree, delta, &cluster);
  for (size_t i = 0; i < tree->n; i++) {
    CHECK_INT(cluster[i], label[i] == i ? found : cluster[label[i]]);
    found += label[i] == i;
  }
  CHECK_INT(number, found);
}

static void agrees_with_all_pairs(void) {
  double x[3 * MOST], *work = NULL;
  findings found;
  CHECK_OK(ent_mem_alloc(ent_point_tree_work(MOST), sizeof(double), &work));
  for (int round = 0; round < ROUNDS; round++) {
    const size_t n = 2 + (size_t)draw(0, round % 4 ? 70 : MOST - 2);
    draw_points(round % KINDS, n, x);
    for (int k = 0; k < DELTAS; k++) {
      look_at_all_pairs(n, x, deltas[k], &found);
      ent_point_tree tree = ent_point_tree_make(n, x, work);
      CHECK_INT(ent_point_tree_close_pairs(&tree, deltas[k]), found.close);
      CHECK_REAL(ent_point_tree_largest_gap(&tree), found.largest, 0);
      check_clusters(&tree, deltas[k], found.label);
    }
  }
  free(work);
}

/* All pairs of 10^5 points in two spots are settled by boxes: a loop over them would not end here. */
static void spots_are_settled_whole(void) {
  const size_t n = 100000;
  double *x = NULL, *work = NULL;
  const uint32_t *cluster = NULL;
  CHECK_OK(ent_mem_alloc(3 * n, sizeof(double), &x));
  CHECK_OK(ent_mem_alloc(ent_point_tree_work(n), sizeof(double), &work));
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < 3; k++) x[3 * i + k] = (k == i % 2) + draw(-1e-3, 1e-3);
    ent_vec_normalize(3, x + 3 * i);
  }
  ent_point_tree tree = ent_point_tree_make(n, x, work);
  CHECK_INT(ent_point_tree_close_pairs(&tree, 0.1), n / 2 * (n / 2 - 1));
  CHECK_INT(ent_point_tree_clusters(&tree, 0.1, &cluster), 2);
  CHECK_REAL(ent_point_tree_largest_gap(&tree), 1, 5e-3);
  free(x);
  free(work);
}

static const ent_test tests[] = {
  {"pairs, largest gap and clusters are those of a loop over all pairs", agrees_with_all_pairs},
  {"dense spots are settled whole", spots_are_settled_whole},
  {0},
};

ENT_TEST_MAIN("math/point_tree", tests)
