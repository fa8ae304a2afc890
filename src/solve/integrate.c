#include "entrain/solve/integrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/clock.h"
#include "entrain/base/mem.h"
#include "entrain/solve/certificate.h"
#include "entrain/solve/crossing.h"
#include "entrain/solve/measure.h"
#include "entrain/solve/setup.h"

#define LOOK_SECONDS 0.01 /* the watcher is asked after a step when this long has passed */

#define SHORT_SECONDS 1e-3 /* steps that take no longer are followed by a few without a look at the clock */

enum { STEPS_BETWEEN = 8 };

struct ent_integrator {
  const ent_spec *spec;
  const ent_start_table *table;
  ent_setups setups;
  float *series; /* [n_series, n_record] */
};

/* A job while it runs. */
typedef struct running {
  ent_integrator *integrator;
  const ent_spec *spec;
  const ent_watcher *watcher;
  ent_point point;
  ent_setup *at;
  ent_output *output;
  ent_result *result;           /* output->result */
  size_t n_recorded;            /* record times that lie behind */
  size_t n_synced;              /* deltas that are reached */
  double t;                     /* time of the state at->x */
  double began;                 /* clock */
  double last_look, last_clock; /* when the watcher was asked last, and the clock read, between two steps */
  int64_t next_clock;           /* the number of steps after which it is read next */
  ent_brake brake;              /* asks the watcher while a drift sum of minutes goes on */
  bool ended;
} running;

static size_t values_count(const ent_spec *spec) {
  return ent_spec_series_count(spec) * spec->n_record;
}

int ent_integrator_create(const ent_spec *spec, const ent_start_table *table, ent_integrator **integrator) {
  int code = ENT_OK;
  ent_integrator *made = NULL;
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  *made = (ent_integrator){.spec = spec, .table = table};
  ENT_GOTO(ent_mem_alloc(values_count(spec), sizeof(float), &made->series));
  *integrator = made;
  made = NULL;
done:
  ent_integrator_destroy(&made);
  return code;
}

void ent_integrator_destroy(ent_integrator **integrator) {
  ent_integrator *old = *integrator;
  if (old == NULL) return;
  ent_setups_fini(&old->setups);
  free(old->series);
  free(old);
  *integrator = NULL;
}

static void fail(running *job, ent_job_error error) {
  job->result->status = ENT_STATUS_FAILED;
  job->result->error = (int32_t)error;
  job->ended = true;
}

static int show(running *job, double t, const double *x) {
  const ent_setup *at = job->at;
  if (job->watcher == NULL || job->watcher->sees == NULL || at->vectors == NULL) return ENT_OK;
  ent_cloud_to_vectors(at->system->kind, at->system->n, at->system->d, x, at->vectors);
  ENT_TRY(job->watcher->sees(job->watcher->context, t, at->vectors));
  return ENT_OK;
}

/* Records all times up to t, which the last step has reached. */
static int record_until(running *job, double t) {
  for (; job->n_recorded < job->spec->n_record && job->spec->record[job->n_recorded] <= t;
       job->n_recorded++) {
    const double when = job->spec->record[job->n_recorded];
    if (when > 0) ENT_TRY(ent_stepper_interpolate(job->at->stepper, when, job->at->work));
    const double *x = when > 0 ? job->at->work : job->at->x;
    ent_measure_series(job->spec, job->at->system, x, job->at->scratch, job->at->memory,
                       job->integrator->series + job->n_recorded);
    ENT_TRY(show(job, when, x));
  }
  return ENT_OK;
}

static bool is_certain(const running *job, const double *x) {
  return ent_certificate_holds(job->at->system, x, ent_stepper_counts(job->at->stepper).error_estimate);
}

/* Finds when the k-th delta was reached in (from, t]; x is the state at t, where it is reached. */
static int find_sync(running *job, double from, double t, size_t k) {
  double *found = &job->result->t_sync[k];
  if (ent_stepper_jumps(job->at->stepper)) return ENT_OK;
  ent_crossing crossing = {.from = from, .to = t, .delta = job->spec->delta[k]};
  crossing.gap_to = ent_system_distance(job->at->system, job->at->x);
  ENT_TRY(ent_stepper_interpolate(job->at->stepper, from, job->at->work));
  crossing.gap_from = ent_system_distance(job->at->system, job->at->work);
  ENT_TRY(ent_crossing_find(job->at->stepper, job->at->system, &crossing, job->at->work, found));
  /* what has met lies in a hemisphere: the certificate may hold there already, before the step's end */
  if (!isnan(job->result->t_certain)) return ENT_OK;
  ENT_TRY(ent_stepper_interpolate(job->at->stepper, *found, job->at->work));
  if (is_certain(job, job->at->work)) job->result->t_certain = *found;
  return ENT_OK;
}

/*
 * Looks at the state at->x at t, the end of (from, t] or the start, for synchronization and its
 * certificate.
 */
static int judge(running *job, double from, double t) {
  ent_result *result = job->result;
  for (size_t k = 0; k < job->spec->n_delta; k++) {
    const double delta = job->spec->delta[k];
    if (!isnan(result->t_sync[k]) || !ent_system_is_within(job->at->system, job->at->x, delta)) continue;
    job->n_synced++;
    result->t_sync[k] = t;
    if (t > 0) ENT_TRY(find_sync(job, from, t, k));
  }
  if (isnan(result->t_certain) && is_certain(job, job->at->x)) result->t_certain = t;
  return ENT_OK;
}

/*
 * When the job may end by its stop rule, horizon aside, infinity while that is not known; never before the
 * last recorded time.
 */
static double stop_time(const running *job) {
  const ent_spec *spec = job->spec;
  const ent_result *result = job->result;
  double end = INFINITY;
  if (spec->stop == ENT_STOP_CERTIFIED && !isnan(result->t_certain)) end = result->t_certain;
  if (spec->stop == ENT_STOP_SYNC && job->n_synced == spec->n_delta) {
    end = job->at->system->certificate ? result->t_certain : 0;
    for (size_t k = 0; k < spec->n_delta; k++) end = isnan(end) ? NAN : fmax(end, result->t_sync[k]);
    if (isnan(end)) end = INFINITY; /* not yet certain */
  }
  if (spec->n_record > 0) end = fmax(end, spec->record[spec->n_record - 1]);
  return end;
}

/*
 * What comes after the end is not seen. A step is judged whole, also one that reaches over the horizon, so
 * that a row that ends before its horizon is the same bits for every longer one (`entrain extend`).
 */
static int forget_after(running *job, double end) {
  ent_result *result = job->result;
  for (size_t k = 0; k < job->spec->n_delta; k++) {
    if (result->t_sync[k] > end) result->t_sync[k] = NAN;
  }
  if (end < job->spec->horizon || result->t_certain <= end) return ENT_OK;
  ENT_TRY(ent_stepper_interpolate(job->at->stepper, end, job->at->work));
  result->t_certain = is_certain(job, job->at->work) ? end : NAN;
  return ENT_OK;
}

/* The row's values of the state x at t. */
static void measure(running *job, double t, const double *x) {
  job->result->t_end = t;
  job->result->speed = ent_stepper_speed(job->at->stepper, t, x);
  ent_measure_row(job->spec, job->at->system, x, job->at->scratch, job->result);
}

static ent_outcome verdict(const running *job) {
  const ent_model *model = job->spec->model;
  if ((model->flags & ENT_MODEL_NO_PARTICLES) || model->distance) return ENT_OUTCOME_FINISHED;
  return isnan(job->result->t_certain) ? ENT_OUTCOME_UNDECIDED : ENT_OUTCOME_SYNC;
}

/* Ends the job in good order at t: values are interpolated there, and the verdict is what is proved. */
static int finish(running *job, double t) {
  const ent_setup *at = job->at;
  if (t > 0) ENT_TRY(ent_stepper_interpolate(at->stepper, t, at->x));
  measure(job, t, at->x);
  if (job->spec->n_record == 0 && t > 0) ENT_TRY(show(job, t, at->x));
  job->result->status = ENT_STATUS_DONE;
  job->result->outcome = verdict(job);
  job->ended = true;
  return ENT_OK;
}

/* Gives the watcher the job as it stands after a step. */
static int keep(running *job) {
  ent_checkpoint checkpoint = {.row = job->point.index,
                               .seconds = ent_clock_now() - job->began,
                               .t_certain = job->result->t_certain,
                               .n_values = values_count(job->spec),
                               .series = job->integrator->series};
  memcpy(checkpoint.t_sync, job->result->t_sync, sizeof(checkpoint.t_sync));
  ENT_TRY(ent_stepper_save(job->at->stepper, &checkpoint));
  ENT_TRY(job->watcher->keeps(job->watcher->context, &checkpoint));
  return ENT_OK;
}

/* The same of a job whose step was given up: it stands after the one before, if there is any. */
static int keep_last(running *job) {
  const bool has_steps = ent_stepper_counts(job->at->stepper).steps > 0;
  return has_steps && job->watcher->keeps && ent_stepper_can_save(job->at->stepper) ? keep(job) : ENT_OK;
}

/* What a brake asks. */
static bool asks_watcher(void *context) {
  const running *job = context;
  return job->watcher->abandons(job->watcher->context);
}

/* Asks the watcher whether the job goes on, and whether it is to be kept. */
static int ask(running *job) {
  const ent_watcher *watcher = job->watcher;
  const bool can_keep = watcher->keeps && ent_stepper_can_save(job->at->stepper);
  const bool abandons = watcher->abandons && watcher->abandons(watcher->context);
  if (can_keep && (abandons || (watcher->saves && watcher->saves(watcher->context)))) ENT_TRY(keep(job));
  if (abandons) job->output->abandoned = job->ended = true;
  return ENT_OK;
}

/* Limits and the watcher. Where steps are short, reading the clock after each would be felt. */
static int look_around(running *job, int64_t steps) {
  if (steps >= job->spec->limit_steps) {
    fail(job, ENT_JOB_STEP_LIMIT);
    return ENT_OK;
  }
  const bool asks_always = job->watcher && job->watcher->at_every_step;
  if (steps < job->next_clock && !asks_always) return ENT_OK;
  const double now = ent_clock_now();
  job->next_clock = steps + (now - job->last_clock < SHORT_SECONDS ? STEPS_BETWEEN : 1);
  job->last_clock = now;
  if (now - job->began > job->spec->limit_wall) {
    fail(job, ENT_JOB_WALL_LIMIT);
  } else if (job->watcher && (asks_always || now - job->last_look >= LOOK_SECONDS)) {
    job->last_look = now;
    ENT_TRY(ask(job));
  }
  return ENT_OK;
}

/* Fails a job whose step has led to a state that describes nothing any more; it stays where it was. */
static int check_resolution(running *job, const ent_step *step, double to) {
  const ent_setup *at = job->at;
  const ent_model *model = job->spec->model;
  if (model->resolved == NULL) return ENT_OK;
  ENT_TRY(ent_stepper_interpolate(at->stepper, fmin(to, job->spec->horizon), at->x));
  if (model->resolved(at->system, at->x)) return ENT_OK;
  ENT_TRY(ent_stepper_interpolate(at->stepper, step->t0, at->x));
  fail(job, ENT_JOB_UNDER_RESOLVED);
  return ENT_OK;
}

/* One step and all that is to be seen in it. */
static int advance(running *job) {
  const ent_setup *at = job->at;
  ent_step step;
  ENT_TRY(ent_stepper_step(at->stepper, &step));
  if (job->brake.is_pulled) return keep_last(job);
  if (step.error != ENT_JOB_OK) {
    fail(job, step.error);
    return ENT_OK;
  }
  const double to = fmin(step.t1, stop_time(job));
  ENT_TRY(check_resolution(job, &step, to));
  if (job->ended) return ENT_OK;
  ENT_TRY(ent_stepper_interpolate(at->stepper, to, at->x));
  job->t = to;
  ENT_TRY(judge(job, step.t0, to));
  const double end = fmin(stop_time(job), job->spec->horizon);
  if (end < to) ENT_TRY(forget_after(job, end));
  ENT_TRY(record_until(job, fmin(to, end)));
  if (job->spec->n_record == 0 && end > to) ENT_TRY(show(job, to, at->x));
  if (end <= to) return finish(job, end);
  return job->brake.is_pulled ? ENT_OK : look_around(job, ent_stepper_counts(at->stepper).steps);
}

/* Makes ready what the point needs. */
static int prepare(running *job) {
  ENT_TRY(ent_setups_ready(&job->integrator->setups, job->spec, &job->point, &job->at));
  ent_system *system = job->at->system;
  system->helpers = job->watcher ? job->watcher->helpers : NULL;
  system->brake = job->watcher && job->watcher->abandons ? &job->brake : NULL;
  ENT_TRY(ent_system_configure(system, &job->point, ent_spec_log_unit(job->spec, &job->point)));
  return ENT_OK;
}

static int begin(running *job) {
  const ent_value *by = job->point.values[ENT_GROUP_SOLVER];
  const double rtol = by[ENT_SOLVER_RTOL].number, atol = by[ENT_SOLVER_ATOL].number;
  for (size_t i = values_count(job->spec); i-- > 0;) job->integrator->series[i] = NAN;
  if (!ent_setup_draw_start(job->at, job->spec, &job->point, job->integrator->table)) {
    fail(job, ENT_JOB_START);
    return ENT_OK;
  }
  ENT_TRY(ent_stepper_start(job->at->stepper, job->at->x, rtol, atol));
  ENT_TRY(judge(job, 0, 0));
  ENT_TRY(record_until(job, 0));
  if (job->spec->n_record == 0) ENT_TRY(show(job, 0, job->at->x));
  if (job->spec->model->resolved && !job->spec->model->resolved(job->at->system, job->at->x)) {
    fail(job, ENT_JOB_UNDER_RESOLVED);
  } else if (stop_time(job) <= 0) {
    ENT_TRY(finish(job, 0));
  }
  return ENT_OK;
}

/* Puts the job where it stood after a step. */
static int go_on(running *job, const ent_checkpoint *from) {
  const ent_spec *spec = job->spec;
  memcpy(job->integrator->series, from->series, from->n_values * sizeof(*from->series));
  memcpy(job->result->t_sync, from->t_sync, sizeof(from->t_sync));
  job->result->t_certain = from->t_certain;
  for (size_t k = 0; k < spec->n_delta; k++) job->n_synced += !isnan(from->t_sync[k]);
  while (job->n_recorded < spec->n_record && spec->record[job->n_recorded] <= from->t) job->n_recorded++;
  job->began -= from->seconds;
  job->t = from->t;
  const ent_value *by = job->point.values[ENT_GROUP_SOLVER];
  const double rtol = by[ENT_SOLVER_RTOL].number, atol = by[ENT_SOLVER_ATOL].number;
  ENT_TRY(ent_stepper_restore(job->at->stepper, from, rtol, atol));
  ENT_TRY(ent_stepper_interpolate(job->at->stepper, job->t, job->at->x));
  return ENT_OK;
}

/* Begins at the start, or where the checkpoint stands. */
static int enter(running *job, const ent_checkpoint *from) {
  ENT_TRY(prepare(job));
  if (from == NULL) return begin(job);
  ENT_CHECK(from->row == job->point.index && from->size == job->at->system->size &&
              from->n_values == values_count(job->spec),
            ENT_ERR_ARGUMENT, "checkpoint of row %lld with %zu numbers, must be of row %lld with %zu",
            (long long)from->row, from->size, (long long)job->point.index, job->at->system->size);
  const bool is_usable = ent_stepper_can_save(job->at->stepper) && from->steps < job->spec->limit_steps;
  return is_usable ? go_on(job, from) : begin(job);
}

/* What remains to be said when the job has ended, well or not. */
static void conclude(running *job) {
  const ent_setup *at = job->at;
  ent_output *output = job->output;
  const bool has_none = output->result.error == ENT_JOB_START;
  const ent_step_counts counts = has_none ? (ent_step_counts){0} : ent_stepper_counts(at->stepper);
  if (job->brake.is_pulled) output->abandoned = true; /* whatever else has come of it */
  output->result.steps = counts.steps;
  output->result.rejected = counts.rejected;
  output->result.rhs_evals = counts.rhs_evals;
  output->result.drift = counts.drift;
  output->result.wall_s = ent_clock_now() - job->began;
  output->series = ent_spec_series_count(job->spec) > 0 ? job->integrator->series : NULL;
  output->final_state = at->vectors;
  if (at->vectors) ent_cloud_to_vectors(at->system->kind, at->system->n, at->system->d, at->x, at->vectors);
}

int ent_integrator_prepare(ent_integrator *integrator, int64_t row) {
  ent_point point;
  ent_setup *found = NULL;
  ent_spec_point(integrator->spec, row, &point);
  ENT_TRY(ent_setups_ready(&integrator->setups, integrator->spec, &point, &found));
  return ENT_OK;
}

/* From the start, or from where the checkpoint stands, to the end. */
static int run(running *job, const ent_checkpoint *from) {
  ENT_TRY(enter(job, from));
  while (!job->ended && !job->brake.is_pulled) ENT_TRY(advance(job));
  const int error = job->result->error;
  if (error != ENT_JOB_OK && error != ENT_JOB_START)
    measure(job, job->t, job->at->x); /* the last good state */
  conclude(job);
  if (error != ENT_JOB_OK || job->brake.is_pulled)
    ent_stepper_destroy(&job->at->stepper); /* no job inherits what another one broke */
  return ENT_OK;
}

int ent_integrator_run(ent_integrator *integrator, int64_t row, const ent_checkpoint *from,
                       const ent_watcher *watcher, ent_output *output) {
  running job = {.integrator = integrator,
                 .spec = integrator->spec,
                 .watcher = watcher,
                 .output = output,
                 .result = &output->result,
                 .brake = {.pulls = asks_watcher, .context = &job},
                 .began = ent_clock_now()};
  job.last_look = job.last_clock = job.began;
  *output = (ent_output){0};
  ent_result_init(&output->result);
  ent_spec_point(integrator->spec, row, &job.point);
  const int code = run(&job, from);
  if (job.at) job.at->system->brake = NULL;
  return code;
}
