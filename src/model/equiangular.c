#include <math.h>
#include <stdlib.h>

#include <sleef.h>

#include "entrain/base/mem.h"
#include "entrain/model/attention_parameters.h"
#include "entrain/model/model.h"

enum { WEIGHTS, BETA, RHO0, GAMMA, NORM, ALPHA, TAU };
enum { STATE, RADIUS }; /* of x; the latter where the normalization has one */

typedef struct equiangular {
  bool softmax;
  ent_norm norm;
  double beta, alpha, tau;
  double unit; /* e^{log_unit} */
  bool is_past_tau;
} equiangular;

/* The attention mean A of a particle, and how it moves the state where s = 1. */
typedef struct mean {
  double push;   /* dx/dt */
  double radial; /* <th_j, A> */
  double length; /* |A| */
} mean;

static const ent_parameter parameters[] = {
  [WEIGHTS] = ENT_MODEL_WEIGHTS_PARAMETER,
  [BETA] = ENT_MODEL_BETA_OR_GAMMA_PARAMETER,
  [RHO0] = {.name = "rho0",
            .kind = ENT_PARAM_REAL,
            .default_value = 0,
            .open_min = true,
            .min = -1,
            .max = 0.999999,
            .unit = "1",
            .summary = "overlap of any two particles at the start, above -1/(n-1); 0: orthogonal"},
  [GAMMA] = ENT_MODEL_GAMMA_PARAMETER,
  [NORM] = ENT_MODEL_NORM_PARAMETER,
  [ALPHA] = ENT_MODEL_ALPHA_PARAMETER,
  [TAU] = ENT_MODEL_TAU_PARAMETER,
  {0},
};

static ent_shape shape(const ent_point *point) {
  const ent_norm norm = (ent_norm)point->values[ENT_GROUP_MODEL][NORM].number;
  return (ent_shape){.kind = ENT_STATE_EQUIANGULAR, .extras = ent_norm_has_radii(norm)};
}

static double beta(const ent_point *point) {
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  return ent_attention_beta(&values[BETA], &values[GAMMA], point->n);
}

static bool check(const ent_point *point, ent_refusal *refusal) {
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  const double rho0 = values[RHO0].number;
  if (!ent_attention_check_beta(&values[BETA], &values[GAMMA], refusal)) return false;
  if (point->n == 0 && !isnan(values[GAMMA].number))
    return ent_refuse(refusal, "sweep.gamma", "gamma log n is not finite for n = 0, the limit of large n");
  if (point->n == 0 && rho0 < 0)
    return ent_refuse(refusal, "parameters.rho0", "rho0 = %g in the limit of large n, must be at least 0",
                      rho0);
  if (point->n > 0 && 1 + ((double)point->n - 1) * rho0 <= 0)
    return ent_refuse(refusal, "parameters.rho0", "rho0 = %g for n = %lld particles, must be above -1/(n-1)",
                      rho0, (long long)point->n);
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

/* Whether only the direction of A counts. */
static bool is_direction_only(ent_norm norm) {
  return norm == ENT_NORM_PERI || norm == ENT_NORM_NGPT;
}

static int configure(ent_system *system, const ent_point *point) {
  equiangular *own = system->context;
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  *own = (equiangular){.softmax = (int)values[WEIGHTS].number == ENT_WEIGHTS_SOFTMAX,
                       .norm = (ent_norm)values[NORM].number,
                       .beta = beta(point),
                       .alpha = values[ALPHA].number,
                       .tau = values[TAU].number,
                       .unit = Sleef_cinz_expd1_u10purec(system->log_unit)};
  system->beta = own->beta;
  /* the overlap grows from every start but one: orthogonal tokens of the limit, unless A is made long */
  system->certificate = system->n > 0 || values[RHO0].number > 0 || is_direction_only(own->norm);
  return ENT_OK;
}

static void start(ent_system *system, const ent_point *point, double *x) {
  const double rho0 = point->values[ENT_GROUP_MODEL][RHO0].number, n = (double)system->n;
  const double root = sqrt(fmax(rho0, 0));
  if (system->n > 0)
    x[STATE] = Sleef_cinz_log1pd1_u10purec((n - 1) * rho0) - Sleef_cinz_log1pd1_u10purec(-rho0);
  else
    x[STATE] = 0.5 * (Sleef_cinz_log1pd1_u10purec(root) - Sleef_cinz_log1pd1_u10purec(-root));
  if (system->extras > 0) x[RADIUS] = 1;
}

/* w e^{log_unit} of `mean`, times n; over its largest value where only the direction counts. */
static double mean_weight(const ent_system *system, double overlap, double gap) {
  const equiangular *own = system->context;
  if (is_direction_only(own->norm)) return Sleef_cinz_expd1_u10purec(own->beta > 0 ? -own->beta * gap : 0);
  return Sleef_cinz_expd1_u10purec(own->beta * overlap + system->log_unit);
}

/* n a: as mean_weight, of the self term. */
static double mean_self(const ent_system *system, double gap) {
  const equiangular *own = system->context;
  if (is_direction_only(own->norm)) return Sleef_cinz_expd1_u10purec(own->beta > 0 ? 0 : own->beta * gap);
  return Sleef_cinz_expd1_u10purec(own->beta + system->log_unit);
}

/*
 * z = log((1 + (n-1) rho)/(1 - rho)), smooth in the layer of width 1/n at rho = 0 as well as at the end:
 * z' = 2 n w/s. A = a th_j + w sum_k th_k, k != j, has the radial part a + (n-1) w rho, and a tangent one of
 * square (n-1) w^2 (1-rho) (1+(n-1) rho).
 */
static mean attend(const ent_system *system, double z) {
  const equiangular *own = system->context;
  const double n = (double)system->n, q = Sleef_cinz_expd1_u10purec(-z), total = 1 + (n - 1) * q;
  const double gap = n * q / total, overlap = -Sleef_cinz_expm1d1_u10purec(-z) / total;
  const bool has_unit = own->softmax && system->log_unit != 0 && !is_direction_only(own->norm);
  double all = 0, self = 0; /* n w, a */
  if (own->softmax) {
    all = n / (Sleef_cinz_expd1_u10purec(own->beta * gap) + n - 1);
    self = 1 / (1 + (n - 1) * Sleef_cinz_expd1_u10purec(-own->beta * gap));
  } else {
    all = mean_weight(system, overlap, gap);
    self = mean_self(system, gap) / n;
  }
  if (has_unit) {
    all *= own->unit;
    self *= own->unit;
  }
  const double others = (n - 1) / n * all, radial = self + others * overlap;
  const double tangent2 = all / n * others * gap * (n / total);
  return (mean){.push = 2 * all, .radial = radial, .length = sqrt(radial * radial + tangent2)};
}

/*
 * The limit of large n, in which n w becomes W = 1 (SA) or e^{b rho} (USA) and a vanishes: with
 * rho = tanh(x)^2, x' = W tanh(x)/s and |A| = W tanh(x). Dividing by |A| leaves a law that is smooth at
 * rho = 0, of which this is the solution that grows.
 */
static mean attend_limit(const ent_system *system, double x) {
  const equiangular *own = system->context;
  const double q = Sleef_cinz_expd1_u10purec(-2 * x), root = -Sleef_cinz_expm1d1_u10purec(-2 * x) / (1 + q);
  if (is_direction_only(own->norm)) return (mean){.push = 1, .radial = root, .length = 1};
  const double gap = 4 * q / ((1 + q) * (1 + q)), overlap = root * root;
  const double all = own->softmax ? own->unit : mean_weight(system, overlap, gap);
  return (mean){.push = all * root, .radial = all * overlap, .length = all * root};
}

/* x' = push/s and the growth of the radius, scheme by scheme (2510.22026). */
static void drift(ent_system *system, double t, const double *x, double *dxdt) {
  const equiangular *own = system->context;
  const mean of = system->n > 0 ? attend(system, x[STATE]) : attend_limit(system, x[STATE]);
  const bool is_pre = own->norm == ENT_NORM_PRE || (own->norm == ENT_NORM_MIX && own->is_past_tau);
  double speed = 1, growth = 0;
  if (is_pre) {
    speed = 1 / x[RADIUS];
    growth = of.radial;
  } else if (own->norm == ENT_NORM_PERI) {
    speed = own->unit / (x[RADIUS] * of.length);
    growth = own->unit * (of.radial / of.length);
  } else if (own->norm == ENT_NORM_NGPT) {
    speed = own->unit * own->alpha / of.length;
  } else if (own->norm == ENT_NORM_SQRT) {
    speed = 1 / sqrt(own->unit * t + 1);
  }
  dxdt[STATE] = of.push * speed;
  if (system->extras > 0) dxdt[RADIUS] = growth;
}

static double next_break(const ent_system *system, double t) {
  const equiangular *own = system->context;
  return own->norm == ENT_NORM_MIX && t < own->tau ? own->tau : INFINITY;
}

static void enter(ent_system *system, double t) {
  equiangular *own = system->context;
  own->is_past_tau = t >= own->tau;
}

const ent_model ent_model_equiangular = {
  .name = "equiangular",
  .summary = "attention with all overlaps equal: one equation for rho, any n, d of no effect",
  .equation = "rho' = (2/s) w (1-rho) (1+(n-1) rho), w = e^{beta rho}/(e^beta+(n-1) e^{beta rho}) (SA) or "
              "e^{beta rho}/n (USA), with s and r' of the normalization",
  .source = "arXiv:2312.10794 section on orthogonal tokens; arXiv:2510.22026; gamma: arXiv:2510.05554",
  .flags = ENT_MODEL_GRADIENT_FLOW | ENT_MODEL_EXCHANGEABLE | ENT_MODEL_EQUIVARIANT | ENT_MODEL_OWN_START |
           ENT_MODEL_ANY_COUNT | ENT_MODEL_LIMIT_COUNT,
  .parameters = parameters,
  .shape = shape,
  .check = check,
  .beta = beta,
  .create = create,
  .destroy = destroy,
  .configure = configure,
  .drift = drift,
  .start = start,
  .next_break = next_break,
  .enter = enter,
};
