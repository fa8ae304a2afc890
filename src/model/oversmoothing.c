#include "entrain/model/oversmoothing.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sleef.h>

#include "entrain/base/mem.h"
#include "entrain/base/rng.h"
#include "entrain/math/symmetric.h"
#include "entrain/math/vec.h"
#include "entrain/model/network.h"

enum { GRAPH, NEIGHBOURS, PROBABILITY, SELF_LOOP, LAYERS, SIGMA, RESIDUAL, EXPONENTS };
enum { GAUSSIAN, ORTHOGONAL, IDENTITY };

/*
 * The state begins with the number of layers so far and the logarithms of the start's two norms; then come
 * the sums of the logarithms of the QR factors and the orthonormal vectors, for the consensus part (each
 * [d]) and for the rest (each [n, d]). The first vector of each part is that part of the features.
 */
enum { COUNT, LOG_CONSENSUS, LOG_REST, HEAD };

typedef struct oversmoothing {
  size_t count; /* vectors in each part */
  int layers;
  double sigma, kept; /* kept: 1 with a residual, otherwise 0 */
  ent_rng rng;
  ent_network graph;
  double *p;         /* [n, n] */
  double *direction; /* [n]: eigenvector of P to 1, of length 1 */
  double *weights;   /* [d, d] */
  double *scratch;   /* [max(n, d), max(n, d)] */
  double *beside;    /* [2, n] */
} oversmoothing;

static const ent_parameter parameters[] = {
  [GRAPH] = ENT_GRAPH_PARAMETER(ENT_GRAPH_RING),
  [NEIGHBOURS] = ENT_GRAPH_NEIGHBOURS_PARAMETER,
  [PROBABILITY] = ENT_GRAPH_PROBABILITY_PARAMETER,
  [SELF_LOOP] = {.name = "self_loop",
                 .kind = ENT_PARAM_REAL,
                 .default_value = 1,
                 .min = 0,
                 .max = 1e6,
                 .unit = "1",
                 .summary = "weight of every vertex's loop to itself, in units of an edge's"},
  [LAYERS] = {.name = "layers",
              .kind = ENT_PARAM_CHOICE,
              .default_value = GAUSSIAN,
              .choices =
                (const char *const[]){
                  [GAUSSIAN] = "gaussian", [ORTHOGONAL] = "orthogonal", [IDENTITY] = "identity", NULL},
              .summary = "W_t / sigma: independent normal numbers of variance 1/d; uniform on the rotations "
                         "and reflections; 1"},
  [SIGMA] = {.name = "sigma",
             .kind = ENT_PARAM_REAL,
             .default_value = 1,
             .open_min = true,
             .min = 0,
             .max = 1e6,
             .unit = "1",
             .summary = "scale of the layers' weights"},
  [RESIDUAL] = {.name = "residual",
                .kind = ENT_PARAM_CHOICE,
                .choices = (const char *const[]){"none", "identity", NULL},
                .summary = "none: P X W_t; identity: X + P X W_t"},
  [EXPONENTS] = {.name = "exponents",
                 .kind = ENT_PARAM_INTEGER,
                 .shapes = true,
                 .default_value = 1,
                 .min = 1,
                 .max = ENT_OVERSMOOTHING_EXPONENTS,
                 .unit = "1",
                 .summary = "Lyapunov exponents in each part, at most d"},
  {0},
};

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

static size_t count_of(size_t d, const ent_point *point) {
  return smaller((size_t)point->values[ENT_GROUP_MODEL][EXPONENTS].number, d);
}

static ent_shape shape(const ent_point *point) {
  const size_t n = (size_t)point->n, d = (size_t)point->d, count = count_of(d, point);
  return (ent_shape){.kind = ENT_STATE_FREE, .extras = HEAD + count * (2 + d + n * d)};
}

static ent_graph_law law_of(const ent_value *values) {
  return (ent_graph_law){.kind = (int)values[GRAPH].number,
                         .neighbours = (int64_t)values[NEIGHBOURS].number,
                         .probability = values[PROBABILITY].number};
}

static bool check(const ent_point *point, ent_refusal *refusal) {
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  const ent_graph_law law = law_of(values);
  if (point->n < 2)
    return ent_refuse(refusal, "sweep.n", "n = 1 for model 'oversmoothing', must be at least 2");
  if (values[SELF_LOOP].number == 0 && law.kind == ENT_GRAPH_ERDOS_RENYI) {
    return ent_refuse(refusal, "parameters.self_loop",
                      "self_loop = 0 for a random graph, whose vertices may have no edge, must be above 0");
  }
  if (values[SELF_LOOP].number == 1 && values[RESIDUAL].number == 0 &&
      ent_graph_is_complete(&law, point->n)) {
    return ent_refuse(refusal, "parameters.self_loop",
                      "self_loop = 1 for a complete graph without residual, where one layer makes all "
                      "vertices equal, must be another number");
  }
  return true;
}

static void destroy(ent_system *system) {
  oversmoothing *own = system->context;
  if (own == NULL) return;
  ent_network_fini(&own->graph);
  free(own->p);
  free(own->direction);
  free(own->weights);
  free(own->scratch);
  free(own->beside);
  free(own);
  system->context = NULL;
}

static int create(ent_system *system) {
  oversmoothing *own = NULL;
  const size_t n = system->n, d = system->d, side = n > d ? n : d;
  ENT_TRY(ent_mem_alloc(1, sizeof(*own), &own));
  system->context = own;
  own->count = (system->extras - HEAD) / (2 + d + n * d);
  ENT_TRY(ent_network_init(n, &own->graph));
  ENT_TRY(ent_mem_alloc(n * n, sizeof(double), &own->p));
  ENT_TRY(ent_mem_alloc(n, sizeof(double), &own->direction));
  ENT_TRY(ent_mem_alloc(d * d, sizeof(double), &own->weights));
  ENT_TRY(ent_mem_alloc(side * side, sizeof(double), &own->scratch));
  ENT_TRY(ent_mem_alloc(2 * n, sizeof(double), &own->beside));
  return ENT_OK;
}

/* P = D^{-1/2} (A + s) D^{-1/2}, D the row sums of A + s; P sqrt(D) = sqrt(D). */
static void normalize_graph(oversmoothing *own, size_t n, double loop) {
  double *direction = own->direction;
  for (size_t i = 0; i < n; i++) direction[i] = loop;
  for (size_t k = 0; k < own->graph.n_edges; k++) {
    direction[own->graph.edges[k].from]++;
    direction[own->graph.edges[k].to]++;
  }
  memset(own->p, 0, n * n * sizeof(*own->p));
  for (size_t i = 0; i < n; i++) {
    direction[i] = sqrt(direction[i]);
    own->p[i * n + i] = loop / (direction[i] * direction[i]);
  }
  for (size_t k = 0; k < own->graph.n_edges; k++) {
    const size_t i = own->graph.edges[k].from, j = own->graph.edges[k].to;
    own->p[i * n + j] = own->p[j * n + i] = 1 / (direction[i] * direction[j]);
  }
  (void)ent_vec_normalize(n, direction);
}

static int configure(ent_system *system, const ent_point *point) {
  oversmoothing *own = system->context;
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  const ent_graph_law law = law_of(values);
  system->step = 1;
  own->layers = (int)values[LAYERS].number;
  own->sigma = values[SIGMA].number;
  own->kept = values[RESIDUAL].number;
  ent_rng_init(&own->rng, point->study, point->n, point->d, point->seed, ENT_STREAM_LAYERS);
  ENT_TRY(ent_network_draw(&own->graph, &law, point));
  normalize_graph(own, system->n, values[SELF_LOOP].number);
  return ENT_OK;
}

/*
 * Makes `count` vectors orthonormal by Gram and Schmidt, each twice, which is enough for orthogonality to
 * rounding. A vector that has vanished exactly counts as one of the smallest normal length and is replaced
 * by a coordinate's.
 * [in,out] sums  [count]: the logarithms of the lengths are added; NULL: they are forgotten
 */
static void orthonormalize(size_t count, size_t size, double *vectors, double *sums) {
  for (size_t k = 0; k < count; k++) {
    double *own = vectors + k * size;
    for (size_t round = 0; round < 2; round++) {
      for (size_t j = 0; j < k; j++)
        ent_vec_axpy(size, -ent_vec_dot(size, vectors + j * size, own), vectors + j * size, own);
    }
    const double length = ent_vec_norm(size, own);
    if (sums) sums[k] += Sleef_cinz_logd1_u10purec(fmax(length, DBL_MIN));
    for (size_t i = 0; i < size; i++) own[i] = length > 0 ? own[i] / length : (double)(i == k);
  }
}

/* Takes the consensus part out of features y [n, d]. */
static void leave_consensus(const oversmoothing *own, size_t n, size_t d, double *y) {
  for (size_t k = 0; k < d; k++) {
    double along = 0;
    for (size_t i = 0; i < n; i++) along += own->direction[i] * y[i * d + k];
    for (size_t i = 0; i < n; i++) y[i * d + k] -= own->direction[i] * along;
  }
}

/* The parts of a state. */
typedef struct parts {
  double *sums;      /* [2, count]: of the consensus part, of the rest */
  double *consensus; /* [count, d] */
  double *rest;      /* [count, n, d] */
} parts;

static parts parts_of(const ent_system *system, double *x) {
  const oversmoothing *own = system->context;
  double *consensus = x + HEAD + 2 * own->count;
  return (parts){.sums = x + HEAD, .consensus = consensus, .rest = consensus + own->count * system->d};
}

/* Features are independent normal numbers; so are further vectors, before they are made orthonormal. */
static void start(ent_system *system, const ent_point *point, double *x) {
  const oversmoothing *own = system->context;
  const size_t n = system->n, d = system->d;
  const parts at = parts_of(system, x);
  ent_rng rng;
  ent_rng_init(&rng, point->study, point->n, point->d, point->seed, ENT_STREAM_START);
  memset(x, 0, system->size * sizeof(*x));
  for (size_t k = 0; k < own->count; k++) {
    double *features = at.rest + k * n * d, *along = at.consensus + k * d;
    ent_rng_normal(&rng, n * d, features);
    for (size_t i = 0; i < n; i++) ent_vec_axpy(d, own->direction[i], features + i * d, along);
    leave_consensus(own, n, d, features);
  }
  orthonormalize(own->count, d, at.consensus, at.sums);
  orthonormalize(own->count, n * d, at.rest, at.sums + own->count);
  x[LOG_CONSENSUS] = at.sums[0];
  x[LOG_REST] = at.sums[own->count];
  memset(at.sums, 0, 2 * own->count * sizeof(*at.sums));
}

/* The weights of a layer; a function of the point and the layer's number alone. */
static void draw_weights(oversmoothing *own, size_t d, int64_t layer) {
  const size_t blocks = d * d / 4 + 1; /* of the stream, for one layer */
  if (own->layers == IDENTITY) {
    for (size_t k = 0; k < d * d; k++) own->weights[k] = k % (d + 1) == 0 ? own->sigma : 0;
    return;
  }
  ent_rng_seek(&own->rng, (uint64_t)layer * blocks);
  ent_rng_normal(&own->rng, d * d, own->weights);
  if (own->layers == ORTHOGONAL) orthonormalize(d, d, own->weights, NULL);
  const double scale = own->layers == ORTHOGONAL ? own->sigma : own->sigma / sqrt((double)d);
  for (size_t k = 0; k < d * d; k++) own->weights[k] *= scale;
}

/* y = row W, with a residual kept + row W; all [d]. */
static void apply_weights(const oversmoothing *own, size_t d, const double *row, const double *kept,
                          double *y) {
  for (size_t k = 0; k < d; k++) y[k] = own->kept * kept[k];
  for (size_t j = 0; j < d; j++) ent_vec_axpy(d, row[j], own->weights + j * d, y);
}

/* One layer on features [n, d] without consensus part. */
static void apply_layer(const oversmoothing *own, size_t n, size_t d, const double *features, double *next) {
  double *mixed = own->scratch; /* [d] */
  for (size_t i = 0; i < n; i++) {
    memset(mixed, 0, d * sizeof(*mixed));
    for (size_t j = 0; j < n; j++) {
      if (own->p[i * n + j] != 0) ent_vec_axpy(d, own->p[i * n + j], features + j * d, mixed);
    }
    apply_weights(own, d, mixed, features + i * d, next + i * d);
  }
  leave_consensus(own, n, d, next);
}

static void advance(ent_system *system, int64_t step, const double *x, double *next) {
  oversmoothing *own = system->context;
  const size_t n = system->n, d = system->d, count = own->count;
  const double *consensus = x + HEAD + 2 * count, *rest = consensus + count * d;
  const parts to = parts_of(system, next);
  memcpy(next, x, (HEAD + 2 * count) * sizeof(*x));
  next[COUNT] = x[COUNT] + 1;
  draw_weights(own, d, step);
  for (size_t k = 0; k < count; k++) {
    apply_weights(own, d, consensus + k * d, consensus + k * d, to.consensus + k * d);
    apply_layer(own, n, d, rest + k * n * d, to.rest + k * n * d);
  }
  orthonormalize(count, d, to.consensus, to.sums);
  orthonormalize(count, n * d, to.rest, to.sums + count);
}

bool ent_model_is_oversmoothing(const ent_model *model) {
  return model->advance == advance;
}

size_t ent_oversmoothing_exponents(const ent_system *system, const double *x, double *consensus,
                                   double *rest) {
  const oversmoothing *own = system->context;
  for (size_t k = 0; k < own->count; k++) {
    consensus[k] = x[COUNT] > 0 ? x[HEAD + k] / x[COUNT] : NAN;
    rest[k] = x[COUNT] > 0 ? x[HEAD + own->count + k] / x[COUNT] : NAN;
  }
  return own->count;
}

void ent_oversmoothing_ratio(const ent_system *system, const double *x, double *start_ratio, double *now) {
  const oversmoothing *own = system->context;
  *start_ratio = x[LOG_REST] - x[LOG_CONSENSUS];
  *now = *start_ratio + x[HEAD + own->count] - x[HEAD];
}

void ent_oversmoothing_features(const ent_system *system, const double *x, double *features) {
  const oversmoothing *own = system->context;
  const double *consensus = x + HEAD + 2 * own->count, *rest = consensus + own->count * system->d;
  double at_start = 0, now = 0;
  ent_oversmoothing_ratio(system, x, &at_start, &now);
  const double ratio = Sleef_cinz_expd1_u10purec(now);
  for (size_t i = 0; i < system->n; i++) {
    for (size_t k = 0; k < system->d; k++) {
      const size_t place = i * system->d + k;
      features[place] = own->direction[i] * consensus[k] + ratio * rest[place];
    }
  }
}

double ent_oversmoothing_lambda2(const ent_system *system) {
  const oversmoothing *own = system->context;
  const size_t n = system->n;
  double *diagonal = own->beside + n;
  memcpy(own->scratch, own->p, n * n * sizeof(*own->p));
  ent_symmetric_reduce(n, own->scratch, diagonal, own->beside);
  return fmax(fabs(ent_tridiagonal_eigenvalue(n, diagonal, own->beside, 0)),
              fabs(ent_tridiagonal_eigenvalue(n, diagonal, own->beside, n - 2)));
}

/* The logarithm of how different the vertices are. */
static double energy(const ent_system *system, const double *x) {
  double at_start = 0, now = 0;
  ent_oversmoothing_ratio(system, x, &at_start, &now);
  return now;
}

/* |consensus| / |features|. */
static double order_parameter(const ent_system *system, const double *x) {
  return 1 / sqrt(1 + Sleef_cinz_expd1_u10purec(2 * energy(system, x)));
}

const ent_model ent_model_oversmoothing = {
  .name = "oversmoothing",
  .summary = "random linear layers on a graph, with and without residual, and their Lyapunov exponents",
  .equation = "X <- P X W_t, or X + P X W_t; P = D^{-1/2} (A + s) D^{-1/2}, X [n, d]",
  .source = "arXiv:2501.00762",
  .flags = ENT_MODEL_OWN_START | ENT_MODEL_NO_PARTICLES,
  .parameters = parameters,
  .shape = shape,
  .check = check,
  .create = create,
  .destroy = destroy,
  .configure = configure,
  .advance = advance,
  .start = start,
  .energy = energy,
  .order_parameter = order_parameter,
};
