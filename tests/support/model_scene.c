#include "model_scene.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "entrain/math/vec.h"

#include "check.h"

enum { DRAWS = 1000 };

const int64_t ent_scene_dimensions[] = {2, 3, 8, 0};

bool ent_scene_takes(const ent_model *model, int64_t d) {
  return d == 2 || !(model->flags & ENT_MODEL_CIRCLE_ONLY);
}

double ent_scene_number(double low, double high) {
  static uint64_t state = 11;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

void ent_conforms(bool holds, const ent_model *model, const char *what) {
  char text[256];
  snprintf(text, sizeof(text), "model '%s': %s", model->name, what);
  ent_check_true(holds, ENT_PLACE(text));
}

static double draw_number(const ent_parameter *parameter) {
  if (parameter->kind == ENT_PARAM_CHOICE) {
    int count = 0;
    while (parameter->choices[count]) count++;
    return floor(ent_scene_number(0, count));
  }
  const double number = ent_scene_number(fmax(-2, parameter->min), fmin(2, parameter->max));
  return parameter->kind == ENT_PARAM_INTEGER ? round(number) : number;
}

void ent_scene_point(const ent_model *model, int64_t d, bool wild, ent_point *point) {
  ent_refusal refusal;
  bool is_legal = false;
  for (int tries = 0; tries < DRAWS && !is_legal; tries++) {
    *point = (ent_point){.study = 5, .n = ENT_SCENE_N, .d = d, .seed = tries};
    for (int k = 0; model->parameters[k].name; k++) {
      const ent_parameter *parameter = &model->parameters[k];
      const bool is_number = ent_parameter_is_number(parameter);
      double *number = &point->values[ENT_GROUP_MODEL][k].number;
      *number = parameter->default_value;
      const bool is_given = parameter->must_be_axis ? ent_scene_number(0, 1) < 0.5 : wild;
      if (is_number && (is_given || parameter->required)) *number = draw_number(parameter);
    }
    is_legal = model->check == NULL || model->check(point, &refusal);
  }
  ent_conforms(is_legal, model, "a legal point is found");
}

void ent_scene_start(ent_scene *at, double least_height) {
  double vectors[ENT_SCENE_MOST];
  const size_t n = at->system->n, d = at->system->d;
  if (at->model->flags & ENT_MODEL_OWN_START) {
    at->model->start(at->system, &at->point, at->x);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    double *v = vectors + i * d;
    do {
      for (size_t k = 0; k < d; k++)
        v[k] = ent_scene_number(-1, 1) + ent_scene_number(-1, 1) + ent_scene_number(-1, 1);
      ent_vec_normalize(d, v);
    } while (v[0] < least_height);
  }
  ent_system_place(at->system, vectors, at->x);
}

void ent_scene_drift(ent_scene *at, const double *x, double *dxdt) {
  ent_system *system = at->system;
  if (at->model->drift) {
    at->model->drift(system, 0, x, dxdt);
    return;
  }
  at->model->advance(system, 0, x, dxdt);
  for (size_t k = 0; k < system->size; k++) dxdt[k] = (dxdt[k] - x[k]) / system->step;
}

void ent_scene_configure(ent_system *system, const ent_point *point) {
  CHECK_OK(ent_system_configure(system, point, 0));
  if (system->model->enter) system->model->enter(system, 0);
}

void ent_scene_open(ent_scene *at, const ent_model *model, int64_t d, bool wild) {
  *at = (ent_scene){.model = model};
  ent_scene_point(model, d, wild, &at->point);
  CHECK_OK(ent_system_create(model, &at->point, &at->system));
  ent_scene_configure(at->system, &at->point);
  ent_conforms((at->system->promises & ~model->flags) == 0, model,
               "a system promises no more than its model");
  ent_conforms(at->system->size <= ENT_SCENE_MOST, model, "the suite has room for its state");
  ent_scene_start(at, -1);
}

void ent_scene_close(ent_scene *at) {
  ent_system_destroy(&at->system);
}
