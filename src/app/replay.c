#include <argp.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "entrain/app/command.h"
#include "entrain/app/commands.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/solve/integrate.h"
#include "entrain/solve/session.h"
#include "entrain/store/start_file.h"
#include "entrain/store/tally.h"
#include "entrain/store/trajectory.h"

typedef struct arguments {
  const char *path, *output;
  int64_t job; /* -1: not given */
} arguments;

/* What the file holds of the row. */
typedef struct record {
  unsigned char *row;
  float *series;       /* [n_series, n_record]; NULL when none are recorded */
  double *final_state; /* [n, d]; NULL when none are kept */
  size_t n_series_values, n_final_values;
  ent_result result;
} record;

/* All that one replay holds. */
typedef struct replay {
  const arguments *given;
  ent_store *store;
  record stored;
  ent_spec spec; /* the store's, with other limits; owns nothing */
  ent_start_table *table;
  ent_integrator *integrator;
  ent_trajectory *trajectory; /* NULL: not kept */
  ent_output output;
} replay;

static error_t parse(int key, char *argument, struct argp_state *state) {
  arguments *given = state->input;
  char *end = NULL;
  switch (key) {
    case 'o': given->output = argument; break;
    case 'k':
      given->job = strtoll(argument, &end, 10);
      if (*argument == '\0' || *end != '\0' || given->job < 0)
        argp_error(state, "--job '%s', must be a row number", argument);
      break;
    case ARGP_KEY_END:
      if (given->job < 0) argp_error(state, "no row given, use --job K");
      break;
    default: return ent_command_parse_path(key, argument, state, "results file", &given->path);
  }
  return 0;
}

static const struct argp_option option_table[] = {
  {"job", 'k', "K", 0, "row to integrate again", 0},
  {"output", 'o', "TRAJ.h5", 0, "keep the trajectory: time [times], x [times, n, d]", 0},
  {0},
};

static const struct argp parser = {
  option_table,
  parse,
  "OUT.h5 --job K",
  "Integrate one row again and compare it bit by bit with the file; nothing in it is changed.\v"
  "The trajectory has the recorded times of the sweep, or every step when it records none. The limits of the "
  "job file do not hold here.\n\n"
  "Exit status: 0 the same bits, or nothing to compare with; 1 other bits; 2 usage.",
  NULL,
  NULL,
  NULL};

static int keep(void *context, double t, const double *vectors) {
  ENT_TRY(ent_trajectory_append(context, t, vectors));
  return ENT_OK;
}

/* Reads what the file holds of the row. */
static int read_record(replay *own) {
  const ent_spec *spec = ent_store_spec(own->store);
  const int64_t job = own->given->job;
  const size_t n_series = ent_spec_series_count(spec);
  record *stored = &own->stored;
  ent_point point;
  ent_spec_point(spec, job, &point);
  stored->n_series_values = n_series * spec->n_record;
  stored->n_final_values = spec->final_state ? (size_t)(point.n * point.d) : 0;
  ENT_TRY(ent_mem_alloc(1, ent_store_layout(own->store)->size, &stored->row));
  ENT_TRY(ent_mem_alloc(stored->n_series_values, sizeof *stored->series, &stored->series));
  ENT_TRY(ent_mem_alloc(stored->n_final_values, sizeof *stored->final_state, &stored->final_state));
  ENT_TRY(ent_store_read_rows(own->store, job, 1, stored->row));
  for (size_t k = 0; k < n_series; k++)
    ENT_TRY(ent_store_read_series(own->store, k, job, 1, stored->series + k * spec->n_record));
  if (spec->final_state) ENT_TRY(ent_store_read_final(own->store, job, stored->final_state));
  ent_layout_decode(ent_store_layout(own->store), stored->row, &stored->result);
  return ENT_OK;
}

/* Why the row in the file cannot be compared; NULL when it can. */
static const char *incomparable(const ent_result *result) {
  if (result->status == ENT_STATUS_PENDING) return "it is pending in the file";
  if (result->status == ENT_STATUS_QUARANTINED) return "it was given up after its workers died";
  if (result->error == ENT_JOB_WALL_LIMIT) return "a wall-clock limit ended it";
  return NULL;
}

static void warn_if_broken(const replay *own) {
  const record *stored = &own->stored;
  const uint32_t checksum =
    ent_layout_checksum(ent_store_layout(own->store), stored->row, stored->series, stored->n_series_values,
                        stored->final_state, stored->n_final_values);
  if (stored->result.status != ENT_STATUS_PENDING && checksum != stored->result.checksum)
    ent_log(ENT_LOG_WARNING, "the checksum of row %" PRId64 " does not hold: the next run computes it again",
            own->given->job);
}

/* Limits end a row for reasons that are not its own; a row that a step limit ended is ended there again. */
static void lift_limits(replay *own) {
  const ent_result *result = &own->stored.result;
  const bool is_limited = result->status == ENT_STATUS_FAILED && result->error == ENT_JOB_STEP_LIMIT;
  own->spec = *ent_store_spec(own->store);
  own->spec.limit_wall = INFINITY;
  own->spec.limit_steps = is_limited ? result->steps : INT64_MAX;
}

static int integrate(replay *own) {
  const arguments *given = own->given;
  ent_point point;
  ent_watcher watcher = {0};
  ent_spec_point(&own->spec, given->job, &point);
  ENT_TRY(ent_start_file_load(&own->spec, &own->table));
  if (given->output) {
    ENT_TRY(ent_trajectory_create(given->output, given->job, point.n, point.d, &own->trajectory));
    watcher = (ent_watcher){.sees = keep, .context = own->trajectory};
  }
  ENT_TRY(ent_integrator_create(&own->spec, own->table, &own->integrator));
  ENT_TRY(ent_integrator_run(own->integrator, given->job, NULL, &watcher, &own->output));
  ENT_TRY(ent_trajectory_close(&own->trajectory));
  return ENT_OK;
}

/* Columns that rule 6 of docs/results-format.md leaves out. */
static bool may_differ(const char *name) {
  static const char *const names[] = {"wall_s", "worker", "attempt", "checksum", NULL};
  for (const char *const *n = names; *n; n++) {
    if (strcmp(*n, name) == 0) return true;
  }
  return false;
}

/* Prints the columns that differ; returns how many do. */
static int compare_rows(const ent_layout *layout, const unsigned char *stored, const unsigned char *again) {
  int differing = 0;
  for (size_t i = 0; i < layout->n_columns; i++) {
    const ent_column *column = &layout->columns[i];
    const size_t size = ent_type_size(column->type);
    if (may_differ(column->name) || memcmp(stored + column->offset, again + column->offset, size) == 0)
      continue;
    printf("  %s: %.17g in the file, %.17g now\n", column->name, ent_column_value(column, stored),
           ent_column_value(column, again));
    differing++;
  }
  return differing;
}

/* Prints the series that differ; returns how many do. */
static int compare_series(const replay *own) {
  int differing = 0;
  const ent_spec *spec = &own->spec;
  for (size_t k = 0; own->output.series && k < ent_spec_series_count(spec); k++) {
    double delta = 0;
    char name[64];
    const size_t at = k * spec->n_record;
    if (memcmp(own->stored.series + at, own->output.series + at, spec->n_record * sizeof(float)) == 0)
      continue;
    (void)ent_spec_series(spec, k, &delta, name);
    printf("  series %s differs\n", name);
    differing++;
  }
  return differing;
}

static int compare_final(const replay *own) {
  const record *stored = &own->stored;
  const size_t bytes = stored->n_final_values * sizeof(double);
  if (bytes == 0 || memcmp(stored->final_state, own->output.final_state, bytes) == 0) return 0;
  printf("  the final state differs\n");
  return 1;
}

static int compare(const replay *own, int *differing) {
  const ent_layout *layout = ent_store_layout(own->store);
  unsigned char *again = NULL;
  ENT_TRY(ent_mem_alloc(1, layout->size, &again));
  memcpy(again, own->stored.row, layout->size);
  ent_layout_encode(layout, &own->output.result, again);
  *differing = compare_rows(layout, own->stored.row, again) + compare_series(own) + compare_final(own);
  printf("row %" PRId64 ": %s\n", own->given->job,
         *differing ? "other bits than in the file" : "the same bits");
  free(again);
  return ENT_OK;
}

static int start_solver(const replay *own) {
  ENT_TRY(ent_session_start(own->spec.petsc_options));
  if (ent_store_check_identity(own->store, &own->spec, ent_session_petsc_version()) != ENT_OK) {
    ent_log(ENT_LOG_WARNING, "made elsewhere, bits may differ: %s", ent_error_message());
    ent_error_clear();
  }
  return ENT_OK;
}

static int run(replay *own, int *differing) {
  const arguments *given = own->given;
  if (given->output) ENT_TRY(ent_command_check_target(given->output, given->path));
  ENT_TRY(ent_store_open(given->path, ENT_STORE_READ, &own->store));
  const int64_t size = ent_store_spec(own->store)->grid.size;
  ENT_CHECK(given->job < size, ENT_ERR_ARGUMENT, "row %" PRId64 " does not exist, rows are 0 to %" PRId64,
            given->job, size - 1);
  ENT_TRY(read_record(own));
  warn_if_broken(own);
  lift_limits(own);
  const char *obstacle = incomparable(&own->stored.result);
  if (obstacle) printf("row %" PRId64 " cannot be compared: %s\n", given->job, obstacle);
  if (obstacle && !given->output) return ENT_OK;
  ENT_TRY(start_solver(own));
  ENT_TRY(integrate(own));
  if (!obstacle) ENT_TRY(compare(own, differing));
  if (given->output) printf("trajectory: %s\n", given->output);
  return ENT_OK;
}

static void finish(replay *own) {
  ent_trajectory_abort(&own->trajectory);
  ent_integrator_destroy(&own->integrator);
  ent_start_table_destroy(&own->table);
  ent_session_end();
  free(own->stored.row);
  free(own->stored.series);
  free(own->stored.final_state);
  if (ent_store_close(&own->store) != ENT_OK)
    ent_log(ENT_LOG_WARNING, "'%s' could not be closed", own->given->path);
}

int ent_command_replay(int argc, char **argv) {
  arguments given = {.job = -1};
  int differing = 0;
  argp_parse(&parser, argc, argv, 0, NULL, &given);
  replay own = {.given = &given};
  if (MPI_Init(NULL, NULL) != MPI_SUCCESS) return ENT_EXIT_ENGINE;
  const int code = run(&own, &differing);
  int status = code == ENT_OK ? ENT_EXIT_OK : ent_command_fail(argv[0], code, NULL);
  if (code == ENT_OK && differing > 0) status = ENT_EXIT_ENGINE;
  finish(&own);
  MPI_Finalize();
  return status;
}
