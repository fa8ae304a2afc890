#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/observe/observe.h"

#include "check.h"

extern const ent_model ent_model_attention;

/* Four particles on the circle at 0, 0.01, pi/2 and pi, at beta = 2 unless a test sets another. */
static const double angles[] = {0, 0.01, 1.5707963267948966, 3.1415926535897931};
static const double vectors[] = {1, 0, 0, 0.99995000041666528, 0.0099998333341666645, 0, 0, 1, 0, -1, 0, 0};

static ent_system *system_at(int64_t d, double beta) {
  ent_system *system = NULL;
  ent_point point = {.n = 4, .d = d};
  point.values[ENT_GROUP_MODEL][1].number = beta;
  CHECK_OK(ent_system_create(&ent_model_attention, &point, &system));
  CHECK_OK(ent_system_configure(system, &point, 0));
  return system;
}

/* The observable's value, the same on the circle and for its vectors in R^3. */
static double measure(const char *name, double beta, double delta) {
  const ent_observable *observable = ent_observable_find(name, strlen(name));
  REQUIRE(observable != NULL);
  ent_system *circle = system_at(2, beta), *sphere = system_at(3, beta);
  const ent_observing observing = {.n_delta = 1, .delta = &delta};
  double value = NAN, on_sphere = NAN;
  observable->measure(circle, angles, &observing, &value);
  observable->measure(sphere, vectors, &observing, &on_sphere);
  CHECK_REAL(on_sphere, value, 1e-15);
  ent_system_destroy(&circle);
  ent_system_destroy(&sphere);
  return value;
}

static void order_parameter_by_value(void) {
  CHECK_REAL(measure("order_parameter", 2, 0), hypot(cos(0.01), 1 + sin(0.01)) / 4, 1e-15);
}

static void pair_overlap_by_value(void) {
  CHECK_REAL(measure("pair_overlap", 2, 1e-6), 0, 0);
  CHECK_REAL(measure("pair_overlap", 2, 1e-3), 1.0 / 6, 1e-16);
  CHECK_REAL(measure("pair_overlap", 2, 0.995), 2.0 / 6, 1e-16);
  CHECK_REAL(measure("pair_overlap", 2, 1.001), 4.0 / 6, 1e-16);
  CHECK_REAL(measure("pair_overlap", 2, 1.99996), 5.0 / 6, 1e-16);
  CHECK_REAL(measure("pair_overlap", 2, 2), 1, 0);
}

static void clusters_by_value(void) {
  CHECK_REAL(measure("clusters", 2, 1e-6), 4, 0);
  CHECK_REAL(measure("clusters", 2, 1e-3), 3, 0);
  CHECK_REAL(measure("clusters", 2, 0.995), 2, 0);
  CHECK_REAL(measure("clusters", 2, 1.001), 1, 0);
}

/* e^{-|b|} (1/(2 n^2)) sum_ij (e^{b c_ij} - 1)/b; at b = 0 it is R^2/2. */
static void energy_by_value(void) {
  const double betas[] = {-3, -1e-9, 2, 50}, r = measure("order_parameter", 0, 0);
  CHECK_REAL(measure("energy", 0, 0), r * r / 2, 1e-15);
  for (int k = 0; k < 4; k++) {
    double sum = 0;
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) sum += expm1(betas[k] * cos(angles[i] - angles[j]));
    }
    CHECK_REAL(measure("energy", betas[k], 0), exp(-fabs(betas[k])) * sum / (32 * betas[k]), 1e-15);
  }
}

static void tables_are_well_formed(void) {
  for (const ent_observable *const *o = ent_observables; *o; o++) {
    CHECK((*o)->name && (*o)->unit && (*o)->summary && (*o)->measure);
    CHECK((*o)->min < (*o)->max);
    CHECK(ent_observable_find((*o)->name, strlen((*o)->name)) == *o);
  }
  CHECK(ent_observable_find("energ", 5) == NULL);
}

/* Particles that turn by a little more each time, those of d = 3 on the equator. */
static void move(size_t n, size_t d, double t, double *x) {
  for (size_t i = 0; i < n; i++) {
    const double angle = (double)i + 0.3 * sin((double)(3 * i) + t);
    x[d == 2 ? i : i * d] = d == 2 ? angle : cos(angle);
    if (d == 2) continue;
    x[i * d + 1] = sin(angle);
    x[i * d + 2] = 0;
  }
}

/* Pair overlaps of three deltas at states that move ever faster, with what was kept and without. */
static void what_is_kept_changes_no_overlap(void) {
  enum { N = 100, DELTAS = 3 };
  const double deltas[DELTAS] = {1e-4, 1e-3, 0.3};
  const ent_observable *overlap = ent_observable_find("pair_overlap", 12);
  for (int64_t d = 2; d <= 3; d++) {
    ent_system *system = NULL;
    const ent_point point = {.n = N, .d = d};
    CHECK_OK(ent_system_create(&ent_model_attention, &point, &system));
    double x[3 * N], *memory = NULL;
    const size_t one = overlap->memory(system);
    CHECK_OK(ent_mem_alloc(DELTAS * one, sizeof(double), &memory));
    ent_observing kept = {.n_delta = DELTAS, .delta = deltas, .memory = memory};
    ent_observing plain = {.n_delta = DELTAS, .delta = deltas};
    for (double t = 1e-6; t < 10; t *= 1.3) {
      double with[DELTAS], without[DELTAS];
      move(N, (size_t)d, t, x);
      overlap->measure(system, x, &kept, with);
      overlap->measure(system, x, &plain, without);
      for (int k = 0; k < DELTAS; k++) CHECK_REAL(with[k], without[k], 0);
    }
    free(memory);
    ent_system_destroy(&system);
  }
}

static void names_count_the_deltas(void) {
  char name[64];
  const ent_observable *overlap = ent_observable_find("pair_overlap", 12),
                       *energy = ent_observable_find("energy", 6);
  CHECK_INT(ent_observable_width(overlap, 3), 3);
  CHECK_INT(ent_observable_width(energy, 3), 1);
  ent_observable_name(overlap, 0, sizeof(name), name);
  CHECK_TEXT(name, "pair_overlap");
  ent_observable_name(overlap, 2, sizeof(name), name);
  CHECK_TEXT(name, "pair_overlap_3");
}

static const ent_test tests[] = {
  {"the order parameter has its value", order_parameter_by_value},
  {"the pair overlap has its value at every delta", pair_overlap_by_value},
  {"clusters are counted at every delta", clusters_by_value},
  {"the energy has its value for beta of any sign and zero", energy_by_value},
  {"the tables of all observables are well formed", tables_are_well_formed},
  {"what is kept from state to state changes no pair overlap", what_is_kept_changes_no_overlap},
  {"names count the deltas", names_count_the_deltas},
  {0},
};

ENT_TEST_MAIN("observe/observe", tests)
