/* TEST np=1 timeout=120 */
#include <math.h>
#include <string.h>

#include "entrain/solve/setup.h"

#include "check.h"
#include "job_fixture.h"
#include "job_pieces.h"

/* Steps that are not the usual ones: those of maps, and those that end where the drift jumps. */

static const char *const schemes[] = {"3bs", "5f", "5dp", "5bs", "6vr", "7vr", "8vr", NULL};

#define JOB                                                                                                  \
  "model: kuramoto\n"                                                                                        \
  "sweep: {n: [5], d: [2], seed: {count: 1}}\n"                                                              \
  "observe: [order_parameter]\n"

/* A copy of the job's model, to be changed, takes its place. */
static ent_model *replace_model(ent_job_fixture *job) {
  static ent_model model;
  model = *job->spec->model;
  job->spec->model = &model;
  return &model;
}

/* In the piece from k to k + 1 every angle moves with speed k + 1. */
static double piece;

static double next_break(const ent_system *system, double t) {
  (void)system;
  return floor(t) + 1;
}

static void enter(ent_system *system, double t) {
  (void)system;
  piece = floor(t) + 1;
}

static void move_by_piece(ent_system *system, double t, const double *x, double *dxdt) {
  (void)t, (void)x;
  for (size_t i = 0; i < system->n; i++) dxdt[i] = piece;
}

static void give_breaks(ent_model *model) {
  model->next_break = next_break;
  model->enter = enter;
  model->drift = move_by_piece;
}

/* Seen: the angle that the first particle has turned by at each time. */
typedef struct turns {
  int count;
  double start, largest_error;
} turns;

static double turned_by(double t) {
  const double k = floor(t);
  return k * (k + 1) / 2 + (t - k) * (k + 1);
}

static int see_turn(void *context, double t, const double *vectors) {
  turns *seen = context;
  const double angle = atan2(vectors[1], vectors[0]);
  if (seen->count++ == 0) seen->start = angle;
  const double error = remainder(angle - seen->start - turned_by(t), 2 * acos(-1.0));
  seen->largest_error = fmax(seen->largest_error, fabs(error));
  return ENT_OK;
}

/* A drift that is constant between its jumps is integrated exactly, if steps end at them. */
static void steps_end_at_breaks(void) {
  for (const char *const *scheme = schemes; *scheme; scheme++) {
    ent_job_fixture job;
    turns seen = {0};
    const ent_watcher watcher = {.sees = see_turn, .context = &seen};
    ent_fixture_open(
      &job, JOB "time: {horizon: 4.5, record: {linspace: [0, 4.5, 46]}}\nsolver: {scheme: %s}\n", *scheme);
    give_breaks(replace_model(&job));
    const ent_output output = ent_fixture_run(&job, 0, &watcher);
    CHECK_INT(output.result.status, ENT_STATUS_DONE);
    CHECK_REAL(output.result.t_end, 4.5, 0);
    CHECK_INT(seen.count, 46);
    CHECK_REAL(seen.largest_error, 0, 1e-12);
    ent_fixture_close(&job);
  }
}

static void goes_on_in_any_piece(void) {
  for (const char *const *scheme = schemes; *scheme; scheme++) {
    ent_job_fixture job;
    ent_fixture_open(
      &job, JOB "time: {horizon: 4.5, record: {linspace: [0, 4.5, 10]}}\nsolver: {scheme: %s}\n", *scheme);
    give_breaks(replace_model(&job));
    ent_keeper_check(&job, 0, 5);
    ent_fixture_close(&job);
  }
}

/* What a drift is told that it may err, and when it is asked. */
static double slack_now, slack_at_first, last_time;
static int slacks_checked;

static void note_slack(ent_system *system, double t, const double *x, double *dxdt) {
  if (isnan(slack_at_first)) slack_at_first = system->slack;
  slack_now = system->slack;
  for (size_t i = 0; i < system->n; i++) dxdt[i] = cos(3 * t) - sin(x[i]);
}

/* In a step of length h it is a hundredth of the tolerance over h, 1e-6 + 1e-7 here. */
static int see_slack(void *context, double t, const double *vectors) {
  (void)context, (void)vectors;
  if (t > 0 && t < 4.5) {
    CHECK_REAL(slack_now * (t - last_time), 0.01 * 1.1e-6, 1e-20);
    slacks_checked++;
  }
  last_time = t;
  return ENT_OK;
}

static void tells_what_the_drift_may_err(void) {
  ent_job_fixture job;
  const ent_watcher watcher = {.sees = see_slack};
  ent_fixture_open(&job, JOB "time: {horizon: 4.5}\ndetect: {stop: horizon}\n"
                             "solver: {scheme: 5dp, rtol: 1.0e-6, atol: 1.0e-7}\n");
  replace_model(&job)->drift = note_slack;
  slack_at_first = NAN;
  slacks_checked = 0;
  const ent_output output = ent_fixture_run(&job, 0, &watcher);
  CHECK_INT(output.result.status, ENT_STATUS_DONE);
  CHECK_REAL(slack_at_first, 0.01 * 1.1e-6 / (0.5 * pow(1.1e-6, 0.25)), 1e-20);
  CHECK_REAL(slack_now, 0, 0); /* the speed of the row is exact */
  CHECK_INT(slacks_checked, output.result.steps - 1);
  ent_fixture_close(&job);
}

enum { MEETING = 4 }; /* the step of the map below that brings all together */

static const double STEP = 0.5;

/* All angles move by the number of the step; the last step makes them one. */
static void advance(ent_system *system, int64_t step, const double *x, double *next) {
  for (size_t i = 0; i < system->n; i++) next[i] = step < MEETING ? x[i] + 1 + (double)step : 7;
}

static int configure(ent_system *system, const ent_point *point) {
  (void)point;
  system->step = STEP;
  system->certificate = false;
  return ENT_OK;
}

static void make_map(ent_model *model) {
  model->drift = NULL;
  model->advance = advance;
  model->configure = configure;
}

static int see_step(void *context, double t, const double *vectors) {
  turns *seen = context;
  const double k = floor(t / STEP), angle = atan2(vectors[1], vectors[0]);
  if (seen->count++ == 0) seen->start = angle;
  const double expected = k <= MEETING ? seen->start + k * (k + 1) / 2 : 7;
  seen->largest_error = fmax(seen->largest_error, fabs(remainder(angle - expected, 2 * acos(-1.0))));
  return ENT_OK;
}

static void a_map_makes_its_own_steps(void) {
  ent_job_fixture job;
  turns seen = {0};
  const ent_watcher watcher = {.sees = see_step, .context = &seen};
  ent_fixture_open(&job,
                   JOB "detect: {stop: horizon}\ntime: {horizon: 3.2, record: {linspace: [0, 3.2, 17]}}\n");
  make_map(replace_model(&job));
  const ent_output output = ent_fixture_run(&job, 0, &watcher);
  CHECK_INT(output.result.status, ENT_STATUS_DONE);
  CHECK_INT(output.result.outcome, ENT_OUTCOME_UNDECIDED);
  CHECK_REAL(output.result.t_sync[0], (MEETING + 1) * STEP, 0);
  CHECK_REAL(output.result.t_end, 3.2, 0);
  CHECK_INT(output.result.steps, 7);
  CHECK_REAL(output.result.speed, 0, 0);
  CHECK_REAL(output.result.order_parameter, 1, 1e-15);
  CHECK_INT(seen.count, 17);
  CHECK_REAL(seen.largest_error, 0, 1e-13);
  ent_fixture_close(&job);
}

static void a_map_goes_on(void) {
  ent_job_fixture job;
  ent_fixture_open(&job, JOB "time: {horizon: 1.7, record: {linspace: [0, 1.7, 10]}}\n");
  make_map(replace_model(&job));
  ent_keeper_check(&job, 0, 3);
  ent_fixture_close(&job);
}

/* Steps of so much work that the brake is asked in each; what one leaves that is given up is no state. */
static void advance_long(ent_system *system, int64_t step, const double *x, double *next) {
  advance(system, step, x, next);
  if (!ent_brake_after(system->brake, 1e300)) return;
  for (size_t i = 0; i < system->n; i++) next[i] = step == 1 ? NAN : 1e300;
}

static void a_map_gives_a_step_up(void) {
  const double start[5] = {0};
  ent_job_fixture job;
  ent_setups setups = {0};
  ent_setup *at = NULL;
  ent_point point;
  ent_fixture_open(&job, JOB "time: {horizon: 10}\n");
  ent_model *model = replace_model(&job);
  make_map(model);
  model->advance = advance_long;
  ent_spec_point(job.spec, 0, &point);
  CHECK_OK(ent_setups_ready(&setups, job.spec, &point, &at));
  CHECK_OK(ent_system_configure(at->system, &point, 0));
  CHECK_OK(ent_stepper_start(at->stepper, start, 0, 0));
  for (int k = 0; k < 3; k++) {
    ent_brake brake = {.pulls = ent_test_at_once};
    ent_checkpoint kept = {0};
    ent_step made;
    at->system->brake = &brake;
    CHECK_OK(ent_stepper_step(at->stepper, &made));
    CHECK(ent_stepper_is_stopped(at->stepper));
    CHECK_INT(made.error, ENT_JOB_OK);
    CHECK_OK(ent_stepper_save(at->stepper, &kept));
    CHECK_INT(kept.steps, k);
    CHECK_REAL(kept.t, k * STEP, 0);
    CHECK_REAL(kept.x[0], k * (k + 1) / 2.0, 0);
    at->system->brake = NULL;
    CHECK_OK(ent_stepper_step(at->stepper, &made));
    CHECK_REAL(made.t1, (k + 1) * STEP, 0);
  }
  ent_setups_fini(&setups);
  ent_fixture_close(&job);
}

/* Every angle is t^2, as long as the drift has a value: not from `gone` on until `back`. */
static double gone = INFINITY, back = INFINITY;

#define JUST 1e-9 /* share of a step that its start is away */

static void move_by_time(ent_system *system, double t, const double *x, double *dxdt) {
  (void)x;
  for (size_t i = 0; i < system->n; i++) dxdt[i] = t >= gone && t < back ? NAN : 2 * t;
}

/* States inside the last step, after the drift has lost its values between two shares of it. */
static void check_inside(ent_stepper *stepper, const ent_step *made, double from, double to, double error) {
  double x[5];
  gone = made->t0 + from * (made->t1 - made->t0);
  back = made->t0 + to * (made->t1 - made->t0);
  for (double part = 0.125; part < 1; part += 0.125) {
    const double t = made->t0 + part * (made->t1 - made->t0);
    CHECK_INT(ent_stepper_interpolate(stepper, t, x), ENT_OK);
    for (int k = 0; k < 5; k++) CHECK_REAL(x[k], t * t, error);
  }
  gone = back = INFINITY;
}

static void no_older_state_is_told(void) {
  for (const char *const *scheme = schemes; *scheme; scheme++) {
    ent_job_fixture job;
    ent_setups setups = {0};
    ent_setup *at = NULL;
    ent_point point;
    ent_step made = {0};
    double x[5] = {0};
    ent_fixture_open(&job, JOB "time: {horizon: 10}\nsolver: {scheme: %s}\n", *scheme);
    replace_model(&job)->drift = move_by_time;
    ent_spec_point(job.spec, 0, &point);
    CHECK_OK(ent_setups_ready(&setups, job.spec, &point, &at));
    CHECK_OK(ent_stepper_start(at->stepper, x, 1e-6, 1e-9));
    CHECK_OK(ent_stepper_step(at->stepper, &made)); /* the first one's quintic needs a slope at a third */
    check_inside(at->stepper, &made, 0.32, 0.35, (made.t1 - made.t0) * (made.t1 - made.t0) / 3);
    for (int i = 0; i < 4; i++) CHECK_OK(ent_stepper_step(at->stepper, &made));
    check_inside(at->stepper, &made, JUST, 1, 1e-14 * made.t1 * made.t1); /* the cubic is exact */
    CHECK_OK(ent_stepper_step(at->stepper, &made));
    check_inside(at->stepper, &made, JUST, INFINITY, (made.t1 - made.t0) * (made.t1 - made.t0) / 3);
    ent_setups_fini(&setups);
    ent_fixture_close(&job);
  }
}

static const ent_test tests[] = {
  {"steps end where the drift jumps, for every scheme", steps_end_at_breaks},
  {"a job goes on in any piece with the same bits", goes_on_in_any_piece},
  {"the drift is told what it may err, a step's share of the tolerance", tells_what_the_drift_may_err},
  {"where no step leads inside the last one, its ends tell", no_older_state_is_told},
  {"a map makes its own steps and holds its state between them", a_map_makes_its_own_steps},
  {"a map goes on with the same bits", a_map_goes_on},
  {"a step of a map that is given up is none, and the next is as if it had not been", a_map_gives_a_step_up},
  {0},
};

ENT_TEST_MPI_MAIN("solve/steppers", tests)
