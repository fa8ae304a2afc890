/* TEST np=1 libs=gsl timeout=120 */
#include <math.h>
#include <string.h>

#include <gsl/gsl_sf_psi.h>

#include "entrain/base/rng.h"
#include "entrain/model/oversmoothing.h"

#include "check.h"

extern const ent_model ent_model_oversmoothing;

enum { GRAPH, NEIGHBOURS, PROBABILITY, SELF_LOOP, LAYERS, SIGMA, RESIDUAL, EXPONENTS };
enum { COMPLETE, RING, ERDOS_RENYI };
enum { GAUSSIAN, ORTHOGONAL, IDENTITY };
enum { N = 5, D = 3, MOST = 2048, MANY = 8 };

/* A ring lattice with loops and Gaussian layers, to be changed. */
static ent_point point_at(int64_t n, int64_t d) {
  ent_point point = {.n = n, .d = d, .seed = 2};
  ent_value *values = point.values[ENT_GROUP_MODEL];
  values[GRAPH].number = RING;
  values[NEIGHBOURS].number = values[SELF_LOOP].number = values[SIGMA].number = values[EXPONENTS].number = 1;
  values[PROBABILITY].number = 0.5;
  return point;
}

static void set(ent_point *point, int parameter, double number) {
  point->values[ENT_GROUP_MODEL][parameter].number = number;
}

/* A system at its start. */
typedef struct walk {
  ent_system *system;
  int64_t layers;
  double x[MOST], next[MOST], consensus[MANY], rest[MANY];
} walk;

static void open(walk *own, const ent_point *point) {
  ent_refusal refusal;
  own->system = NULL;
  own->layers = 0;
  REQUIRE(ent_model_oversmoothing.check(point, &refusal));
  CHECK_OK(ent_system_create(&ent_model_oversmoothing, point, &own->system));
  REQUIRE(own->system->size <= MOST);
  CHECK_OK(ent_system_configure(own->system, point, 0));
  ent_model_oversmoothing.start(own->system, point, own->x);
}

static void go(walk *own, int64_t layers) {
  for (int64_t k = 0; k < layers; k++) {
    ent_model_oversmoothing.advance(own->system, own->layers++, own->x, own->next);
    memcpy(own->x, own->next, own->system->size * sizeof(*own->x));
  }
  ent_oversmoothing_exponents(own->system, own->x, own->consensus, own->rest);
}

static void close(walk *own) {
  ent_system_destroy(&own->system);
}

/* All exponents of a point after some layers. */
static void run(const ent_point *point, int64_t layers, walk *own) {
  open(own, point);
  go(own, layers);
  close(own);
}

/* The layer's weights as docs/models/oversmoothing.md states them. */
static void draw(const ent_point *point, int64_t layer, double sigma, double *w) {
  const size_t d = (size_t)point->d;
  ent_rng rng;
  ent_rng_init(&rng, point->study, point->n, point->d, point->seed, ENT_STREAM_LAYERS);
  ent_rng_seek(&rng, (uint64_t)layer * (d * d / 4 + 1));
  ent_rng_normal(&rng, d * d, w);
  for (size_t k = 0; k < d * d; k++) w[k] *= sigma / sqrt((double)d);
}

/* P of a ring of 5 with loops of weight s: regular, so that both normalizations agree. */
static double ring(size_t i, size_t j, double s) {
  const size_t apart = (i + N - j) % N;
  return (apart == 0 ? s : apart == 1 || apart == N - 1) / (2 + s);
}

/* x <- kept x + P x W, x [N, D]. */
static void apply_formula(double kept, const double *w, double *x) {
  double mixed[N * D] = {0}, y[N * D];
  for (size_t i = 0; i < N; i++) {
    for (size_t j = 0; j < N; j++)
      for (size_t l = 0; l < D; l++) mixed[i * D + l] += ring(i, j, 0.5) * x[j * D + l];
  }
  for (size_t i = 0; i < N * D; i++) {
    y[i] = kept * x[i];
    for (size_t l = 0; l < D; l++) y[i] += mixed[i / D * D + l] * w[l * D + i % D];
  }
  memcpy(x, y, sizeof(y));
}

/* The features after some layers, but for a factor, against X <- P X W_t and X + P X W_t. */
static void layers_are_the_formula(void) {
  for (int residual = 0; residual < 2; residual++) {
    walk own;
    ent_point point = point_at(N, D);
    double x[N * D], w[D * D], found[N * D];
    set(&point, RESIDUAL, residual);
    set(&point, SIGMA, 0.7);
    set(&point, SELF_LOOP, 0.5);
    open(&own, &point);
    ent_oversmoothing_features(own.system, own.x, x);
    for (int64_t layer = 0; layer < 6; layer++) {
      draw(&point, layer, 0.7, w);
      apply_formula(residual, w, x);
    }
    go(&own, 6);
    ent_oversmoothing_features(own.system, own.x, found);
    const double factor = x[0] / found[0];
    CHECK_REAL(log(fabs(factor)), 6 * own.consensus[0], 1e-12);
    for (size_t k = 0; k < N * D; k++) CHECK_REAL(found[k] * factor, x[k], 1e-13);
    close(&own);
  }
}

/* E log |e + s g| for a unit vector e of R^d and normal g: log s + E psi(d/2 + J)/2 + log(2)/2, J Poisson. */
static double mean_log(double d, double s) {
  const double mean = 0.5 / (s * s);
  double sum = 0;
  for (int j = 0; j < 400; j++) {
    const double log_weight = -mean + j * log(mean) - lgamma(j + 1.0);
    sum += exp(log_weight) * 0.5 * (gsl_sf_psi(0.5 * d + j) + log(2));
  }
  return log(s) + sum;
}

/* Newman's exponents of products of Gaussian matrices; the sums of logarithms are independent from layer to
 * layer. */
static void gaussian_spectrum_is_newmans(void) {
  enum { WIDTH = 4, LAYERS_MANY = 20000 };
  walk own;
  ent_point point = point_at(N, WIDTH);
  set(&point, EXPONENTS, WIDTH);
  set(&point, SIGMA, 1.3);
  run(&point, LAYERS_MANY, &own);
  for (int k = 0; k < WIDTH; k++) {
    const double freedom = 0.5 * (WIDTH - k), error = sqrt(0.25 * gsl_sf_psi_1(freedom) / LAYERS_MANY);
    const double expected = 0.5 * (log(2 * 1.3 * 1.3 / WIDTH) + gsl_sf_psi(freedom));
    CHECK_REAL(own.consensus[k], expected, 5 * error);
  }
}

/* The claim: every part of P's spectrum sees the same product of layers, so only |lambda| differs. */
static void differences_decay_like_lambda2(void) {
  const double lambda2 = (1 + 2 * cos(2 * acos(-1.0) / N)) / 3;
  for (int layers = GAUSSIAN; layers <= IDENTITY; layers++) {
    for (int k = 0; k < 3; k++) {
      const double sigma = ldexp(0.2, 2 * k);
      walk own;
      ent_point point = point_at(N, D);
      set(&point, LAYERS, layers);
      set(&point, SIGMA, sigma);
      set(&point, EXPONENTS, 2);
      run(&point, 4000, &own);
      CHECK_REAL(own.rest[0] - own.consensus[0], log(lambda2), 2e-3); /* O(1) after 4000 layers */
      CHECK_REAL(own.rest[1] - own.consensus[0], log(lambda2), 2e-3); /* twice: cosine and sine */
      if (layers != GAUSSIAN) CHECK_REAL(own.consensus[0], log(sigma), 1e-12);
    }
  }
}

static void random_graphs_keep_the_claim(void) {
  for (int64_t seed = 0; seed < 6; seed++) {
    walk own;
    ent_point point = point_at(12, 4);
    point.seed = seed;
    set(&point, GRAPH, ERDOS_RENYI);
    open(&own, &point);
    const double lambda2 = ent_oversmoothing_lambda2(own.system);
    go(&own, 4000);
    CHECK(lambda2 > 0.2 && lambda2 < 1);
    CHECK_REAL(own.rest[0] - own.consensus[0], log(lambda2), 3e-3);
    close(&own);
  }
}

/* With a residual a layer on the part of eigenvalue l is 1 + l W, whose Gaussian exponent is known. */
static void residuals_slow_the_decay(void) {
  enum { LAYERS_MANY = 40000 };
  const double lambda2 = (1 + 2 * cos(2 * acos(-1.0) / N)) / 3, root = sqrt((double)D);
  const double sigmas[] = {0.25, 0.75, 2.25};
  for (int k = 0; k < 3; k++) {
    const double sigma = sigmas[k];
    walk own;
    ent_point point = point_at(N, D);
    set(&point, RESIDUAL, 1);
    set(&point, SIGMA, sigma);
    run(&point, LAYERS_MANY, &own);
    const double error = 5 * fmin(sigma, 1) / sqrt(LAYERS_MANY);
    CHECK_REAL(own.consensus[0], mean_log(D, sigma / root), error);
    CHECK_REAL(own.rest[0], mean_log(D, sigma * lambda2 / root), error);
    CHECK(own.rest[0] - own.consensus[0] > log(lambda2) + 0.05);
  }
}

static void identity_layers_show_the_spectrum(void) {
  walk own;
  ent_point point = point_at(N, 2);
  set(&point, LAYERS, IDENTITY);
  set(&point, EXPONENTS, 2);
  set(&point, SIGMA, 0.5);
  set(&point, RESIDUAL, 1);
  run(&point, 3000, &own);
  const double lambda2 = (1 + 2 * cos(2 * acos(-1.0) / N)) / 3;
  for (int k = 0; k < 2; k++) CHECK_REAL(own.consensus[k], log(1.5), 1e-12);
  for (int k = 0; k < 2; k++) CHECK_REAL(own.rest[k], log(1 + 0.5 * lambda2), 2e-3);
}

static double lambda2_of(const ent_point *point) {
  walk own;
  open(&own, point);
  const double found = ent_oversmoothing_lambda2(own.system);
  close(&own);
  return found;
}

static void lambda2_is_known_for_regular_graphs(void) {
  for (int64_t n = 4; n < 20; n++) {
    double largest = 0;
    ent_point point = point_at(n, 2);
    set(&point, SELF_LOOP, 0.4);
    for (int64_t k = 1; k < n; k++)
      largest = fmax(largest, fabs(0.4 + 2 * cos(2 * acos(-1.0) * (double)k / (double)n)) / 2.4);
    CHECK_REAL(lambda2_of(&point), largest, 1e-14);
    set(&point, GRAPH, COMPLETE);
    CHECK_REAL(lambda2_of(&point), 0.6 / ((double)n - 0.6), 1e-14);
  }
}

static void nothing_overflows(void) {
  const double sigmas[] = {1e-6, 1e6};
  for (int k = 0; k < 2; k++) {
    const double sigma = sigmas[k];
    walk own;
    ent_point point = point_at(N, D);
    set(&point, SIGMA, sigma);
    open(&own, &point);
    const double before = ent_system_order_parameter(own.system, own.x);
    go(&own, 2000);
    CHECK_REAL(own.consensus[0], log(sigma), 1);
    CHECK(before > 0 && before < 1);
    CHECK_REAL(ent_system_order_parameter(own.system, own.x), 1, 1e-15);
    CHECK(isfinite(ent_system_energy(own.system, own.x)));
    close(&own);
  }
}

static void parts_stay_apart(void) {
  walk own;
  ent_point point = point_at(9, 4);
  set(&point, GRAPH, ERDOS_RENYI);
  set(&point, RESIDUAL, 1);
  set(&point, EXPONENTS, 3);
  open(&own, &point);
  go(&own, 500);
  const double *vectors = own.x + own.system->size - 3 * 36;
  for (int a = 0; a < 3; a++) {
    for (int b = 0; b <= a; b++) {
      double sum = 0;
      for (int k = 0; k < 36; k++) sum += vectors[a * 36 + k] * vectors[b * 36 + k];
      CHECK_REAL(sum, a == b, 1e-14);
    }
  }
  close(&own);
}

static void refuses_what_says_nothing(void) {
  ent_refusal refusal;
  ent_point point = point_at(N, D);
  CHECK(ent_model_oversmoothing.check(&point, &refusal));
  set(&point, NEIGHBOURS, 2); /* of 5: all */
  CHECK(!ent_model_oversmoothing.check(&point, &refusal));
  CHECK_TEXT(refusal.key, "parameters.self_loop");
  set(&point, RESIDUAL, 1);
  CHECK(ent_model_oversmoothing.check(&point, &refusal));
  set(&point, GRAPH, ERDOS_RENYI);
  set(&point, SELF_LOOP, 0);
  CHECK(!ent_model_oversmoothing.check(&point, &refusal));
  point.n = 1;
  CHECK(!ent_model_oversmoothing.check(&point, &refusal));
  CHECK_TEXT(refusal.key, "sweep.n");
}

static const ent_test tests[] = {
  {"layers are the published formula", layers_are_the_formula},
  {"exponents of Gaussian layers are Newman's", gaussian_spectrum_is_newmans},
  {"without residual differences decay like |lambda_2|", differences_decay_like_lambda2},
  {"so they do on random graphs", random_graphs_keep_the_claim},
  {"with a residual the exponents are those of 1 + lambda W", residuals_slow_the_decay},
  {"layers that are numbers show the graph's spectrum", identity_layers_show_the_spectrum},
  {"lambda_2 is known for regular graphs", lambda2_is_known_for_regular_graphs},
  {"nothing overflows", nothing_overflows},
  {"vectors stay orthonormal", parts_stay_apart},
  {"what says nothing is refused", refuses_what_says_nothing},
  {0},
};

ENT_TEST_MAIN("model/oversmoothing", tests)
