/* TEST timeout=300 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <dlfcn.h>
#include <mpi.h>
#include <petscts.h>

#include "entrain/base/clock.h"
#include "entrain/engine/rank.h"
#include "entrain/engine/run.h"
#include "entrain/engine/stop.h"
#include "entrain/model/model.h"
#include "entrain/store/store.h"

#include "check.h"
#include "rank_runs.h"

/*
 * Runs in which ranks die. Every test starts mpirun with recovery on this program again, whose ranks call
 * ent_run as the program does and come to harm at a place that their scenario names. A job is recognized
 * by the size of its state, which is another one for each row.
 */

enum { ROWS = 24, POISON_ROW = 11, SLOW_ROW = 5, SPEED = 20 };

#define SLOW_STEP_SECONDS 0.3

/* n = 2..25: row k has k + 2 particles. */
static const char *const job =
  "name: deaths\nmodel: attention\nsweep: {beta: [1], n: {range: [2, 25, 1]}, d: [3], seed: {count: 1}}\n"
  "time: {horizon: 20}\ndetect: {stop: horizon}\nlimits: {checkpoint: never}\n";

static const char *const master_job =
  "name: deaths\nmodel: attention\nsweep: {beta: [1], n: {range: [2, 25, 1]}, d: [3], seed: {count: 1}}\n"
  "time: {horizon: 20}\ndetect: {stop: horizon}\nlimits: {checkpoint: never}\noutput: {writer: master}\n";

/* What happens to the ranks of a run; all is decided by this and the rank. */
typedef struct scenario {
  const char *name;
  int ranks;
  int victims;           /* ranks 1..victims can be hit */
  bool at_row;           /* when they step in POISON_ROW */
  bool stops;            /* and then they are stopped, not killed */
  bool once;             /* only the first one is hit */
  bool before_hello;     /* or before they have said anything */
  ent_wire_kind sending; /* or when they send this; 0: nothing */
  bool master_dies;      /* when SLOW_ROW is at work */
  bool drains;           /* all are asked to stop then */
  bool has_slow_row;     /* SLOW_ROW takes until the file `go` is there */
} scenario;

static const scenario scenarios[] = {
  {.name = "none", .ranks = 3},
  {.name = "one", .ranks = 3, .victims = 2, .at_row = true, .once = true},
  {.name = "poison", .ranks = 5, .victims = 4, .at_row = true},
  {.name = "all", .ranks = 3, .victims = 2, .at_row = true},
  {.name = "hello", .ranks = 5, .victims = 1, .before_hello = true},
  {.name = "ready", .ranks = 3, .victims = 1, .sending = ENT_WIRE_READY},
  {.name = "report", .ranks = 3, .victims = 2, .sending = ENT_WIRE_REPORT, .once = true},
  {.name = "drain", .ranks = 3, .victims = 1, .sending = ENT_WIRE_BYE, .drains = true, .has_slow_row = true},
  {.name = "stopped",
   .ranks = 3,
   .victims = 2,
   .at_row = true,
   .stops = true,
   .once = true,
   .has_slow_row = true},
  {.name = "master", .ranks = 3, .master_dies = true, .has_slow_row = true},
  {0}};

/* Of a rank. */
static const scenario *playing;
static int rank;

static bool is_victim(void) {
  return playing != NULL && rank >= 1 && rank <= playing->victims;
}

/* A victim comes to harm once in its life; the stopped one says who it is. */
static void be_hit(void) {
  static bool was_hit;
  if (was_hit || (playing->once && !rank_runs_is_first("hit"))) return;
  was_hit = true;
  if (playing->stops) rank_runs_note("stopped", getpid());
  (void)raise(playing->stops ? SIGSTOP : SIGKILL);
}

/* PETSc's step: by the system that is stepped it is known which row is at work. */
PetscErrorCode TSStep(TS ts) {
  static PetscErrorCode (*step)(TS);
  const ent_system *system = NULL;
  if (step == NULL) *(void **)&step = dlsym(RTLD_NEXT, "TSStep");
  (void)TSGetApplicationContext(ts, (void *)&system);
  const int row = system ? (int)system->n - 2 : -1;
  if (is_victim() && playing->at_row && row == POISON_ROW) be_hit();
  if (playing && playing->has_slow_row && row == SLOW_ROW) {
    if (!rank_runs_has("slow")) rank_runs_note("slow", getpid());
    if (!rank_runs_has("go")) ent_clock_sleep(SLOW_STEP_SECONDS);
  }
  return step(ts);
}

/* in parentheses: PETSc has a macro of that name */
int(MPI_Isend)(const void *buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
               MPI_Request *request) {
  const unsigned char *bytes = buffer;
  if (is_victim() && playing->sending != 0 && count >= ENT_WIRE_SIZE && bytes[4] == playing->sending)
    be_hit();
  return PMPI_Isend(buffer, count, type, to, tag, comm, request);
}

/* Where silence is waited for, the master's clock is fast. */
int clock_gettime(clockid_t id, struct timespec *now) {
  static int (*get)(clockid_t, struct timespec *);
  if (get == NULL) *(void **)&get = dlsym(RTLD_NEXT, "clock_gettime");
  const int code = get(id, now);
  if (playing == NULL || !playing->stops || rank != 0 || id != CLOCK_MONOTONIC) return code;
  const int64_t fast = ((int64_t)now->tv_sec * 1000000000 + now->tv_nsec) * SPEED;
  *now = (struct timespec){.tv_sec = fast / 1000000000, .tv_nsec = fast % 1000000000};
  return code;
}

/* The master's listener: what it does to itself or asks all to do. */
static void act(void *context, const ent_progress *progress) {
  (void)context;
  (void)progress;
  if (!rank_runs_has("slow")) return;
  if (playing->master_dies) (void)raise(SIGKILL);
  if (playing->drains) (void)raise(SIGUSR1);
}

_Noreturn static void play_rank(void) {
  char job_path[300], out_path[300];
  ent_run_summary summary;
  ent_text faults = {0}, path = {0};
  const ent_listener listener = {.progress = act};
  rank_runs_path("job.yaml", sizeof job_path, job_path);
  rank_runs_path("OUT.h5", sizeof out_path, out_path);
  const ent_run_options options = {
    .job_path = job_path, .output = out_path, .petsc_options = "", .listener = &listener};
  ent_rank_follow_launcher();
  MPI_Init(NULL, NULL);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (is_victim() && playing->before_hello) be_hit();
  const int code = ent_run(&options, &summary, &faults, &path);
  if (code != ENT_OK) fprintf(stderr, "rank %d: %s\n", rank, ent_error_message());
  if (rank == 0) rank_runs_note("exit", code == ENT_OK ? summary.exit_status : -code);
  ent_rank_leave(0);
}

/* Of a test. */

static const scenario *find(const char *name) {
  const scenario *found = scenarios;
  while (found->name && strcmp(found->name, name) != 0) found++;
  return found->name ? found : NULL;
}

/* Plays a scenario to its end; the log is shown when it ended otherwise than expected. */
static void play(const char *name, long expected) {
  char path[300];
  ent_text log = {0};
  const long ended = rank_runs_finish(rank_runs_start(find(name)->ranks, name));
  CHECK_INT(ended, expected);
  rank_runs_path("log", sizeof path, path);
  if (ended != expected && ent_text_read_file(path, &log) == ENT_OK && log.data) fputs(log.data, stderr);
  ent_text_fini(&log);
}

static void read_rows(ent_result results[ROWS]) {
  ent_store *store = rank_runs_file();
  const ent_layout *layout = ent_store_layout(store);
  unsigned char *row = malloc(layout->size);
  REQUIRE(row != NULL);
  CHECK_INT(ent_store_spec(store)->grid.size, ROWS);
  for (int64_t i = 0; i < ROWS; i++) {
    bool holds = false;
    CHECK_OK(ent_store_read_job(store, i, row, NULL, NULL, &holds));
    ent_layout_decode(layout, row, &results[i]);
    if (!holds) results[i].status = ENT_STATUS_PENDING;
  }
  free(row);
  CHECK_OK(ent_store_close(&store));
}

static int read_kills(int64_t row) {
  uint8_t kills = 0;
  ent_store *store = rank_runs_file();
  CHECK_OK(ent_store_read_kills(store, row, 1, &kills));
  CHECK_OK(ent_store_close(&store));
  return kills;
}

static int count_all_kills(void) {
  int count = 0;
  for (int64_t row = 0; row < ROWS; row++) count += read_kills(row);
  return count;
}

static int last_exit(void) {
  ent_segment segments[ENT_STORE_SEGMENTS];
  size_t count = 0;
  ent_store *store = rank_runs_file();
  CHECK_OK(ent_store_read_segments(store, ENT_STORE_SEGMENTS, segments, &count));
  CHECK_OK(ent_store_close(&store));
  REQUIRE(count > 0);
  return segments[count - 1].exit;
}

/* The rows of a run in which nothing happens. */
static const ent_result *undisturbed(void) {
  static ent_result results[ROWS];
  static bool is_known;
  char kept[256];
  if (is_known) return results;
  (void)snprintf(kept, sizeof kept, "%s", rank_runs_folder);
  rank_runs_open(job);
  play("none", ENT_RUN_COMPLETE);
  read_rows(results);
  CHECK_INT(count_all_kills(), 0);
  rank_runs_close();
  (void)snprintf(rank_runs_folder, sizeof rank_runs_folder, "%s", kept);
  is_known = true;
  return results;
}

/* All rows are there with the bits of an undisturbed run; `but` is quarantined, -1: none. */
static void check_rows(int64_t but) {
  ent_result results[ROWS];
  const ent_result *expected = undisturbed();
  read_rows(results);
  for (int64_t i = 0; i < ROWS; i++) {
    CHECK_INT(expected[i].status, ENT_STATUS_DONE);
    if (i == but) continue;
    CHECK_INT(results[i].status, ENT_STATUS_DONE);
    CHECK_INT(results[i].steps, expected[i].steps);
    CHECK(memcmp(&results[i].energy, &expected[i].energy, sizeof results[i].energy) == 0);
    CHECK(memcmp(&results[i].order_parameter, &expected[i].order_parameter, sizeof(double)) == 0);
  }
  if (but < 0) return;
  CHECK_INT(results[but].status, ENT_STATUS_QUARANTINED);
  CHECK_INT(results[but].error, ENT_JOB_KILLED);
  CHECK_INT(read_kills(but), 3);
}

static void others_go_on(void) {
  rank_runs_open(job);
  play("one", ENT_RUN_COMPLETE);
  check_rows(-1);
  CHECK_INT(read_kills(POISON_ROW), 1);
  CHECK_INT(count_all_kills(), 1);
  CHECK_INT(last_exit(), ENT_RUN_COMPLETE);
  CHECK(!rank_runs_has("OUT.h5.lock"));
  rank_runs_close();
}

static void three_deaths_quarantine(void) {
  rank_runs_open(job);
  play("poison", ENT_RUN_COMPLETE);
  check_rows(POISON_ROW);
  CHECK_INT(count_all_kills(), 3);
  rank_runs_close();
}

static void deaths_when_the_master_writes(void) {
  rank_runs_open(master_job);
  play("poison", ENT_RUN_COMPLETE);
  check_rows(POISON_ROW);
  CHECK_INT(count_all_kills(), 3);
  rank_runs_close();
  rank_runs_open(master_job);
  play("report", ENT_RUN_COMPLETE);
  check_rows(-1);
  rank_runs_close();
}

static void all_lost_ends_in_order(void) {
  ent_result results[ROWS];
  rank_runs_open(job);
  play("all", ENT_RUN_NO_WORKERS);
  CHECK_INT(last_exit(), ENT_RUN_NO_WORKERS);
  CHECK_INT(read_kills(POISON_ROW), 2);
  CHECK(!rank_runs_has("OUT.h5.lock"));
  play("all", ENT_RUN_COMPLETE); /* it is tried last now, and kills one more */
  read_rows(results);
  check_rows(POISON_ROW);
  CHECK_INT(count_all_kills(), 3);
  rank_runs_close();
}

/* A death at a place where no job is to blame. */
static void check_blameless(const char *name) {
  rank_runs_open(job);
  play(name, ENT_RUN_COMPLETE);
  check_rows(-1);
  rank_runs_close();
}

static void deaths_at_the_start(void) {
  check_blameless("hello");
  check_blameless("ready");
}

static void death_with_a_report(void) {
  check_blameless("report");
}

static void death_in_a_drain(void) {
  rank_runs_open(job);
  play("drain", ENT_RUN_STOPPED);
  CHECK_INT(count_all_kills(), 0);
  CHECK_INT(last_exit(), ENT_RUN_STOPPED);
  play("none", ENT_RUN_COMPLETE);
  check_rows(-1);
  rank_runs_close();
}

static bool one_is_stopped(void) {
  return rank_runs_has("stopped");
}

static bool it_is_charged(void) {
  return read_kills(POISON_ROW) == 1;
}

static bool it_is_forgiven(void) {
  return read_kills(POISON_ROW) == 0;
}

static void a_stopped_worker_comes_back(void) {
  rank_runs_open(job);
  const pid_t child = rank_runs_start(find("stopped")->ranks, "stopped");
  CHECK(rank_runs_comes_true(one_is_stopped));
  CHECK(rank_runs_comes_true(it_is_charged));
  CHECK_INT(kill((pid_t)rank_runs_number("stopped"), SIGCONT), 0);
  CHECK(rank_runs_comes_true(it_is_forgiven));
  rank_runs_note("go", 1);
  CHECK_INT(rank_runs_finish(child), ENT_RUN_COMPLETE);
  check_rows(-1);
  CHECK_INT(count_all_kills(), 0);
  rank_runs_close();
}

/* mpirun stays as long as a rank does: its end is that of all workers. */
static void a_dead_master_is_not_outlived(void) {
  rank_runs_open(job);
  play("master", -1);
  CHECK(rank_runs_has("OUT.h5.lock"));
  play("none", ENT_RUN_COMPLETE);
  check_rows(-1);
  rank_runs_close();
}

static const ent_test tests[] = {
  {"when a worker dies the others go on, and its job is counted", others_go_on},
  {"a job that kills three workers is quarantined", three_deaths_quarantine},
  {"no row is lost when the master writes", deaths_when_the_master_writes},
  {"when all workers are dead the run ends in order and can go on", all_lost_ends_in_order},
  {"a worker may die before it is there, or before it is ready", deaths_at_the_start},
  {"a worker that dies with its report has done its work", death_with_a_report},
  {"a worker may die in a drain, and nobody is to blame", death_in_a_drain},
  {"a worker that was stopped for long comes back and does no harm", a_stopped_worker_comes_back},
  {"a master that dies is not outlived", a_dead_master_is_not_outlived},
  {0}};

int main(int argc, char **argv) {
  static const char which[] = "--scenario=", where[] = "--folder=";
  if (argc == 3 && strncmp(argv[1], which, sizeof which - 1) == 0) {
    playing = find(argv[1] + sizeof which - 1);
    (void)snprintf(rank_runs_folder, sizeof rank_runs_folder, "%s", argv[2] + sizeof where - 1);
    play_rank();
  }
  return ent_test_main("engine/deaths", tests, argc, argv);
}
