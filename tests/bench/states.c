#include "states.h"

#include <stdlib.h>
#include <string.h>

static ent_bench_states *seen;
static void (*true_drift)(ent_system *system, double t, const double *x, double *dxdt);

static void noting_drift(ent_system *system, double t, const double *x, double *dxdt) {
  if (seen->count < ENT_BENCH_MAX_STATES) {
    memcpy(seen->x + seen->count * system->size, x, system->size * sizeof(*x));
    seen->slack[seen->count] = system->slack;
    seen->t[seen->count++] = t;
  }
  true_drift(system, t, x, dxdt);
}

void ent_bench_integrate(void *context) {
  ent_bench_integration *job = context;
  ent_bench_need(ent_integrator_run(job->integrator, job->row, NULL, NULL, &job->output));
}

void ent_bench_states_note(ent_bench_states *states, ent_spec *spec, int64_t row) {
  const ent_model *truth = spec->model;
  ent_model noting = *truth;
  ent_bench_integration job = {.row = row};
  ent_bench_states_fini(states);
  states->x = ent_bench_doubles((size_t)ENT_BENCH_MAX_STATES * ent_spec_largest_state(spec));
  states->t = ent_bench_doubles(ENT_BENCH_MAX_STATES);
  states->slack = ent_bench_doubles(ENT_BENCH_MAX_STATES);
  seen = states;
  true_drift = truth->drift;
  noting.drift = noting_drift;
  spec->model = &noting;
  ent_bench_need(ent_integrator_create(spec, NULL, &job.integrator));
  ent_bench_integrate(&job);
  ent_integrator_destroy(&job.integrator);
  spec->model = truth;
  states->job = ent_bench_job_at(spec, row);
}

void ent_bench_states_fini(ent_bench_states *states) {
  if (states->job.system) ent_bench_job_fini(&states->job);
  free(states->x);
  free(states->t);
  free(states->slack);
  *states = (ent_bench_states){0};
}

void ent_bench_states_replay(void *context) {
  const ent_bench_states *states = context;
  ent_system *system = states->job.system;
  for (size_t k = 0; k < states->count; k++) {
    system->slack = states->slack[k];
    system->model->drift(system, states->t[k], states->x + k * system->size, states->job.dxdt);
  }
}
