#include "entrain/kernel/help.h"

#include "direct_pieces.h"

/* A sum at its asker. */
typedef struct sum {
  ent_direct *direct;
  const ent_pair_law *law;
  ent_direct_tasks at;
  ent_help_plan plan; /* whose parts are whole sums here, not shares of the particles */
} sum;

/* Sends all particles to a helper, which begins with its tasks. */
static void ask(const sum *of, size_t part, const double *x) {
  const ent_direct *direct = of->direct;
  const ent_pair_law *law = of->law;
  const size_t width = direct->d == 2 ? 1 : direct->d;
  const double question[ENT_HELP_NUMBERS] = {[ENT_HELP_KIND] = ENT_HELP_PAIRS,
                                             [ENT_HELP_N] = (double)direct->n,
                                             [ENT_HELP_D] = (double)direct->d,
                                             [ENT_HELP_PIECES] = (double)direct->pieces,
                                             [ENT_HELP_METHOD] = of->at.method,
                                             [ENT_HELP_PART] = (double)part,
                                             [ENT_HELP_PARTS] = (double)of->at.parts,
                                             [ENT_HELP_MASSES] = law->masses ? 1 : 0,
                                             [ENT_HELP_BETA] = law->beta};
  if (!ent_help_send(law->helpers, &of->plan, part, ENT_HELP_NUMBERS, question)) return;
  if (!ent_help_send(law->helpers, &of->plan, part, direct->n * width, x)) return;
  if (law->masses) (void)ent_help_send(law->helpers, &of->plan, part, direct->n, law->masses);
}

/* Whoever says what makes no sense is lost: one could not tell which task its next answer belongs to. */
static bool lose(const sum *of, size_t part) {
  of->law->helpers->is_lost[of->plan.helper[part]] = true;
  return false;
}

/* What the helper of a part says next: ENT_HELP_WORKS, ENT_HELP_ENDS, or how many numbers follow, which are
 * received. False when it is lost. */
static bool hear(const sum *of, size_t part, double *says) {
  const ent_direct *direct = of->direct;
  ent_helpers *helpers = of->law->helpers;
  if (!ent_help_receive(helpers, &of->plan, part, 1, says)) return false;
  if (*says == ENT_HELP_WORKS || *says == ENT_HELP_ENDS) return true;
  if (*says >= 1 && *says <= (double)ent_direct_strips(direct))
    return ent_help_receive(helpers, &of->plan, part, (size_t)*says, direct->strips);
  return lose(of, part);
}

static bool is_given_up(const ent_pair_law *law) {
  return law->brake && law->brake->is_pulled;
}

/* A task's sums from its helper into `strips`. False when it is lost, or the sum is given up. */
static bool receive(const sum *of) {
  double says = ENT_HELP_WORKS;
  while (says == ENT_HELP_WORKS) {
    if (!hear(of, of->at.part, &says)) return false;
    if (says == ENT_HELP_WORKS && ent_brake_after(of->law->brake, ENT_BRAKE_WORK)) return false;
  }
  return says == (double)ent_direct_count(of->direct, &of->at) || lose(of, of->at.part);
}

/* Adds a task to the sums of its rows. False when given up. */
static bool work(const sum *of) {
  ent_direct *direct = of->direct;
  const bool has_two = of->at.method == ENT_DIRECT_PAIRS; /* otherwise its rows have no other task */
  if (has_two) ent_direct_pack(direct, &of->at, direct->strips);
  if (!ent_direct_work(direct, of->law, &of->at)) return false;
  if (has_two) ent_direct_add(direct, &of->at, direct->strips);
  return true;
}

/* Tells the helpers that nobody wants their answers any more, and hears them out. */
static void stop(const sum *of) {
  const double question[ENT_HELP_NUMBERS] = {[ENT_HELP_KIND] = ENT_HELP_STOP};
  for (size_t part = 1; part < of->plan.parts; part++)
    (void)ent_help_send(of->law->helpers, &of->plan, part, ENT_HELP_NUMBERS, question);
  for (size_t part = 1; part < of->plan.parts; part++) {
    double says = ENT_HELP_WORKS;
    while (says != ENT_HELP_ENDS && hear(of, part, &says)) continue;
  }
}

void ent_direct_sum_pieces(ent_direct *direct, const ent_pair_law *law, ent_direct_method method,
                           const double *x, double *dxdt, double *radial) {
  sum of = {.direct = direct, .law = law};
  bool is_whole = true;
  ent_help_list(law->helpers, &of.plan);
  of.at = (ent_direct_tasks){.method = method, .pieces = direct->pieces, .parts = of.plan.parts};
  for (size_t part = 1; part < of.plan.parts; part++) ask(&of, part, x);
  direct->ops->load(direct, law, x);
  ent_direct_clear(direct);
  while (is_whole && ent_direct_next(&of.at)) {
    if (of.at.part > 0 && receive(&of)) {
      ent_direct_add(direct, &of.at, direct->strips);
    } else {
      is_whole = !is_given_up(law) && work(&of);
    }
  }
  if (is_whole)
    direct->ops->finish(direct, law, method == ENT_DIRECT_ROWS ? direct->shifts : NULL, dxdt, radial);
  else
    stop(&of);
}
