/* TEST np=1 */
#include <string.h>

#include <petscsys.h>

#include "check.h"
#include "job_fixture.h"
#include "job_pieces.h"

/* When a running job is kept, and from what it goes on; test_resume shows that the bits are the same. */

static const char *const plain = "model: attention\n"
                                 "sweep: {beta: [1, 3], n: [6], d: [3], seed: {count: 2}}\n"
                                 "time: {horizon: 5, record: {linspace: [0, 5, 11]}}\n"
                                 "detect: {delta: [0.1]}\n"
                                 "observe: [energy]\n";

/* Row 0 of `plain` until it has made some steps. */
static void keep_row(ent_job_fixture *job, ent_keeper *own, int64_t steps, ent_arena *arena,
                     ent_checkpoint *checkpoint) {
  ent_leftover left;
  ent_keeper_init(job->spec, own);
  own->steps_left = steps;
  REQUIRE(!ent_keeper_run_piece(own, 0, &left));
  CHECK_OK(ent_checkpoint_decode(own->bytes, own->length, own->spec, arena, checkpoint));
  CHECK_INT(checkpoint->steps, steps);
}

/* A worker has other rows in between, and its integrator keeps what they left. */
static void other_rows_in_between(void) {
  ent_job_fixture job;
  ent_keeper own;
  ent_arena *arena = NULL;
  ent_checkpoint from;
  ent_leftover whole, late;
  CHECK_OK(ent_arena_create(&arena));
  ent_fixture_open(&job, "%s", plain);
  ent_output output = ent_fixture_run(&job, 0, NULL);
  ent_leftover_copy(job.spec, 0, &output, &whole);
  keep_row(&job, &own, 7, arena, &from);
  for (int64_t row = 1; row < 4; row++) {
    (void)ent_fixture_run(&job, row, NULL);
    CHECK_OK(ent_integrator_run(job.integrator, 0, &from, NULL, &output));
    ent_leftover_copy(job.spec, 0, &output, &late);
    CHECK(ent_leftover_same(&late, &whole));
    ent_leftover_fini(&late);
  }
  (void)ent_fixture_run(&job, 3, NULL);
  output = ent_fixture_run(&job, 0, NULL); /* and a job from the start is not changed by one that went on */
  ent_leftover_copy(job.spec, 0, &output, &late);
  CHECK(ent_leftover_same(&late, &whole));
  ent_leftover_fini(&late);
  ent_leftover_fini(&whole);
  ent_keeper_fini(&own);
  ent_fixture_close(&job);
  ent_arena_destroy(&arena);
}

static void keeping_changes_nothing(void) {
  ent_job_fixture job;
  ent_keeper own;
  ent_leftover whole, kept;
  ent_fixture_open(&job, "%s", plain);
  ent_keeper_init(job.spec, &own);
  const ent_watcher watcher = {
    .saves = ent_keeper_always, .keeps = ent_keeper_keeps, .context = &own, .at_every_step = true};
  const ent_watcher denier = {
    .saves = ent_keeper_never, .keeps = ent_keeper_keeps, .context = &own, .at_every_step = true};
  for (int64_t row = 0; row < 4; row++) {
    ent_output output = ent_fixture_run(&job, row, NULL);
    ent_leftover_copy(job.spec, row, &output, &whole);
    own.taken = own.asked = 0;
    memset(own.digests, 0, ENT_KEEPER_STEPS * sizeof(*own.digests));
    output = ent_fixture_run(&job, row, &watcher);
    ent_leftover_copy(job.spec, row, &output, &kept);
    CHECK(ent_leftover_same(&kept, &whole));
    CHECK_INT(own.taken, whole.result.steps - 1); /* after the last step there is nothing to keep */
    CHECK_INT(own.asked, own.taken);
    (void)ent_fixture_run(&job, row, &denier);
    CHECK_INT(own.taken, whole.result.steps - 1);
    ent_leftover_fini(&kept);
    ent_leftover_fini(&whole);
  }
  ent_keeper_fini(&own);
  ent_fixture_close(&job);
}

static void seconds_add_up(void) {
  ent_job_fixture job;
  ent_keeper own;
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
  ent_keeper_fini(&own);
  ent_fixture_close(&job);
  ent_arena_destroy(&arena);
}

static void lowered_limit(void) {
  ent_job_fixture job;
  ent_keeper own;
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
  ent_keeper_fini(&own);
  ent_fixture_close(&job);
  ent_arena_destroy(&arena);
}

static void of_another_job(void) {
  ent_job_fixture job, other;
  ent_keeper own;
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
  ent_keeper_fini(&own);
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
  ent_keeper own = {.steps_left = 3};
  const ent_watcher watcher = {
    .abandons = ent_keeper_ends, .keeps = refuse, .context = &own, .at_every_step = true};
  ent_fixture_open(&job, "%s", plain);
  CHECK_CODE(ent_integrator_run(job.integrator, 0, NULL, &watcher, &output), ENT_ERR_IO);
  ent_fixture_close(&job);
}

/* dsp looks back at the steps before the last one, which PETSc does not show. */
static void adaptor_with_a_memory(void) {
  ent_job_fixture job;
  ent_keeper own;
  ent_arena *arena = NULL;
  ent_checkpoint from;
  ent_output output;
  CHECK_OK(ent_arena_create(&arena));
  ent_fixture_open(&job, "%s", plain);
  keep_row(&job, &own, 4, arena, &from);
  ent_fixture_close(&job);
  REQUIRE(PetscOptionsSetValue(NULL, "-ts_adapt_type", "dsp") == 0);
  ent_fixture_open(&job, "%s", plain);
  const ent_result whole = ent_fixture_run(&job, 0, NULL).result;
  own.taken = own.asked = 0;
  own.steps_left = 5;
  const ent_watcher watcher = {.abandons = ent_keeper_ends,
                               .saves = ent_keeper_always,
                               .keeps = ent_keeper_keeps,
                               .context = &own,
                               .at_every_step = true};
  CHECK_OK(ent_integrator_run(job.integrator, 0, NULL, &watcher, &output));
  CHECK(output.abandoned);
  CHECK_INT(own.taken, 0);
  CHECK_INT(own.asked, 0);
  CHECK_OK(ent_integrator_run(job.integrator, 0, &from, NULL, &output));
  CHECK(ent_fixture_same(&output.result, &whole));
  REQUIRE(PetscOptionsClearValue(NULL, "-ts_adapt_type") == 0);
  ent_keeper_fini(&own);
  ent_fixture_close(&job);
  ent_arena_destroy(&arena);
}

static const ent_test tests[] = {
  {"rows in between change nothing", other_rows_in_between},
  {"taking checkpoints changes nothing", keeping_changes_nothing},
  {"the seconds before a checkpoint count", seconds_add_up},
  {"a limit of steps that was lowered holds from the start", lowered_limit},
  {"a checkpoint of another row or size is refused", of_another_job},
  {"a checkpoint that cannot be kept ends the engine", failure_to_keep},
  {"an adaptor with a memory of its own is not kept", adaptor_with_a_memory},
  {0},
};

ENT_TEST_MPI_MAIN("solve/checkpoints", tests)
