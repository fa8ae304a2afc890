#include "entrain/model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/math/shares.h"
#include "entrain/math/vec.h"

#define ENT_MODEL(name) extern const ent_model ent_model_##name;
#include "entrain/model/model_list.h"
#undef ENT_MODEL

#define ENT_MODEL(name) &ent_model_##name,
const ent_model *const ent_models[] = {
#include "entrain/model/model_list.h"
  NULL,
};
#undef ENT_MODEL

enum { MOST_SERIES_D = 3 }; /* kernel/pairs has series for circle and sphere */

const ent_model *ent_model_find(const char *name, size_t length) {
  for (const ent_model *const *model = ent_models; *model; model++) {
    if (strlen((*model)->name) == length && memcmp((*model)->name, name, length) == 0) return *model;
  }
  return NULL;
}

bool ent_model_has_vectors(const ent_model *model) {
  return !(model->flags & (ENT_MODEL_ANY_COUNT | ENT_MODEL_NO_PARTICLES));
}

bool ent_model_is_large(const ent_model *model, const ent_point *point) {
  const int64_t least = point->d > MOST_SERIES_D ? ENT_SHARES_DIRECT_FROM : ENT_SHARES_FROM;
  return point->n >= least && model->shares && model->shares(point);
}

size_t ent_model_size(const ent_model *model, const ent_point *point) {
  const ent_shape shape = model->shape(point);
  return ent_cloud_size(shape.kind, (size_t)point->n, (size_t)point->d) + shape.extras;
}

size_t ent_model_work(const ent_model *model, const ent_point *point) {
  const size_t n = (size_t)point->n, d = (size_t)point->d;
  const size_t geometry = ent_cloud_work(model->shape(point).kind, n, d);
  const size_t vectors = ent_model_has_vectors(model) ? n * d : 0;
  return geometry > vectors ? geometry : vectors;
}

int ent_system_create(const ent_model *model, const ent_point *point, ent_system **system) {
  int code = ENT_OK;
  ent_system *made = NULL;
  const ent_shape shape = model->shape(point);
  const size_t n = (size_t)point->n, d = (size_t)point->d;
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  *made = (ent_system){.model = model, .kind = shape.kind, .n = n, .d = d, .extras = shape.extras};
  made->size = ent_model_size(model, point);
  ENT_GOTO(ent_mem_alloc(ent_model_work(model, point), sizeof(double), &made->work));
  if (model->create) ENT_GOTO(model->create(made));
  *system = made;
  made = NULL;
done:
  ent_system_destroy(&made);
  return code;
}

bool ent_system_suits(const ent_system *system, const ent_point *point) {
  const ent_shape shape = system->model->shape(point);
  return point->n == (int64_t)system->n && point->d == (int64_t)system->d && shape.kind == system->kind &&
         shape.extras == system->extras;
}

void ent_system_destroy(ent_system **system) {
  if (*system == NULL) return;
  if ((*system)->model->destroy) (*system)->model->destroy(*system);
  free((*system)->work);
  free(*system);
  *system = NULL;
}

int ent_system_configure(ent_system *system, const ent_point *point, double log_unit) {
  ENT_CHECK(ent_system_suits(system, point), ENT_ERR_ARGUMENT,
            "point with n = %lld, d = %lld does not suit a system of n = %zu, d = %zu and %zu numbers",
            (long long)point->n, (long long)point->d, system->n, system->d, system->size);
  system->promises = system->model->flags & ENT_MODEL_PROMISES;
  system->beta = 0;
  system->masses = NULL;
  system->certificate = false;
  system->height = 0;
  system->log_unit = log_unit;
  system->step = 0;
  system->slack = 0;
  ENT_TRY(system->model->configure(system, point));
  return ENT_OK;
}

ent_cloud ent_system_cloud(const ent_system *system, const double *x) {
  return (ent_cloud){.kind = system->kind,
                     .n = system->n,
                     .d = system->d,
                     .masses = system->masses,
                     .x = x,
                     .work = system->work,
                     .brake = system->brake};
}

void ent_system_place(const ent_system *system, const double *vectors, double *x) {
  ent_cloud_from_vectors(system->kind, system->n, system->d, vectors, x);
  for (size_t k = system->size - system->extras; k < system->size; k++) x[k] = 1;
}

const double *ent_system_radii(const ent_system *system, const double *x) {
  const bool has_radii = system->kind != ENT_STATE_FREE && system->extras > 0;
  return has_radii ? x + system->size - system->extras : NULL;
}

double ent_system_energy(const ent_system *system, const double *x) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  return system->model->energy ? system->model->energy(system, x) : ent_cloud_energy(&cloud, system->beta);
}

double ent_system_order_parameter(const ent_system *system, const double *x) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  return system->model->order_parameter ? system->model->order_parameter(system, x)
                                        : ent_cloud_order_parameter(&cloud);
}

static bool has_equal_masses(const ent_system *system) {
  for (size_t i = 1; system->masses && i < system->n; i++)
    if (system->masses[i] != system->masses[0]) return false;
  return true;
}

ent_theory_facts ent_system_theory(const ent_system *system) {
  ent_theory_facts facts = {.n = system->n, .d = system->d, .beta = NAN};
  facts.collapses_in_hemisphere = system->certificate && system->height == 0;
  facts.is_equiangular = system->kind == ENT_STATE_EQUIANGULAR;
  facts.has_equal_masses = has_equal_masses(system);
  if (system->model->theory) system->model->theory(system, &facts);
  return facts;
}

double ent_system_distance(const ent_system *system, const double *x) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  return system->model->distance ? system->model->distance(system, x) : ent_cloud_largest_gap(&cloud);
}

bool ent_system_is_within(const ent_system *system, const double *x, double delta) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  return system->model->distance ? system->model->distance(system, x) <= delta
                                 : ent_cloud_is_within(&cloud, delta);
}

double ent_system_speed(const ent_system *system, const double *x, const double *dxdt) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  if (system->kind != ENT_STATE_FREE) return ent_cloud_speed(&cloud, dxdt);
  return sqrt(ent_vec_dot(system->size, dxdt, dxdt) / (double)system->size);
}
