#include <math.h>
#include <stdint.h>

#include "entrain/model/geometry.h"

#include "check.h"

enum { MOST = 24, MOST_D = 24, ROUNDS = 300 };

static const double deltas[] = {1e-12, 1e-3, 0.03, 0.3, 1, 1.7, 2};
enum { DELTAS = sizeof(deltas) / sizeof(*deltas) };

/* One configuration, told in two ways. */
typedef struct twins {
  double angles[MOST], vectors[MOST * 2], masses[MOST], work_angles[8 * MOST], work_vectors[8 * MOST];
  ent_cloud as_angles, as_vectors;
} twins;

static double draw(double low, double high) {
  static uint64_t state = 3;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

static void tell_twice(twins *made, size_t n, bool has_masses) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    made->vectors[2 * i] = cos(made->angles[i]);
    made->vectors[2 * i + 1] = sin(made->angles[i]);
    sum += made->masses[i] = draw(0.1, 1);
  }
  for (size_t i = 0; i < n; i++) made->masses[i] /= sum;
  const double *masses = has_masses ? made->masses : NULL;
  made->as_angles = (ent_cloud){ENT_STATE_ANGLES, n, 2, masses, made->angles, made->work_angles, NULL, NULL};
  made->as_vectors =
    (ent_cloud){ENT_STATE_VECTORS, n, 2, masses, made->vectors, made->work_vectors, NULL, NULL};
}

/* Random angles of any number of turns: over the whole circle, or in a few narrow groups. */
static void draw_twins(twins *made, int round) {
  const size_t n = 2 + (size_t)draw(0, MOST - 2);
  const double spread = round % 3 == 0 ? 30 : 0.1;
  for (size_t i = 0; i < n; i++)
    made->angles[i] = 2.1 * (double)(i % 4) * (round % 3 == 1) + draw(-spread, spread);
  tell_twice(made, n, round % 2);
}

static double overlap(const ent_cloud *cloud, size_t i, size_t j) {
  long double sum = 0;
  for (size_t k = 0; k < cloud->d; k++)
    sum += (long double)cloud->x[i * cloud->d + k] * cloud->x[j * cloud->d + k];
  return (double)sum;
}

static void angles_are_vectors(void) {
  twins two;
  for (int round = 0; round < ROUNDS; round++) {
    draw_twins(&two, round);
    const ent_cloud *a = &two.as_angles, *v = &two.as_vectors;
    CHECK_REAL(ent_cloud_order_parameter(a), ent_cloud_order_parameter(v), 1e-14);
    CHECK_REAL(ent_cloud_largest_gap(a), ent_cloud_largest_gap(v), 3e-14);
    for (int k = 0; k < DELTAS; k++) {
      CHECK_REAL(ent_cloud_pair_overlap(a, deltas[k]), ent_cloud_pair_overlap(v, deltas[k]), 0);
      CHECK_REAL(ent_cloud_clusters(a, deltas[k]), ent_cloud_clusters(v, deltas[k]), 0);
      CHECK(ent_cloud_is_within(a, deltas[k]) == (ent_cloud_largest_gap(a) <= deltas[k]));
      CHECK(ent_cloud_is_within(v, deltas[k]) == (ent_cloud_largest_gap(v) <= deltas[k]));
    }
    for (double b = -60; b <= 60; b += 7.5) CHECK_REAL(ent_cloud_energy(a, b), ent_cloud_energy(v, b), 3e-14);
    CHECK(ent_cloud_hemisphere_margin(a) >= ent_cloud_hemisphere_margin(v) - 1e-13 ||
          ent_cloud_hemisphere_margin(v) <= 0);
  }
}

static void largest_gap_is_brute_force(void) {
  twins two;
  for (int round = 0; round < ROUNDS; round++) {
    draw_twins(&two, round);
    double largest = 0;
    for (size_t i = 0; i < two.as_angles.n; i++) {
      for (size_t j = 0; j < i; j++) {
        const double half = sin(0.5 * (two.angles[i] - two.angles[j]));
        largest = fmax(largest, 2 * half * half);
      }
    }
    CHECK_REAL(ent_cloud_largest_gap(&two.as_angles), largest, 3e-14 * largest);
  }
}

/* Gaps of 1e-20 and less, which 1 - <x, y> cannot hold. */
static void small_gaps_are_accurate(void) {
  double angles[3] = {2, 2 + 1e-11, 2 - 2e-11}, work[64];
  const ent_cloud circle = {ENT_STATE_ANGLES, 3, 2, NULL, angles, work, NULL, NULL};
  const double widest = angles[1] - angles[2];
  CHECK_REAL(ent_cloud_largest_gap(&circle), 0.5 * widest * widest, 1e-13 * widest * widest);
  double x[2 * 3] = {1, 0, 0, 1, 3e-11, 0};
  const ent_cloud sphere = {ENT_STATE_VECTORS, 2, 3, NULL, x, work, NULL, NULL};
  CHECK_REAL(ent_cloud_largest_gap(&sphere), 4.5e-22, 1e-36);
}

static size_t find(size_t *parent, size_t i) {
  while (parent[i] != i) i = parent[i];
  return i;
}

static size_t count_clusters(const ent_cloud *vectors, double delta) {
  size_t parent[MOST], count = 0;
  for (size_t i = 0; i < vectors->n; i++) parent[i] = i;
  for (size_t i = 0; i < vectors->n; i++) {
    for (size_t j = 0; j < i; j++) {
      if (overlap(vectors, i, j) >= 1 - delta) parent[find(parent, i)] = find(parent, j);
    }
  }
  for (size_t i = 0; i < vectors->n; i++) count += parent[i] == i;
  return count;
}

static double count_pairs(const ent_cloud *vectors, double delta) {
  double close = 0;
  for (size_t i = 0; i < vectors->n; i++) {
    for (size_t j = 0; j < i; j++) close += overlap(vectors, i, j) >= 1 - delta;
  }
  return close;
}

static void pairs_and_clusters_are_brute_force(void) {
  twins two;
  for (int round = 0; round < ROUNDS; round++) {
    draw_twins(&two, round);
    const ent_cloud *a = &two.as_angles, *v = &two.as_vectors;
    const double n = (double)v->n;
    for (int k = 1; k < DELTAS - 1; k++) {
      const double close = count_pairs(v, deltas[k]), clusters = (double)count_clusters(v, deltas[k]);
      CHECK_REAL(ent_cloud_pair_overlap(a, deltas[k]), close / (n * (n - 1) / 2), 0);
      CHECK_REAL(ent_cloud_clusters(a, deltas[k]), clusters, 0);
      CHECK_REAL(ent_cloud_clusters(v, deltas[k]), clusters, 0);
    }
  }
}

static void energy_is_its_sum(void) {
  twins two;
  for (int round = 0; round < ROUNDS; round++) {
    draw_twins(&two, round);
    const ent_cloud *v = &two.as_vectors;
    const double b = round % 4 == 0 ? draw(-1e-6, 1e-6) : draw(-30, 30);
    long double sum = 0;
    for (size_t i = 0; i < v->n; i++) {
      for (size_t j = 0; j < v->n; j++) {
        const long double mass = v->masses ? (long double)v->masses[i] * v->masses[j] : 1.0L / (v->n * v->n);
        sum += mass * expm1l((long double)b * overlap(v, i, j)) / (2.0L * b);
      }
    }
    CHECK_REAL(ent_cloud_energy(v, b), (double)(sum * expl(-fabsl(b))), 1e-14);
    const double r = ent_cloud_order_parameter(v);
    CHECK_REAL(ent_cloud_energy(v, 0), 0.5 * r * r, 1e-14);
  }
}

static void energy_is_finite_everywhere(void) {
  twins two;
  draw_twins(&two, 0);
  const double betas[] = {-1e6, -1e4, -400, 400, 1e4, 1e6};
  for (int k = 0; k < 6; k++) CHECK(isfinite(ent_cloud_energy(&two.as_vectors, betas[k])));
}

/* On the circle the margin is exact: the sign is that of the widest gap less pi. */
static void margin_on_the_circle_is_exact(void) {
  twins two;
  int inside = 0;
  for (int round = 0; round < 3000; round++) {
    const size_t n = 2 + (size_t)draw(0, 6);
    bool has_half = false;
    for (size_t i = 0; i < n; i++) two.angles[i] = draw(-20, 20);
    tell_twice(&two, n, round % 2);
    for (size_t i = 0; i < n; i++) {
      bool begins = true; /* all others within half a turn after particle i */
      for (size_t j = 0; j < n; j++) begins = begins && (i == j || sin(two.angles[j] - two.angles[i]) > 0);
      has_half = has_half || begins;
    }
    inside += has_half;
    CHECK(has_half == (ent_cloud_hemisphere_margin(&two.as_angles) > 0));
    if (!has_half) CHECK(ent_cloud_hemisphere_margin(&two.as_vectors) <= 0);
  }
  CHECK(inside > 500 && inside < 2500);
}

/* A light particle far from the mean: the deepest direction is the middle between the outermost. */
static void margin_is_from_the_middle(void) {
  double angles[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 3}, work[64];
  const ent_cloud cloud = {ENT_STATE_ANGLES, 10, 2, NULL, angles, work, NULL, NULL};
  CHECK_REAL(ent_cloud_hemisphere_margin(&cloud), cos(1.5), 1e-15);
  angles[9] = 1;
  CHECK_REAL(ent_cloud_hemisphere_margin(&cloud), cos(0.5), 1e-15);
  angles[9] = NAN;
  CHECK(ent_cloud_hemisphere_margin(&cloud) <= 0);
  angles[9] = 1;
  angles[0] = INFINITY;
  CHECK(ent_cloud_hemisphere_margin(&cloud) <= 0);
}

static void all_are_within_their_largest_gap(void) {
  twins two;
  for (int round = 0; round < ROUNDS; round++) {
    const double spread = pow(10, draw(-9, 0));
    for (size_t i = 0; i < 8; i++) two.angles[i] = draw(-spread, spread);
    tell_twice(&two, 8, round % 2);
    const double gap = ent_cloud_largest_gap(&two.as_angles);
    CHECK(ent_cloud_is_within(&two.as_angles, gap) && !ent_cloud_is_within(&two.as_angles, 0.999 * gap));
    CHECK(ent_cloud_is_within(&two.as_vectors, gap * (1 + 1e-9)));
    CHECK(!ent_cloud_is_within(&two.as_vectors, 0.999 * gap));
  }
  two.angles[0] = 2;
  CHECK(!ent_cloud_is_within(&two.as_angles, 1e-3));
}

static void equiangular_is_its_vectors(void) {
  double x, vectors[MOST * MOST_D], work[MOST * (MOST_D + 1)];
  const double rhos[] = {-0.04, 0, 0.2, 0.9, 0.999, 1 - 1e-9};
  for (size_t n = 2; n <= MOST; n += 11) {
    for (int k = 0; k < 6; k++) {
      x = log1p((double)(n - 1) * rhos[k]) - log1p(-rhos[k]);
      const ent_cloud one = {ENT_STATE_EQUIANGULAR, n, MOST_D, NULL, &x, work, NULL, NULL};
      const ent_cloud all = {ENT_STATE_VECTORS, n, MOST_D, NULL, vectors, work, NULL, NULL};
      ent_cloud_to_vectors(ENT_STATE_EQUIANGULAR, n, MOST_D, &x, vectors);
      CHECK_REAL(overlap(&all, 0, n - 1), rhos[k], 1e-15);
      CHECK_REAL(overlap(&all, 1, 1), 1, 1e-15);
      CHECK_REAL(ent_cloud_order_parameter(&one), ent_cloud_order_parameter(&all), 1e-15);
      CHECK_REAL(ent_cloud_largest_gap(&one), ent_cloud_largest_gap(&all), 1e-15);
      for (double b = -40; b <= 40; b += 8)
        CHECK_REAL(ent_cloud_energy(&one, b), ent_cloud_energy(&all, b), 1e-15);
      for (double delta = 5e-4; delta < 2; delta *= 5) {
        CHECK_REAL(ent_cloud_pair_overlap(&one, delta), ent_cloud_pair_overlap(&all, delta), 0);
        CHECK_REAL(ent_cloud_clusters(&one, delta), ent_cloud_clusters(&all, delta), 0);
      }
      CHECK((ent_cloud_hemisphere_margin(&one) > 0) == (rhos[k] > 0));
      double back = 0;
      ent_cloud_from_vectors(ENT_STATE_EQUIANGULAR, n, MOST_D, vectors, &back);
      CHECK_REAL(back, x, 5e-14 / (1 - rhos[k]));
    }
  }
}

static void speed_is_root_mean_square(void) {
  const double dxdt[] = {3, 4, 0, 0}, x[] = {0, 0, 0, 0};
  const ent_cloud circle = {.kind = ENT_STATE_ANGLES, .n = 2, .d = 2, .x = x};
  const ent_cloud sphere = {.kind = ENT_STATE_VECTORS, .n = 2, .d = 2, .x = x};
  CHECK_REAL(ent_cloud_speed(&circle, dxdt), sqrt(12.5), 1e-15);
  CHECK_REAL(ent_cloud_speed(&sphere, dxdt), sqrt(12.5), 1e-15);
}

/* The speed of one number against moving the vectors it stands for. */
static void equiangular_speed_is_that_of_its_vectors(void) {
  enum { N = 5 };
  const double x = 0.3, dxdt = 1.7, h = 1e-5, before = x - h, after = x + h;
  double first[N * N], last[N * N], sum = 0;
  const ent_cloud cloud = {.kind = ENT_STATE_EQUIANGULAR, .n = N, .d = N, .x = &x};
  ent_cloud_to_vectors(ENT_STATE_EQUIANGULAR, N, N, &before, first);
  ent_cloud_to_vectors(ENT_STATE_EQUIANGULAR, N, N, &after, last);
  for (int k = 0; k < N * N; k++) sum += pow((last[k] - first[k]) / (2 * h), 2);
  CHECK_REAL(ent_cloud_speed(&cloud, &dxdt), dxdt * sqrt(sum / N), 1e-8);
}

static void vectors_are_put_back(void) {
  double x[] = {1.5, 0, 0, 0, 0.99, 0}, angles[] = {77};
  CHECK_REAL(ent_cloud_retract(ENT_STATE_VECTORS, 2, 3, x), 0.5, 0);
  CHECK_REAL(x[0], 1, 0);
  CHECK_REAL(x[4], 1, 0);
  CHECK_REAL(ent_cloud_retract(ENT_STATE_ANGLES, 1, 2, angles), 0, 0);
  CHECK_REAL(angles[0], 77, 0);
}

static void one_particle_is_synchronized(void) {
  const double x[] = {0.6, 0.8, 0};
  double work[64];
  const ent_cloud cloud = {ENT_STATE_VECTORS, 1, 3, NULL, x, work, NULL, NULL};
  CHECK_REAL(ent_cloud_largest_gap(&cloud), 0, 0);
  CHECK_REAL(ent_cloud_pair_overlap(&cloud, 1e-3), 1, 0);
  CHECK_REAL(ent_cloud_clusters(&cloud, 1e-3), 1, 0);
  CHECK_REAL(ent_cloud_hemisphere_margin(&cloud), 1, 0);
  CHECK_REAL(ent_cloud_order_parameter(&cloud), 1, 1e-15);
}

static void states_have_their_size(void) {
  CHECK_INT(ent_cloud_size(ENT_STATE_ANGLES, 7, 2), 7);
  CHECK_INT(ent_cloud_size(ENT_STATE_VECTORS, 7, 5), 35);
  CHECK_INT(ent_cloud_size(ENT_STATE_EQUIANGULAR, 2000000000, 5), 1);
  CHECK(ent_cloud_work(ENT_STATE_EQUIANGULAR, 2000000000, 5) < 10);
}

/* Distances on the circle, of eight at a time and one by one; no two particles are linked. */
static void long_sums_are_given_up(void) {
  enum { N = 200 };
  static const size_t dimensions[] = {2, 5, 70};
  static double x[N * 70], work[N * 72];
  for (size_t k = 0; k < N * 70; k++) x[k] = draw(-0.2, 0.2);
  for (int k = 0; k <= 3; k++) {
    const ent_state_kind kind = k == 3 ? ENT_STATE_ANGLES : ENT_STATE_VECTORS;
    const size_t d = dimensions[k % 3];
    ent_brake brake = {.pulls = ent_test_at_once};
    ent_cloud cloud = {kind, N, d, NULL, x, work, NULL, NULL};
    const double energy = ent_cloud_energy(&cloud, 2), clusters = ent_cloud_clusters(&cloud, 1e-12);
    cloud.brake = &brake;
    CHECK_REAL(ent_cloud_energy(&cloud, 2), energy, 0);
    CHECK_REAL(ent_cloud_clusters(&cloud, 1e-12), clusters, 0);
    brake.work = 1e300;
    CHECK(fabs(ent_cloud_energy(&cloud, 2) - energy) > 1e-3);
    CHECK(brake.is_pulled);
    if (kind == ENT_STATE_VECTORS) CHECK(ent_cloud_clusters(&cloud, 1e-12) < clusters);
    if (d == 70) CHECK_REAL(ent_cloud_largest_gap(&cloud) + ent_cloud_pair_overlap(&cloud, 1), 0, 0);
  }
}

static const ent_test tests[] = {
  {"angles answer as the same particles as vectors", angles_are_vectors},
  {"the largest gap on the circle is that of brute force", largest_gap_is_brute_force},
  {"small gaps are accurate relative to themselves", small_gaps_are_accurate},
  {"pair overlap and clusters are those of brute force", pairs_and_clusters_are_brute_force},
  {"the energy is its double sum", energy_is_its_sum},
  {"the energy is finite for every beta", energy_is_finite_everywhere},
  {"the hemisphere margin on the circle is exact", margin_on_the_circle_is_exact},
  {"the margin on the circle is from the middle between the outermost", margin_is_from_the_middle},
  {"all are within their largest gap, and not within less", all_are_within_their_largest_gap},
  {"an equiangular state answers as its vectors", equiangular_is_its_vectors},
  {"speed is the root mean square over the particles", speed_is_root_mean_square},
  {"the speed of an equiangular state is that of its vectors", equiangular_speed_is_that_of_its_vectors},
  {"vectors are put back on the sphere and the drift is told", vectors_are_put_back},
  {"one particle is synchronized", one_particle_is_synchronized},
  {"states and their scratch have the right size", states_have_their_size},
  {"energies and clusters are given up when their brake is pulled", long_sums_are_given_up},
  {0},
};

ENT_TEST_MAIN("model/geometry", tests)
