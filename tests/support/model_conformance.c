#include "model_conformance.h"

#include <math.h>
#include <string.h>

#include "entrain/math/vec.h"

#include "check.h"
#include "model_scene.h"

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
  for (const int64_t *d = ent_scene_dimensions; *d; d++) {
    ent_scene at;
    if (!ent_scene_takes(model, *d)) continue;
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
  for (const int64_t *d = ent_scene_dimensions; *d; d++) {
    for (int round = 0; ent_scene_takes(model, *d) && round < ENT_SCENE_POINTS; round++) {
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
  for (int round = 0; round < ENT_SCENE_POINTS; round++) {
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
  for (int round = 0; round < ENT_SCENE_POINTS; round++) {
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
