#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "entrain/app/command.h"
#include "entrain/app/commands.h"
#include "entrain/initial/initial.h"
#include "entrain/observe/observe.h"
#include "entrain/sweep/spec.h"

static error_t parse(int key, char *argument, struct argp_state *state) {
  const char **name = state->input;
  if (key != ARGP_KEY_ARG) return ARGP_ERR_UNKNOWN;
  if (*name) argp_error(state, "one name, not '%s' as well", argument);
  *name = argument;
  return 0;
}

static const struct argp parser = {NULL,
                                   parse,
                                   "[NAME]",
                                   "List what can be swept: models, initial conditions, observables; with a "
                                   "NAME its parameters, ranges, units and "
                                   "sources.",
                                   NULL,
                                   NULL,
                                   NULL};

static void print_default(const ent_parameter *parameter) {
  if (parameter->must_be_axis) {
    printf("; an axis of the sweep");
  } else if (parameter->required) {
    printf("; required");
  } else if (parameter->kind == ENT_PARAM_CHOICE) {
    printf("; default %s", parameter->choices[(int)parameter->default_value]);
  } else if (parameter->kind == ENT_PARAM_REAL || parameter->kind == ENT_PARAM_INTEGER) {
    printf("; default %g", parameter->default_value);
  }
}

static void print_parameters(const char *title, const ent_parameter *table) {
  char legal[256];
  if (table->name == NULL) return;
  printf("\n%s:\n", title);
  for (const ent_parameter *p = table; p->name; p++) {
    ent_parameter_legal(p, sizeof(legal), legal);
    printf("  %s%s%s%s\n    %s\n    %s", p->name, p->unit ? " [" : "", p->unit ? p->unit : "",
           p->unit ? "]" : "", p->summary, legal);
    print_default(p);
    putchar('\n');
  }
}

static void print_model(const ent_model *model) {
  static const struct {
    unsigned flag;
    const char *promise;
  } promises[] = {
    {ENT_MODEL_GRADIENT_FLOW, "the energy never decreases"},
    {ENT_MODEL_EXCHANGEABLE, "renaming particles renames the solution"},
    {ENT_MODEL_EQUIVARIANT, "rotating the start rotates the solution"},
    {ENT_MODEL_OWN_START, "its start is a parameter, 'initial' is refused"},
    {ENT_MODEL_CIRCLE_ONLY, "d = 2 only"},
    {ENT_MODEL_ANY_COUNT, "cost and memory do not depend on n and d"},
  };
  printf(
    "model %s: %s\n\n  %s\n\n  source: %s\n\npromises (each is a test, at the defaults of the parameters):\n",
    model->name, model->summary, model->equation, model->source);
  for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++) {
    if (model->flags & promises[i].flag) printf("  %s\n", promises[i].promise);
  }
  print_parameters("parameters", model->parameters);
}

static void print_all(void) {
  printf("models:\n");
  for (const ent_model *const *m = ent_models; *m; m++) printf("  %-16s %s\n", (*m)->name, (*m)->summary);
  printf("\ninitial conditions:\n");
  for (const ent_initial *const *i = ent_initials; *i; i++) printf("  %-16s %s\n", (*i)->name, (*i)->summary);
  printf("\nobservables:\n");
  for (const ent_observable *const *o = ent_observables; *o; o++)
    printf("  %-16s %s\n", (*o)->name, (*o)->summary);
  print_parameters("solver", ent_solver_parameters);
  printf("\n'entrain models NAME' tells the parameters of one of them.\n");
}

/* Names may stand in more than one registry: all of them are shown. */
static bool print_named(const char *name) {
  const size_t length = strlen(name);
  const ent_model *model = ent_model_find(name, length);
  const ent_initial *initial = ent_initial_find(name, length);
  const ent_observable *observable = ent_observable_find(name, length);
  if (model) print_model(model);
  if (initial) {
    printf("initial condition %s: %s\n", initial->name, initial->summary);
    if (initial->source) printf("\n  source: %s\n", initial->source);
    print_parameters("parameters", initial->parameters);
  }
  if (observable) {
    printf("observable %s: %s\n\n  unit: %s, between %g and %g\n", observable->name, observable->summary,
           observable->unit, observable->min, observable->max);
    if (observable->source) printf("  source: %s\n", observable->source);
  }
  return model || initial || observable;
}

int ent_command_models(int argc, char **argv) {
  const char *name = NULL;
  argp_parse(&parser, argc, argv, 0, NULL, &name);
  if (name == NULL) {
    print_all();
  } else if (!print_named(name)) {
    fprintf(stderr, "entrain models: error: nothing is named '%s', 'entrain models' lists what there is\n",
            name);
    return ENT_EXIT_USAGE;
  }
  return ENT_EXIT_OK;
}
