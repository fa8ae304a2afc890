#include <math.h>
#include <stddef.h>

#include "entrain/model/oversmoothing.h"
#include "entrain/observe/observe.h"

enum { MOST = ENT_OVERSMOOTHING_EXPONENTS };
enum { CONSENSUS, REST, DECAY, FIRST_OF_ALL };

static bool check(const ent_model *model, const ent_point *point, ent_refusal *refusal) {
  (void)point;
  if (ent_model_is_oversmoothing(model)) return true;
  return ent_refuse(refusal, "observe", "'lyapunov' for model '%s', must be model 'oversmoothing'",
                    model->name);
}

/* Whether a is the larger number; not-a-number is none. */
static bool is_larger(double a, double b) {
  return isnan(b) || a >= b;
}

/* The parts' largest exponents, their difference, and the largest of all in descending order. */
static void measure(const ent_system *system, const double *x, const ent_observing *observing,
                    double *values) {
  double consensus[MOST], rest[MOST];
  size_t i = 0, j = 0;
  (void)observing;
  const size_t count = ent_oversmoothing_exponents(system, x, consensus, rest);
  values[CONSENSUS] = consensus[0];
  values[REST] = rest[0];
  values[DECAY] = rest[0] - consensus[0];
  for (size_t k = 0; k < MOST; k++) {
    if (k >= count)
      values[FIRST_OF_ALL + k] = NAN;
    else if (is_larger(consensus[i], rest[j]))
      values[FIRST_OF_ALL + k] = consensus[i++];
    else
      values[FIRST_OF_ALL + k] = rest[j++];
  }
}

const ent_observable ent_observable_lyapunov = {
  .name = "lyapunov",
  .unit = "1",
  .summary =
    "Lyapunov exponents per layer: largest of consensus and rest, their difference, the first of all",
  .source = "arXiv:2501.00762",
  .min = -10,
  .max = 10,
  .parts = (const char *const[]){"lyapunov_consensus", "lyapunov_rest", "decay_exponent", "lyapunov_1",
                                 "lyapunov_2", "lyapunov_3", "lyapunov_4", "lyapunov_5", "lyapunov_6",
                                 "lyapunov_7", "lyapunov_8", NULL},
  .check = check,
  .measure = measure,
};
