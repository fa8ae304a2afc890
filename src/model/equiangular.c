#include <math.h>
#include <stdlib.h>

#include <sleef.h>

#include "entrain/base/mem.h"
#include "entrain/model/attention_parameters.h"
#include "entrain/model/model.h"

enum { WEIGHTS, BETA, RHO0 };

typedef struct equiangular {
  bool softmax;
  double beta;
} equiangular;

static const ent_parameter parameters[] = {
  [WEIGHTS] = ENT_MODEL_WEIGHTS_PARAMETER,
  [BETA] = ENT_MODEL_BETA_PARAMETER,
  [RHO0] = {.name = "rho0",
            .kind = ENT_PARAM_REAL,
            .default_value = 0,
            .open_min = true,
            .min = -1,
            .max = 0.999999,
            .unit = "1",
            .summary = "overlap of any two particles at the start, above -1/(n-1); 0: orthogonal"},
  {0},
};

static ent_shape shape(const ent_point *point) {
  (void)point;
  return (ent_shape){.kind = ENT_STATE_EQUIANGULAR};
}

static double beta(const ent_point *point) {
  return point->values[ENT_GROUP_MODEL][BETA].number;
}

static bool check(const ent_point *point, ent_refusal *refusal) {
  const double rho0 = point->values[ENT_GROUP_MODEL][RHO0].number;
  if (1 + ((double)point->n - 1) * rho0 <= 0) {
    return ent_refuse(refusal, "parameters.rho0", "rho0 = %g for n = %lld particles, must be above -1/(n-1)",
                      rho0, (long long)point->n);
  }
  return true;
}

static int create(ent_system *system) {
  ENT_TRY(ent_mem_alloc(1, sizeof(equiangular), &system->context));
  return ENT_OK;
}

static void destroy(ent_system *system) {
  free(system->context);
  system->context = NULL;
}

static int configure(ent_system *system, const ent_point *point) {
  equiangular *own = system->context;
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  *own =
    (equiangular){.softmax = (int)values[WEIGHTS].number == ENT_WEIGHTS_SOFTMAX, .beta = values[BETA].number};
  system->beta = own->beta;
  system->certificate = true;
  return ENT_OK;
}

static void start(ent_system *system, const ent_point *point, double *x) {
  const double rho0 = point->values[ENT_GROUP_MODEL][RHO0].number, n = (double)system->n;
  x[0] = Sleef_cinz_log1pd1_u10purec((n - 1) * rho0) - Sleef_cinz_log1pd1_u10purec(-rho0);
}

/*
 * z = log((1 + (n-1) rho)/(1 - rho)), smooth in the layer of width 1/n at rho = 0 as well as at the end:
 *   SA   z' = 2n / (e^{b (1-rho)} + n - 1),   USA   z' = 2 e^{b rho}
 */
static void drift(ent_system *system, double t, const double *x, double *dxdt) {
  const equiangular *own = system->context;
  const double n = (double)system->n, q = Sleef_cinz_expd1_u10purec(-x[0]), total = 1 + (n - 1) * q;
  (void)t;
  if (own->softmax) {
    const double rate = 2 * n / (Sleef_cinz_expd1_u10purec(own->beta * (n * q / total)) + n - 1);
    dxdt[0] = system->log_unit == 0 ? rate : rate * Sleef_cinz_expd1_u10purec(system->log_unit);
  } else {
    const double rho = -Sleef_cinz_expm1d1_u10purec(-x[0]) / total;
    dxdt[0] = 2 * Sleef_cinz_expd1_u10purec(own->beta * rho + system->log_unit);
  }
}

const ent_model ent_model_equiangular = {
  .name = "equiangular",
  .summary = "attention with all overlaps equal: one equation for rho, any n, d of no effect",
  .equation = "SA: rho' = 2 e^{beta rho}(1-rho)((n-1)rho+1)/(e^beta+(n-1)e^{beta rho}); "
              "USA: rho' = (2/n) e^{beta rho}(1-rho)((n-1)rho+1)",
  .source = "arXiv:2312.10794 section on orthogonal tokens; arXiv:2510.22026",
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
  .drift = drift,
};
