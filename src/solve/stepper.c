#include "entrain/solve/stepper.h"

#include <string.h>

#include "stepper_ops.h"

static const ent_stepper_ops *ops_of(const ent_model *model) {
  return model->advance ? &ent_stepper_map : &ent_stepper_rk;
}

int ent_stepper_arrays(const ent_model *model, ent_state_kind kind, int scheme, size_t *count) {
  return ops_of(model)->arrays(kind, scheme, count);
}

int ent_stepper_create(ent_system *system, int scheme, ent_stepper **stepper) {
  return ops_of(system->model)->create(system, scheme, stepper);
}

void ent_stepper_destroy(ent_stepper **stepper) {
  if (*stepper) (*stepper)->ops->destroy(*stepper);
  *stepper = NULL;
}

int ent_stepper_start(ent_stepper *stepper, const double *x, double rtol, double atol) {
  stepper->counts = (ent_step_counts){0};
  return stepper->ops->start(stepper, x, rtol, atol);
}

bool ent_stepper_can_save(const ent_stepper *stepper) {
  return stepper->can_save;
}

bool ent_stepper_jumps(const ent_stepper *stepper) {
  return stepper->ops == &ent_stepper_map;
}

void ent_stepper_give_counts(const ent_stepper *stepper, ent_checkpoint *checkpoint) {
  const ent_step_counts *counts = &stepper->counts;
  checkpoint->steps = counts->steps;
  checkpoint->rejected = counts->rejected;
  checkpoint->rhs_evals = counts->rhs_evals;
  checkpoint->drift = counts->drift;
  checkpoint->error_estimate = counts->error_estimate;
}

void ent_stepper_take_counts(ent_stepper *stepper, const ent_checkpoint *checkpoint) {
  stepper->counts = (ent_step_counts){.steps = checkpoint->steps,
                                      .rejected = checkpoint->rejected,
                                      .rhs_evals = checkpoint->rhs_evals,
                                      .drift = checkpoint->drift,
                                      .error_estimate = checkpoint->error_estimate};
}

int ent_stepper_save(ent_stepper *stepper, ent_checkpoint *checkpoint) {
  ent_stepper_give_counts(stepper, checkpoint);
  checkpoint->t = stepper->t1;
  checkpoint->size = stepper->system->size;
  return stepper->ops->save(stepper, checkpoint);
}

int ent_stepper_restore(ent_stepper *stepper, const ent_checkpoint *checkpoint, double rtol, double atol) {
  ent_stepper_take_counts(stepper, checkpoint);
  return stepper->ops->restore(stepper, checkpoint, rtol, atol);
}

bool ent_stepper_is_stopped(const ent_stepper *stepper) {
  return stepper->system->brake && stepper->system->brake->is_pulled;
}

int ent_stepper_step(ent_stepper *stepper, ent_step *step) {
  *step = (ent_step){stepper->t0, stepper->t1, ENT_JOB_OK};
  return stepper->ops->step(stepper, step);
}

int ent_stepper_interpolate(ent_stepper *stepper, double t, double *x) {
  const ent_system *system = stepper->system;
  if (t == stepper->t1) {
    ENT_TRY(stepper->ops->end(stepper, x));
  } else if (t == stepper->t0) {
    memcpy(x, stepper->before, system->size * sizeof(*x));
  } else {
    ENT_TRY(stepper->ops->inside(stepper, t, x));
  }
  ent_cloud_retract(system->kind, system->n, system->d, x);
  return ENT_OK;
}

double ent_stepper_speed(ent_stepper *stepper, double t, const double *x) {
  return stepper->ops->speed(stepper, t, x);
}

ent_step_counts ent_stepper_counts(const ent_stepper *stepper) {
  return stepper->counts;
}
