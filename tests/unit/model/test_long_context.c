#include <math.h>

#include "entrain/math/vec.h"
#include "entrain/model/model.h"

#include "check.h"

extern const ent_model ent_model_long_context;

enum { GAMMA, RHO0, RESIDUAL, MOST = 12 };

static ent_point point_at(int64_t n, double gamma, double rho0, double residual) {
  ent_point point = {.n = n, .d = n};
  point.values[ENT_GROUP_MODEL][GAMMA].number = gamma;
  point.values[ENT_GROUP_MODEL][RHO0].number = rho0;
  point.values[ENT_GROUP_MODEL][RESIDUAL].number = residual;
  return point;
}

static double overlap_of(double z, double n) {
  return -expm1(-z) / (1 + (n - 1) * exp(-z));
}

/* The overlap after some layers. */
static double after_layers(const ent_point *point, int layers) {
  ent_system *system = NULL;
  double z = 0, next = 0;
  CHECK_OK(ent_system_create(&ent_model_long_context, point, &system));
  CHECK_OK(ent_system_configure(system, point, 0));
  CHECK_REAL(system->step, 1, 0);
  CHECK(system->certificate);
  ent_model_long_context.start(system, point, &z);
  for (int k = 0; k < layers; k++) {
    ent_model_long_context.advance(system, k, &z, &next);
    z = next;
  }
  ent_system_destroy(&system);
  return overlap_of(z, (double)point->n);
}

/* A layer on the tokens themselves, as the paper writes it. */
static void layer_of_tokens(size_t n, double beta, double residual, double *x) {
  double next[MOST * MOST];
  for (size_t i = 0; i < n; i++) {
    double w[MOST], sum = 0;
    for (size_t j = 0; j < n; j++) sum += w[j] = exp(beta * ent_vec_dot(n, x + i * n, x + j * n));
    for (size_t k = 0; k < n; k++) {
      next[i * n + k] = residual * x[i * n + k];
      for (size_t j = 0; j < n; j++) next[i * n + k] += w[j] / sum * x[j * n + k];
    }
    ent_vec_normalize(n, next + i * n);
  }
  for (size_t k = 0; k < n * n; k++) x[k] = next[k];
}

static void it_is_what_the_tokens_do(void) {
  const double gammas[] = {-1.5, -0.2, 0.1, 0.8, 2, 6}, residuals[] = {0, 0.3, 2};
  for (size_t n = 2; n <= MOST; n += 5) {
    for (int round = 0; round < 18 * 3; round++) {
      const double gamma = gammas[round % 6], residual = residuals[round / 6 % 3];
      const double rho = (double[]){-0.08, 0, 0.6}[round / 18], beta = gamma * log((double)n);
      double x[MOST * MOST], z = log1p(((double)n - 1) * rho) - log1p(-rho);
      const ent_point point = point_at((int64_t)n, gamma, rho, residual);
      ent_cloud_to_vectors(ENT_STATE_EQUIANGULAR, n, n, &z, x);
      for (int layers = 1; layers <= 3; layers++) {
        layer_of_tokens(n, beta, residual, x);
        const double expected = ent_vec_dot(n, x, x + n);
        CHECK_REAL(after_layers(&point, layers), expected, 2e-13);
        CHECK_REAL(ent_vec_dot(n, x + (n - 1) * n, x), expected, 2e-13);
      }
    }
  }
}

/* The finite-n formula written out: own weight p, another's w, the new overlap by sums over the tokens. */
static void one_layer_is_the_formula(void) {
  for (double n = 3; n < 3e9; n *= 30) {
    for (double rho = 0; rho < 1; rho += 0.24) {
      for (double gamma = -0.5; gamma < 4; gamma += 0.7) {
        const double e = exp(gamma * log(n) * (1 - rho)), p = e / (e + n - 1), w = 1 / (e + n - 1);
        const double length2 = p * p + 2 * p * w * (n - 1) * rho + w * w * (n - 1) * (1 + (n - 2) * rho);
        const double shared = 2 * p * w * (1 + (n - 2) * rho) + p * p * rho +
                              w * w * ((n - 1) * (n - 1) * rho + (n - 2) * (1 - rho));
        const ent_point point = point_at((int64_t)n, gamma, rho, 0);
        CHECK_REAL(after_layers(&point, 1), shared / length2, 1e-12);
      }
    }
  }
}

/* gamma below, at and above 1/(1-rho): cos -> 1, 4 rho/(1 + 3 rho), rho; the last ones like powers of n. */
static void the_transition_is_the_papers(void) {
  const double n = 2e9;
  for (double rho = 0.05; rho < 0.95; rho += 0.1) {
    const ent_point below = point_at((int64_t)n, 0.5 / (1 - rho), rho, 0),
                    at = point_at((int64_t)n, 1 / (1 - rho), rho, 0),
                    above = point_at((int64_t)n, 1.5 / (1 - rho), rho, 0);
    CHECK_REAL(after_layers(&below, 1), 1, 2 / (n * rho));
    CHECK_REAL(after_layers(&at, 1), 4 * rho / (1 + 3 * rho), 1e-7);
    CHECK_REAL(after_layers(&above, 1), rho, 4 / sqrt(n));
  }
}

static void residual_moves_less(void) {
  const double rho = 0.3, n = 2e9, gamma = 1 / (1 - rho);
  for (double alpha = 0; alpha < 4; alpha += 0.5) {
    const ent_point point = point_at((int64_t)n, gamma, rho, alpha);
    const double own = alpha + 0.5; /* of the token itself, 1/2 of the mean of all others */
    const double expected = rho * (own + 0.5) * (own + 0.5) / (own * own + own * rho + 0.25 * rho);
    CHECK_REAL(after_layers(&point, 1), expected, 1e-7);
  }
}

static void the_end_is_a_number(void) {
  const ent_point flat = point_at(1000, 0, 0.5, 0), steep = point_at(1000, 1e3, 0.5, 0);
  CHECK_REAL(after_layers(&flat, 1), 1, 0);
  CHECK_REAL(after_layers(&flat, 50), 1, 0);
  CHECK_REAL(after_layers(&steep, 50), 0.5, 1e-15);
  const ent_point alone = point_at(1, 1, 0, 0);
  CHECK(isfinite(after_layers(&alone, 3)));
}

static void impossible_overlaps_are_refused(void) {
  ent_refusal refusal = {{0}, {0}};
  ent_point point = point_at(5, 1, -0.25, 0);
  CHECK(!ent_model_long_context.check(&point, &refusal));
  CHECK_TEXT(refusal.key, "parameters.rho0");
  point = point_at(5, 1, -0.24, 0);
  CHECK(ent_model_long_context.check(&point, &refusal));
}

static const ent_test tests[] = {
  {"layers are what the tokens do that the overlap stands for", it_is_what_the_tokens_do},
  {"one layer is the formula for n from 3 to 2e9", one_layer_is_the_formula},
  {"one layer has the three limits of the paper", the_transition_is_the_papers},
  {"a residual connection moves the tokens less", residual_moves_less},
  {"where all tokens are one the state stays a number", the_end_is_a_number},
  {"overlaps that no tokens have are refused", impossible_overlaps_are_refused},
  {0},
};

ENT_TEST_MAIN("model/long_context", tests)
