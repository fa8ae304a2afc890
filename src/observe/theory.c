#include <math.h>

#include "entrain/observe/observe.h"

static void measure(const ent_system *system, const double *x, const ent_observing *observing,
                    double *values) {
  const ent_theory_facts facts = ent_system_theory(system);
  (void)x, (void)observing;
  values[0] = ent_theory_decide(&facts);
}

static bool check_criterion(const ent_model *model, const ent_point *point, ent_refusal *refusal) {
  (void)point;
  if (model->theory) return true;
  return ent_refuse(refusal, "observe", "'criterion' needs an interaction kernel, model '%s' states none",
                    model->name);
}

static void measure_criterion(const ent_system *system, const double *x, const ent_observing *observing,
                              double *values) {
  const ent_theory_facts facts = ent_system_theory(system);
  (void)x, (void)observing;
  values[0] = facts.kernel.weight ? ent_theory_criterion(&facts.kernel) : NAN;
}

const ent_observable ent_observable_theory = {
  .name = "theory",
  .unit = "1",
  .summary = "the theorem that decides almost every start of this system, if there is one",
  .source = "docs/observables.md, with the source of each theorem",
  .flags = ENT_OBSERVE_ROW_ONLY,
  .min = ENT_THEOREM_NONE,
  .max = ENT_THEOREM_NONSYNC_SIMPLEX,
  .labels = ent_theorem_names,
  .measure = measure,
};

const ent_observable ent_observable_criterion = {
  .name = "criterion",
  .unit = "1",
  .summary =
    "4 (1 + tau/(2 pi)) - tau int |f'''|_+ / f'(0) of the kernel: from 0 on, only consensus is stable "
    "on the circle",
  .source = "arXiv:2507.22857",
  .flags = ENT_OBSERVE_ROW_ONLY,
  .min = ENT_CRITERION_LOWEST,
  .max = 6,
  .check = check_criterion,
  .measure = measure_criterion,
};
