/* TEST np=1 timeout=300 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <petscsys.h>

#include "entrain/base/digest.h"
#include "entrain/base/rng.h"
#include "entrain/solve/integrate.h"

#include "check.h"
#include "job_fixture.h"

/*
 * A job that is interrupted, kept as bytes and gone on with by an integrator that has never seen it gives the
 * bits of one that was not, for every scheme and wherever it is interrupted.
 */

extern const ent_model ent_model_attention;

enum { MAX_PIECES = 20000, MAX_STEPS = 20000 };

static const char *const schemes[] = {"3bs", "5f", "5dp", "5bs", "6vr", "7vr", "8vr", NULL};

typedef void drift(ent_system *system, double t, const double *x, double *dxdt);

/* A job with a place for the scheme. */
typedef struct scenario {
  const char *text;
  drift *drift; /* instead of the model's; NULL: that */
} scenario;

/* What a job leaves behind, copied. */
typedef struct leftover {
  ent_result result;
  size_t n_series, n_final;
  float *series;
  double *final_state;
} leftover;

/* A watcher that ends a piece of a job after some steps, and keeps it as bytes. */
typedef struct keeper {
  const ent_spec *spec;
  unsigned char *bytes; /* [ent_checkpoint_bytes] */
  size_t length;        /* 0: nothing is kept */
  int64_t steps_left;
  int64_t taken, asked; /* checkpoints, and questions whether one is wanted */
  int64_t after_record, after_sync, with_slope;
  size_t n_recorded, n_synced; /* of the last checkpoint */
  uint32_t *digests; /* [MAX_STEPS]: of the checkpoints after each step, 0 where there was none yet */
} keeper;

static void leftover_copy(const ent_spec *spec, const ent_output *output, leftover *copy) {
  ent_point point;
  *copy = (leftover){.n_series = ent_spec_series_count(spec) * spec->n_record};
  memcpy(&copy->result, &output->result, sizeof(copy->result)); /* with its padding */
  if (output->final_state) {
    ent_spec_point(spec, 0, &point);
    copy->n_final = (size_t)(point.n * point.d);
  }
  CHECK_OK(ent_mem_alloc(copy->n_series, sizeof(float), &copy->series));
  CHECK_OK(ent_mem_alloc(copy->n_final, sizeof(double), &copy->final_state));
  if (copy->n_series > 0) memcpy(copy->series, output->series, copy->n_series * sizeof(float));
  if (copy->n_final > 0) memcpy(copy->final_state, output->final_state, copy->n_final * sizeof(double));
}

static void leftover_fini(leftover *old) {
  free(old->series);
  free(old->final_state);
}

static bool leftover_same(const leftover *a, const leftover *b) {
  return ent_fixture_same(&a->result, &b->result) && a->n_series == b->n_series && a->n_final == b->n_final &&
         memcmp(a->series, b->series, a->n_series * sizeof(float)) == 0 &&
         memcmp(a->final_state, b->final_state, a->n_final * sizeof(double)) == 0;
}

static void keeper_init(const ent_spec *spec, keeper *made) {
  *made = (keeper){.spec = spec};
  CHECK_OK(ent_mem_alloc(ent_checkpoint_bytes(spec), 1, &made->bytes));
  CHECK_OK(ent_mem_alloc(MAX_STEPS, sizeof(*made->digests), &made->digests));
}

static void keeper_fini(keeper *old) {
  free(old->bytes);
  free(old->digests);
}

static bool ends_piece(void *context) {
  keeper *own = context;
  return --own->steps_left <= 0;
}

static bool always(void *context) {
  keeper *own = context;
  own->asked++;
  return true;
}

static bool never(void *context) {
  keeper *own = context;
  own->asked++;
  return false;
}

/* Whether a checkpoint is the one that was taken after the same step before, but for the seconds. */
static bool is_as_before(keeper *own, const ent_checkpoint *checkpoint) {
  ent_checkpoint timeless = *checkpoint;
  REQUIRE(checkpoint->steps < MAX_STEPS);
  uint32_t *before = &own->digests[checkpoint->steps];
  timeless.seconds = 0;
  const uint32_t digest = ent_digest_crc(0, own->bytes, ent_checkpoint_encode(&timeless, own->bytes));
  const bool is_same = *before == 0 || *before == digest;
  *before = digest;
  return is_same;
}

static int keep_bytes(void *context, const ent_checkpoint *checkpoint) {
  keeper *own = context;
  size_t n_recorded = 0, n_synced = 0;
  for (size_t i = 0; i < own->spec->n_record; i++) n_recorded += own->spec->record[i] <= checkpoint->t;
  for (size_t k = 0; k < own->spec->n_delta; k++) n_synced += !isnan(checkpoint->t_sync[k]);
  own->after_record += n_recorded > own->n_recorded;
  own->after_sync += n_synced > own->n_synced;
  own->with_slope += checkpoint->slope != NULL;
  own->n_recorded = n_recorded;
  own->n_synced = n_synced;
  CHECK(is_as_before(own, checkpoint));
  own->length = ent_checkpoint_encode(checkpoint, own->bytes);
  own->taken++;
  REQUIRE(own->length <= ent_checkpoint_bytes(own->spec));
  return ENT_OK;
}

/* One piece of a job in a new integrator; what is left when it is over, otherwise it is abandoned. */
static bool run_piece(keeper *own, int64_t row, leftover *left) {
  const ent_watcher watcher = {
    .abandons = ends_piece, .keeps = keep_bytes, .context = own, .at_every_step = true};
  ent_integrator *integrator = NULL;
  ent_arena *arena = NULL;
  ent_checkpoint from;
  ent_output output;
  CHECK_OK(ent_arena_create(&arena));
  CHECK_OK(ent_integrator_create(own->spec, NULL, &integrator));
  if (own->length > 0) CHECK_OK(ent_checkpoint_decode(own->bytes, own->length, own->spec, arena, &from));
  CHECK_OK(ent_integrator_run(integrator, row, own->length > 0 ? &from : NULL, &watcher, &output));
  if (!output.abandoned) leftover_copy(own->spec, &output, left);
  ent_integrator_destroy(&integrator);
  ent_arena_destroy(&arena);
  return !output.abandoned;
}

/* A job in pieces of 1 to `longest` steps. */
static void run_in_pieces(keeper *own, int64_t row, int longest, leftover *left) {
  ent_rng rng;
  ent_rng_init(&rng, row, longest, 1, 1, ENT_STREAM_START);
  own->length = own->n_recorded = own->n_synced = 0;
  for (int piece = 0; piece < MAX_PIECES; piece++) {
    own->steps_left = 1 + (int64_t)(longest * ent_rng_uniform(&rng));
    if (run_piece(own, row, left)) return;
  }
  REQUIRE(false);
}

static void open_scenario(const scenario *given, const char *scheme, ent_model *model, ent_job_fixture *job) {
  ent_fixture_open(job, given->text, scheme);
  if (given->drift == NULL) return;
  *model = *job->spec->model;
  model->drift = given->drift;
  job->spec->model = model;
}

/* Every row of a scenario in one piece and in many; what was seen on the way is added up. */
static void compare(const scenario *given, const char *scheme, keeper *total, ent_result *sum) {
  ent_job_fixture job;
  ent_model model;
  keeper own;
  open_scenario(given, scheme, &model, &job);
  keeper_init(job.spec, &own);
  const ent_watcher watcher = {.saves = always, .keeps = keep_bytes, .context = &own, .at_every_step = true};
  for (int64_t row = 0; row < job.spec->grid.size; row++) {
    leftover whole, pieces;
    memset(own.digests, 0, MAX_STEPS * sizeof(*own.digests));
    const ent_output output = ent_fixture_run(&job, row, &watcher);
    leftover_copy(job.spec, &output, &whole);
    for (int longest = 1; longest <= 50; longest *= 7) {
      own.taken = 0;
      run_in_pieces(&own, row, longest, &pieces);
      CHECK(leftover_same(&pieces, &whole));
      CHECK(longest > 1 || own.taken >= whole.result.steps - 1);
      total->taken += own.taken;
      leftover_fini(&pieces);
    }
    sum->steps += whole.result.steps;
    sum->rejected += whole.result.rejected;
    sum->drift = fmax(sum->drift, whole.result.drift);
    sum->error = whole.result.error;
    leftover_fini(&whole);
  }
  total->after_record += own.after_record;
  total->after_sync += own.after_sync;
  total->with_slope += own.with_slope;
  keeper_fini(&own);
  ent_fixture_close(&job);
}

static void compare_schemes(const scenario *given, keeper *total, ent_result *sum) {
  *total = (keeper){0};
  *sum = (ent_result){0};
  for (const char *const *scheme = schemes; *scheme; scheme++) compare(given, *scheme, total, sum);
  CHECK(total->with_slope > 0);
}

static void on_the_circle(void) {
  const scenario given = {"model: attention\n"
                          "sweep: {beta: [1, 6], n: [8], d: [2], seed: {count: 2}}\n"
                          "time: {horizon: 20, record: {linspace: [0, 12, 40]}}\n"
                          "detect: {delta: [1.0e-6, 1.0e-3, 0.1, 0.5]}\n"
                          "observe: [order_parameter, pair_overlap, energy, clusters]\n"
                          "solver: {scheme: %s}\n",
                          NULL};
  keeper total;
  ent_result sum;
  compare_schemes(&given, &total, &sum);
  CHECK(total.after_record > 0 && total.after_sync > 0);
}

/* A tolerance at which vectors are put back on the sphere, after which PETSc begins a step anew. */
static void on_spheres(void) {
  const scenario given = {"model: attention\n"
                          "parameters: {weights: mean}\n"
                          "sweep: {beta: [2], n: [6], d: [3, 5], seed: {count: 2}}\n"
                          "time: {horizon: 10, record: [1, 1.5, 3]}\n"
                          "detect: {delta: [0.3], stop: horizon}\n"
                          "observe: [order_parameter]\n"
                          "solver: {scheme: %s, rtol: 1.0e-4}\n",
                          NULL};
  keeper total;
  ent_result sum;
  compare_schemes(&given, &total, &sum);
  CHECK(total.with_slope < total.taken); /* some were put back in their last step */
  CHECK(sum.drift > 1e-5);
}

static void at_large_beta(void) {
  const scenario given = {"model: attention\n"
                          "sweep: {beta: [-40, 1.0e+3], n: [5], d: [2, 4], seed: [3]}\n"
                          "time: {horizon: 1}\n"
                          "detect: {delta: [0.2, 1.0e-3], stop: certified}\n"
                          "solver: {scheme: %s, rtol: 1.0e-3, atol: 1.0e-3}\n",
                          NULL};
  keeper total;
  ent_result sum;
  compare_schemes(&given, &total, &sum);
  CHECK(sum.rejected > 0);
}

static void with_frequencies(void) {
  const scenario given = {"model: kuramoto\n"
                          "parameters: {width: 0.4, frequencies: gaussian}\n"
                          "sweep: {coupling: [0.5, 2], n: [7], d: [2], seed: {count: 2}}\n"
                          "time: {horizon: 8, record: {linspace: [0, 8, 17]}}\n"
                          "detect: {delta: [0.5]}\n"
                          "observe: [order_parameter, clusters]\n"
                          "solver: {scheme: %s}\n",
                          NULL};
  keeper total;
  ent_result sum;
  compare_schemes(&given, &total, &sum);
  CHECK(total.after_record > 0);
}

static void at_equal_angles(void) {
  const scenario given = {"model: equiangular\n"
                          "sweep: {beta: [0.5, 3], weights: [softmax, mean], n: [32], d: [16], seed: [0]}\n"
                          "time: {horizon: 30}\n"
                          "detect: {delta: [1.0e-8, 1.0e-2]}\n"
                          "observe: [pair_overlap]\n"
                          "solver: {scheme: %s}\n",
                          NULL};
  keeper total;
  ent_result sum;
  compare_schemes(&given, &total, &sum);
  CHECK(total.after_sync > 0);
}

/* Particles that reach the edge of the domain, with stages that step over it now and then. */
static void has_an_edge(ent_system *system, double t, const double *x, double *dxdt) {
  (void)t;
  for (size_t i = 0; i < system->n; i++) dxdt[i] = x[i] > 4 ? NAN : 30 * (4 - x[i]) + sin(40 * x[i]);
}

static void over_the_edge(void) {
  const scenario given = {"model: attention\n"
                          "sweep: {beta: [1], n: [4], d: [2], seed: {count: 2}}\n"
                          "time: {horizon: 8}\n"
                          "detect: {stop: horizon}\n"
                          "solver: {scheme: %s, rtol: 0.02}\n",
                          has_an_edge};
  keeper total;
  ent_result sum;
  compare_schemes(&given, &total, &sum);
  CHECK(sum.rejected > sum.steps / 20);
}

/* A sound drift until t = 1, nothing after it. */
static void ends_at_one(ent_system *system, double t, const double *x, double *dxdt) {
  ent_model_attention.drift(system, t, x, dxdt);
  if (t > 1) dxdt[2] = NAN;
}

static void jobs_that_fail(void) {
  const scenario lost = {"model: attention\n"
                         "sweep: {beta: [1], n: [4], d: [2], seed: {count: 2}}\n"
                         "time: {horizon: 10, record: {linspace: [0, 2, 9]}}\n"
                         "observe: [energy]\n"
                         "solver: {scheme: %s}\n",
                         ends_at_one};
  const scenario limited = {"model: attention\n"
                            "sweep: {beta: [1], n: [6], d: [3], seed: {count: 2}}\n"
                            "time: {horizon: 20}\n"
                            "solver: {scheme: %s}\n"
                            "limits: {steps: 4}\n",
                            NULL};
  keeper total;
  ent_result sum;
  compare_schemes(&lost, &total, &sum);
  CHECK_INT(sum.error, ENT_JOB_NOT_FINITE);
  compare_schemes(&limited, &total, &sum);
  CHECK_INT(sum.error, ENT_JOB_STEP_LIMIT);
}

static void set_option(const char *name, const char *value) {
  REQUIRE(PetscOptionsSetValue(NULL, name, value) == 0);
}

static void clear_option(const char *name) {
  REQUIRE(PetscOptionsClearValue(NULL, name) == 0);
}

/* Steps that are tried too long: many of them are rejected, some several times. */
static void many_rejections(void) {
  const scenario circle = {"model: kuramoto\n"
                           "parameters: {width: 3, frequencies: lorentzian}\n"
                           "sweep: {coupling: [1], n: [6], d: [2], seed: {count: 2}}\n"
                           "time: {horizon: 6}\n"
                           "solver: {scheme: %s, rtol: 1.0e-4}\n",
                           NULL};
  const scenario sphere = {"model: attention\n"
                           "sweep: {beta: [9], n: [6], d: [3], seed: {count: 2}}\n"
                           "time: {horizon: 6, record: {linspace: [0, 6, 7]}}\n"
                           "observe: [energy]\n"
                           "solver: {scheme: %s, rtol: 1.0e-4}\n",
                           NULL};
  keeper total;
  ent_result sum;
  set_option("-ts_adapt_safety", "1");
  set_option("-ts_adapt_reject_safety", "0.9");
  set_option("-ts_adapt_clip", "0.7,20");
  compare_schemes(&circle, &total, &sum);
  CHECK(sum.rejected > sum.steps / 2);
  compare_schemes(&sphere, &total, &sum);
  CHECK(sum.rejected > sum.steps / 4);
  clear_option("-ts_adapt_safety");
  clear_option("-ts_adapt_reject_safety");
  clear_option("-ts_adapt_clip");
}

static const char *const plain = "model: attention\n"
                                 "sweep: {beta: [1, 3], n: [6], d: [3], seed: {count: 2}}\n"
                                 "time: {horizon: 5, record: {linspace: [0, 5, 11]}}\n"
                                 "detect: {delta: [0.1]}\n"
                                 "observe: [energy]\n";

/* Row 0 of `plain` until it has made some steps. */
static void keep_row(ent_job_fixture *job, keeper *own, int64_t steps, ent_arena *arena,
                     ent_checkpoint *checkpoint) {
  leftover left;
  keeper_init(job->spec, own);
  own->steps_left = steps;
  REQUIRE(!run_piece(own, 0, &left));
  CHECK_OK(ent_checkpoint_decode(own->bytes, own->length, own->spec, arena, checkpoint));
  CHECK_INT(checkpoint->steps, steps);
}

/* A worker has other rows in between, and its integrator keeps what they left. */
static void other_rows_in_between(void) {
  ent_job_fixture job;
  keeper own;
  ent_arena *arena = NULL;
  ent_checkpoint from;
  leftover whole, late;
  CHECK_OK(ent_arena_create(&arena));
  ent_fixture_open(&job, "%s", plain);
  ent_output output = ent_fixture_run(&job, 0, NULL);
  leftover_copy(job.spec, &output, &whole);
  keep_row(&job, &own, 7, arena, &from);
  for (int64_t row = 1; row < 4; row++) {
    (void)ent_fixture_run(&job, row, NULL);
    CHECK_OK(ent_integrator_run(job.integrator, 0, &from, NULL, &output));
    leftover_copy(job.spec, &output, &late);
    CHECK(leftover_same(&late, &whole));
    leftover_fini(&late);
  }
  (void)ent_fixture_run(&job, 3, NULL);
  output = ent_fixture_run(&job, 0, NULL); /* and a job from the start is not changed by one that went on */
  leftover_copy(job.spec, &output, &late);
  CHECK(leftover_same(&late, &whole));
  leftover_fini(&late);
  leftover_fini(&whole);
  keeper_fini(&own);
  ent_fixture_close(&job);
  ent_arena_destroy(&arena);
}

static void keeping_changes_nothing(void) {
  ent_job_fixture job;
  keeper own;
  leftover whole, kept;
  ent_fixture_open(&job, "%s", plain);
  keeper_init(job.spec, &own);
  const ent_watcher watcher = {.saves = always, .keeps = keep_bytes, .context = &own, .at_every_step = true};
  const ent_watcher denier = {.saves = never, .keeps = keep_bytes, .context = &own, .at_every_step = true};
  for (int64_t row = 0; row < 4; row++) {
    ent_output output = ent_fixture_run(&job, row, NULL);
    leftover_copy(job.spec, &output, &whole);
    own.taken = own.asked = 0;
    memset(own.digests, 0, MAX_STEPS * sizeof(*own.digests));
    output = ent_fixture_run(&job, row, &watcher);
    leftover_copy(job.spec, &output, &kept);
    CHECK(leftover_same(&kept, &whole));
    CHECK_INT(own.taken, whole.result.steps - 1); /* after the last step there is nothing to keep */
    CHECK_INT(own.asked, own.taken);
    (void)ent_fixture_run(&job, row, &denier);
    CHECK_INT(own.taken, whole.result.steps - 1);
    leftover_fini(&kept);
    leftover_fini(&whole);
  }
  keeper_fini(&own);
  ent_fixture_close(&job);
}

static void seconds_add_up(void) {
  ent_job_fixture job;
  keeper own;
  ent_arena *arena = NULL;
  ent_checkpoint from;
  ent_output output;
  CHECK_OK(ent_arena_create(&arena));
  ent_fixture_open(&job, "%s", plain);
  keep_row(&job, &own, 5, arena, &from);
  CHECK(from.seconds > 0 && from.seconds < 1000);
  from.seconds = 2000;
  CHECK_OK(ent_integrator_run(job.integrator, 0, &from, NULL, &output));
  CHECK_INT(output.result.status, ENT_STATUS_DONE);
  CHECK(output.result.wall_s > 2000 && output.result.wall_s < 3000);
  from.seconds = 3601; /* beyond the limit of an hour */
  CHECK_OK(ent_integrator_run(job.integrator, 0, &from, NULL, &output));
  CHECK_TEXT(ent_job_error_label(output.result.error), "wall-limit");
  CHECK_INT(output.result.steps, 6);
  keeper_fini(&own);
  ent_fixture_close(&job);
  ent_arena_destroy(&arena);
}

static void lowered_limit(void) {
  ent_job_fixture job;
  keeper own;
  ent_arena *arena = NULL;
  ent_checkpoint from;
  ent_output output;
  CHECK_OK(ent_arena_create(&arena));
  ent_fixture_open(&job, "%s", plain);
  keep_row(&job, &own, 8, arena, &from);
  for (int64_t limit = 7; limit <= 9; limit++) {
    job.spec->limit_steps = limit;
    const ent_result whole = ent_fixture_run(&job, 0, NULL).result;
    CHECK_INT(whole.steps, limit);
    CHECK_OK(ent_integrator_run(job.integrator, 0, &from, NULL, &output));
    CHECK(ent_fixture_same(&output.result, &whole));
  }
  keeper_fini(&own);
  ent_fixture_close(&job);
  ent_arena_destroy(&arena);
}

static void of_another_job(void) {
  ent_job_fixture job, other;
  keeper own;
  ent_arena *arena = NULL;
  ent_checkpoint from;
  ent_output output;
  CHECK_OK(ent_arena_create(&arena));
  ent_fixture_open(&job, "%s", plain);
  ent_fixture_open(&other, "model: attention\n"
                           "sweep: {beta: [1, 3], n: [6], d: [4], seed: {count: 2}}\n"
                           "time: {horizon: 5, record: {linspace: [0, 5, 11]}}\n"
                           "observe: [energy]\n");
  keep_row(&job, &own, 3, arena, &from);
  CHECK_CODE(ent_integrator_run(job.integrator, 1, &from, NULL, &output), ENT_ERR_ARGUMENT);
  CHECK_CONTAINS(ent_error_message(), "checkpoint of row 0 with 18 numbers, must be of row 1 with 18");
  CHECK_CODE(ent_integrator_run(other.integrator, 0, &from, NULL, &output), ENT_ERR_ARGUMENT);
  CHECK_CONTAINS(ent_error_message(), "checkpoint of row 0 with 18 numbers, must be of row 0 with 24");
  CHECK_CODE(ent_checkpoint_decode(own.bytes, own.length, other.spec, NULL, &from), ENT_ERR_FORMAT);
  from.n_values--;
  CHECK_CODE(ent_integrator_run(job.integrator, 0, &from, NULL, &output), ENT_ERR_ARGUMENT);
  keeper_fini(&own);
  ent_fixture_close(&other);
  ent_fixture_close(&job);
  ent_arena_destroy(&arena);
}

static int refuse(void *context, const ent_checkpoint *checkpoint) {
  (void)context, (void)checkpoint;
  ENT_RAISE(ENT_ERR_IO, "disk full");
}

static void failure_to_keep(void) {
  ent_job_fixture job;
  ent_output output;
  keeper own = {.steps_left = 3};
  const ent_watcher watcher = {
    .abandons = ends_piece, .keeps = refuse, .context = &own, .at_every_step = true};
  ent_fixture_open(&job, "%s", plain);
  CHECK_CODE(ent_integrator_run(job.integrator, 0, NULL, &watcher, &output), ENT_ERR_IO);
  ent_fixture_close(&job);
}

/* dsp looks back at the steps before the last one, which PETSc does not show. */
static void adaptor_with_a_memory(void) {
  ent_job_fixture job;
  keeper own;
  ent_arena *arena = NULL;
  ent_checkpoint from;
  ent_output output;
  CHECK_OK(ent_arena_create(&arena));
  ent_fixture_open(&job, "%s", plain);
  keep_row(&job, &own, 4, arena, &from);
  ent_fixture_close(&job);
  set_option("-ts_adapt_type", "dsp");
  ent_fixture_open(&job, "%s", plain);
  const ent_result whole = ent_fixture_run(&job, 0, NULL).result;
  own.taken = own.asked = 0;
  own.steps_left = 5;
  const ent_watcher watcher = {
    .abandons = ends_piece, .saves = always, .keeps = keep_bytes, .context = &own, .at_every_step = true};
  CHECK_OK(ent_integrator_run(job.integrator, 0, NULL, &watcher, &output));
  CHECK(output.abandoned);
  CHECK_INT(own.taken, 0);
  CHECK_INT(own.asked, 0);
  CHECK_OK(ent_integrator_run(job.integrator, 0, &from, NULL, &output));
  CHECK(ent_fixture_same(&output.result, &whole));
  clear_option("-ts_adapt_type");
  keeper_fini(&own);
  ent_fixture_close(&job);
  ent_arena_destroy(&arena);
}

static const ent_test tests[] = {
  {"a job on the circle goes on as if it had not been interrupted", on_the_circle},
  {"so do jobs on spheres, also where a step has put vectors back", on_spheres},
  {"so do jobs at large beta", at_large_beta},
  {"so do oscillators of unequal frequencies", with_frequencies},
  {"so do equal angles", at_equal_angles},
  {"so do jobs that step over the edge of their domain", over_the_edge},
  {"so do jobs that fail later", jobs_that_fail},
  {"so do jobs most of whose steps are rejected", many_rejections},
  {"rows in between change nothing", other_rows_in_between},
  {"taking checkpoints changes nothing", keeping_changes_nothing},
  {"the seconds before a checkpoint count", seconds_add_up},
  {"a limit of steps that was lowered holds from the start", lowered_limit},
  {"a checkpoint of another row or size is refused", of_another_job},
  {"a checkpoint that cannot be kept ends the engine", failure_to_keep},
  {"an adaptor with a memory of its own is not kept", adaptor_with_a_memory},
  {0},
};

ENT_TEST_MPI_MAIN("solve/resume", tests)
