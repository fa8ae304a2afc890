#include "entrain/solve/setup.h"

#include <math.h>
#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/kernel/pairs.h"
#include "entrain/solve/measure.h"

/* Arrays of states beside the stepper's, and in a checkpoint. */
enum { STATES = 2, CHECKPOINT_STATES = 4 };

/* Numbers of state and scratch from which a setup is alone: beside such a job remaking others is nothing. */
enum { LARGE = 1 << 15 };

int ent_setup_bytes(const ent_spec *spec, const ent_point *point, double *bytes) {
  const int scheme = (int)point->values[ENT_GROUP_SOLVER][ENT_SOLVER_SCHEME].number;
  const ent_state_kind kind = spec->model->shape(point).kind;
  const size_t n = (size_t)point->n, d = (size_t)point->d;
  size_t states = 0, others = ent_model_work(spec->model, point);
  ENT_TRY(ent_stepper_arrays(spec->model, kind, scheme, &states));
  states += STATES + (isfinite(spec->checkpoint_seconds) ? CHECKPOINT_STATES : 0);
  if (kind == ENT_STATE_ANGLES) others += n; /* that qsort takes */
  if (kind == ENT_STATE_ANGLES || kind == ENT_STATE_VECTORS) others += ent_pairs_numbers(n, d);
  *bytes = sizeof(double) * ((double)states * (double)ent_model_size(spec->model, point) + (double)others);
  return ENT_OK;
}

static void setup_fini(ent_setup *old) {
  ent_stepper_destroy(&old->stepper);
  ent_system_destroy(&old->system);
  free(old->x);
  free(old->work);
  free(old->scratch);
  free(old->memory);
  *old = (ent_setup){0};
}

static int setup_init(const ent_spec *spec, const ent_point *point, int scheme, ent_setup *made) {
  int code = ENT_OK;
  *made = (ent_setup){.scheme = scheme};
  ENT_GOTO(ent_system_create(spec->model, point, &made->system));
  ENT_GOTO(ent_mem_alloc(made->system->size, sizeof(double), &made->x));
  ENT_GOTO(ent_mem_alloc(made->system->size, sizeof(double), &made->work));
  ENT_GOTO(ent_mem_alloc(ent_measure_work(spec, made->system), sizeof(double), &made->scratch));
  ENT_GOTO(ent_mem_alloc(ent_measure_memory(spec, made->system), sizeof(double), &made->memory));
  made->vectors = ent_model_has_vectors(spec->model) ? made->system->work : NULL;
done:
  if (code != ENT_OK) setup_fini(made);
  return code;
}

static bool is_large(const ent_spec *spec, const ent_point *point) {
  return ent_model_size(spec->model, point) + ent_model_work(spec->model, point) >= LARGE;
}

/*
 * The setup of a point; where all are taken by other sizes, the one that was longest without a job becomes
 * it. A large one is made when no other is left, so that a sweep over large n takes what its largest does.
 */
static int find_setup(ent_setups *setups, const ent_spec *spec, const ent_point *point, ent_setup **found) {
  const int scheme = (int)point->values[ENT_GROUP_SOLVER][ENT_SOLVER_SCHEME].number;
  ent_setup *oldest = &setups->setups[0];
  for (int i = 0; i < ENT_SETUPS; i++) {
    ent_setup *candidate = &setups->setups[i];
    if (candidate->last_job < oldest->last_job) oldest = candidate;
    if (candidate->system == NULL || candidate->scheme != scheme) continue;
    if (!ent_system_suits(candidate->system, point)) continue;
    *found = candidate;
    return ENT_OK;
  }
  if (is_large(spec, point)) ent_setups_fini(setups);
  setup_fini(oldest);
  ENT_TRY(setup_init(spec, point, scheme, oldest));
  *found = oldest;
  return ENT_OK;
}

int ent_setups_ready(ent_setups *setups, const ent_spec *spec, const ent_point *point, ent_setup **setup) {
  ent_setup *ready = NULL;
  ENT_TRY(find_setup(setups, spec, point, &ready));
  ready->last_job = ++setups->n_jobs;
  if (ready->stepper == NULL) ENT_TRY(ent_stepper_create(ready->system, ready->scheme, &ready->stepper));
  *setup = ready;
  return ENT_OK;
}

bool ent_setup_draw_start(ent_setup *setup, const ent_spec *spec, const ent_point *point,
                          const ent_start_table *table) {
  if (spec->model->flags & ENT_MODEL_OWN_START) {
    spec->model->start(setup->system, point, setup->x);
    return true;
  }
  if (spec->initial->draw(point, table, setup->vectors) != ENT_OK) {
    ent_error_clear();
    for (size_t k = 0; k < setup->system->size; k++) setup->x[k] = NAN;
    return false;
  }
  ent_system_place(setup->system, setup->vectors, setup->x);
  return true;
}

void ent_setups_fini(ent_setups *setups) {
  for (int i = 0; i < ENT_SETUPS; i++) setup_fini(&setups->setups[i]);
}
