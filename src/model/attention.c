#include <math.h>
#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/kernel/pairs.h"
#include "entrain/model/attention_parameters.h"
#include "entrain/model/model.h"

enum { WEIGHTS, BETA, MASSES };

typedef struct attention {
  ent_pairs *pairs;
  ent_pair_law law;
  double *masses; /* [n], normalized */
} attention;

static const ent_parameter parameters[] = {
  [WEIGHTS] = ENT_MODEL_WEIGHTS_PARAMETER,
  [BETA] = ENT_MODEL_BETA_PARAMETER,
  [MASSES] = {.name = "masses",
              .kind = ENT_PARAM_LIST,
              .open_min = true,
              .min = 0,
              .max = 1e300,
              .unit = "1",
              .summary = "n positive weights of the particles, divided by their sum; default: all equal"},
  {0},
};

static ent_shape shape(const ent_point *point) {
  return (ent_shape){.kind = point->d == 2 ? ENT_STATE_ANGLES : ENT_STATE_VECTORS};
}

static double beta(const ent_point *point) {
  return point->values[ENT_GROUP_MODEL][BETA].number;
}

static bool check(const ent_point *point, ent_refusal *refusal) {
  const ent_value *masses = &point->values[ENT_GROUP_MODEL][MASSES];
  if (masses->list && masses->count != (size_t)point->n) {
    return ent_refuse(refusal, "parameters.masses", "%zu masses for n = %lld particles, must be as many",
                      masses->count, (long long)point->n);
  }
  return true;
}

static void destroy(ent_system *system) {
  attention *own = system->context;
  if (own == NULL) return;
  ent_pairs_destroy(&own->pairs);
  free(own->masses);
  free(own);
  system->context = NULL;
}

static int create(ent_system *system) {
  attention *own = NULL;
  ENT_TRY(ent_mem_alloc(1, sizeof(*own), &own));
  system->context = own;
  ENT_TRY(ent_pairs_create(system->n, system->d, &own->pairs));
  ENT_TRY(ent_mem_alloc(system->n, sizeof(double), &own->masses));
  return ENT_OK;
}

static int configure(ent_system *system, const ent_point *point) {
  attention *own = system->context;
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  own->law = (ent_pair_law){.beta = values[BETA].number,
                            .softmax = (int)values[WEIGHTS].number == ENT_WEIGHTS_SOFTMAX,
                            .log_scale = system->log_unit};
  if (values[MASSES].list) {
    ENT_CHECK(values[MASSES].count == system->n, ENT_ERR_ARGUMENT, "%zu masses for n = %zu particles",
              values[MASSES].count, system->n);
    double sum = 0;
    for (size_t i = 0; i < system->n; i++) sum += values[MASSES].list[i];
    for (size_t i = 0; i < system->n; i++) own->masses[i] = values[MASSES].list[i] / sum;
    own->law.masses = own->masses;
    system->promises &= ~(unsigned)ENT_MODEL_EXCHANGEABLE;
  }
  system->beta = own->law.beta;
  system->masses = own->law.masses;
  system->certificate =
    true; /* V = I, all weights positive, complete graph, any real beta (physics, cone collapse) */
  return ENT_OK;
}

static void drift(ent_system *system, double t, const double *x, double *dxdt) {
  attention *own = system->context;
  (void)t;
  if (system->kind == ENT_STATE_ANGLES) {
    ent_pairs_drift_angles(own->pairs, &own->law, x, dxdt);
  } else {
    ent_pairs_drift_vectors(own->pairs, &own->law, x, dxdt);
  }
}

static void theory(const ent_system *system, ent_theory_facts *facts) {
  const attention *own = system->context;
  facts->sight = ENT_SIGHT_ALL;
  facts->is_plain = true;
  facts->is_softmax = own->law.softmax;
  facts->beta = own->law.beta;
  facts->kernel = (ent_theory_kernel){.weight = ent_theory_exponential, .context = &own->law.beta};
}

const ent_model ent_model_attention = {
  .name = "attention",
  .summary = "self-attention particles on the sphere S^(d-1), V = Q = K = identity",
  .equation =
    "x_i' = P_{x_i}(sum_j m_j e^{beta <x_i,x_j>} x_j / Z_i), Z_i = the row's sum (softmax) or 1 (mean)",
  .source =
    "arXiv:2312.10794 (SA), (USA); masses: arXiv:2504.14697; certificate: cone collapse, arXiv:2312.10794",
  .flags = ENT_MODEL_GRADIENT_FLOW | ENT_MODEL_EXCHANGEABLE | ENT_MODEL_EQUIVARIANT,
  .parameters = parameters,
  .shape = shape,
  .check = check,
  .beta = beta,
  .create = create,
  .destroy = destroy,
  .configure = configure,
  .drift = drift,
  .theory = theory,
};
