/* TEST np=1,2,3,5 timeout=200 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpi.h>

#include "entrain/engine/run.h"
#include "entrain/solve/integrate.h"
#include "entrain/solve/session.h"
#include "entrain/store/store.h"

#include "check.h"

enum { ROWS = 120 };

static const char *const small_job =
  "name: small\nmodel: attention\n"
  "sweep: {beta: [-1, 0, 4], n: [2, 7], d: [2, 3], seed: {count: 10}}\n"
  "time: {horizon: 5, record: [0, 1, 5]}\nobserve: [order_parameter]\noutput: {final_state: true}\n";

/* The same, written by the master. */
static const char *const master_job = "name: small\nmodel: attention\n"
                                      "sweep: {beta: [-1, 0, 4], n: [2, 7], d: [2, 3], seed: {count: 10}}\n"
                                      "time: {horizon: 5, record: [0, 1, 5]}\nobserve: [order_parameter]\n"
                                      "output: {final_state: true, writer: master}\n";

/* One row that takes hours. */
static const char *const endless_job =
  "name: endless\nmodel: attention\nsweep: {beta: [9], n: [600], d: [2], seed: {count: 1}}\n"
  "time: {horizon: 1e9}\ndetect: {stop: horizon}\n";

static int rank, size;
static char folder[256], job_path[300], out_path[300];

/* Rank 0 makes a folder with the job file in it; all know where. */
static void open_folder(const char *job) {
  const char *root = getenv("TMPDIR");
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  (void)snprintf(folder, sizeof folder, "%s/entrain-run-XXXXXX", root ? root : "/tmp");
  if (rank == 0) CHECK(mkdtemp(folder) != NULL);
  MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, MPI_COMM_WORLD);
  (void)snprintf(job_path, sizeof job_path, "%s/job.yaml", folder);
  (void)snprintf(out_path, sizeof out_path, "%s/sub/OUT.h5", folder);
  if (rank == 0) CHECK_OK(ent_text_write_file(job_path, job, strlen(job)));
  MPI_Barrier(MPI_COMM_WORLD);
}

static void remove_file(const char *format) {
  char path[400];
  (void)snprintf(path, sizeof path, format, folder);
  (void)remove(path);
}

static void close_folder(void) {
  static const char *const files[] = {"%s/sub/OUT.h5", "%s/sub/OUT.h5.lock", "%s/sub", "%s/job.yaml", NULL};
  MPI_Barrier(MPI_COMM_WORLD);
  if (rank > 0) return;
  for (const char *const *file = files; *file; file++) remove_file(*file);
  CHECK_INT(rmdir(folder), 0);
}

/*
 * ent_run with the folder's files; its texts are dropped. A process has one run: here one must be over
 * first.
 */
static int run(const ent_run_options *like, ent_run_summary *summary) {
  ent_run_options options = *like;
  MPI_Barrier(MPI_COMM_WORLD);
  ent_text faults = {0}, path = {0};
  options.job_path = job_path;
  options.output = out_path;
  options.petsc_options = "";
  const int code = ent_run(&options, summary, &faults, &path);
  ent_text_fini(&faults);
  ent_text_fini(&path);
  return code;
}

/* Row `index` of the file. */
static void read_row(ent_store *store, int64_t index, ent_result *result) {
  const ent_layout *layout = ent_store_layout(store);
  unsigned char *row = malloc(layout->size);
  REQUIRE(row != NULL);
  CHECK_OK(ent_store_read_rows(store, index, 1, row));
  ent_layout_decode(layout, row, result);
  free(row);
}

/* Whether a lone integrator gives the bits of the file. */
static bool is_that_of_a_lone_integrator(ent_store *store, ent_integrator *integrator, int64_t index) {
  ent_result stored;
  ent_output again;
  read_row(store, index, &stored);
  CHECK_OK(ent_integrator_run(integrator, index, NULL, NULL, &again));
  return stored.status == ENT_STATUS_DONE && stored.steps == again.result.steps &&
         memcmp(&stored.t_end, &again.result.t_end, sizeof stored.t_end) == 0 &&
         memcmp(&stored.energy, &again.result.energy, sizeof stored.energy) == 0;
}

static void compare_all_rows(void) {
  ent_store *store = NULL;
  ent_integrator *integrator = NULL;
  CHECK_OK(ent_store_open(out_path, ENT_STORE_READ, &store));
  CHECK_OK(ent_session_start(""));
  CHECK_OK(ent_integrator_create(ent_store_spec(store), NULL, &integrator));
  for (int64_t i = 0; i < ROWS; i++) CHECK(is_that_of_a_lone_integrator(store, integrator, i));
  ent_integrator_destroy(&integrator);
  ent_session_end();
  CHECK_OK(ent_store_close(&store));
}

static void check_rows_of(const char *job) {
  ent_run_summary summary;
  open_folder(job);
  CHECK_OK(run(&(ent_run_options){0}, &summary));
  if (rank == 0) {
    CHECK(summary.is_complete && summary.progress.is_final);
    CHECK_INT(summary.progress.totals.done, ROWS);
    CHECK_INT(summary.progress.workers, size > 1 ? size - 1 : 1);
    compare_all_rows();
  }
  close_folder();
}

static void rows_are_those_of_a_lone_integrator(void) {
  check_rows_of(small_job);
}

static void rows_are_the_same_when_the_master_writes(void) {
  check_rows_of(master_job);
}

/* A third run had nothing to do: no stretch was added to the two. */
static void check_idle(const ent_run_summary *summary) {
  ent_store *store = NULL;
  ent_segment *segments = malloc(ENT_STORE_SEGMENTS * sizeof *segments);
  size_t count = 0;
  REQUIRE(segments != NULL);
  CHECK(summary->is_idle && summary->is_complete);
  CHECK_INT(summary->exit_status, ENT_RUN_COMPLETE);
  CHECK_OK(ent_store_open(out_path, ENT_STORE_READ, &store));
  CHECK_OK(ent_store_read_segments(store, ENT_STORE_SEGMENTS, segments, &count));
  CHECK_INT(count, 2);
  CHECK_OK(ent_store_close(&store));
  free(segments);
}

static void a_second_run_computes_what_is_pending(void) {
  const ent_row_range only[] = {{5, 9}, {100, 100}};
  ent_run_summary summary;
  ent_store *store = NULL;
  ent_result result;
  open_folder(small_job);
  CHECK_OK(run(&(ent_run_options){.only = only, .n_only = 2}, &summary));
  if (rank == 0) CHECK_INT(summary.progress.totals.done, 6);
  CHECK_OK(run(&(ent_run_options){0}, &summary));
  if (rank == 0) {
    CHECK_INT(summary.progress.totals.done, ROWS - 6);
    CHECK_OK(ent_store_open(out_path, ENT_STORE_READ, &store));
    read_row(store, 7, &result);
    CHECK_INT(result.attempt, 1);
    read_row(store, 8 + 90, &result);
    CHECK_INT(result.attempt, 2);
    CHECK_OK(ent_store_close(&store));
  }
  CHECK_OK(run(&(ent_run_options){0}, &summary));
  if (rank == 0) check_idle(&summary);
  close_folder();
}

static void rows_that_do_not_exist_are_refused(void) {
  const ent_row_range only[] = {{0, ROWS}};
  ent_run_summary summary;
  open_folder(small_job);
  const int code = run(&(ent_run_options){.only = only, .n_only = 1}, &summary);
  CHECK_INT(code, rank == 0 ? ENT_ERR_ARGUMENT : ENT_OK);
  if (rank == 0) CHECK_TEXT(ent_error_message(), "row 120 does not exist, rows are 0 to 119");
  CHECK(access(out_path, F_OK) != 0);
  close_folder();
}

static void a_faulty_job_file_ends_all_ranks(void) {
  ent_run_summary summary;
  open_folder("model: attention\n");
  const int code = run(&(ent_run_options){0}, &summary);
  CHECK_INT(code, rank == 0 ? ENT_ERR_JOB_FILE : ENT_OK);
  CHECK(access(out_path, F_OK) != 0);
  close_folder();
}

static void raise_once(void *context, const ent_progress *progress) {
  bool *is_raised = context;
  if (*is_raised || progress->elapsed < 0.3) return;
  *is_raised = true;
  (void)raise(SIGUSR1);
}

/* The last test: a stop that was asked for holds for the rest of the process. */
static void a_drain_abandons_a_job_after_its_grace(void) {
  bool is_raised = false;
  ent_run_summary summary;
  const ent_listener listener = {.progress = raise_once, .context = &is_raised};
  open_folder(endless_job);
  if (size <= 2) CHECK_OK(run(&(ent_run_options){.listener = &listener}, &summary));
  if (size <= 2 && rank == 0) {
    CHECK(is_raised && !summary.is_complete && summary.progress.stopping);
    CHECK_INT(summary.progress.totals.pending, 1);
    CHECK_INT(summary.progress.totals.done, 0);
  }
  close_folder();
}

static const ent_test tests[] = {
  {"rows are those of a lone integrator, bit by bit", rows_are_those_of_a_lone_integrator},
  {"rows are the same when the master writes", rows_are_the_same_when_the_master_writes},
  {"a second run computes what is pending, and a third touches nothing",
   a_second_run_computes_what_is_pending},
  {"rows that do not exist are refused and nothing is written", rows_that_do_not_exist_are_refused},
  {"a faulty job file ends all ranks and nothing is written", a_faulty_job_file_ends_all_ranks},
  {"a drain abandons a job after its grace and leaves it pending", a_drain_abandons_a_job_after_its_grace},
  {0}};

ENT_TEST_MPI_MAIN("engine/run", tests)
