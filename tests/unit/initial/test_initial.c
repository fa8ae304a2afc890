#include <math.h>
#include <string.h>

#include "entrain/initial/initial.h"
#include "entrain/math/vec.h"

#include "check.h"

enum { MOST = 1024, NOISE_OF_SIMPLEX = 0, WINDING = 0, POSITIONS = 0, CLUSTER_MASSES = 1, CLUSTER_NOISE = 2 };

static const ent_initial *find(const char *name) {
  const ent_initial *initial = ent_initial_find(name, strlen(name));
  REQUIRE(initial != NULL);
  return initial;
}

static ent_point point_at(int64_t n, int64_t d, int64_t seed) {
  return (ent_point){.n = n, .d = d, .seed = seed};
}

static ent_value *value(ent_point *point, int slot) {
  return &point->values[ENT_GROUP_INITIAL][slot];
}

static void draw(const char *name, const ent_point *point, double *x) {
  CHECK_OK(find(name)->draw(point, NULL, x));
}

static double overlap(const ent_point *point, const double *x, int64_t i, int64_t j) {
  return ent_vec_dot((size_t)point->d, x + i * point->d, x + j * point->d);
}

static void check_lengths(const ent_point *point, const double *x) {
  for (int64_t i = 0; i < point->n; i++) CHECK_REAL(overlap(point, x, i, i), 1, 1e-15);
}

static bool is_refused(const char *name, const ent_point *point, const char *key) {
  ent_refusal refusal = {{0}, {0}};
  if (find(name)->check(point, &refusal)) return false;
  CHECK_TEXT(refusal.key, key);
  CHECK(refusal.why[0] != '\0');
  return true;
}

static void tables_are_well_formed(void) {
  for (const ent_initial *const *initial = ent_initials; *initial; initial++) {
    CHECK((*initial)->name && (*initial)->summary && (*initial)->parameters && (*initial)->draw);
    CHECK(find((*initial)->name) == *initial);
    CHECK(ent_parameter_count((*initial)->parameters) <= ENT_MAX_PARAMETERS);
    for (const ent_parameter *p = (*initial)->parameters; p->name; p++) {
      CHECK(p->summary != NULL);
      CHECK(p->min <= p->max);
      if (p->kind == ENT_PARAM_REAL && !p->required) CHECK(ent_parameter_accepts(p, p->default_value));
    }
  }
  CHECK(ent_initial_find("unif", 4) == NULL);
}

static void starts_belong_to_the_seed(void) {
  double first[30], again[30], other[30];
  ent_point point = point_at(10, 3, 4);
  draw("uniform", &point, first);
  point.index = 17;
  point.values[ENT_GROUP_MODEL][1].number = 5; /* beta is not part of the key */
  draw("uniform", &point, again);
  CHECK(memcmp(first, again, sizeof(first)) == 0);
  check_lengths(&point, first);
  point.seed = 5;
  draw("uniform", &point, other);
  for (int k = 0; k < 30; k++) CHECK(first[k] != other[k]);
  point.seed = 4;
  point.study = 1;
  draw("uniform", &point, other);
  for (int k = 0; k < 30; k++) CHECK(first[k] != other[k]);
}

/* Mean 0, mean square 1/d, no correlation of coordinates: moments within four standard deviations. */
static void uniform_has_its_moments(void) {
  enum { D = 4, SEEDS = 20000 };
  double x[D], sum[D] = {0}, square[D] = {0}, cross = 0;
  for (int seed = 0; seed < SEEDS; seed++) {
    const ent_point point = point_at(1, D, seed);
    draw("uniform", &point, x);
    for (int k = 0; k < D; k++) {
      sum[k] += x[k];
      square[k] += x[k] * x[k];
    }
    cross += x[0] * x[1];
  }
  const double error = sqrt(1.0 / SEEDS);
  for (int k = 0; k < D; k++) {
    CHECK_REAL(sum[k] / SEEDS, 0, 4 * error * sqrt(1.0 / D));
    CHECK_REAL(square[k] / SEEDS, 1.0 / D, 4 * error * sqrt(3.0 / (D * (D + 2)) - 1.0 / (D * D)));
  }
  CHECK_REAL(cross / SEEDS, 0, 4 * error * sqrt(1.0 / (D * (D + 2))));
}

static void orthogonal_is_orthogonal(void) {
  double x[5 * 7];
  const ent_point point = point_at(5, 7, 0), many = point_at(8, 7, 0);
  draw("orthogonal", &point, x);
  for (int i = 0; i < 5; i++) {
    for (int j = 0; j < 5; j++) CHECK_REAL(overlap(&point, x, i, j), i == j, 0);
  }
  CHECK(is_refused("orthogonal", &many, "initial.kind"));
}

static void simplex_has_its_overlaps(void) {
  double x[MOST];
  for (int64_t d = 2; d <= 16; d++) {
    const ent_point point = point_at(2 * (d + 1), d, 0);
    draw("simplex", &point, x);
    check_lengths(&point, x);
    for (int64_t i = 0; i < point.n; i++) {
      for (int64_t j = 0; j < i; j++) {
        const bool same = (i - j) % (d + 1) == 0;
        CHECK_REAL(overlap(&point, x, i, j), same ? 1 : -1.0 / (double)d, 1e-15);
      }
    }
  }
  const ent_point odd = point_at(10, 2, 0);
  CHECK(is_refused("simplex", &odd, "initial.kind"));
}

static void noise_has_its_size(void) {
  double x[MOST], planted[MOST], sum = 0;
  ent_point point = point_at(320, 3, 1);
  draw("simplex", &point, planted);
  value(&point, NOISE_OF_SIMPLEX)->number = 1e-4;
  draw("simplex", &point, x);
  check_lengths(&point, x);
  for (int64_t k = 0; k < point.n * point.d; k++) sum += pow((x[k] - planted[k]) / 1e-4, 2);
  /* d - 1 tangent directions, each of variance one */
  const double count = (double)(point.n * (point.d - 1));
  CHECK_REAL(sum, count, 4 * sqrt(2 * count));
  ent_point other = point;
  other.seed = 2;
  draw("simplex", &other, planted);
  for (int64_t k = 0; k < point.n * point.d; k++) CHECK(x[k] != planted[k]);
}

static void clusters_have_places_and_shares(void) {
  const double angles[] = {0, 2.5, -1}, masses[] = {3, 5, 2};
  double x[10 * 4];
  ent_point point = point_at(10, 4, 0);
  *value(&point, POSITIONS) = (ent_value){.list = angles, .count = 3};
  *value(&point, CLUSTER_MASSES) = (ent_value){.list = masses, .count = 3};
  draw("clusters", &point, x);
  for (int i = 0; i < 10; i++) {
    const double angle = angles[i < 3 ? 0 : i < 8 ? 1 : 2];
    CHECK_REAL(x[4 * i], cos(angle), 1e-15);
    CHECK_REAL(x[4 * i + 1], sin(angle), 1e-15);
    CHECK_REAL(x[4 * i + 2], 0, 0);
    CHECK_REAL(x[4 * i + 3], 0, 0);
  }
  ent_point few = point;
  few.n = 2;
  CHECK(is_refused("clusters", &few, "initial.positions"));
  value(&point, CLUSTER_MASSES)->count = 2;
  CHECK(is_refused("clusters", &point, "initial.masses"));
  *value(&point, CLUSTER_MASSES) = (ent_value){0};
  draw("clusters", &point, x);
  CHECK_REAL(x[4 * 3], cos(angles[1]), 1e-15);
  CHECK_REAL(x[4 * 7], cos(angles[2]), 1e-15);
}

static void twisted_winds(void) {
  double x[2 * 12];
  for (int winding = -3; winding <= 3; winding++) {
    ent_point point = point_at(12, 2, 0);
    value(&point, WINDING)->number = winding;
    draw("twisted", &point, x);
    for (int i = 0; i < 12; i++) {
      CHECK_REAL(x[2 * i], cos(winding * i * 0.52359877559829887), 1e-14);
      CHECK_REAL(x[2 * i + 1], sin(winding * i * 0.52359877559829887), 1e-14);
    }
  }
  const ent_point sphere = point_at(12, 3, 0);
  CHECK(is_refused("twisted", &sphere, "initial.kind"));
}

/* First coordinates cos t of particles with the mass (i + 1/2)/n of a density before them. */
static void density_places_quantiles(void) {
  enum { N = 8, D = 3 };
  const double one = 1, half = 0.5, narrow = 1e4, at[] = {0.5, 2}, minus[] = {1, -1.5};
  double x[N * D], noisy[N * D];
  ent_point point = point_at(N, D, 0);
  *value(&point, 0) = (ent_value){.list = &one, .count = 1}; /* cosines: (1 + cos t) / (2 pi) */
  draw("density", &point, x);
  check_lengths(&point, x);
  for (int i = 0; i < N; i++) {
    const double t = atan2(x[D * i + 1], x[D * i]), pi = acos(-1.0);
    CHECK_REAL((t + pi + sin(t)) / (2 * pi), (i + 0.5) / N, 1e-15);
    CHECK_REAL(x[D * i + 2], 0, 0);
  }
  value(&point, 5)->number = 1e-3;
  draw("density", &point, noisy);
  check_lengths(&point, noisy);
  CHECK(x[D] != noisy[D] && fabs(x[D] - noisy[D]) < 0.01);
  *value(&point, 2) = (ent_value){.list = &half, .count = 1};
  CHECK(is_refused("density", &point, "initial.cosines"));
  *value(&point, 0) = (ent_value){.list = minus, .count = 2};
  *value(&point, 2) = (ent_value){0};
  CHECK(is_refused("density", &point, "initial.cosines")); /* negative */
  *value(&point, 0) = (ent_value){0};
  *value(&point, 2) = (ent_value){.list = at, .count = 2};
  *value(&point, 3) = (ent_value){.list = &narrow, .count = 1};
  CHECK(is_refused("density", &point, "initial.concentrations"));
  *value(&point, 2) = (ent_value){.list = at, .count = 1};
  *value(&point, 5) = (ent_value){0};
  draw("density", &point, x);
  for (int i = 0; i < N; i++) CHECK_REAL(atan2(x[D * i + 1], x[D * i]), 0.5, 0.02);
}

static void arcs_place_quantiles(void) {
  const double at[] = {0, 2}, widths[] = {0.5, 0.1}, masses[] = {3, 1};
  const double angles[] = {-0.375, -0.125, 0.125, 0.375};
  double x[2 * 8];
  ent_point point = point_at(4, 2, 0);
  *value(&point, 0) = (ent_value){.list = at, .count = 1};
  *value(&point, 1) = (ent_value){.list = widths, .count = 1};
  draw("arcs", &point, x);
  for (int i = 0; i < 4; i++) CHECK_REAL(atan2(x[2 * i + 1], x[2 * i]), angles[i], 1e-15);
  *value(&point, 0) = (ent_value){.list = at, .count = 2};
  CHECK(is_refused("arcs", &point, "initial.half_widths"));
  *value(&point, 1) = (ent_value){.list = widths, .count = 2};
  *value(&point, 2) = (ent_value){.list = masses, .count = 2};
  draw("arcs", &point, x);
  for (int i = 0; i < 3; i++) CHECK_REAL(atan2(x[2 * i + 1], x[2 * i]), -0.5 + (i + 0.5) / 3, 1e-15);
  CHECK_REAL(atan2(x[7], x[6]), 2, 1e-15);
  value(&point, 2)->count = 1;
  CHECK(is_refused("arcs", &point, "initial.masses"));
}

static void file_gives_its_row(void) {
  const double starts[] = {1, 0, 0, 1, 0, -1, -1, 0};
  const ent_start_table table = {.count = 2, .n = 2, .d = 2, .x = starts};
  double x[4];
  ent_point point = point_at(2, 2, 1);
  CHECK_OK(find("file")->draw(&point, &table, x));
  CHECK(memcmp(x, starts + 4, sizeof(x)) == 0);
  point.seed = 2;
  CHECK_CODE(find("file")->draw(&point, &table, x), ENT_ERR_ARGUMENT);
  CHECK_CODE(find("file")->draw(&point, NULL, x), ENT_ERR_ARGUMENT);
}

static const ent_test tests[] = {
  {"the tables of all initial conditions are well formed", tables_are_well_formed},
  {"a start belongs to study and seed, not to beta or the row", starts_belong_to_the_seed},
  {"uniform starts have the moments of the sphere", uniform_has_its_moments},
  {"orthogonal starts are orthogonal and need n <= d", orthogonal_is_orthogonal},
  {"simplex starts have overlaps -1/d in every dimension", simplex_has_its_overlaps},
  {"noise has its size and belongs to the seed", noise_has_its_size},
  {"clusters have their places and shares", clusters_have_places_and_shares},
  {"twisted starts wind as often as asked", twisted_winds},
  {"a density places its quantiles", density_places_quantiles},
  {"arcs place their quantiles", arcs_place_quantiles},
  {"a start from a file is the seed's row", file_gives_its_row},
  {0},
};

ENT_TEST_MAIN("initial/initial", tests)
