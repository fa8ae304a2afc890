#include <math.h>
#include <stdlib.h>

#include <sleef.h>

#include "entrain/base/mem.h"
#include "entrain/base/rng.h"
#include "entrain/kernel/pairs.h"
#include "entrain/model/model.h"

enum { COUPLING, FREQUENCIES, WIDTH };
enum { IDENTICAL, GAUSSIAN, LORENTZIAN };

typedef struct kuramoto {
  ent_pairs *pairs;
  double coupling;
  double *frequencies; /* [n] */
} kuramoto;

static const char *const distributions[] = {
  [IDENTICAL] = "identical", [GAUSSIAN] = "gaussian", [LORENTZIAN] = "lorentzian", NULL};

static const ent_parameter parameters[] = {
  [COUPLING] = {.name = "coupling",
                .kind = ENT_PARAM_REAL,
                .default_value = 1,
                .min = -1e6,
                .max = 1e6,
                .unit = "1",
                .summary = "coupling strength K; negative: repulsion"},
  [FREQUENCIES] = {.name = "frequencies",
                   .kind = ENT_PARAM_CHOICE,
                   .choices = distributions,
                   .default_value = IDENTICAL,
                   .summary = "distribution of the natural frequencies, centred at 0, drawn by the seed"},
  [WIDTH] = {.name = "width",
             .kind = ENT_PARAM_REAL,
             .default_value = 1,
             .min = 0,
             .max = 1e6,
             .unit = "1",
             .summary = "standard deviation (gaussian) or half width at half maximum (lorentzian)"},
  {0},
};

static ent_shape shape(const ent_point *point) {
  (void)point;
  return (ent_shape){.kind = ENT_STATE_ANGLES};
}

static void destroy(ent_system *system) {
  kuramoto *own = system->context;
  if (own == NULL) return;
  ent_pairs_destroy(&own->pairs);
  free(own->frequencies);
  free(own);
  system->context = NULL;
}

static int create(ent_system *system) {
  kuramoto *own = NULL;
  ENT_TRY(ent_mem_alloc(1, sizeof(*own), &own));
  system->context = own;
  ENT_TRY(ent_pairs_create(system->n, system->d, &own->pairs));
  ENT_TRY(ent_mem_alloc(system->n, sizeof(double), &own->frequencies));
  return ENT_OK;
}

/* Natural frequencies of a point into omega [n]. */
static void draw_frequencies(const ent_point *point, int distribution, double width, double *omega) {
  ent_rng rng;
  ent_rng_init(&rng, point->study, point->n, point->d, point->seed, ENT_STREAM_FREQUENCIES);
  if (distribution == GAUSSIAN) ent_rng_normal(&rng, (size_t)point->n, omega);
  for (int64_t i = 0; i < point->n; i++) {
    if (distribution == LORENTZIAN) {
      const Sleef_double_2 sine_cosine = Sleef_cinz_sincospid1_u05purec(ent_rng_uniform(&rng) - 0.5);
      omega[i] = sine_cosine.x / sine_cosine.y;
    }
    omega[i] = distribution == IDENTICAL ? 0 : width * omega[i];
  }
}

static int configure(ent_system *system, const ent_point *point) {
  kuramoto *own = system->context;
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  const int distribution = (int)values[FREQUENCIES].number;
  const double width = values[WIDTH].number;
  own->coupling = values[COUPLING].number;
  draw_frequencies(point, distribution, width, own->frequencies);
  const bool is_identical = distribution == IDENTICAL || width == 0;
  if (!is_identical) system->promises &= ~(unsigned)(ENT_MODEL_GRADIENT_FLOW | ENT_MODEL_EXCHANGEABLE);
  if (own->coupling <= 0) system->promises &= ~(unsigned)ENT_MODEL_GRADIENT_FLOW;
  system->certificate = own->coupling > 0 && is_identical;
  return ENT_OK;
}

/* The pair sum is the attention's at beta = 0. */
static void drift(ent_system *system, double t, const double *x, double *dxdt) {
  const kuramoto *own = system->context;
  const ent_pair_law law = {.beta = 0, .softmax = false};
  (void)t;
  ent_pairs_drift_angles(own->pairs, &law, x, dxdt);
  for (size_t i = 0; i < system->n; i++) dxdt[i] = own->frequencies[i] + own->coupling * dxdt[i];
}

/* With identical frequencies and attraction the interaction is that of a constant weight. */
static void theory(const ent_system *system, ent_theory_facts *facts) {
  static const double beta = 0;
  facts->sight = ENT_SIGHT_ALL;
  facts->is_plain = system->certificate;
  facts->beta = beta;
  facts->kernel = (ent_theory_kernel){.weight = ent_theory_exponential, .context = &beta};
}

const ent_model ent_model_kuramoto = {
  .name = "kuramoto",
  .summary = "Kuramoto oscillators on the complete graph",
  .equation = "theta_i' = omega_i + (K/n) sum_j sin(theta_j - theta_i)",
  .source = "arXiv:1906.10627; with omega = 0, K = 1 the attention model at beta = 0 (arXiv:2312.10794)",
  .flags = ENT_MODEL_GRADIENT_FLOW | ENT_MODEL_EXCHANGEABLE | ENT_MODEL_EQUIVARIANT | ENT_MODEL_CIRCLE_ONLY,
  .parameters = parameters,
  .shape = shape,
  .create = create,
  .destroy = destroy,
  .configure = configure,
  .drift = drift,
  .theory = theory,
};
