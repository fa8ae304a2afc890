#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "model_scene.h"
#include "observe_fixture.h"

enum { DRAWS = 8, STEPS = 4 };

static bool is_refused(const ent_observable *observable, const ent_scene *at) {
  ent_refusal refusal = {0};
  if ((observable->flags & ENT_OBSERVE_PARTICLES) && (at->model->flags & ENT_MODEL_NO_PARTICLES)) return true;
  if (!observable->check || observable->check(at->model, &at->point, &refusal)) return false;
  ent_conforms(strcmp(refusal.key, "observe") == 0 && refusal.why[0], at->model, "a refusal has a reason");
  return true;
}

static size_t label_count(const ent_observable *observable) {
  size_t count = 0;
  while (observable->labels[count]) count++;
  return count;
}

/*
 * What may be not-a-number: the criterion of a composition without a kernel, and Lyapunov exponents beyond
 * those that there are.
 */
static bool may_be_missing(const ent_observable *observable, size_t k, const ent_system *system) {
  const ent_theory_facts facts = ent_system_theory(system);
  if (strcmp(observable->name, "criterion") == 0) return facts.kernel.weight == NULL;
  return strcmp(observable->name, "lyapunov") == 0 && k > 0;
}

static void check_values(const ent_observable *observable, const ent_scene *at) {
  double values[ENT_MAX_WIDTH], again[ENT_MAX_WIDTH];
  char text[128];
  const size_t width = ent_observable_width(observable, 1);
  ent_observe_system(observable, at->system, at->x, values);
  ent_observe_system(observable, at->system, at->x, again);
  for (size_t k = 0; k < width; k++) {
    snprintf(text, sizeof text, "'%s' is a finite number, value %zu = %g", observable->name, k, values[k]);
    ent_conforms(isfinite(values[k]) || (isnan(values[k]) && may_be_missing(observable, k, at->system)),
                 at->model, text);
    if (observable->labels)
      ent_conforms(values[k] >= 0 && values[k] < (double)label_count(observable), at->model, "a label");
  }
  snprintf(text, sizeof text, "'%s' repeats its bits", observable->name);
  ent_conforms(memcmp(values, again, width * sizeof(*values)) == 0, at->model, text);
}

/* Some steps of a map: rates such as Lyapunov exponents are known after the first ones only. */
static void advance(ent_scene *at) {
  for (int64_t step = 0; step < STEPS && at->model->advance; step++) {
    at->model->advance(at->system, step, at->x, at->dxdt);
    memcpy(at->x, at->dxdt, at->system->size * sizeof(*at->x));
  }
}

static void observe_all(const ent_model *model, int64_t d, bool wild) {
  ent_scene at;
  ent_scene_open(&at, model, d, wild);
  advance(&at);
  for (const ent_observable *const *o = ent_observables; *o; o++)
    if (!is_refused(*o, &at)) check_values(*o, &at);
  ent_scene_close(&at);
}

static void of_every_model(bool wild) {
  for (const ent_model *const *model = ent_models; *model; model++) {
    observe_all(*model, 2, wild);
    if (!((*model)->flags & ENT_MODEL_CIRCLE_ONLY)) observe_all(*model, 3, wild);
  }
}

static void finite_or_refused_at_defaults(void) {
  of_every_model(false);
}

static void finite_or_refused_at_drawn_parameters(void) {
  for (int k = 0; k < DRAWS; k++) of_every_model(true);
}

static const ent_test tests[] = {
  {"every observable is finite or refused on every model", finite_or_refused_at_defaults},
  {"and so it is at parameters that were drawn", finite_or_refused_at_drawn_parameters},
  {0},
};

ENT_TEST_MAIN("observe/every_model", tests)
