#include <math.h>
#include <string.h>

#include "check.h"
#include "observe_fixture.h"

enum { MASSES = 8 };

/* Three clusters on the circle, one of them across the cut at pi; masses 1/10, 2/10, 3/10, 4/10. */
static const double angles[] = {0.0, 3.14, -3.14, 1.0}, masses[] = {1, 2, 3, 4};

/* The same in R^3. */
static void to_vectors(size_t n, const double *from, double *to) {
  for (size_t i = 0; i < n; i++) {
    to[3 * i] = cos(from[i]);
    to[3 * i + 1] = sin(from[i]);
    to[3 * i + 2] = 0;
  }
}

static void check_masses(const ent_view *view, const double *expected) {
  double values[ENT_MAX_WIDTH], vectors[3 * MASSES];
  ent_view_measure("cluster_masses", view, values);
  for (int k = 0; k < MASSES; k++) CHECK_REAL(values[k], expected[k], 1e-15);
  to_vectors((size_t)view->n, view->x, vectors);
  const ent_view sphere = {.n = view->n, .d = 3, .masses = view->masses, .x = vectors, .delta = view->delta};
  ent_view_measure("cluster_masses", &sphere, values);
  for (int k = 0; k < MASSES; k++) CHECK_REAL(values[k], expected[k], 1e-15);
}

static void largest_come_first(void) {
  const ent_view view = {.n = 4, .d = 2, .masses = masses, .x = angles, .delta = 1e-3};
  check_masses(&view, (double[MASSES]){0.5, 0.4, 0.1});
}

static void equal_masses_count_particles(void) {
  const ent_view view = {.n = 4, .d = 2, .x = angles, .delta = 1e-3};
  check_masses(&view, (double[MASSES]){0.5, 0.25, 0.25});
}

static void a_wide_delta_joins_all(void) {
  const ent_view view = {.n = 4, .d = 2, .masses = masses, .x = angles, .delta = 2};
  check_masses(&view, (double[MASSES]){1});
}

/* 0 and 1 radian are linked, and so are 1 and 3.14 by a gap of 1 - cos 2.14. */
static void links_make_chains(void) {
  const ent_view near = {.n = 4, .d = 2, .masses = masses, .x = angles, .delta = 1 - cos(1.01)};
  check_masses(&near, (double[MASSES]){0.5, 0.5});
  const ent_view far = {.n = 4, .d = 2, .masses = masses, .x = angles, .delta = 1 - cos(2.15)};
  check_masses(&far, (double[MASSES]){1});
}

static void more_clusters_than_places_leave_the_small_ones_out(void) {
  enum { N = 12 };
  double x[N], m[N], values[ENT_MAX_WIDTH];
  for (int i = 0; i < N; i++) x[i] = 0.5 * i, m[i] = 1 + (5 * i) % N; /* 1, ..., 12 in another order */
  const ent_view view = {.n = N, .d = 2, .masses = m, .x = x, .delta = 1e-3};
  ent_view_measure("cluster_masses", &view, values);
  for (int k = 0; k < MASSES; k++) CHECK_REAL(values[k], (12.0 - k) / 78, 1e-15);
}

static void one_particle_is_one_cluster(void) {
  double values[ENT_MAX_WIDTH];
  const ent_view view = {.n = 1, .d = 2, .x = angles, .delta = 1e-3};
  ent_view_measure("cluster_masses", &view, values);
  CHECK_REAL(values[0], 1, 0);
  CHECK_REAL(values[1], 0, 0);
}

static const ent_test tests[] = {
  {"the largest clusters come first", largest_come_first},
  {"equal masses count particles", equal_masses_count_particles},
  {"a wide delta joins all", a_wide_delta_joins_all},
  {"links make chains", links_make_chains},
  {"of more clusters than places the small ones are left out",
   more_clusters_than_places_leave_the_small_ones_out},
  {"one particle is one cluster", one_particle_is_one_cluster},
  {0},
};

ENT_TEST_MAIN("observe/cluster_masses", tests)
