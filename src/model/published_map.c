#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sleef.h>

#include "entrain/base/mem.h"
#include "entrain/math/vec.h"
#include "entrain/model/attention_parameters.h"
#include "entrain/model/model.h"

enum { WEIGHTS, BETA, ETA };

#define MOST_BETA_OF_MEAN 600.0 /* e^-beta, which its steps are as long as, is a number well above zero */

typedef struct published_map {
  bool softmax;
  double beta, eta;
  double log_slowdown; /* of the mean: log of what eta is divided by */
  double *weights;     /* [n]: of the current row */
} published_map;

static const ent_parameter parameters[] = {
  [WEIGHTS] = ENT_MODEL_WEIGHTS_PARAMETER,
  [BETA] = ENT_MODEL_BETA_PARAMETER,
  [ETA] = {.name = "eta",
           .kind = ENT_PARAM_REAL,
           .default_value = 0.1,
           .open_min = true,
           .min = 0,
           .max = 10,
           .unit = "1",
           .summary = "length of a step; the mean's is shorter"},
  {0},
};

static ent_shape shape(const ent_point *point) {
  (void)point;
  return (ent_shape){.kind = ENT_STATE_VECTORS};
}

static double beta(const ent_point *point) {
  return point->values[ENT_GROUP_MODEL][BETA].number;
}

static bool check(const ent_point *point, ent_refusal *refusal) {
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  const bool is_mean = (int)values[WEIGHTS].number == ENT_WEIGHTS_MEAN;
  if (!is_mean || beta(point) <= MOST_BETA_OF_MEAN) return true;
  return ent_refuse(refusal, "sweep.beta", "beta = %g makes steps of no length, must be at most %g",
                    beta(point), MOST_BETA_OF_MEAN);
}

static void destroy(ent_system *system) {
  published_map *own = system->context;
  if (own == NULL) return;
  free(own->weights);
  free(own);
  system->context = NULL;
}

static int create(ent_system *system) {
  published_map *own = NULL;
  ENT_TRY(ent_mem_alloc(1, sizeof(*own), &own));
  system->context = own;
  ENT_TRY(ent_mem_alloc(system->n, sizeof(double), &own->weights));
  return ENT_OK;
}

static int configure(ent_system *system, const ent_point *point) {
  published_map *own = system->context;
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  const double b = beta(point);
  own->softmax = (int)values[WEIGHTS].number == ENT_WEIGHTS_SOFTMAX;
  own->beta = system->beta = b;
  own->eta = values[ETA].number;
  own->log_slowdown = b > 0 && !own->softmax ? fmax(0.5 * Sleef_cinz_logd1_u10purec(b) + b - 0.5, 0) : 0;
  system->step = own->log_slowdown > 0 ? own->eta * Sleef_cinz_expd1_u10purec(-own->log_slowdown) : own->eta;
  system->certificate = true; /* convex combinations with positive weights in the gnomonic projection */
  return ENT_OK;
}

/* Weights of row i by e^{b <x_i,x_j>}, for the mean divided by n and by the slowdown; returns their sum. */
static double weigh(const ent_system *system, const double *x, size_t i) {
  const published_map *own = system->context;
  const size_t n = system->n, d = system->d;
  double largest = own->softmax ? 0 : own->log_slowdown - own->beta, sum = 0;
  for (size_t j = 0; j < n; j++) {
    own->weights[j] = -own->beta * ent_vec_half_distance2(d, x + i * d, x + j * d);
    if (own->softmax) largest = fmax(largest, own->weights[j]);
  }
  for (size_t j = 0; j < n; j++) {
    own->weights[j] = Sleef_cinz_expd1_u10purec(own->weights[j] - largest);
    sum += own->weights[j];
  }
  const double whole = own->softmax ? sum : (double)n;
  for (size_t j = 0; j < n; j++) own->weights[j] /= whole;
  return own->softmax ? 1 : sum / whole;
}

/* x_i + eta A_i = (1 + eta sum_j w_ij) x_i + eta sum_j w_ij (x_j - x_i), normalized. */
static void advance(ent_system *system, int64_t step, const double *x, double *next) {
  const published_map *own = system->context;
  const size_t n = system->n, d = system->d;
  (void)step;
  for (size_t i = 0; i < n; i++) {
    const double *x_i = x + i * d;
    double *y = next + i * d;
    if (ent_brake_after(system->brake, (double)n * (double)d)) return;
    const double total = weigh(system, x, i);
    memset(y, 0, d * sizeof(*y));
    for (size_t j = 0; j < n; j++) {
      const double *x_j = x + j * d;
      for (size_t k = 0; k < d; k++) y[k] += own->weights[j] * (x_j[k] - x_i[k]);
    }
    for (size_t k = 0; k < d; k++) y[k] = (1 + own->eta * total) * x_i[k] + own->eta * y[k];
    ent_vec_normalize(d, y);
  }
}

const ent_model ent_model_published_map = {
  .name = "published_map",
  .summary = "the projected Euler map that drew the published phase diagrams, not the ODE",
  .equation =
    "x_i <- N(x_i + h sum_j e^{beta <x_i,x_j>} x_j / Z_i), N(y) = y/|y|; softmax: h = eta, Z_i = the "
    "row's sum; mean: h = eta/max(sqrt(beta) e^{beta-1/2}, 1), Z_i = n",
  .source = "the code that comes with arXiv:2312.10794; certificate: docs/models/published_map.md",
  .flags = ENT_MODEL_EXCHANGEABLE | ENT_MODEL_EQUIVARIANT,
  .parameters = parameters,
  .shape = shape,
  .check = check,
  .beta = beta,
  .create = create,
  .destroy = destroy,
  .configure = configure,
  .advance = advance,
};
