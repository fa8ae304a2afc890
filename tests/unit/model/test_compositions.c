/* TEST np=1 timeout=300 */
#include <math.h>
#include <string.h>

#include "entrain/base/rng.h"
#include "entrain/math/vec.h"
#include "entrain/model/model.h"

#include "attention_reference.h"
#include "check.h"

/* Every composition of the attention model against its formulas. */

extern const ent_model ent_model_attention;

enum { N = 5, MOST_D = 3, MOST = N * (MOST_D + 1) };

static double draw(double low, double high) {
  static uint64_t state = 13;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

/* A point with its matrices, as the test draws or knows them. */
typedef struct composition {
  ent_point point;
  double b[MOST_D * MOST_D], v[MOST_D * MOST_D];
} composition;

static const double given_b[] = {0.7, -0.4, 0.1, 0.3, 0.9, -0.8, 0.2, 0.5, -0.6};
static const double given_v[] = {1.1, 0.2, -0.7, 0.4, -0.3, 0.6, 0.1, 0.8, 0.9};
static const double masses[N] = {1, 2, 0.5, 3, 1.5};
static const double angle_centres[] = {0.4, -2.0}, vector_centres[] = {1, 2, -1, 0, -3, 0.5};
static const double centre_masses[] = {1, 2.5};
static const double coefficients[] = {0.8, -0.5, 0.7, 0.25};

/* The first numbers of the stream of a matrix, normal or uniform. */
static void draw_stream(const ent_point *point, uint64_t block, bool normal, size_t count, double *numbers) {
  ent_rng rng;
  ent_rng_init(&rng, point->study, point->n, point->d, point->seed, ENT_STREAM_MATRICES);
  ent_rng_seek(&rng, block << 32);
  if (normal) ent_rng_normal(&rng, count, numbers);
  for (size_t k = 0; k < count && !normal; k++) numbers[k] = ent_rng_uniform(&rng);
}

static void set_identity(size_t d, double sign, double *matrix) {
  for (size_t k = 0; k < d * d; k++) matrix[k] = k % (d + 1) == 0 ? sign : 0;
}

/* Q^T K as docs/models/attention.md defines it, in piece number `piece`. */
static void make_scores(composition *c, uint64_t piece) {
  const size_t d = (size_t)c->point.d;
  double numbers[MOST_D * MOST_D] = {0};
  size_t next = 0;
  set_identity(d, 1, c->b);
  if (ent_reference_is(&c->point, "matrices", "identity")) return;
  draw_stream(&c->point, 2 * piece, !ent_reference_is(&c->point, "matrices", "wigner"), d * d, numbers);
  for (size_t k = 0; k < d; k++) {
    for (size_t l = 0; l < d; l++) {
      double *entry = &c->b[k * d + l];
      if (ent_reference_is(&c->point, "matrices", "gaussian")) *entry = numbers[k * d + l] / sqrt((double)d);
      if (ent_reference_is(&c->point, "matrices", "goe"))
        *entry = (numbers[k * d + l] + numbers[l * d + k]) / sqrt(2.0 * (double)d);
      if (ent_reference_is(&c->point, "matrices", "wigner"))
        *entry = l < k ? c->b[l * d + k] : (numbers[next++] < 0.5 ? -1 : 1) / sqrt((double)d);
      if (ent_reference_is(&c->point, "matrices", "file")) *entry = given_b[k * d + l];
    }
  }
}

static void make_value(composition *c, uint64_t piece) {
  const size_t d = (size_t)c->point.d;
  double g[MOST_D * MOST_D] = {0};
  set_identity(d, 1, c->v);
  draw_stream(&c->point, 2 * piece + 1, true, d * d, g);
  for (size_t k = 0; k < d; k++) {
    for (size_t l = 0; l < d; l++) {
      double *entry = &c->v[k * d + l];
      if (ent_reference_is(&c->point, "value", "gaussian_psd"))
        *entry = ent_vec_dot(d, g + k * d, g + l * d) / (double)d;
      if (ent_reference_is(&c->point, "value", "plus")) *entry = c->b[k * d + l];
      if (ent_reference_is(&c->point, "value", "minus")) *entry = -c->b[k * d + l];
      if (ent_reference_is(&c->point, "value", "file")) *entry = given_v[k * d + l];
    }
  }
}

static bool is_any(const ent_point *point, const char *name, const char *a, const char *b) {
  return ent_reference_is(point, name, a) || ent_reference_is(point, name, b);
}

/* V = identity, also where it is named after B = identity. */
static bool keeps_values(const ent_point *point) {
  return ent_reference_is(point, "value", "identity") ||
         (ent_reference_is(point, "value", "plus") && ent_reference_is(point, "matrices", "identity"));
}

/* What docs/models/attention.md says can be combined. */
static bool is_legal(const ent_point *point) {
  const bool has_centres = ent_reference_count(point, "centres") > 0;
  const bool has_series = is_any(point, "kernel", "polynomial", "fourier");
  const bool is_plain = ent_reference_is(point, "matrices", "identity") && keeps_values(point);
  if (has_series && ent_reference_is(point, "weights", "softmax")) return false;
  if (ent_reference_is(point, "kernel", "fourier") && (point->d != 2 || !is_plain)) return false;
  return !has_centres || is_any(point, "mask", "full", "causal");
}

/* Everybody sees everybody, or those before. */
static bool is_rooted(const ent_point *point) {
  const bool sees_all = ent_reference_is(point, "mask", "topk") && ent_reference_number(point, "k") >= N;
  return sees_all || is_any(point, "mask", "full", "causal");
}

static bool is_certain(const ent_point *point) {
  return keeps_values(point) && is_any(point, "kernel", "exp", "hinge") && is_rooted(point) &&
         ent_reference_count(point, "centres") == 0;
}

/* Compares the model's drift at a random state with the reference's. */
static void compare(const composition *c, ent_system *system, double t) {
  const size_t n = N, d = (size_t)c->point.d;
  double vectors[MOST], x[MOST], dxdt[MOST], ones[N];
  long double exact[MOST];
  for (size_t k = 0; k < n * d; k++) vectors[k] = draw(-1, 1) + draw(-1, 1);
  for (size_t i = 0; i < n; i++) ent_vec_normalize(d, vectors + i * d);
  ent_system_place(system, vectors, x);
  for (size_t k = 0; k < system->extras; k++) x[system->size - n + k] = draw(0.3, 2);
  for (size_t i = 0; i < n; i++) ones[i] = 1;
  const double *radii = ent_system_radii(system, x) ? ent_system_radii(system, x) : ones;
  for (size_t k = 0; k < n * d; k++) exact[k] = vectors[k];
  for (size_t i = 0; i < n && system->kind == ENT_STATE_ANGLES; i++) {
    exact[2 * i] = cosl(x[i]);
    exact[2 * i + 1] = sinl(x[i]);
  }
  ent_model_attention.enter(system, t);
  ent_model_attention.drift(system, t, x, dxdt);
  for (size_t i = 0; i < n; i++) {
    const ent_reference_state at = {.b = c->b, .v = c->v, .t = t, .x = exact, .r = radii};
    const ent_reference of = ent_reference_drift(&c->point, &at, i);
    const double tolerance = 4e-14 * (1 + (double)of.size);
    const long double turn = of.velocity[1] * exact[i * d] - of.velocity[0] * exact[i * d + 1];
    if (system->kind == ENT_STATE_ANGLES) CHECK_REAL(dxdt[i], (double)turn, tolerance);
    for (size_t k = 0; k < d && system->kind != ENT_STATE_ANGLES; k++)
      CHECK_REAL(dxdt[i * d + k], (double)of.velocity[k], tolerance);
    if (system->extras > 0) CHECK_REAL(dxdt[system->size - n + i], (double)of.growth, tolerance);
  }
}

static void try_composition(composition *c) {
  ent_system *system = NULL;
  CHECK_OK(ent_system_create(&ent_model_attention, &c->point, &system));
  CHECK_OK(ent_system_configure(system, &c->point, 0));
  CHECK(system->certificate == is_certain(&c->point));
  CHECK_REAL(system->height, system->extras > 0 ? sqrt(0.5) : 0, 0);
  make_scores(c, 0);
  make_value(c, 0);
  compare(c, system, 0);
  if (is_any(&c->point, "norm", "mix", "sqrt")) compare(c, system, 2.5);
  ent_system_destroy(&system);
}

/* Sets the numbers and lists that go with the choices of a point. */
static void fill_in(ent_point *point, bool with_masses, bool with_centres, bool with_gamma) {
  const bool has_series = is_any(point, "kernel", "polynomial", "fourier");
  const bool is_exp = ent_reference_is(point, "kernel", "exp");
  const double strength = draw(-2, 2);
  const size_t d = (size_t)point->d;
  ent_reference_value(point, "beta")->number = is_exp && !with_gamma ? strength : NAN;
  ent_reference_value(point, "gamma")->number = is_exp && with_gamma ? strength / log(N) : NAN;
  ent_reference_value(point, "kappa")->number = draw(0.1, 4);
  ent_reference_value(point, "k")->number = 1 + floor(draw(0, N));
  ent_reference_value(point, "cos_cutoff")->number = draw(-0.9, 0.9);
  ent_reference_value(point, "alpha")->number = draw(0.5, 2);
  *ent_reference_value(point, "matrices_file") = (ent_value){.list = given_b, .count = d * d, .text = "b"};
  *ent_reference_value(point, "value_file") = (ent_value){.list = given_v, .count = d * d, .text = "v"};
  if (has_series) *ent_reference_value(point, "coefficients") = (ent_value){.list = coefficients, .count = 4};
  if (with_masses) *ent_reference_value(point, "masses") = (ent_value){.list = masses, .count = N};
  if (!with_centres) return;
  *ent_reference_value(point, "centres") =
    (ent_value){.list = d == 2 ? angle_centres : vector_centres, .count = d == 2 ? 2 : 6};
  if (with_masses)
    *ent_reference_value(point, "centre_masses") = (ent_value){.list = centre_masses, .count = 2};
}

static const char *const choices[] = {"kernel", "weights", "mask", "matrices", "value", "norm"};
enum { CHOICES = sizeof(choices) / sizeof(*choices), SWITCHES = 4 };

/* Number of names of a choice. */
static int names_of(const char *name) {
  const ent_parameter *table = ent_model_attention.parameters;
  const ent_parameter *parameter = &table[ent_parameter_find(table, name, strlen(name))];
  int count = 0;
  do count++;
  while (parameter->choices[count]);
  return count;
}

/* Combination number `number` of all choices and of d, masses, centres, gamma; false after the last. */
static bool make_combination(long number, composition *c) {
  const bool d_is_3 = number % 2, with_masses = number / 2 % 2, with_centres = number / 4 % 2;
  const bool with_gamma = number / 8 % 2;
  number /= 1 << SWITCHES;
  *c = (composition){.point = ent_reference_point(N, d_is_3 ? 3 : 2, 1)};
  for (int k = 0; k < CHOICES; k++) {
    ent_reference_value(&c->point, choices[k])->number = (double)(number % names_of(choices[k]));
    number /= names_of(choices[k]);
  }
  fill_in(&c->point, with_masses, with_centres, with_gamma);
  return number == 0;
}

static void every_composition_is_its_formula(void) {
  composition c;
  ent_refusal refusal;
  long legal = 0, refused = 0;
  for (long number = 0; make_combination(number, &c); number++) {
    const bool passes = ent_model_attention.check(&c.point, &refusal);
    CHECK(passes == is_legal(&c.point));
    if (passes) try_composition(&c);
    legal += passes;
    refused += !passes;
  }
  CHECK(legal > 10000);
  CHECK(refused > 10000);
}

/* In the piece k the matrices are those of the blocks 2k and 2k + 1, and the same again later. */
static void matrices_are_drawn_anew(void) {
  static const char *const kinds[] = {"gaussian", "wigner", "goe"};
  for (int kind = 0; kind < 3; kind++) {
    composition c = {.point = ent_reference_point(N, 3, 0.8)};
    ent_system *system = NULL;
    ent_reference_choose(&c.point, "matrices", kinds[kind]);
    ent_reference_choose(&c.point, "value", "gaussian_psd");
    ent_reference_value(&c.point, "period")->number = 0.3;
    CHECK_OK(ent_system_create(&ent_model_attention, &c.point, &system));
    CHECK_OK(ent_system_configure(system, &c.point, 0));
    double t = 0;
    for (uint64_t piece = 0; piece < 40; piece++) {
      make_scores(&c, piece);
      make_value(&c, piece);
      compare(&c, system, t);
      const double next = ent_model_attention.next_break(system, t);
      CHECK_REAL(next, 0.3 * (double)(piece + 1), 1e-14);
      CHECK(next > t);
      t = next;
    }
    ent_system_destroy(&system);
  }
}

/* mix has one break, at tau; what is never redrawn has none. */
static void breaks_are_where_they_are_said(void) {
  ent_point point = ent_reference_point(N, 3, 1);
  ent_system *system = NULL;
  ent_reference_choose(&point, "norm", "mix");
  ent_reference_value(&point, "tau")->number = 1.5;
  ent_reference_value(&point, "period")->number = 0.1; /* of nothing that is random */
  CHECK_OK(ent_system_create(&ent_model_attention, &point, &system));
  CHECK_OK(ent_system_configure(system, &point, 0));
  CHECK_REAL(ent_model_attention.next_break(system, 0), 1.5, 0);
  CHECK(isinf(ent_model_attention.next_break(system, 1.5)));
  ent_system_destroy(&system);
}

static const ent_test tests[] = {
  {"every composition is its formula, or is refused", every_composition_is_its_formula},
  {"random matrices are drawn anew after each period", matrices_are_drawn_anew},
  {"the drift breaks at tau and where matrices are redrawn, nowhere else", breaks_are_where_they_are_said},
  {0},
};

ENT_TEST_MAIN("model/compositions", tests)
