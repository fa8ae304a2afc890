#include "model_promises.h"

#include <math.h>
#include <string.h>

#include "entrain/math/vec.h"

#include "check.h"
#include "model_scene.h"

/* Calls a check for the scenes of each dimension that are meant; returns how many they were. */
static int for_each_scene(const ent_model *model, bool (*is_meant)(const ent_scene *at),
                          void (*check)(ent_scene *at)) {
  int checked = 0;
  for (const int64_t *d = ent_scene_dimensions; *d; d++) {
    for (int round = 0; ent_scene_takes(model, *d) && round < ENT_SCENE_POINTS; round++) {
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

static bool is_equivariant(const ent_scene *at) {
  return at->system->promises & ENT_MODEL_EQUIVARIANT;
}

void ent_conform_equivariant(const ent_model *model) {
  if (model->flags & ENT_MODEL_EQUIVARIANT) for_each_promise(model, is_equivariant, check_turning);
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
