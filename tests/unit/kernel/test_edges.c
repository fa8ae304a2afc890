#include <math.h>

#include "entrain/kernel/edges.h"

#include "check.h"

enum { N = 7, MOST = 21 };

/* Every number of edges up to all, so that the last lanes are seen full, empty and in between. */
static void sums_are_the_formula(void) {
  ent_edge edges[MOST];
  double x[N], sums[N], expected[N];
  size_t count = 0;
  for (int i = 0; i < N; i++) x[i] = 3.1 * i * i - 20;
  for (uint32_t i = 0; i < N; i++) {
    for (uint32_t j = 0; j < i; j++) {
      double cosines = 0;
      edges[count++] = (ent_edge){.from = i, .to = j};
      for (int k = 0; k < N; k++) sums[k] = expected[k] = k;
      for (size_t k = 0; k < count; k++) {
        const double u = x[edges[k].to] - x[edges[k].from];
        expected[edges[k].from] += sin(u);
        expected[edges[k].to] -= sin(u);
        cosines += cos(u);
      }
      ent_edges_add_sines(edges, count, x, sums);
      for (int k = 0; k < N; k++) CHECK_REAL(sums[k], expected[k], 1e-14);
      CHECK_REAL(ent_edges_cosines(edges, count, x), cosines, 1e-13);
    }
  }
}

static void coincident_particles_feel_nothing(void) {
  const ent_edge edges[] = {{1, 0}, {2, 0}, {2, 1}};
  const double x[] = {1e5 / 3, 1e5 / 3, 1e5 / 3};
  double sums[3] = {0};
  ent_edges_add_sines(edges, 3, x, sums);
  for (int k = 0; k < 3; k++) CHECK_REAL(sums[k], 0, 0);
  CHECK_REAL(ent_edges_cosines(edges, 3, x), 3, 0);
  CHECK_REAL(ent_edges_cosines(edges, 0, x), 0, 0);
}

static const ent_test tests[] = {
  {"sums over any number of edges are the formula", sums_are_the_formula},
  {"coincident particles feel exactly nothing", coincident_particles_feel_nothing},
  {0},
};

ENT_TEST_MAIN("kernel/edges", tests)
