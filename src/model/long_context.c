#include <math.h>
#include <stdlib.h>

#include <sleef.h>

#include "entrain/base/mem.h"
#include "entrain/model/model.h"

enum { GAMMA, RHO0, RESIDUAL };

#define MOST_Z 700.0 /* 1 - rho, about n e^-z, is still a number there; it falls like its own cube */

typedef struct long_context {
  double residual;
} long_context;

static const ent_parameter parameters[] = {
  [GAMMA] = {.name = "gamma",
             .kind = ENT_PARAM_REAL,
             .required = true,
             .must_be_axis = true,
             .min = -1e3,
             .max = 1e3,
             .unit = "1",
             .summary = "beta = gamma log n"},
  [RHO0] = {.name = "rho0",
            .kind = ENT_PARAM_REAL,
            .default_value = 0,
            .open_min = true,
            .min = -1,
            .max = 0.999999,
            .unit = "1",
            .summary = "overlap of any two tokens at the start, above -1/(n-1); 0: orthogonal"},
  [RESIDUAL] = {.name = "residual",
                .kind = ENT_PARAM_REAL,
                .default_value = 0,
                .min = 0,
                .max = 1e6,
                .unit = "1",
                .summary = "strength alpha of the residual connection"},
  {0},
};

static ent_shape shape(const ent_point *point) {
  (void)point;
  return (ent_shape){.kind = ENT_STATE_EQUIANGULAR};
}

static double beta(const ent_point *point) {
  return point->values[ENT_GROUP_MODEL][GAMMA].number * Sleef_cinz_logd1_u10purec((double)point->n);
}

static bool check(const ent_point *point, ent_refusal *refusal) {
  const double rho0 = point->values[ENT_GROUP_MODEL][RHO0].number;
  if (1 + ((double)point->n - 1) * rho0 > 0) return true;
  return ent_refuse(refusal, "parameters.rho0", "rho0 = %g for n = %lld tokens, must be above -1/(n-1)", rho0,
                    (long long)point->n);
}

static int create(ent_system *system) {
  ENT_TRY(ent_mem_alloc(1, sizeof(long_context), &system->context));
  return ENT_OK;
}

static void destroy(ent_system *system) {
  free(system->context);
  system->context = NULL;
}

static int configure(ent_system *system, const ent_point *point) {
  long_context *own = system->context;
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  own->residual = values[RESIDUAL].number;
  system->beta = beta(point);
  system->step = 1;
  system->certificate = true; /* z grows by a bounded amount and more in every layer */
  return ENT_OK;
}

static void start(ent_system *system, const ent_point *point, double *x) {
  const double rho0 = point->values[ENT_GROUP_MODEL][RHO0].number, n = (double)system->n;
  x[0] = Sleef_cinz_log1pd1_u10purec((n - 1) * rho0) - Sleef_cinz_log1pd1_u10purec(-rho0);
}

/*
 * What a token's own weight is larger than another token's, (E - 1)/(E + n - 1) with E = e^exponent; without
 * overflow.
 */
static double own_excess(double exponent, double n) {
  const double e = Sleef_cinz_expd1_u10purec(-fabs(exponent)),
               m = -Sleef_cinz_expm1d1_u10purec(-fabs(exponent));
  return exponent >= 0 ? m / (1 + (n - 1) * e) : -m / (e + (n - 1));
}

/*
 * A layer multiplies the Gram matrix from both sides by (alpha + s) I + w 1 1^T: its eigenvalues are
 * 1 + alpha on the mean and alpha + s elsewhere, s the excess of a token's own weight. In
 * z = log((1+(n-1) rho)/(1-rho)), the log of the ratio of the Gram matrix's eigenvalues, that is
 *   z <- z + 2 log((1 + alpha)/|alpha + s|)
 */
static void advance(ent_system *system, int64_t step, const double *x, double *next) {
  const long_context *own = system->context;
  const double n = (double)system->n, q = Sleef_cinz_expd1_u10purec(-x[0]);
  const double excess = own_excess(system->beta * (n * q / (1 + (n - 1) * q)), n);
  (void)step;
  const double ratio = fabs(own->residual + excess) / (1 + own->residual);
  next[0] = ratio > 0 ? fmin(x[0] - 2 * Sleef_cinz_logd1_u10purec(ratio), MOST_Z) : MOST_Z;
}

const ent_model ent_model_long_context = {
  .name = "long_context",
  .summary = "attention layers with beta = gamma log n on tokens with equal overlaps, any n",
  .equation =
    "x_i <- N(alpha x_i + sum_j e^{beta <x_i,x_j>} x_j / Z_i), beta = gamma log n, all <x_i,x_j> = rho",
  .source = "arXiv:2510.05554",
  .flags = ENT_MODEL_GRADIENT_FLOW | ENT_MODEL_EXCHANGEABLE | ENT_MODEL_EQUIVARIANT | ENT_MODEL_OWN_START |
           ENT_MODEL_ANY_COUNT,
  .parameters = parameters,
  .shape = shape,
  .check = check,
  .beta = beta,
  .create = create,
  .destroy = destroy,
  .configure = configure,
  .start = start,
  .advance = advance,
};
