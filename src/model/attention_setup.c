#include <math.h>
#include <string.h>

#include <sleef.h>

#include "entrain/base/mem.h"
#include "entrain/math/vec.h"

#include "attention_impl.h"

/* Masses of sum 1; returns what a mass of 1 has become, 1/n where there are none. */
static int set_masses(ent_system *system, const ent_value *masses, double *unit_mass) {
  attention *own = system->context;
  double sum = (double)system->n;
  if (masses->list) {
    ENT_CHECK(masses->count == system->n, ENT_ERR_ARGUMENT, "%zu masses for n = %zu particles", masses->count,
              system->n);
    if (own->masses == NULL) ENT_TRY(ent_mem_alloc(system->n, sizeof(double), &own->masses));
    sum = 0;
    for (size_t i = 0; i < system->n; i++) sum += masses->list[i];
    for (size_t i = 0; i < system->n; i++) own->masses[i] = masses->list[i] / sum;
    system->masses = own->masses;
  }
  *unit_mass = 1 / sum;
  return ENT_OK;
}

/* Centres of a list, angles or vectors, in the form of the state. */
static void set_centres(ent_system *system, const ent_value *values, double unit_mass) {
  attention *own = system->context;
  const ent_value *centres = &values[CENTRES], *masses = &values[CENTRE_MASSES];
  const size_t d = system->d, count = d == 2 ? centres->count : centres->count / d;
  for (size_t m = 0; m < count; m++) {
    own->centre_masses[m] = unit_mass * (masses->list ? masses->list[m] : 1);
    if (system->kind == ENT_STATE_ANGLES) {
      own->centres[m] = centres->list[m];
    } else if (d == 2) {
      const Sleef_double_2 point = Sleef_cinz_sincosd1_u10purec(centres->list[m]);
      own->centres[2 * m] = point.y;
      own->centres[2 * m + 1] = point.x;
    } else {
      memcpy(own->centres + m * d, centres->list + m * d, d * sizeof(double));
      ent_vec_normalize(d, own->centres + m * d);
    }
  }
  own->row_law.n_centres = count;
  own->row_law.centres = own->centres;
  own->row_law.centre_masses = own->centre_masses;
}

/* Only the direction of the mean counts: its true scale, which may overflow, is left out. */
static bool is_direction_only(ent_norm norm) {
  return norm == ENT_NORM_PERI || norm == ENT_NORM_NGPT;
}

static bool has_positive_weights(const ent_row_law *law) {
  return law->weighing == ENT_WEIGH_EXP || law->weighing == ENT_WEIGH_HINGE;
}

static ent_row_law make_law(const ent_system *system, const ent_point *point) {
  const attention *own = system->context;
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  ent_row_law law = {.weighing = (ent_weighing)ent_attention_choice(point, KERNEL),
                     .beta = ent_attention_beta(&values[BETA], &values[GAMMA], point->n),
                     .kappa = values[KAPPA].number,
                     .coefficients = values[COEFFICIENTS].list,
                     .n_coefficients = values[COEFFICIENTS].count,
                     .sight = (ent_row_sight)ent_attention_choice(point, MASK),
                     .k = (size_t)values[NEAREST].number,
                     .cos_cutoff = values[COS_CUTOFF].number,
                     .softmax = ent_attention_choice(point, WEIGHTS) == ENT_WEIGHTS_SOFTMAX,
                     .masses = system->masses,
                     .score = ent_attention_scores_by_overlap(point) ? NULL : own->matrices.score,
                     .value = ent_attention_keeps_values(point) ? NULL : own->matrices.value_of,
                     .log_scale = is_direction_only(own->norm) ? 0 : system->log_unit};
  if (law.weighing != ENT_WEIGH_EXP) law.beta = 0;
  if (is_direction_only(own->norm) && has_positive_weights(&law)) law.softmax = true;
  if (law.sight == ENT_SEES_WITHIN && law.cos_cutoff <= -1) law.sight = ENT_SEES_ALL; /* rounding aside */
  if (law.sight == ENT_SEES_NEAREST && law.k >= system->n) law.sight = ENT_SEES_ALL;
  return law;
}

static bool moves_towards_tokens(const ent_row_law *law) {
  return law->value == NULL && law->n_centres == 0;
}

static unsigned broken_promises(const ent_point *point, const ent_row_law *law) {
  unsigned broken = 0;
  const bool has_fixed_scores = !ent_attention_scores_by_overlap(point);
  const int value = ent_attention_choice(point, VALUE);
  const bool has_fixed_values = value == VALUE_GAUSSIAN_PSD || value == VALUE_FROM_FILE;
  const ent_norm norm = (ent_norm)ent_attention_choice(point, NORM);
  const bool keeps_direction = !ent_norm_has_radii(norm);
  if (law->sight != ENT_SEES_ALL || law->score || !moves_towards_tokens(law) || !keeps_direction)
    broken |= ENT_MODEL_GRADIENT_FLOW;
  if (law->sight == ENT_SEES_EARLIER || law->masses) broken |= ENT_MODEL_EXCHANGEABLE;
  if (law->sight != ENT_SEES_EARLIER) broken |= ENT_MODEL_CAUSAL;
  if (has_fixed_scores || has_fixed_values || law->n_centres > 0) broken |= ENT_MODEL_EQUIVARIANT;
  return broken;
}

/* Where the theorem holds, and from what height on: docs/verdicts.md. */
static void certify(ent_system *system, const attention *own) {
  const ent_row_law *law = &own->row_law;
  const bool is_rooted = law->sight == ENT_SEES_ALL || law->sight == ENT_SEES_EARLIER;
  system->certificate = moves_towards_tokens(law) && has_positive_weights(law) && is_rooted;
  if (ent_norm_has_radii(own->norm)) system->height = sqrt(0.5);
}

/* What only some compositions need is made when the first of them comes. */
static int make_room(const ent_system *system, attention *own) {
  const bool wants_radial = !own->is_plain || !(own->norm == ENT_NORM_POST || own->norm == ENT_NORM_SQRT);
  if (wants_radial && own->radial == NULL) ENT_TRY(ent_mem_alloc(system->n, sizeof(double), &own->radial));
  if (own->is_plain || own->rows) return ENT_OK;
  ENT_TRY(ent_rows_create(system->n, system->d, system->kind == ENT_STATE_ANGLES, &own->rows));
  return ENT_OK;
}

int ent_attention_configure(ent_system *system, const ent_point *point) {
  attention *own = system->context;
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  double unit_mass = 0;
  own->norm = (ent_norm)ent_attention_choice(point, NORM);
  own->alpha = values[ALPHA].number;
  own->tau = values[TAU].number;
  own->unit = Sleef_cinz_expd1_u10purec(system->log_unit);
  ENT_TRY(set_masses(system, &values[MASSES], &unit_mass));
  ENT_TRY(ent_attention_matrices_set(&own->matrices, point));
  own->row_law = make_law(system, point);
  set_centres(system, values, unit_mass);
  const ent_row_law *law = &own->row_law;
  own->pair_law = (ent_pair_law){
    .beta = law->beta, .softmax = law->softmax, .masses = law->masses, .log_scale = law->log_scale};
  own->is_plain = law->weighing == ENT_WEIGH_EXP && law->sight == ENT_SEES_ALL && law->score == NULL &&
                  moves_towards_tokens(law);
  ENT_TRY(make_room(system, own));
  system->beta = law->beta;
  system->promises &= ~broken_promises(point, law);
  if (!own->is_plain || own->norm != ENT_NORM_POST) system->promises &= ~(unsigned)ENT_MODEL_HAS_JACOBIAN;
  certify(system, own);
  ent_attention_enter(system, 0);
  return ENT_OK;
}
