#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"

#include "stepper_ops.h"

/* Steps of a model that makes its own: maps, and stochastic schemes with a fixed step. */
typedef struct map_stepper {
  ent_stepper base;
  double *x, *scratch; /* [size]: the state; room for the next one */
} map_stepper;

static map_stepper *own(ent_stepper *stepper) {
  return (map_stepper *)stepper;
}

enum { ARRAYS = 3 };

static int arrays(ent_state_kind kind, int scheme, size_t *count) {
  (void)kind, (void)scheme;
  *count = ARRAYS;
  return ENT_OK;
}

static void destroy(ent_stepper *stepper) {
  free(own(stepper)->base.before);
  free(own(stepper)->x);
  free(own(stepper)->scratch);
  free(stepper);
}

static int create(ent_system *system, int scheme, ent_stepper **stepper) {
  int code = ENT_OK;
  map_stepper *made = NULL;
  (void)scheme;
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  made->base = (ent_stepper){.ops = &ent_stepper_map, .system = system, .can_save = true};
  ENT_GOTO(ent_mem_alloc(system->size, sizeof(double), &made->base.before));
  ENT_GOTO(ent_mem_alloc(system->size, sizeof(double), &made->x));
  ENT_GOTO(ent_mem_alloc(system->size, sizeof(double), &made->scratch));
  *stepper = &made->base;
  made = NULL;
done:
  if (made) destroy(&made->base);
  return code;
}

static void stand_at(ent_stepper *stepper, double t, const double *x) {
  stepper->t0 = stepper->t1 = t;
  memcpy(own(stepper)->x, x, stepper->system->size * sizeof(*x));
}

static int start(ent_stepper *stepper, const double *x, double rtol, double atol) {
  (void)rtol, (void)atol;
  stand_at(stepper, 0, x);
  return ENT_OK;
}

static int save(ent_stepper *stepper, ent_checkpoint *checkpoint) {
  checkpoint->next_step = stepper->system->step;
  checkpoint->x = own(stepper)->x;
  checkpoint->slope = NULL;
  checkpoint->x_before = checkpoint->slope_before = NULL;
  return ENT_OK;
}

static int restore(ent_stepper *stepper, const ent_checkpoint *checkpoint, double rtol, double atol) {
  (void)rtol, (void)atol;
  stand_at(stepper, checkpoint->t, checkpoint->x);
  return ENT_OK;
}

/* Time after k steps. Where the unit is a whole number of steps it is the decimal that job files say. */
static double time_of(const ent_system *system, int64_t k) {
  const double per_unit = 1 / system->step;
  return per_unit == floor(per_unit) ? (double)k / per_unit : (double)k * system->step;
}

static int step(ent_stepper *stepper, ent_step *made) {
  ent_system *system = stepper->system;
  map_stepper *map = own(stepper);
  const size_t bytes = system->size * sizeof(*map->x);
  double sum = 0;
  system->model->advance(system, stepper->counts.steps, map->x, map->scratch);
  if (ent_stepper_is_stopped(stepper)) return ENT_OK;
  stepper->counts.rhs_evals++;
  for (size_t k = 0; k < system->size; k++) sum += map->scratch[k];
  if (!isfinite(sum)) {
    made->error = ENT_JOB_NOT_FINITE;
    return ENT_OK;
  }
  memcpy(stepper->before, map->x, bytes);
  memcpy(map->x, map->scratch, bytes);
  stepper->counts.steps++;
  stepper->t0 = made->t0 = stepper->t1;
  stepper->t1 = made->t1 = time_of(system, stepper->counts.steps);
  return ENT_OK;
}

/* Between two steps the state is the one before. */
static int inside(ent_stepper *stepper, double t, double *x) {
  (void)t;
  memcpy(x, stepper->before, stepper->system->size * sizeof(*x));
  return ENT_OK;
}

static int end(ent_stepper *stepper, double *x) {
  memcpy(x, own(stepper)->x, stepper->system->size * sizeof(*x));
  return ENT_OK;
}

/* How far the next step goes, divided by its length. */
static double speed(ent_stepper *stepper, double t, const double *x) {
  ent_system *system = stepper->system;
  double *next = own(stepper)->scratch;
  (void)t;
  system->model->advance(system, stepper->counts.steps, x, next);
  stepper->counts.rhs_evals++;
  for (size_t k = 0; k < system->size; k++) next[k] = (next[k] - x[k]) / system->step;
  return ent_system_speed(system, x, next);
}

const ent_stepper_ops ent_stepper_map = {
  .arrays = arrays,
  .create = create,
  .destroy = destroy,
  .start = start,
  .save = save,
  .restore = restore,
  .step = step,
  .inside = inside,
  .end = end,
  .speed = speed,
};
