#include <argp.h>
#include <inttypes.h>
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

/* All that one replay holds. */
typedef struct replay {
  const arguments *given;
  ent_store *store;
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
  "The trajectory has the recorded times of the sweep, or every step when it records none.\n\n"
  "Exit status: 0 the same bits; 1 not; 2 usage.",
  NULL,
  NULL,
  NULL};

static int keep(void *context, double t, const double *vectors) {
  ENT_TRY(ent_trajectory_append(context, t, vectors));
  return ENT_OK;
}

static int integrate(replay *own) {
  const ent_spec *spec = ent_store_spec(own->store);
  ent_point point;
  ent_watcher watcher = {0};
  ent_spec_point(spec, own->given->job, &point);
  if (own->given->output) {
    ENT_TRY(ent_trajectory_create(own->given->output, own->given->job, point.n, point.d, &own->trajectory));
    watcher = (ent_watcher){.sees = keep, .context = own->trajectory};
  }
  ENT_TRY(ent_start_file_load(spec, &own->table));
  ENT_TRY(ent_integrator_create(spec, own->table, &own->integrator));
  ENT_TRY(ent_integrator_run(own->integrator, own->given->job, &watcher, &own->output));
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

/* Prints the series that differ; adds how many do. */
static int compare_series(replay *own, int *differing) {
  int code = ENT_OK;
  const ent_spec *spec = ent_store_spec(own->store);
  float *stored = NULL;
  ENT_GOTO(ent_mem_alloc(spec->n_record, sizeof(*stored), &stored));
  for (size_t k = 0; own->output.series && k < ent_spec_series_count(spec); k++) {
    double delta = 0;
    char name[64];
    (void)ent_spec_series(spec, k, &delta, name);
    ENT_GOTO(ent_store_read_series(own->store, k, own->given->job, 1, stored));
    if (memcmp(stored, own->output.series + k * spec->n_record, spec->n_record * sizeof(*stored)) == 0)
      continue;
    printf("  series %s differs\n", name);
    (*differing)++;
  }
done:
  free(stored);
  return code;
}

static int compare(replay *own, int *differing) {
  int code = ENT_OK;
  const ent_layout *layout = ent_store_layout(own->store);
  unsigned char *stored = NULL, *again = NULL;
  ent_result result;
  ENT_GOTO(ent_mem_alloc(1, layout->size, &stored));
  ENT_GOTO(ent_mem_alloc(1, layout->size, &again));
  ENT_GOTO(ent_store_read_rows(own->store, own->given->job, 1, stored));
  ent_layout_decode(layout, stored, &result);
  memcpy(again, stored, layout->size);
  ent_layout_encode(layout, &own->output.result, again);
  if (result.status == ENT_STATUS_PENDING) {
    printf("row %" PRId64 " is pending in the file, there is nothing to compare with\n", own->given->job);
    goto done;
  }
  *differing = compare_rows(layout, stored, again);
  ENT_GOTO(compare_series(own, differing));
  printf("row %" PRId64 ": %s\n", own->given->job,
         *differing ? "other bits than in the file" : "the same bits");
done:
  free(stored);
  free(again);
  return code;
}

static int run(replay *own, int *differing) {
  ENT_TRY(ent_store_open(own->given->path, ENT_STORE_READ, &own->store));
  const ent_spec *spec = ent_store_spec(own->store);
  ENT_CHECK(own->given->job < spec->grid.size, ENT_ERR_ARGUMENT,
            "row %" PRId64 " does not exist, rows are 0 to %" PRId64, own->given->job, spec->grid.size - 1);
  ENT_TRY(ent_session_start(spec->petsc_options));
  if (ent_store_check_identity(own->store, spec, ent_session_petsc_version()) != ENT_OK) {
    ent_log(ENT_LOG_WARNING, "made elsewhere, bits may differ: %s", ent_error_message());
    ent_error_clear();
  }
  ENT_TRY(integrate(own));
  ENT_TRY(compare(own, differing));
  return ENT_OK;
}

int ent_command_replay(int argc, char **argv) {
  arguments given = {.job = -1};
  int differing = 0;
  argp_parse(&parser, argc, argv, 0, NULL, &given);
  replay own = {.given = &given};
  if (MPI_Init(NULL, NULL) != MPI_SUCCESS) return ENT_EXIT_ENGINE;
  int code = run(&own, &differing);
  int status = code == ENT_OK ? ENT_EXIT_OK : ent_command_fail(argv[0], code, NULL);
  if (code == ENT_OK && differing > 0) status = ENT_EXIT_ENGINE;
  if (ent_trajectory_close(&own.trajectory) != ENT_OK) status = ent_command_fail(argv[0], ENT_ERR_HDF5, NULL);
  if (status == ENT_EXIT_OK && given.output) printf("trajectory: %s\n", given.output);
  ent_integrator_destroy(&own.integrator);
  ent_start_table_destroy(&own.table);
  ent_session_end();
  if (ent_store_close(&own.store) != ENT_OK) ent_log(ENT_LOG_WARNING, "'%s' could not be closed", given.path);
  MPI_Finalize();
  return status;
}
