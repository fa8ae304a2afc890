#include "model_conformance.h"

#include <math.h>
#include <string.h>

#include "entrain/math/vec.h"

#include "check.h"
#include "model_scene.h"

enum { POINTS = 24 };

static bool takes(const ent_model *model, int64_t d) {
  return d == 2 || !(model->flags & ENT_MODEL_CIRCLE_ONLY);
}

static const int64_t dimensions[] = {2, 3, 8, 0};

/* Calls a check for the scenes of each dimension that are meant; returns how many they were. */
static int for_each_scene(const ent_model *model, bool (*is_meant)(const ent_scene *at),
                          void (*check)(ent_scene *at)) {
  int checked = 0;
  for (const int64_t *d = dimensions; *d; d++) {
    for (int round = 0; takes(model, *d) && round < POINTS; round++) {
      ent_scene at;
      ent_scene_open(&at, model, *d, round % 2 == 1);
      if (is_meant(&at)) check(&at);
      checked += is_meant(&at);
      ent_scene_close(&at);
    }
  }
  return checked;
}

/* The same for a promise of the model, which some scene must keep. */
static void for_each_promise(const ent_model *model, bool (*is_meant)(const ent_scene *at),
                             void (*check)(ent_scene *at)) {
  const int checked = for_each_scene(model, is_meant, check);
  ent_conforms(checked > 0, model, "what it promises is tried");
}

static void check_parameter(const ent_model *model, const ent_parameter *parameter) {
  char legal[256];
  const int first = ent_parameter_find(model->parameters, parameter->name, strlen(parameter->name));
  ent_conforms(&model->parameters[first] == parameter, model, "no two parameters share a name");
  ent_conforms(parameter->summary && parameter->summary[0], model, "a parameter has a summary");
  ent_conforms(parameter->min <= parameter->max, model, "a parameter's limits are in order");
  ent_conforms((parameter->kind == ENT_PARAM_CHOICE) == (parameter->choices != NULL), model,
               "choices have names");
  const bool is_number = ent_parameter_is_number(parameter);
  if (is_number && !parameter->required && parameter->must_be_axis) {
    ent_conforms(isnan(parameter->default_value), model, "an absent axis is not a number");
  } else if (is_number && !parameter->required) {
    ent_conforms(ent_parameter_accepts(parameter, parameter->default_value), model, "a default is legal");
  }
  ent_parameter_legal(parameter, sizeof(legal), legal);
  ent_conforms(legal[0] != '\0', model, "what is legal can be said");
}

void ent_conform_table(const ent_model *model) {
  ent_conforms(model->name && model->name[0] &&
                 strspn(model->name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(model->name),
               model, "its name is lower case");
  ent_conforms(model->summary && model->summary[0], model, "it has a summary");
  ent_conforms(model->equation && model->equation[0], model, "it states its equation");
  ent_conforms(model->source && model->source[0], model, "it cites its source");
  ent_conforms(model->shape && model->configure && model->parameters, model, "required slots are there");
  ent_conforms(!model->drift == !!model->advance, model, "it has a drift or is a map");
  ent_conforms(!model->next_break == !model->enter, model, "what has breaks can enter the next piece");
  ent_conforms(!model->create == !model->destroy, model, "what is created is destroyed");
  ent_conforms(!(model->flags & ENT_MODEL_OWN_START) == !model->start, model, "OWN_START has a start");
  ent_conforms(ent_model_find(model->name, strlen(model->name)) == model, model, "it is found by its name");
  ent_conforms(ent_parameter_count(model->parameters) <= ENT_MAX_PARAMETERS, model,
               "its parameters fit into a point");
  for (const ent_parameter *p = model->parameters; p->name; p++) check_parameter(model, p);
}

void ent_conform_state(const ent_model *model) {
  for (const int64_t *d = dimensions; *d; d++) {
    ent_scene at;
    if (!takes(model, *d)) continue;
    ent_scene_open(&at, model, *d, false);
    const ent_shape shape = model->shape(&at.point);
    const ent_state_kind kind = shape.kind;
    ent_conforms(kind != ENT_STATE_ANGLES || *d == 2, model, "angles are for d = 2 only");
    ent_conforms((kind == ENT_STATE_FREE) == !!(model->flags & ENT_MODEL_NO_PARTICLES), model,
                 "states without particles are said to have none");
    ent_conforms(at.system->kind == kind && at.system->extras == shape.extras, model,
                 "the system has the shape of its point");
    ent_conforms(at.system->size == ent_cloud_size(kind, ENT_SCENE_N, (size_t)*d) + shape.extras, model,
                 "the state has its shape's length");
    ent_conforms(ent_system_suits(at.system, &at.point), model, "the system suits its point");
    ent_conforms(ent_cloud_retract(kind, ENT_SCENE_N, (size_t)*d, at.x) < 1e-15, model,
                 "the start is on the sphere");
    ent_scene_close(&at);
  }
  if (model->flags & ENT_MODEL_ANY_COUNT) {
    ent_system *huge = NULL;
    ent_point point;
    ent_scene_point(model, 2, false, &point);
    point.n = point.d = 2000000000;
    CHECK_OK(ent_system_create(model, &point, &huge));
    ent_conforms(huge->size < ENT_SCENE_MOST, model, "ANY_COUNT: the state does not grow with n and d");
    ent_system_destroy(&huge);
  }
}

/* A map's step ends on the sphere. */
static void check_step(const ent_scene *at, const double *dxdt) {
  const size_t d = at->system->d;
  for (size_t i = 0; i < at->system->n; i++) {
    double square = 0;
    for (size_t k = i * d; k < (i + 1) * d; k++) square += pow(at->x[k] + at->system->step * dxdt[k], 2);
    ent_conforms(fabs(square - 1) <= 1e-14, at->model, "a step ends on the sphere");
  }
}

static void check_tangent(const ent_scene *at, const double *dxdt) {
  const size_t d = at->system->d;
  if (at->system->kind != ENT_STATE_VECTORS) return;
  if (at->model->advance) {
    check_step(at, dxdt);
    return;
  }
  for (size_t i = 0; i < at->system->n; i++) {
    const double normal = ent_vec_dot(d, at->x + i * d, dxdt + i * d), speed = ent_vec_norm(d, dxdt + i * d);
    ent_conforms(fabs(normal) <= 1e-14 * (1 + speed), at->model, "the drift is tangent to the sphere");
  }
}

static bool same_bits(const double *a, const double *b, size_t count) {
  uint64_t left = 0, right = 0;
  for (size_t k = 0; k < count; k++) {
    memcpy(&left, &a[k], sizeof(left));
    memcpy(&right, &b[k], sizeof(right));
    if (left != right) return false;
  }
  return true;
}

void ent_conform_drift(const ent_model *model) {
  for (const int64_t *d = dimensions; *d; d++) {
    for (int round = 0; takes(model, *d) && round < POINTS; round++) {
      ent_scene at;
      double again[ENT_SCENE_MOST + ENT_SCENE_CANARY], x[ENT_SCENE_MOST];
      ent_scene_open(&at, model, *d, true);
      const size_t size = at.system->size;
      memcpy(x, at.x, sizeof(x));
      at.dxdt[size] = again[size] = 4711;
      ent_scene_drift(&at, at.x, at.dxdt);
      ent_scene_drift(&at, at.x, again);
      ent_conforms(same_bits(x, at.x, size), model, "the drift leaves the state alone");
      ent_conforms(same_bits(at.dxdt, again, size + ENT_SCENE_CANARY), model, "the drift repeats its bits");
      ent_conforms(at.dxdt[size] == 4711, model, "the drift writes its own length");
      for (size_t k = 0; k < size; k++) ent_conforms(isfinite(at.dxdt[k]), model, "the drift is finite");
      check_tangent(&at, at.dxdt);
      ent_scene_close(&at);
    }
  }
}

void ent_conform_configure(const ent_model *model) {
  for (int round = 0; round < POINTS; round++) {
    ent_scene at, fresh;
    ent_point other;
    double later[ENT_SCENE_MOST];
    ent_scene_open(&at, model, 2, true);
    const size_t bytes = at.system->size * sizeof(*later);
    ent_scene_drift(&at, at.x, at.dxdt);
    ent_scene_point(model, 2, true, &other);
    if (ent_system_suits(at.system, &other)) {
      ent_scene_configure(at.system, &other);
      ent_scene_drift(&at, at.x, later);
    }
    ent_scene_configure(at.system, &at.point);
    ent_scene_drift(&at, at.x, later);
    ent_conforms(memcmp(at.dxdt, later, bytes) == 0, model, "configuring again gives the same bits");
    fresh = at;
    CHECK_OK(ent_system_create(model, &at.point, &fresh.system));
    ent_scene_configure(fresh.system, &fresh.point);
    ent_scene_drift(&fresh, at.x, later);
    ent_conforms(memcmp(at.dxdt, later, bytes) == 0, model, "a fresh system gives the same bits");
    other.n = ENT_SCENE_N + 1;
    CHECK_CODE(ent_system_configure(at.system, &other, 0), ENT_ERR_ARGUMENT);
    ent_scene_close(&at);
    ent_system_destroy(&fresh.system);
  }
}

void ent_conform_time_unit(const ent_model *model) {
  if (model->beta == NULL || model->advance) return; /* the unit exp(-beta) is refused then */
  for (int round = 0; round < POINTS; round++) {
    ent_scene at;
    double scaled[ENT_SCENE_MOST];
    ent_scene_open(&at, model, 2, true);
    ent_scene_drift(&at, at.x, at.dxdt);
    CHECK_OK(ent_system_configure(at.system, &at.point, -1.25));
    ent_scene_drift(&at, at.x, scaled);
    for (size_t k = 0; k < at.system->size; k++) {
      const double expected = exp(-1.25) * at.dxdt[k];
      ent_conforms(fabs(scaled[k] - expected) <= 1e-14 * (1 + fabs(expected)), model,
                   "the time unit scales the drift");
    }
    ent_scene_close(&at);
  }
}

/* How much the rounding of a state is enlarged in its drift: that of a map is a difference by its step. */
static double rounding(const ent_scene *at) {
  return at->model->advance ? fmax(1, 1 / at->system->step) : 1;
}

/* Particle i takes the place of another one, with what it has: its numbers [n, width], and its radius. */
static void rename_all(const ent_system *system, const double *from, double *to) {
  const bool is_free = system->kind == ENT_STATE_FREE; /* blocks of the model's own, one a component */
  const size_t n = system->n, positions = is_free ? system->size : system->size - system->extras;
  const size_t width = positions / n;
  for (size_t i = 0; i < n; i++) {
    const size_t other = (3 * i + 2) % n;
    memcpy(to + i * width, from + other * width, width * sizeof(*to));
    if (!is_free && system->extras == n) to[positions + i] = from[positions + other];
  }
}

static void check_renaming(ent_scene *at) {
  const size_t n = at->system->n;
  double renamed[ENT_SCENE_MOST], expected[ENT_SCENE_MOST], dxdt[ENT_SCENE_MOST + ENT_SCENE_CANARY];
  if (at->system->size % n != 0) return; /* one number for all: there is nobody to rename */
  ent_scene_drift(at, at->x, at->dxdt);
  rename_all(at->system, at->x, renamed);
  rename_all(at->system, at->dxdt, expected);
  ent_scene_drift(at, renamed, dxdt);
  for (size_t k = 0; k < at->system->size; k++) {
    ent_conforms(fabs(dxdt[k] - expected[k]) <= 1e-14 * (rounding(at) + fabs(expected[k])), at->model,
                 "EXCHANGEABLE: renaming particles renames the drift");
  }
}

static bool is_exchangeable(const ent_scene *at) {
  return at->system->promises & ENT_MODEL_EXCHANGEABLE;
}

void ent_conform_exchangeable(const ent_model *model) {
  if (model->flags & ENT_MODEL_EXCHANGEABLE) for_each_promise(model, is_exchangeable, check_renaming);
}

/*
 * Reflects all vectors along u and then along v: a rotation. Angles are turned by twice the angle between
 * both.
 */
static void turn(const ent_scene *at, bool is_state, const double *u, const double *v, double *x) {
  const size_t n = at->system->n, d = at->system->d;
  if (at->system->kind == ENT_STATE_ANGLES) {
    for (size_t i = 0; is_state && i < n; i++) x[i] += 2 * (atan2(v[1], v[0]) - atan2(u[1], u[0]));
  } else if (at->system->kind == ENT_STATE_VECTORS) {
    for (size_t i = 0; i < n; i++) {
      ent_vec_axpy(d, -2 * ent_vec_dot(d, u, x + i * d), u, x + i * d);
      ent_vec_axpy(d, -2 * ent_vec_dot(d, v, x + i * d), v, x + i * d);
    }
  }
}

static void check_turning(ent_scene *at) {
  const size_t d = at->system->d;
  double u[8], v[8], turned[ENT_SCENE_MOST], dxdt[ENT_SCENE_MOST + ENT_SCENE_CANARY];
  for (size_t k = 0; k < d; k++) {
    u[k] = ent_scene_number(-1, 1);
    v[k] = ent_scene_number(-1, 1);
  }
  ent_vec_normalize(d, u);
  ent_vec_normalize(d, v);
  ent_scene_drift(at, at->x, at->dxdt);
  memcpy(turned, at->x, sizeof(turned));
  turn(at, true, u, v, turned);
  turn(at, false, u, v, at->dxdt);
  ent_scene_drift(at, turned, dxdt);
  for (size_t k = 0; k < at->system->size; k++) {
    ent_conforms(fabs(dxdt[k] - at->dxdt[k]) <= 3e-14 * (rounding(at) + fabs(dxdt[k])), at->model,
                 "EQUIVARIANT: turning the particles turns the drift");
  }
}

/* Moves the last particles and looks at the first ones. */
static void check_causality(ent_scene *at) {
  const size_t n = at->system->n, width = (at->system->size - at->system->extras) / n, first = n / 2;
  double moved[ENT_SCENE_MOST], dxdt[ENT_SCENE_MOST + ENT_SCENE_CANARY];
  ent_scene_drift(at, at->x, at->dxdt);
  memcpy(moved, at->x, sizeof(moved));
  memcpy(moved + first * width, at->x, (n - first) * width * sizeof(*moved));
  ent_scene_drift(at, moved, dxdt);
  for (size_t k = 0; k < first * width; k++) {
    ent_conforms(dxdt[k] == at->dxdt[k], at->model, "CAUSAL: later particles do not move earlier ones");
  }
}

static bool is_causal(const ent_scene *at) {
  return at->system->promises & ENT_MODEL_CAUSAL;
}

void ent_conform_causal(const ent_model *model) {
  if (model->flags & ENT_MODEL_CAUSAL) for_each_promise(model, is_causal, check_causality);
}

/* Along a direction, central differences with two steps, extrapolated: the error is O(h^4). */
static void check_jacobian(ent_scene *at) {
  const size_t size = at->system->size;
  const double steps[] = {2e-3, 1e-3}, parts[] = {-1.0 / 3, 4.0 / 3};
  double v[ENT_SCENE_MOST], jv[ENT_SCENE_MOST], moved[ENT_SCENE_MOST], expected[ENT_SCENE_MOST] = {0};
  double ahead[ENT_SCENE_MOST + ENT_SCENE_CANARY], behind[ENT_SCENE_MOST + ENT_SCENE_CANARY], largest = 1;
  for (size_t k = 0; k < size; k++) v[k] = ent_scene_number(-1, 1);
  at->model->jacobian(at->system, 0, at->x, v, jv);
  for (int s = 0; s < 2; s++) {
    for (size_t k = 0; k < size; k++) moved[k] = at->x[k] + steps[s] * v[k];
    ent_scene_drift(at, moved, ahead);
    for (size_t k = 0; k < size; k++) moved[k] = at->x[k] - steps[s] * v[k];
    ent_scene_drift(at, moved, behind);
    for (size_t k = 0; k < size; k++) expected[k] += parts[s] * (ahead[k] - behind[k]) / (2 * steps[s]);
  }
  for (size_t k = 0; k < size; k++) largest = fmax(largest, fabs(expected[k]));
  for (size_t k = 0; k < size; k++)
    ent_conforms(fabs(jv[k] - expected[k]) <= 1e-8 * largest, at->model,
                 "HAS_JACOBIAN: it agrees with differences of the drift");
}

static bool has_jacobian(const ent_scene *at) {
  return at->system->promises & ENT_MODEL_HAS_JACOBIAN;
}

void ent_conform_jacobian(const ent_model *model) {
  ent_conforms(!(model->flags & ENT_MODEL_HAS_JACOBIAN) == !model->jacobian, model,
               "HAS_JACOBIAN has a jacobian");
  if (model->jacobian) for_each_scene(model, has_jacobian, check_jacobian);
}

static bool is_equivariant(const ent_scene *at) {
  return at->system->promises & ENT_MODEL_EQUIVARIANT;
}

void ent_conform_equivariant(const ent_model *model) {
  if (model->flags & ENT_MODEL_EQUIVARIANT) for_each_promise(model, is_equivariant, check_turning);
}

static double fastest(ent_scene *at) {
  double speed = 0;
  ent_scene_drift(at, at->x, at->dxdt);
  for (size_t k = 0; k < at->system->size; k++) speed = fmax(speed, fabs(at->dxdt[k]));
  return speed;
}

/* One step of the classical Runge-Kutta method, short against the fastest motion. */
static void step(ent_scene *at) {
  const double h = 0.1 / (1 + fastest(at)), parts[] = {1, 2, 2, 1}, reach[] = {0, 0.5, 0.5, 1};
  double stage[ENT_SCENE_MOST], dxdt[ENT_SCENE_MOST + ENT_SCENE_CANARY] = {0}, sum[ENT_SCENE_MOST] = {0};
  const size_t size = at->system->size;
  for (int s = 0; s < 4; s++) {
    for (size_t k = 0; k < size; k++) stage[k] = at->x[k] + reach[s] * h * dxdt[k];
    ent_scene_drift(at, stage, dxdt);
    for (size_t k = 0; k < size; k++) sum[k] += parts[s] / 6 * dxdt[k];
  }
  for (size_t k = 0; k < size; k++) at->x[k] += h * sum[k];
  ent_cloud_retract(at->system->kind, at->system->n, at->system->d, at->x);
}

static double energy(const ent_scene *at) {
  return ent_system_energy(at->system, at->x);
}

static void check_energy(ent_scene *at) {
  enum { STEPS = 200 };
  const double first = energy(at);
  double before = first;
  for (int i = 0; i < STEPS; i++) {
    step(at);
    const double now = energy(at);
    ent_conforms(now >= before - 1e-14, at->model, "GRADIENT_FLOW: the energy never falls");
    before = now;
  }
  ent_conforms(before > first, at->model, "GRADIENT_FLOW: the energy grows");
}

static bool is_gradient_flow(const ent_scene *at) {
  return at->system->promises & ENT_MODEL_GRADIENT_FLOW;
}

void ent_conform_gradient_flow(const ent_model *model) {
  if (model->flags & ENT_MODEL_GRADIENT_FLOW) for_each_promise(model, is_gradient_flow, check_energy);
}

static bool has_certificate(const ent_scene *at) {
  return at->system->certificate;
}

static void check_certificate(ent_scene *at) {
  enum { STEPS = 200000 }; /* weak coupling along few edges is slow */
  ent_cloud cloud = ent_system_cloud(at->system, at->x);
  ent_scene_start(at, 0.1);
  if (ent_cloud_hemisphere_margin(&cloud) < at->system->height + 1e-3) return;
  int steps = 0;
  while (steps++ < STEPS && ent_cloud_largest_gap(&cloud) > 1e-2) step(at);
  ent_conforms(ent_cloud_largest_gap(&cloud) <= 1e-2, at->model,
               "certificate: particles in a hemisphere meet");
}

/* A model may have none: with noise, for instance. */
void ent_conform_certificate(const ent_model *model) {
  if ((model->flags & ENT_MODEL_NO_PARTICLES) || model->distance) return; /* another question is asked */
  for_each_scene(model, has_certificate, check_certificate);
}
