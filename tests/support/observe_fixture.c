#include "observe_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"

#include "check.h"

static const ent_observable *find(const char *name) {
  const ent_observable *observable = ent_observable_find(name, strlen(name));
  REQUIRE(observable != NULL);
  return observable;
}

static int find_parameter(const ent_model *model, const char *name) {
  return ent_parameter_find(model->parameters, name, strlen(name));
}

static void fill_defaults(const ent_model *model, double beta, ent_point *point) {
  for (int k = 0; model->parameters[k].name; k++)
    point->values[ENT_GROUP_MODEL][k].number = model->parameters[k].default_value;
  const int place = find_parameter(model, "beta");
  if (place >= 0) point->values[ENT_GROUP_MODEL][place].number = beta;
}

static void measure(const ent_observable *observable, const ent_system *system, const double *x, double delta,
                    double *values) {
  double *work = NULL;
  CHECK_OK(ent_mem_alloc(observable->work ? observable->work(system) : 0, sizeof(double), &work));
  const ent_observing observing = {.n_delta = 1, .delta = &delta, .work = work};
  observable->measure(system, x, &observing, values);
  free(work);
}

void ent_observe_system(const ent_observable *observable, const ent_system *system, const double *x,
                        double *values) {
  measure(observable, system, x, 1e-3, values);
}

void ent_view_measure(const char *name, const ent_view *view, double *values) {
  ent_system *system = NULL;
  const ent_model *const model = ent_models[0];
  CHECK_TEXT(model->name, "attention");
  ent_point point = {.n = view->n, .d = view->d};
  fill_defaults(model, view->beta, &point);
  const int masses = find_parameter(model, "masses");
  point.values[ENT_GROUP_MODEL][masses].list = view->masses;
  point.values[ENT_GROUP_MODEL][masses].count = view->masses ? (size_t)view->n : 0;
  CHECK_OK(ent_system_create(model, &point, &system));
  CHECK_OK(ent_system_configure(system, &point, 0));
  system->brake = view->brake;
  measure(find(name), system, view->x, view->delta, values);
  ent_system_destroy(&system);
}

double ent_view_value(const char *name, const ent_view *view) {
  double values[ENT_MAX_WIDTH];
  ent_view_measure(name, view, values);
  return values[0];
}

const char *ent_observe_refusal(const char *name, const char *model_name, int64_t d, double beta) {
  static ent_refusal refusal;
  const ent_observable *observable = find(name);
  const ent_model *model = ent_model_find(model_name, strlen(model_name));
  if (model == NULL) return "there is no such model";
  ent_point point = {.n = 4, .d = d};
  fill_defaults(model, beta, &point);
  refusal = (ent_refusal){0};
  if (observable->check == NULL || observable->check(model, &point, &refusal)) return "";
  CHECK_TEXT(refusal.key, "observe");
  return refusal.why;
}
