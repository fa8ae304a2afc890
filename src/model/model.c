#include "entrain/model/model.h"

#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"

#define ENT_MODEL(name) extern const ent_model ent_model_##name;
#include "entrain/model/model_list.h"
#undef ENT_MODEL

#define ENT_MODEL(name) &ent_model_##name,
const ent_model *const ent_models[] = {
#include "entrain/model/model_list.h"
  NULL,
};
#undef ENT_MODEL

const ent_model *ent_model_find(const char *name, size_t length) {
  for (const ent_model *const *model = ent_models; *model; model++) {
    if (strlen((*model)->name) == length && memcmp((*model)->name, name, length) == 0) return *model;
  }
  return NULL;
}

int ent_system_create(const ent_model *model, size_t n, size_t d, ent_system **system) {
  int code = ENT_OK;
  ent_system *made = NULL;
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  *made = (ent_system){.model = model, .kind = model->kind(d), .n = n, .d = d};
  made->size = ent_cloud_size(made->kind, n, d);
  ENT_GOTO(ent_mem_alloc(ent_cloud_work(made->kind, n, d), sizeof(double), &made->work));
  if (model->create) ENT_GOTO(model->create(made));
  *system = made;
  made = NULL;
done:
  ent_system_destroy(&made);
  return code;
}

void ent_system_destroy(ent_system **system) {
  if (*system == NULL) return;
  if ((*system)->model->destroy) (*system)->model->destroy(*system);
  free((*system)->work);
  free(*system);
  *system = NULL;
}

int ent_system_configure(ent_system *system, const ent_point *point, double log_unit) {
  ENT_CHECK(point->n == (int64_t)system->n && point->d == (int64_t)system->d, ENT_ERR_ARGUMENT,
            "point has n = %lld, d = %lld, the system was made for n = %zu, d = %zu", (long long)point->n,
            (long long)point->d, system->n, system->d);
  system->beta = 0;
  system->masses = NULL;
  system->certificate = false;
  system->log_unit = log_unit;
  ENT_TRY(system->model->configure(system, point));
  return ENT_OK;
}

ent_cloud ent_system_cloud(const ent_system *system, const double *x) {
  return (ent_cloud){.kind = system->kind,
                     .n = system->n,
                     .d = system->d,
                     .masses = system->masses,
                     .x = x,
                     .work = system->work};
}
