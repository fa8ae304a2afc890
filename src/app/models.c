#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "entrain/app/command.h"
#include "entrain/app/commands.h"
#include "entrain/app/fold.h"
#include "entrain/initial/initial.h"
#include "entrain/observe/observe.h"
#include "entrain/sweep/faults.h"
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

static int append_default(const ent_parameter *parameter, ent_text *text) {
  if (parameter->must_be_axis)
    return ent_text_append(text, "; an axis of the sweep%s", parameter->required ? "" : ", or absent");
  if (parameter->required) return ent_text_append(text, "; required");
  if (parameter->kind == ENT_PARAM_CHOICE)
    return ent_text_append(text, "; default %s", parameter->choices[(int)parameter->default_value]);
  if (parameter->kind == ENT_PARAM_REAL || parameter->kind == ENT_PARAM_INTEGER)
    return ent_text_append(text, "; default %g", parameter->default_value);
  return ENT_OK;
}

static int append_parameters(const char *title, const ent_parameter *table, ent_text *text) {
  char legal[256];
  if (table->name == NULL) return ENT_OK;
  ENT_TRY(ent_text_append(text, "\n%s:\n", title));
  for (const ent_parameter *p = table; p->name; p++) {
    ent_parameter_legal(p, sizeof(legal), legal);
    ENT_TRY(ent_text_append(text, "  %s%s%s%s\n    %s\n    %s", p->name, p->unit ? " [" : "",
                            p->unit ? p->unit : "", p->unit ? "]" : "", p->summary, legal));
    ENT_TRY(append_default(p, text));
    ENT_TRY(ent_text_append(text, "\n"));
  }
  return ENT_OK;
}

static int append_model(const ent_model *model, ent_text *text) {
  static const struct {
    unsigned flag;
    const char *promise;
  } promises[] = {
    {ENT_MODEL_GRADIENT_FLOW, "the energy never decreases"},
    {ENT_MODEL_EXCHANGEABLE, "renaming particles renames the solution"},
    {ENT_MODEL_EQUIVARIANT, "rotating the start rotates the solution"},
    {ENT_MODEL_CAUSAL, "a particle moves by those before it and itself alone"},
    {ENT_MODEL_HAS_JACOBIAN, "its Jacobian is known"},
    {ENT_MODEL_OWN_START, "its start is a parameter, 'initial' is refused"},
    {ENT_MODEL_CIRCLE_ONLY, "d = 2 only"},
    {ENT_MODEL_NO_PARTICLES, "its state is no particles on a sphere, rows end as 'finished'"},
    {ENT_MODEL_LIMIT_COUNT, "n = 0 is the limit of large n"},
    {ENT_MODEL_ANY_COUNT, "cost and memory do not depend on n and d"},
  };
  ENT_TRY(
    ent_text_append(text,
                    "model %s: %s\n\n  %s\n\n  source: %s\n\nwhat it is, and what it promises where its "
                    "parameters allow it (each is a test):\n",
                    model->name, model->summary, model->equation, model->source));
  for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++)
    if (model->flags & promises[i].flag) ENT_TRY(ent_text_append(text, "  %s\n", promises[i].promise));
  return append_parameters("parameters", model->parameters, text);
}

static int append_initial(const ent_initial *initial, ent_text *text) {
  ENT_TRY(ent_text_append(text, "initial condition %s: %s\n", initial->name, initial->summary));
  if (initial->source) ENT_TRY(ent_text_append(text, "\n  source: %s\n", initial->source));
  return append_parameters("parameters", initial->parameters, text);
}

/* A list of names under a title; nothing for no list. */
static int append_names(const char *title, const char *const *names, ent_text *text) {
  if (names == NULL) return ENT_OK;
  ENT_TRY(ent_text_append(text, "\n%s:\n", title));
  for (; *names; names++) ENT_TRY(ent_text_append(text, "  %s\n", *names));
  return ENT_OK;
}

static int append_observable(const ent_observable *observable, ent_text *text) {
  ENT_TRY(ent_text_append(text, "observable %s: %s\n\n  unit: %s, between %g and %g\n", observable->name,
                          observable->summary, observable->unit, observable->min, observable->max));
  if (observable->source) ENT_TRY(ent_text_append(text, "  source: %s\n", observable->source));
  if (observable->flags & ENT_OBSERVE_ROW_ONLY)
    ENT_TRY(ent_text_append(text, "\na column of its own, without a series\n"));
  ENT_TRY(append_names("columns and series", observable->parts, text));
  return append_names("values", observable->labels, text);
}

static int append_line(const char *name, const char *summary, ent_text *text) {
  return ent_text_append(text, "  %-20s  %s\n", name, summary);
}

static int append_all(ent_text *text) {
  ENT_TRY(ent_text_append(text, "models:\n"));
  for (const ent_model *const *m = ent_models; *m; m++) ENT_TRY(append_line((*m)->name, (*m)->summary, text));
  ENT_TRY(ent_text_append(text, "\ninitial conditions:\n"));
  for (const ent_initial *const *i = ent_initials; *i; i++)
    ENT_TRY(append_line((*i)->name, (*i)->summary, text));
  ENT_TRY(ent_text_append(text, "\nobservables:\n"));
  for (const ent_observable *const *o = ent_observables; *o; o++)
    ENT_TRY(append_line((*o)->name, (*o)->summary, text));
  ENT_TRY(append_parameters("solver", ent_solver_parameters, text));
  return ent_text_append(text, "\n'entrain models NAME' tells the parameters of one of them.\n");
}

/* Names may stand in more than one registry: all of them are shown, or nothing. */
static int append_named(const char *name, ent_text *text) {
  const size_t length = strlen(name);
  const ent_model *model = ent_model_find(name, length);
  const ent_initial *initial = ent_initial_find(name, length);
  const ent_observable *observable = ent_observable_find(name, length);
  if (model) ENT_TRY(append_model(model, text));
  if (initial) ENT_TRY(append_initial(initial, text));
  if (observable) ENT_TRY(append_observable(observable, text));
  return ENT_OK;
}

static int show(const char *name, bool *is_found) {
  int code = ENT_OK;
  ent_text text = {0};
  ENT_GOTO(name ? append_named(name, &text) : append_all(&text));
  *is_found = text.length > 0;
  if (*is_found) ENT_GOTO(ent_fold_print(text.data));
done:
  ent_text_fini(&text);
  return code;
}

/* Says that nothing has that name, and which name is near. */
static void refuse(const char *name) {
  ent_names names = {0};
  for (size_t i = 0; ent_models[i]; i++) ent_names_add(&names, ent_models[i]->name);
  for (size_t i = 0; ent_initials[i]; i++) ent_names_add(&names, ent_initials[i]->name);
  for (size_t i = 0; ent_observables[i]; i++) ent_names_add(&names, ent_observables[i]->name);
  const char *near = ent_names_nearest(&names, name, strlen(name));
  fprintf(stderr, "entrain models: error: nothing is named '%s', ", name);
  if (near)
    fprintf(stderr, "did you mean '%s'\n", near);
  else
    fprintf(stderr, "'entrain models' lists what there is\n");
}

int ent_command_models(int argc, char **argv) {
  const char *name = NULL;
  bool is_found = false;
  argp_parse(&parser, argc, argv, 0, NULL, &name);
  const int code = show(name, &is_found);
  if (code != ENT_OK) return ent_command_fail(argv[0], code, NULL);
  if (is_found) return ENT_EXIT_OK;
  refuse(name);
  return ENT_EXIT_USAGE;
}
