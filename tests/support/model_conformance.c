#include "model_conformance.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "entrain/math/vec.h"

#include "check.h"

enum { N = 7, MOST = 64, POINTS = 24, DRAWS = 1000, CANARY = 1 };

/* A system at a point, with a state. */
typedef struct scene {
  const ent_model *model;
  ent_point point;
  ent_system *system;
  double x[MOST], dxdt[MOST + CANARY];
} scene;

static double draw(double low, double high) {
  static uint64_t state = 11;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

/* A check whose failure names the model. */
static void conforms(bool holds, const ent_model *model, const char *what) {
  char text[256];
  snprintf(text, sizeof(text), "model '%s': %s", model->name, what);
  ent_check_true(holds, ENT_PLACE(text));
}

static double draw_number(const ent_parameter *parameter) {
  if (parameter->kind == ENT_PARAM_CHOICE) {
    int count = 0;
    while (parameter->choices[count]) count++;
    return floor(draw(0, count));
  }
  const double number = draw(fmax(-2, parameter->min), fmin(2, parameter->max));
  return parameter->kind == ENT_PARAM_INTEGER ? round(number) : number;
}

/*
 * A legal point; `wild` draws all numbers and choices, otherwise what has a default keeps it. Lists stay
 * absent.
 */
static void draw_point(const ent_model *model, int64_t d, bool wild, ent_point *point) {
  ent_refusal refusal;
  bool is_legal = false;
  for (int tries = 0; tries < DRAWS && !is_legal; tries++) {
    *point = (ent_point){.study = 5, .n = N, .d = d, .seed = tries};
    for (int k = 0; model->parameters[k].name; k++) {
      const ent_parameter *parameter = &model->parameters[k];
      const bool is_number = parameter->kind != ENT_PARAM_LIST && parameter->kind != ENT_PARAM_TEXT;
      double *number = &point->values[ENT_GROUP_MODEL][k].number;
      *number = parameter->default_value;
      if (is_number && (wild || parameter->required)) *number = draw_number(parameter);
    }
    is_legal = model->check == NULL || model->check(point, &refusal);
  }
  conforms(is_legal, model, "a legal point is found");
}

static void draw_state(scene *at, double least_height) {
  double vectors[MOST];
  const size_t n = at->system->n, d = at->system->d;
  if (at->model->flags & ENT_MODEL_OWN_START) {
    at->model->start(at->system, &at->point, at->x);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    double *v = vectors + i * d;
    do {
      for (size_t k = 0; k < d; k++) v[k] = draw(-1, 1) + draw(-1, 1) + draw(-1, 1);
      ent_vec_normalize(d, v);
    } while (v[0] < least_height);
  }
  ent_cloud_from_vectors(at->system->kind, n, d, vectors, at->x);
}

/* The drift; for a map, how far its first step goes per unit of time. */
static void drift(scene *at, const double *x, double *dxdt) {
  ent_system *system = at->system;
  if (at->model->drift) {
    at->model->drift(system, 0, x, dxdt);
    return;
  }
  at->model->advance(system, 0, x, dxdt);
  for (size_t k = 0; k < system->size; k++) dxdt[k] = (dxdt[k] - x[k]) / system->step;
}

/* Ready at a random point and a random start; `d` must suit the model. */
static void open_scene(scene *at, const ent_model *model, int64_t d, bool wild) {
  *at = (scene){.model = model};
  draw_point(model, d, wild, &at->point);
  CHECK_OK(ent_system_create(model, &at->point, &at->system));
  CHECK_OK(ent_system_configure(at->system, &at->point, 0));
  if (model->enter) model->enter(at->system, 0);
  conforms((at->system->promises & ~model->flags) == 0, model, "a system promises no more than its model");
  conforms(at->system->size <= MOST, model, "the suite has room for its state");
  draw_state(at, -1);
}

static bool takes(const ent_model *model, int64_t d) {
  return d == 2 || !(model->flags & ENT_MODEL_CIRCLE_ONLY);
}

static const int64_t dimensions[] = {2, 3, 8, 0};

/* Calls a check for scenes of each dimension that the model takes, where the scene is of the kind asked for. */
static void for_each_scene(const ent_model *model, bool (*is_meant)(const scene *at),
                           void (*check)(scene *at)) {
  int checked = 0;
  for (const int64_t *d = dimensions; *d; d++) {
    for (int round = 0; takes(model, *d) && round < POINTS; round++) {
      scene at;
      open_scene(&at, model, *d, round % 2 == 1);
      if (is_meant(&at)) check(&at);
      checked += is_meant(&at);
      ent_system_destroy(&at.system);
    }
  }
  conforms(checked > 0, model, "what it promises is tried");
}

static void check_parameter(const ent_model *model, const ent_parameter *parameter) {
  char legal[256];
  const int first = ent_parameter_find(model->parameters, parameter->name, strlen(parameter->name));
  conforms(&model->parameters[first] == parameter, model, "no two parameters share a name");
  conforms(parameter->summary && parameter->summary[0], model, "a parameter has a summary");
  conforms(parameter->min <= parameter->max, model, "a parameter's limits are in order");
  conforms((parameter->kind == ENT_PARAM_CHOICE) == (parameter->choices != NULL), model,
           "choices have names");
  const bool is_number = parameter->kind != ENT_PARAM_LIST && parameter->kind != ENT_PARAM_TEXT;
  if (is_number && !parameter->required) {
    conforms(ent_parameter_accepts(parameter, parameter->default_value), model, "a default is legal");
  }
  ent_parameter_legal(parameter, sizeof(legal), legal);
  conforms(legal[0] != '\0', model, "what is legal can be said");
}

void ent_conform_table(const ent_model *model) {
  conforms(model->name && model->name[0] &&
             strspn(model->name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(model->name),
           model, "its name is lower case");
  conforms(model->summary && model->summary[0], model, "it has a summary");
  conforms(model->equation && model->equation[0], model, "it states its equation");
  conforms(model->source && model->source[0], model, "it cites its source");
  conforms(model->shape && model->configure && model->parameters, model, "required slots are there");
  conforms(!model->drift == !!model->advance, model, "it has a drift or is a map");
  conforms(!model->next_break == !model->enter, model, "what has breaks can enter the next piece");
  conforms(!model->create == !model->destroy, model, "what is created is destroyed");
  conforms(!(model->flags & ENT_MODEL_OWN_START) == !model->start, model, "OWN_START has a start");
  conforms(ent_model_find(model->name, strlen(model->name)) == model, model, "it is found by its name");
  conforms(ent_parameter_count(model->parameters) <= ENT_MAX_PARAMETERS, model,
           "its parameters fit into a point");
  for (const ent_parameter *p = model->parameters; p->name; p++) check_parameter(model, p);
}

void ent_conform_state(const ent_model *model) {
  for (const int64_t *d = dimensions; *d; d++) {
    scene at;
    if (!takes(model, *d)) continue;
    open_scene(&at, model, *d, false);
    const ent_shape shape = model->shape(&at.point);
    const ent_state_kind kind = shape.kind;
    conforms(kind != ENT_STATE_ANGLES || *d == 2, model, "angles are for d = 2 only");
    conforms((kind == ENT_STATE_FREE) == !!(model->flags & ENT_MODEL_NO_PARTICLES), model,
             "states without particles are said to have none");
    conforms(at.system->kind == kind && at.system->extras == shape.extras, model,
             "the system has the shape of its point");
    conforms(at.system->size == ent_cloud_size(kind, N, (size_t)*d) + shape.extras, model,
             "the state has its shape's length");
    conforms(ent_system_suits(at.system, &at.point), model, "the system suits its point");
    conforms(ent_cloud_retract(kind, N, (size_t)*d, at.x) < 1e-15, model, "the start is on the sphere");
    ent_system_destroy(&at.system);
  }
  if (model->flags & ENT_MODEL_ANY_COUNT) {
    ent_system *huge = NULL;
    ent_point point;
    draw_point(model, 2, false, &point);
    point.n = point.d = 2000000000;
    CHECK_OK(ent_system_create(model, &point, &huge));
    conforms(huge->size < MOST, model, "ANY_COUNT: the state does not grow with n and d");
    ent_system_destroy(&huge);
  }
}

static void check_tangent(const scene *at, const double *dxdt) {
  const size_t d = at->system->d;
  if (at->system->kind != ENT_STATE_VECTORS) return;
  for (size_t i = 0; i < at->system->n; i++) {
    const double normal = ent_vec_dot(d, at->x + i * d, dxdt + i * d), speed = ent_vec_norm(d, dxdt + i * d);
    conforms(fabs(normal) <= 1e-14 * (1 + speed), at->model, "the drift is tangent to the sphere");
  }
}

void ent_conform_drift(const ent_model *model) {
  for (const int64_t *d = dimensions; *d; d++) {
    for (int round = 0; takes(model, *d) && round < POINTS; round++) {
      scene at;
      double again[MOST + CANARY], x[MOST];
      open_scene(&at, model, *d, true);
      const size_t size = at.system->size;
      memcpy(x, at.x, sizeof(x));
      at.dxdt[size] = again[size] = 4711;
      drift(&at, at.x, at.dxdt);
      drift(&at, at.x, again);
      conforms(memcmp(x, at.x, sizeof(x)) == 0, model, "the drift leaves the state alone");
      conforms(memcmp(at.dxdt, again, (size + CANARY) * sizeof(*again)) == 0, model,
               "the drift repeats its bits");
      conforms(at.dxdt[size] == 4711, model, "the drift writes its own length");
      for (size_t k = 0; k < size; k++) conforms(isfinite(at.dxdt[k]), model, "the drift is finite");
      check_tangent(&at, at.dxdt);
      ent_system_destroy(&at.system);
    }
  }
}

void ent_conform_configure(const ent_model *model) {
  for (int round = 0; round < POINTS; round++) {
    scene at, fresh;
    ent_point other;
    double later[MOST];
    open_scene(&at, model, 2, true);
    const size_t bytes = at.system->size * sizeof(*later);
    drift(&at, at.x, at.dxdt);
    draw_point(model, 2, true, &other);
    if (ent_system_suits(at.system, &other)) {
      CHECK_OK(ent_system_configure(at.system, &other, 0));
      drift(&at, at.x, later);
    }
    CHECK_OK(ent_system_configure(at.system, &at.point, 0));
    drift(&at, at.x, later);
    conforms(memcmp(at.dxdt, later, bytes) == 0, model, "configuring again gives the same bits");
    fresh = at;
    CHECK_OK(ent_system_create(model, &at.point, &fresh.system));
    CHECK_OK(ent_system_configure(fresh.system, &fresh.point, 0));
    drift(&fresh, at.x, later);
    conforms(memcmp(at.dxdt, later, bytes) == 0, model, "a fresh system gives the same bits");
    other.n = N + 1;
    CHECK_CODE(ent_system_configure(at.system, &other, 0), ENT_ERR_ARGUMENT);
    ent_system_destroy(&at.system);
    ent_system_destroy(&fresh.system);
  }
}

void ent_conform_time_unit(const ent_model *model) {
  if (model->beta == NULL || model->advance) return; /* the unit exp(-beta) is refused then */
  for (int round = 0; round < POINTS; round++) {
    scene at;
    double scaled[MOST];
    open_scene(&at, model, 2, true);
    drift(&at, at.x, at.dxdt);
    CHECK_OK(ent_system_configure(at.system, &at.point, -1.25));
    drift(&at, at.x, scaled);
    for (size_t k = 0; k < at.system->size; k++) {
      const double expected = exp(-1.25) * at.dxdt[k];
      conforms(fabs(scaled[k] - expected) <= 1e-14 * (1 + fabs(expected)), model,
               "the time unit scales the drift");
    }
    ent_system_destroy(&at.system);
  }
}

static void check_renaming(scene *at) {
  const size_t n = at->system->n, width = at->system->size / n;
  double renamed[MOST], expected[MOST], dxdt[MOST + CANARY];
  if (at->system->size % n != 0) return; /* one number for all: there is nobody to rename */
  drift(at, at->x, at->dxdt);
  for (size_t i = 0; i < n; i++) {
    const size_t from = (3 * i + 2) % n;
    memcpy(renamed + i * width, at->x + from * width, width * sizeof(*renamed));
    memcpy(expected + i * width, at->dxdt + from * width, width * sizeof(*expected));
  }
  drift(at, renamed, dxdt);
  for (size_t k = 0; k < at->system->size; k++) {
    conforms(fabs(dxdt[k] - expected[k]) <= 1e-14 * (1 + fabs(expected[k])), at->model,
             "EXCHANGEABLE: renaming particles renames the drift");
  }
}

static bool is_exchangeable(const scene *at) {
  return at->system->promises & ENT_MODEL_EXCHANGEABLE;
}

void ent_conform_exchangeable(const ent_model *model) {
  if (model->flags & ENT_MODEL_EXCHANGEABLE) for_each_scene(model, is_exchangeable, check_renaming);
}

/*
 * Reflects all vectors along u and then along v: a rotation. Angles are turned by twice the angle between
 * both.
 */
static void turn(const scene *at, bool is_state, const double *u, const double *v, double *x) {
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

static void check_turning(scene *at) {
  const size_t d = at->system->d;
  double u[8], v[8], turned[MOST], dxdt[MOST + CANARY];
  for (size_t k = 0; k < d; k++) {
    u[k] = draw(-1, 1);
    v[k] = draw(-1, 1);
  }
  ent_vec_normalize(d, u);
  ent_vec_normalize(d, v);
  drift(at, at->x, at->dxdt);
  memcpy(turned, at->x, sizeof(turned));
  turn(at, true, u, v, turned);
  turn(at, false, u, v, at->dxdt);
  drift(at, turned, dxdt);
  for (size_t k = 0; k < at->system->size; k++) {
    conforms(fabs(dxdt[k] - at->dxdt[k]) <= 3e-14 * (1 + fabs(dxdt[k])), at->model,
             "EQUIVARIANT: turning the particles turns the drift");
  }
}

/* Moves the last particles and looks at the first ones. */
static void check_causality(scene *at) {
  const size_t n = at->system->n, width = (at->system->size - at->system->extras) / n, first = n / 2;
  double moved[MOST], dxdt[MOST + CANARY];
  drift(at, at->x, at->dxdt);
  memcpy(moved, at->x, sizeof(moved));
  memcpy(moved + first * width, at->x, (n - first) * width * sizeof(*moved));
  drift(at, moved, dxdt);
  conforms(memcmp(dxdt, at->dxdt, first * width * sizeof(*dxdt)) == 0, at->model,
           "CAUSAL: later particles do not move earlier ones");
}

static bool is_causal(const scene *at) {
  return at->system->promises & ENT_MODEL_CAUSAL;
}

void ent_conform_causal(const ent_model *model) {
  if (model->flags & ENT_MODEL_CAUSAL) for_each_scene(model, is_causal, check_causality);
}

static bool is_equivariant(const scene *at) {
  return at->system->promises & ENT_MODEL_EQUIVARIANT;
}

void ent_conform_equivariant(const ent_model *model) {
  if (model->flags & ENT_MODEL_EQUIVARIANT) for_each_scene(model, is_equivariant, check_turning);
}

static double fastest(scene *at) {
  double speed = 0;
  drift(at, at->x, at->dxdt);
  for (size_t k = 0; k < at->system->size; k++) speed = fmax(speed, fabs(at->dxdt[k]));
  return speed;
}

/* One step of the classical Runge-Kutta method, short against the fastest motion. */
static void step(scene *at) {
  const double h = 0.1 / (1 + fastest(at)), parts[] = {1, 2, 2, 1}, reach[] = {0, 0.5, 0.5, 1};
  double stage[MOST], dxdt[MOST + CANARY] = {0}, sum[MOST] = {0};
  const size_t size = at->system->size;
  for (int s = 0; s < 4; s++) {
    for (size_t k = 0; k < size; k++) stage[k] = at->x[k] + reach[s] * h * dxdt[k];
    drift(at, stage, dxdt);
    for (size_t k = 0; k < size; k++) sum[k] += parts[s] / 6 * dxdt[k];
  }
  for (size_t k = 0; k < size; k++) at->x[k] += h * sum[k];
  ent_cloud_retract(at->system->kind, at->system->n, at->system->d, at->x);
}

static double energy(const scene *at) {
  return ent_system_energy(at->system, at->x);
}

static void check_energy(scene *at) {
  enum { STEPS = 200 };
  const double first = energy(at);
  double before = first;
  for (int i = 0; i < STEPS; i++) {
    step(at);
    const double now = energy(at);
    conforms(now >= before - 1e-14, at->model, "GRADIENT_FLOW: the energy never falls");
    before = now;
  }
  conforms(before > first, at->model, "GRADIENT_FLOW: the energy grows");
}

static bool is_gradient_flow(const scene *at) {
  return at->system->promises & ENT_MODEL_GRADIENT_FLOW;
}

void ent_conform_gradient_flow(const ent_model *model) {
  if (model->flags & ENT_MODEL_GRADIENT_FLOW) for_each_scene(model, is_gradient_flow, check_energy);
}

static bool has_certificate(const scene *at) {
  return at->system->certificate;
}

static void check_certificate(scene *at) {
  enum { STEPS = 20000 };
  ent_cloud cloud = ent_system_cloud(at->system, at->x);
  draw_state(at, 0.1);
  if (ent_cloud_hemisphere_margin(&cloud) < 1e-3) return;
  int steps = 0;
  while (steps++ < STEPS && ent_cloud_largest_gap(&cloud) > 1e-2) step(at);
  conforms(ent_cloud_largest_gap(&cloud) <= 1e-2, at->model, "certificate: particles in a hemisphere meet");
}

void ent_conform_certificate(const ent_model *model) {
  if (model->flags & ENT_MODEL_NO_PARTICLES) return;
  for_each_scene(model, has_certificate, check_certificate);
}
