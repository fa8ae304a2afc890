#include "entrain/model/measure_flow.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sleef.h>

#include "entrain/base/mem.h"
#include "entrain/math/transport.h"
#include "entrain/math/vec.h"

enum { MEASURES, SWITCHES, TARGETS, FIRST_PIECE };
enum { V = FIRST_PIECE, B, W, U, BIAS, PIECE_END };

/* One parameter of the drift: for each piece 1 number (a multiple of 1), d (the diagonal), or d x d. */
typedef struct matrices {
  const double *numbers; /* [pieces, width] */
  size_t width;
} matrices;

typedef struct measure_flow {
  size_t measures, atoms; /* atoms: of each measure */
  size_t n_switches, piece;
  const double *switches;                /* [n_switches] */
  matrices given[PIECE_END];             /* from FIRST_PIECE on */
  const double *targets;                 /* [n] angles, or [n, d]; NULL: none */
  double *sent, *mean, *inner, *outcome; /* [d] */
  double *weights;                       /* [n] */
  double *angles, *goals;                /* [n]: of a measure and its target, for d = 2 */
  size_t *partners;                      /* [n] */
} measure_flow;

#define MATRIX(matrix, usual, what)                                                                          \
  {                                                                                                          \
    .name = (matrix), .kind = ENT_PARAM_LIST, .default_value = (usual), .min = -1e6, .max = 1e6,             \
    .unit = "1", .summary = (what)                                                                           \
  }

static const ent_parameter parameters[] = {
  [MEASURES] = {.name = "measures",
                .kind = ENT_PARAM_INTEGER,
                .default_value = 1,
                .min = 1,
                .max = 1e6,
                .unit = "1",
                .summary = "input measures; each has n/measures atoms, one after the other"},
  [SWITCHES] = {.name = "switches",
                .kind = ENT_PARAM_LIST,
                .open_min = true,
                .min = 0,
                .max = 1e12,
                .unit = "t",
                .summary = "times at which the next piece begins, ascending"},
  [TARGETS] = MATRIX("targets", 0, "atoms of the targets: n angles for d = 2, otherwise n unit vectors"),
  [V] = MATRIX("matrix_v", 1, "V of each piece: 1, d or d x d numbers each; without: 1"),
  [B] = MATRIX("matrix_b", 1, "B of each piece: 1, d or d x d numbers each; without: 1"),
  [W] = MATRIX("matrix_w", 0, "W of each piece: 1, d or d x d numbers each; without: 0"),
  [U] = MATRIX("matrix_u", 1, "U of each piece: 1, d or d x d numbers each; without: 1"),
  [BIAS] = MATRIX("bias", 0, "b of each piece: 1 or d numbers each; without: 0"),
  {0},
};

static ent_shape shape(const ent_point *point) {
  (void)point;
  return (ent_shape){.kind = ENT_STATE_VECTORS};
}

static bool check_pieces(const ent_point *point, int slot, ent_refusal *refusal) {
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  const size_t pieces = values[SWITCHES].count + 1, d = (size_t)point->d, count = values[slot].count;
  char key[sizeof(refusal->key)];
  if (!values[slot].list || count == pieces || count == pieces * d) return true;
  if (slot != BIAS && count == pieces * d * d) return true;
  snprintf(key, sizeof(key), "parameters.%s", parameters[slot].name);
  return ent_refuse(refusal, key, "%zu numbers for %zu pieces, must be 1, d%s for each", count, pieces,
                    slot == BIAS ? "" : " or d x d");
}

static bool check_targets(const ent_point *point, ent_refusal *refusal) {
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  const int64_t expected = point->d == 2 ? point->n : point->n * point->d;
  if (!values[TARGETS].list) return true;
  if ((int64_t)values[TARGETS].count != expected) {
    return ent_refuse(refusal, "parameters.targets", "%zu numbers for n = %lld atoms, must be %lld",
                      values[TARGETS].count, (long long)point->n, (long long)expected);
  }
  if (point->d > 2 && point->n > (int64_t)values[MEASURES].number * ENT_MEASURE_FLOW_MOST_ATOMS) {
    return ent_refuse(refusal, "parameters.targets", "targets for more than %d atoms a measure, d >= 3",
                      ENT_MEASURE_FLOW_MOST_ATOMS);
  }
  for (int64_t i = 0; point->d > 2 && i < point->n; i++) {
    const double length = ent_vec_norm((size_t)point->d, values[TARGETS].list + i * point->d);
    if (fabs(length - 1) > 1e-6)
      return ent_refuse(refusal, "parameters.targets", "vector %lld has length %g, must be 1", (long long)i,
                        length);
  }
  return true;
}

static bool check(const ent_point *point, ent_refusal *refusal) {
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  const int64_t measures = (int64_t)values[MEASURES].number;
  if (point->n % measures != 0) {
    return ent_refuse(refusal, "parameters.measures", "measures = %lld for n = %lld atoms, must divide n",
                      (long long)measures, (long long)point->n);
  }
  for (size_t i = 1; i < values[SWITCHES].count; i++) {
    if (values[SWITCHES].list[i] <= values[SWITCHES].list[i - 1])
      return ent_refuse(refusal, "parameters.switches", "%g after %g, must be ascending",
                        values[SWITCHES].list[i], values[SWITCHES].list[i - 1]);
  }
  for (int slot = FIRST_PIECE; slot < PIECE_END; slot++)
    if (!check_pieces(point, slot, refusal)) return false;
  return check_targets(point, refusal);
}

static void destroy(ent_system *system) {
  measure_flow *own = system->context;
  if (own == NULL) return;
  free(own->sent);
  free(own->weights);
  free(own->angles);
  free(own->partners);
  free(own);
  system->context = NULL;
}

static int create(ent_system *system) {
  measure_flow *own = NULL;
  const size_t n = system->n, d = system->d;
  ENT_TRY(ent_mem_alloc(1, sizeof(*own), &own));
  system->context = own;
  ENT_TRY(ent_mem_alloc(4 * d, sizeof(double), &own->sent));
  ENT_TRY(ent_mem_alloc(n, sizeof(double), &own->weights));
  ENT_TRY(ent_mem_alloc(2 * n, sizeof(double), &own->angles));
  ENT_TRY(ent_mem_alloc(n, sizeof(size_t), &own->partners));
  own->mean = own->sent + d;
  own->inner = own->mean + d;
  own->outcome = own->inner + d;
  own->goals = own->angles + n;
  return ENT_OK;
}

static int configure(ent_system *system, const ent_point *point) {
  measure_flow *own = system->context;
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  own->measures = (size_t)values[MEASURES].number;
  own->atoms = system->n / own->measures;
  own->n_switches = values[SWITCHES].count;
  own->switches = values[SWITCHES].list;
  own->targets = values[TARGETS].list;
  own->piece = 0;
  for (int slot = FIRST_PIECE; slot < PIECE_END; slot++) {
    own->given[slot] = (matrices){.numbers = values[slot].list};
    if (values[slot].list) own->given[slot].width = values[slot].count / (own->n_switches + 1);
  }
  if (own->measures > 1) system->promises &= ~(unsigned)ENT_MODEL_EXCHANGEABLE;
  return ENT_OK;
}

static double next_break(const ent_system *system, double t) {
  const measure_flow *own = system->context;
  for (size_t i = 0; i < own->n_switches; i++)
    if (own->switches[i] > t) return own->switches[i];
  return INFINITY;
}

static void enter(ent_system *system, double t) {
  measure_flow *own = system->context;
  own->piece = 0;
  while (own->piece < own->n_switches && own->switches[own->piece] <= t) own->piece++;
}

/* The numbers of a parameter in this piece. */
static const double *numbers_of(const measure_flow *own, int slot) {
  const matrices *given = &own->given[slot];
  return given->numbers ? given->numbers + own->piece * given->width : &parameters[slot].default_value;
}

/* Whether it is a multiple of 1. */
static bool is_scalar(const measure_flow *own, int slot) {
  return own->given[slot].width <= 1;
}

/* y = M x for a parameter of this piece; x, y [d], different. */
static void multiply(const measure_flow *own, int slot, size_t d, const double *x, double *y) {
  const double *m = numbers_of(own, slot);
  for (size_t i = 0; i < d; i++) {
    if (own->given[slot].width == d * d)
      y[i] = ent_vec_dot(d, m + i * d, x);
    else
      y[i] = m[is_scalar(own, slot) ? 0 : i] * x[i];
  }
}

/* mean = sum_j w_j (x_j - x_i), w the softmax of <B x_i, x_j>: nothing where all atoms are one. */
static void attend(const measure_flow *own, size_t d, const double *atoms, const double *at) {
  double largest = -INFINITY, sum = 0;
  multiply(own, B, d, at, own->sent);
  for (size_t j = 0; j < own->atoms; j++) {
    own->weights[j] = ent_vec_dot(d, own->sent, atoms + j * d);
    largest = fmax(largest, own->weights[j]);
  }
  memset(own->mean, 0, d * sizeof(*own->mean));
  for (size_t j = 0; j < own->atoms; j++) {
    const double weight = Sleef_cinz_expd1_u10purec(own->weights[j] - largest);
    for (size_t k = 0; k < d; k++) own->mean[k] += weight * (atoms[j * d + k] - at[k]);
    sum += weight;
  }
  for (size_t k = 0; k < d; k++) own->mean[k] /= sum;
}

/* outcome += W max(U x + b, 0). */
static void add_perceptron(const measure_flow *own, size_t d, const double *at) {
  const double *bias = numbers_of(own, BIAS);
  multiply(own, U, d, at, own->inner);
  for (size_t k = 0; k < d; k++) own->inner[k] = fmax(own->inner[k] + bias[is_scalar(own, BIAS) ? 0 : k], 0);
  multiply(own, W, d, own->inner, own->sent);
  ent_vec_axpy(d, 1, own->sent, own->outcome);
}

/*
 * x_i' = P_{x_i}( V A + W max(U x_i + b, 0) ), A the mean of the atoms of the same measure. With V a multiple
 * of 1, V x_i is normal to the sphere and left out, so that coincident atoms do not move at all.
 */
static void drift(ent_system *system, double t, const double *x, double *dxdt) {
  const measure_flow *own = system->context;
  const size_t d = system->d;
  (void)t;
  for (size_t i = 0; i < system->n; i++) {
    const double *at = x + i * d;
    attend(own, d, x + i / own->atoms * own->atoms * d, at);
    if (!is_scalar(own, V)) ent_vec_axpy(d, 1, at, own->mean);
    multiply(own, V, d, own->mean, own->outcome);
    add_perceptron(own, d, at);
    memcpy(dxdt + i * d, own->outcome, d * sizeof(*dxdt));
    ent_vec_axpy(d, -ent_vec_dot(d, at, own->outcome), at, dxdt + i * d);
  }
}

/* Rows go on to the horizon: what atoms do when they have met is not over. */
static double distance(const ent_system *system, const double *x) {
  (void)system, (void)x;
  return NAN;
}

bool ent_model_is_measure_flow(const ent_model *model) {
  return model->enter == enter;
}

bool ent_measure_flow_has_targets(const ent_point *point) {
  return point->values[ENT_GROUP_MODEL][TARGETS].list != NULL;
}

size_t ent_measure_flow_measures(const ent_system *system) {
  const measure_flow *own = system->context;
  return own->measures;
}

double ent_measure_flow_wasserstein(const ent_system *system, const double *x, size_t measure) {
  const measure_flow *own = system->context;
  const size_t d = system->d, first = measure * own->atoms;
  if (own->targets == NULL) return NAN;
  if (d > 2)
    return ent_transport_sphere(own->atoms, d, x + first * d, own->targets + first * d, own->partners);
  for (size_t i = 0; i < own->atoms; i++) {
    const double *at = x + (first + i) * d;
    own->angles[i] = Sleef_cinz_atan2d1_u10purec(at[1], at[0]);
    own->goals[i] = own->targets[first + i];
  }
  return ent_transport_circle(own->atoms, own->angles, own->goals);
}

const ent_model ent_model_measure_flow = {
  .name = "measure_flow",
  .summary = "attention and perceptron with parameters constant in pieces, pushing several measures",
  .equation = "x_i' = P_{x_i}(V sum_j w_ij x_j + W max(U x_i + b, 0)), w_ij the softmax of <B x_i, x_j> over "
              "the atoms of i's measure",
  .source = "arXiv:2411.04551",
  .flags = ENT_MODEL_EXCHANGEABLE,
  .parameters = parameters,
  .shape = shape,
  .check = check,
  .create = create,
  .destroy = destroy,
  .configure = configure,
  .drift = drift,
  .next_break = next_break,
  .enter = enter,
  .distance = distance,
};
