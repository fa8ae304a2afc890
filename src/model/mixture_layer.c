#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/base/rng.h"
#include "entrain/math/gaussian.h"
#include "entrain/math/vec.h"
#include "entrain/model/model.h"

enum { COVARIANCE, ACTIVATION, DATA, SAMPLES, TEACHER_WIDTH, SEPARATION, SCALE, SPREAD };
enum { NONE, FULL };
enum { TEACHER, CLASSES };

/*
 * The state is one block a component: the mean m = (a, w) [1 + d], and with covariances the factor U
 * [1 + d, 1 + d] of S = U U^T.
 */
typedef struct mixture_layer {
  ent_activation activation;
  bool has_covariance;
  size_t samples, room; /* room: for how many there is memory */
  double *inputs;       /* [samples, d] */
  double *outputs;      /* [samples] */
  double *residuals;    /* [samples]: network - outputs */
  double mean_square;   /* of the outputs */
  double *projection;   /* [1 + d]: U_w^T input */
  double *teacher;      /* [d] */
} mixture_layer;

static const char *const covariances[] = {[NONE] = "none", [FULL] = "full", NULL};
static const char *const activations[] = {[ENT_ACTIVATION_ERF] = "erf", [ENT_ACTIVATION_RELU] = "relu", NULL};
static const char *const data_sets[] = {[TEACHER] = "teacher", [CLASSES] = "classes", NULL};

static const ent_parameter parameters[] = {
  [COVARIANCE] = {.name = "covariance",
                  .kind = ENT_PARAM_CHOICE,
                  .shapes = true,
                  .choices = covariances,
                  .default_value = FULL,
                  .summary = "full: Gaussian components; none: as many plain neurons, their means"},
  [ACTIVATION] = {.name = "activation",
                  .kind = ENT_PARAM_CHOICE,
                  .choices = activations,
                  .default_value = ENT_ACTIVATION_RELU,
                  .summary = "s(z): erf(z/sqrt(2)) or max(z, 0)"},
  [DATA] = {.name = "data",
            .kind = ENT_PARAM_CHOICE,
            .choices = data_sets,
            .summary = "outputs of a random teacher network, or two classes with outputs +-1"},
  [SAMPLES] = {.name = "samples",
               .kind = ENT_PARAM_INTEGER,
               .default_value = 64,
               .min = 1,
               .max = 1e6,
               .unit = "1",
               .summary = "pairs of input and output"},
  [TEACHER_WIDTH] = {.name = "teacher_width",
                     .kind = ENT_PARAM_INTEGER,
                     .default_value = 4,
                     .min = 1,
                     .max = 1e6,
                     .unit = "1",
                     .summary = "neurons of the teacher"},
  [SEPARATION] = {.name = "separation",
                  .kind = ENT_PARAM_REAL,
                  .default_value = 2,
                  .min = 0,
                  .max = 1e3,
                  .unit = "1",
                  .summary = "distance of the two classes' centres"},
  [SCALE] = {.name = "scale",
             .kind = ENT_PARAM_REAL,
             .default_value = 1,
             .min = 0,
             .max = 1e3,
             .unit = "1",
             .summary = "standard deviation of the means' numbers at the start"},
  [SPREAD] = {.name = "spread",
              .kind = ENT_PARAM_REAL,
              .default_value = 0.5,
              .min = 0,
              .max = 1e3,
              .unit = "1",
              .summary = "standard deviation of every component at the start"},
  {0},
};

static size_t block_size(size_t d, bool has_covariance) {
  return (1 + d) * (has_covariance ? 2 + d : 1);
}

static ent_shape shape(const ent_point *point) {
  const bool has_covariance = (int)point->values[ENT_GROUP_MODEL][COVARIANCE].number == FULL;
  const size_t block = block_size((size_t)point->d, has_covariance);
  return (ent_shape){.kind = ENT_STATE_FREE, .extras = (size_t)point->n * block};
}

static void forget_data(mixture_layer *own) {
  free(own->inputs);
  free(own->outputs);
  free(own->residuals);
  own->inputs = own->outputs = own->residuals = NULL;
  own->room = 0;
}

static void destroy(ent_system *system) {
  mixture_layer *own = system->context;
  if (own == NULL) return;
  forget_data(own);
  free(own->projection);
  free(own->teacher);
  free(own);
  system->context = NULL;
}

static int create(ent_system *system) {
  mixture_layer *own = NULL;
  ENT_TRY(ent_mem_alloc(1, sizeof(*own), &own));
  system->context = own;
  own->has_covariance = system->extras > system->n * block_size(system->d, false);
  ENT_TRY(ent_mem_alloc(1 + system->d, sizeof(double), &own->projection));
  ENT_TRY(ent_mem_alloc(system->d, sizeof(double), &own->teacher));
  return ENT_OK;
}

/* Memory for the samples, whose number is no part of the state's shape; it is kept from point to point. */
static int make_room(mixture_layer *own, size_t d, size_t samples) {
  own->samples = samples;
  if (samples <= own->room) return ENT_OK;
  forget_data(own);
  ENT_TRY(ent_mem_alloc(samples * d, sizeof(double), &own->inputs));
  ENT_TRY(ent_mem_alloc(samples, sizeof(double), &own->outputs));
  ENT_TRY(ent_mem_alloc(samples, sizeof(double), &own->residuals));
  own->room = samples;
  return ENT_OK;
}

/* y = sum_t a_t s(<w_t, x>) / sqrt(width), all numbers of a_t and w_t normal. */
static void ask_teacher(mixture_layer *own, const ent_point *point, size_t width) {
  const size_t d = (size_t)point->d;
  double pair[2];
  ent_rng rng;
  ent_rng_init(&rng, point->study, 0, point->d, point->seed, ENT_STREAM_TEACHER);
  memset(own->outputs, 0, own->samples * sizeof(*own->outputs));
  for (size_t t = 0; t < width; t++) {
    ent_rng_normal(&rng, d, own->teacher);
    ent_rng_normal_pair(&rng, pair);
    for (size_t i = 0; i < own->samples; i++) {
      const double z = ent_vec_dot(d, own->teacher, own->inputs + i * d);
      own->outputs[i] += pair[0] * ent_gaussian_activate(own->activation, z) / sqrt((double)width);
    }
  }
}

/* Two classes in turn, moved apart along the first coordinate. */
static void make_classes(mixture_layer *own, size_t d, double separation) {
  for (size_t i = 0; i < own->samples; i++) {
    own->outputs[i] = i % 2 == 0 ? 1 : -1;
    own->inputs[i * d] += 0.5 * separation * own->outputs[i];
  }
}

static int configure(ent_system *system, const ent_point *point) {
  mixture_layer *own = system->context;
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  ent_rng rng;
  own->activation = (ent_activation)(int)values[ACTIVATION].number;
  ENT_TRY(make_room(own, system->d, (size_t)values[SAMPLES].number));
  ent_rng_init(&rng, point->study, 0, point->d, point->seed, ENT_STREAM_DATA);
  ent_rng_normal(&rng, own->samples * system->d, own->inputs);
  if ((int)values[DATA].number == CLASSES)
    make_classes(own, system->d, values[SEPARATION].number);
  else
    ask_teacher(own, point, (size_t)values[TEACHER_WIDTH].number);
  own->mean_square = ent_vec_dot(own->samples, own->outputs, own->outputs) / (double)own->samples;
  return ENT_OK;
}

static void start(ent_system *system, const ent_point *point, double *x) {
  const mixture_layer *own = system->context;
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  const size_t p = 1 + system->d, block = system->size / system->n;
  ent_rng rng;
  ent_rng_init(&rng, point->study, point->n, point->d, point->seed, ENT_STREAM_START);
  memset(x, 0, system->size * sizeof(*x));
  for (size_t k = 0; k < system->n; k++, x += block) {
    ent_rng_normal(&rng, p, x);
    for (size_t i = 0; i < p; i++) {
      x[i] *= values[SCALE].number;
      if (own->has_covariance) x[p + i * (p + 1)] = values[SPREAD].number;
    }
  }
}

/*
 * What a component sees of an input: z = <w, input> is normal, and
 *   E a s(z) = mean(a) E s(z) + Cov(a, z) E s'(z)      (Stein's lemma)
 */
typedef struct view {
  ent_gaussian_moments z;
  double covariance; /* Cov(a, z) */
} view;

static view look(const mixture_layer *own, size_t d, const double *component, const double *input) {
  const size_t p = 1 + d;
  const double *factor = component + p;
  const double mean = ent_vec_dot(d, component + 1, input);
  if (!own->has_covariance) return (view){.z = ent_gaussian_expect(own->activation, mean, 0)};
  memset(own->projection, 0, p * sizeof(*own->projection));
  for (size_t j = 0; j < d; j++) ent_vec_axpy(p, input[j], factor + (1 + j) * p, own->projection);
  const double variance = ent_vec_dot(p, own->projection, own->projection);
  return (view){.z = ent_gaussian_expect(own->activation, mean, variance),
                .covariance = ent_vec_dot(p, factor, own->projection)};
}

/* The residuals of all samples; returns the loss, half their mean square. */
static double compare(const ent_system *system, const double *x) {
  const mixture_layer *own = system->context;
  const size_t d = system->d, block = system->size / system->n;
  for (size_t i = 0; i < own->samples; i++) {
    double sum = 0;
    for (size_t k = 0; k < system->n; k++) {
      const double *component = x + k * block;
      const view seen = look(own, d, component, own->inputs + i * d);
      sum += component[0] * seen.z.value + seen.covariance * seen.z.first;
    }
    own->residuals[i] = sum / (double)system->n - own->outputs[i];
  }
  return 0.5 * ent_vec_dot(own->samples, own->residuals, own->residuals) / (double)own->samples;
}

/*
 * Adds `rate` times the means of the gradient and of the Hessian of psi(a, w) = a s(<w, input>):
 *   m' += rate (E s, (mean(a) E s' + Cov E s'') input)
 *   U' += rate M U,  M = [0, E s' input^T; E s' input, (mean(a) E s'' + Cov E s''') input input^T]
 */
static void push(const mixture_layer *own, size_t d, const double *component, const double *input,
                 double rate, double *dxdt) {
  const size_t p = 1 + d;
  const double *factor = component + p;
  const view seen = look(own, d, component, input);
  const double along = component[0] * seen.z.first + seen.covariance * seen.z.second;
  dxdt[0] += rate * seen.z.value;
  ent_vec_axpy(d, rate * along, input, dxdt + 1);
  if (!own->has_covariance) return;
  const double twice = component[0] * seen.z.second + seen.covariance * seen.z.third;
  ent_vec_axpy(p, rate * seen.z.first, own->projection, dxdt + p);
  for (size_t i = 0; i < p; i++) own->projection[i] = seen.z.first * factor[i] + twice * own->projection[i];
  for (size_t j = 0; j < d; j++) ent_vec_axpy(p, rate * input[j], own->projection, dxdt + (2 + j) * p);
}

/*
 * With r the residuals, m_k' = -mean_i r_i E grad psi and S_k' = M S_k + S_k M, M = -mean_i r_i E Hess psi,
 * that is U_k' = M U_k: n times the steepest descent of the loss in (m, U).
 */
static void drift(ent_system *system, double t, const double *x, double *dxdt) {
  const mixture_layer *own = system->context;
  const size_t d = system->d, block = system->size / system->n;
  (void)t;
  (void)compare(system, x);
  memset(dxdt, 0, system->size * sizeof(*dxdt));
  for (size_t k = 0; k < system->n; k++) {
    for (size_t i = 0; i < own->samples; i++) {
      const double rate = -own->residuals[i] / (double)own->samples;
      push(own, d, x + k * block, own->inputs + i * d, rate, dxdt + k * block);
    }
  }
}

static double distance(const ent_system *system, const double *x) {
  return compare(system, x);
}

static double energy(const ent_system *system, const double *x) {
  return -compare(system, x);
}

/* The share of the outputs' mean square that is explained. */
static double order_parameter(const ent_system *system, const double *x) {
  const mixture_layer *own = system->context;
  const double left = 2 * compare(system, x) / own->mean_square;
  return left < 1 ? 1 - left : 0;
}

const ent_model ent_model_mixture_layer = {
  .name = "mixture_layer",
  .summary = "a two-layer network whose parameters are a Gaussian mixture, trained by its gradient flow",
  .equation = "m_k' = -E[r E grad psi], S_k' = M S_k + S_k M, M = -E[r E Hess psi], psi = a s(<w, input>)",
  .source = "arXiv:2508.04883",
  .flags = ENT_MODEL_GRADIENT_FLOW | ENT_MODEL_EXCHANGEABLE | ENT_MODEL_OWN_START | ENT_MODEL_NO_PARTICLES,
  .parameters = parameters,
  .shape = shape,
  .create = create,
  .destroy = destroy,
  .configure = configure,
  .drift = drift,
  .start = start,
  .energy = energy,
  .order_parameter = order_parameter,
  .distance = distance,
};
