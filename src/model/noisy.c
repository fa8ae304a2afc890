#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sleef.h>

#include "entrain/base/mem.h"
#include "entrain/base/rng.h"
#include "entrain/kernel/pairs.h"
#include "entrain/math/vec.h"
#include "entrain/model/attention_parameters.h"
#include "entrain/model/model.h"

enum { BETA, INVERSE_TEMPERATURE, STEP };
enum { DRAWS = 2, UNIFORMS_OF_BLOCK = 4 }; /* noise is added twice in a step */

#define LONGEST_STEP 2.0 /* in units of e^-|beta| */

typedef struct noisy {
  ent_pairs *pairs;
  ent_pair_law law;
  ent_rng rng;
  uint64_t blocks;                /* of the random stream that one of the draws takes */
  double spread;                  /* standard deviation of a draw in each tangent direction */
  double *noise, *before, *after; /* [size]: a draw; slopes at both ends of the step */
  double *end;                    /* [size]: the step's end as Euler finds it */
} noisy;

static const ent_parameter parameters[] = {
  [BETA] = ENT_MODEL_BETA_PARAMETER,
  [INVERSE_TEMPERATURE] = {.name = "inverse_temperature",
                           .kind = ENT_PARAM_REAL,
                           .required = true,
                           .open_min = true,
                           .min = 0,
                           .max = 1e12,
                           .unit = "1",
                           .summary = "kappa of the noise sqrt(2/kappa) dW"},
  [STEP] = {.name = "step",
            .kind = ENT_PARAM_REAL,
            .default_value = 0.01,
            .open_min = true,
            .min = 0,
            .max = 10,
            .unit = "1",
            .summary = "length of a step"},
  {0},
};

static ent_shape shape(const ent_point *point) {
  return (ent_shape){.kind = point->d == 2 ? ENT_STATE_ANGLES : ENT_STATE_VECTORS};
}

static double beta(const ent_point *point) {
  return point->values[ENT_GROUP_MODEL][BETA].number;
}

/*
 * The flow's fastest rates are about e^|beta|, and Heun's method is unstable from 2/rate on: near consensus
 * particles would jump about, and no row would say so.
 */
static bool check(const ent_point *point, ent_refusal *refusal) {
  const double step = point->values[ENT_GROUP_MODEL][STEP].number;
  const double most = LONGEST_STEP * Sleef_cinz_expd1_u10purec(-fabs(beta(point)));
  return step <= most ||
         ent_refuse(refusal, "parameters.step",
                    "step = %g at beta = %g, where the flow is unstable, must be at most 2 e^-|beta| = %g",
                    step, beta(point), most);
}

static bool shares(const ent_point *point) {
  (void)point;
  return true;
}

static void destroy(ent_system *system) {
  noisy *own = system->context;
  if (own == NULL) return;
  ent_pairs_destroy(&own->pairs);
  free(own->noise);
  free(own->before);
  free(own->after);
  free(own->end);
  free(own);
  system->context = NULL;
}

static int create(ent_system *system) {
  noisy *own = NULL;
  ENT_TRY(ent_mem_alloc(1, sizeof(*own), &own));
  system->context = own;
  ENT_TRY(ent_pairs_create(system->n, system->d, &own->pairs));
  ENT_TRY(ent_mem_alloc(system->size, sizeof(double), &own->noise));
  ENT_TRY(ent_mem_alloc(system->size, sizeof(double), &own->before));
  ENT_TRY(ent_mem_alloc(system->size, sizeof(double), &own->after));
  ENT_TRY(ent_mem_alloc(system->size, sizeof(double), &own->end));
  return ENT_OK;
}

/*
 * A geodesic step with a normal tangent vector agrees with Brownian motion on the sphere up to s^4 (d-2)/12
 * times the Laplacian, s^2 the variance in each direction; s^2 / (1 + (d-2) s^2/6) instead removes that.
 */
static double spread_of(double variance, double d) {
  return sqrt(variance / (1 + (d - 2) * variance / 6));
}

static int configure(ent_system *system, const ent_point *point) {
  noisy *own = system->context;
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  const double kappa = values[INVERSE_TEMPERATURE].number;
  const size_t pairs = (system->size + 1) / 2;
  system->step = values[STEP].number;
  system->beta = beta(point);
  own->law = (ent_pair_law){.beta = system->beta, .softmax = false};
  own->spread = spread_of(2 * system->step / kappa / DRAWS, (double)system->d);
  own->blocks = (2 * pairs + UNIFORMS_OF_BLOCK - 1) / UNIFORMS_OF_BLOCK;
  ent_rng_init(&own->rng, point->study, point->n, point->d, point->seed, ENT_STREAM_NOISE);
  return ENT_OK;
}

/* Moves a unit vector x along the geodesic in the direction of the tangent part of xi, by its length. */
static void follow(size_t d, double *xi, double *x) {
  ent_vec_axpy(d, -ent_vec_dot(d, x, xi), x, xi);
  const double length = ent_vec_norm(d, xi);
  if (length == 0) return;
  const Sleef_double_2 turn = Sleef_cinz_sincosd1_u10purec(length);
  for (size_t k = 0; k < d; k++) x[k] = turn.y * x[k] + turn.x / length * xi[k];
  ent_vec_normalize(d, x);
}

/* Adds the noise of a draw, 0, 1, ..., in place. */
static void diffuse(const ent_system *system, uint64_t draw, double *x) {
  noisy *own = system->context;
  ent_rng_seek(&own->rng, draw * own->blocks);
  ent_rng_normal(&own->rng, system->size, own->noise);
  for (size_t k = 0; k < system->size; k++) own->noise[k] *= own->spread;
  if (system->kind == ENT_STATE_ANGLES) {
    for (size_t i = 0; i < system->n; i++) x[i] += own->noise[i];
    return;
  }
  const size_t d = system->d;
  for (size_t i = 0; i < system->n; i++) follow(d, own->noise + i * d, x + i * d);
}

static void slope(const ent_system *system, const double *x, double *dxdt) {
  noisy *own = system->context;
  own->law.helpers = system->helpers;
  own->law.brake = system->brake;
  if (system->kind == ENT_STATE_ANGLES) {
    ent_pairs_drift_angles(own->pairs, &own->law, x, dxdt);
  } else {
    ent_pairs_drift_vectors(own->pairs, &own->law, x, dxdt);
  }
}

/* Heun's step of the flow, on the sphere by projection, in place. */
static void flow(const ent_system *system, double *x) {
  const noisy *own = system->context;
  const double h = system->step;
  slope(system, x, own->before);
  for (size_t k = 0; k < system->size; k++) own->end[k] = x[k] + h * own->before[k];
  ent_cloud_retract(system->kind, system->n, system->d, own->end);
  slope(system, own->end, own->after);
  for (size_t k = 0; k < system->size; k++) x[k] += 0.5 * h * (own->before[k] + own->after[k]);
  ent_cloud_retract(system->kind, system->n, system->d, x);
}

/* Half of the noise, the flow, half of the noise: weak order 2. */
static void advance(ent_system *system, int64_t step, const double *x, double *next) {
  memcpy(next, x, system->size * sizeof(*next));
  diffuse(system, DRAWS * (uint64_t)step, next);
  flow(system, next);
  diffuse(system, DRAWS * (uint64_t)step + 1, next);
}

const ent_model ent_model_noisy = {
  .name = "noisy",
  .summary = "attention with mean weights (USA) and noise on the sphere; at beta = 0 noisy Kuramoto",
  .equation =
    "dx_i = P_{x_i}((1/n) sum_j e^{beta <x_i,x_j>} x_j) dt + sqrt(2/kappa) dW_i, W_i Brownian motion "
    "on the sphere",
  .source = "arXiv:2512.01868; scheme of weak order 2: docs/models/noisy.md",
  .parameters = parameters,
  .shape = shape,
  .check = check,
  .shares = shares,
  .beta = beta,
  .create = create,
  .destroy = destroy,
  .configure = configure,
  .advance = advance,
};
