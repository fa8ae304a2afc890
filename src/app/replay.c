#include <argp.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <mpi.h>

#include "entrain/app/command.h"
#include "entrain/app/commands.h"
#include "entrain/app/recompute.h"
#include "entrain/base/log.h"
#include "entrain/store/trajectory.h"

typedef struct arguments {
  const char *path, *output;
  int64_t job; /* -1: not given */
} arguments;

/* All that one replay holds. */
typedef struct replay {
  const arguments *given;
  ent_store *store;
  ent_record stored, again;
  ent_recompute solver;
  ent_trajectory *trajectory; /* NULL: not kept */
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

static int integrate(replay *own) {
  const arguments *given = own->given;
  ent_point point;
  ent_watcher watcher = {0};
  ent_spec_point(ent_store_spec(own->store), given->job, &point);
  ENT_TRY(ent_recompute_begin(own->store, &own->solver));
  if (given->output) {
    ENT_TRY(ent_trajectory_create(given->output, given->job, point.n, point.d, &own->trajectory));
    watcher = (ent_watcher){.sees = keep, .context = own->trajectory};
  }
  ENT_TRY(ent_recompute_row(&own->solver, given->job, &own->stored, &watcher, &own->again));
  ENT_TRY(ent_trajectory_close(&own->trajectory));
  return ENT_OK;
}

/* Prints what differs. [out] differing  how many columns, series and final states do */
static int compare(replay *own, int *differing) {
  static const ent_comparison how = {.first = "in the file", .second = "now"};
  int code = ENT_OK;
  ent_text lines = {0};
  ENT_GOTO(ent_record_compare(own->store, &how, &own->stored, &own->again, &lines, differing));
  if (lines.length > 0) fputs(lines.data, stdout);
  printf("row %" PRId64 ": %s\n", own->given->job,
         *differing ? "other bits than in the file" : "the same bits");
done:
  ent_text_fini(&lines);
  return code;
}

static int read_stored(replay *own) {
  ENT_TRY(ent_record_init(own->store, &own->stored));
  ENT_TRY(ent_record_init(own->store, &own->again));
  ENT_TRY(ent_record_read(own->store, own->given->job, &own->stored));
  if (own->stored.result.status != ENT_STATUS_PENDING && !own->stored.holds)
    ent_log(ENT_LOG_WARNING, "the checksum of row %" PRId64 " does not hold: the next run computes it again",
            own->given->job);
  return ENT_OK;
}

static int run(replay *own, int *differing) {
  const arguments *given = own->given;
  if (given->output) ENT_TRY(ent_command_check_target(given->output, given->path));
  ENT_TRY(ent_store_open(given->path, ENT_STORE_READ, &own->store));
  const int64_t size = ent_store_spec(own->store)->grid.size;
  ENT_CHECK(given->job < size, ENT_ERR_ARGUMENT, "row %" PRId64 " does not exist, rows are 0 to %" PRId64,
            given->job, size - 1);
  const ent_model *model = ent_store_spec(own->store)->model;
  ENT_CHECK(!given->output || ent_model_has_vectors(model), ENT_ERR_ARGUMENT,
            "model '%s' has no particles whose trajectory could be kept, '-o' must be left out", model->name);
  ENT_TRY(read_stored(own));
  const char *obstacle = ent_recompute_obstacle(&own->stored.result);
  if (obstacle) printf("row %" PRId64 " cannot be compared: %s\n", given->job, obstacle);
  if (obstacle && !given->output) return ENT_OK;
  ENT_TRY(integrate(own));
  if (!obstacle) ENT_TRY(compare(own, differing));
  if (given->output) printf("trajectory: %s\n", given->output);
  return ENT_OK;
}

static void finish(replay *own) {
  ent_trajectory_abort(&own->trajectory);
  ent_recompute_end(&own->solver);
  ent_record_fini(&own->stored);
  ent_record_fini(&own->again);
  if (ent_store_close(&own->store) != ENT_OK)
    ent_log(ENT_LOG_WARNING, "'%s' could not be closed", own->given->path);
}

int ent_command_replay(int argc, char **argv) {
  arguments given = {.job = -1};
  int differing = 0;
  argp_parse(&parser, argc, argv, 0, NULL, &given);
  replay own = {.given = &given};
  if (!ent_command_start_mpi()) return ENT_EXIT_ENGINE;
  const int code = run(&own, &differing);
  int status = code == ENT_OK ? ENT_EXIT_OK : ent_command_fail(argv[0], code, NULL);
  if (code == ENT_OK && differing > 0) status = ENT_EXIT_ENGINE;
  finish(&own);
  MPI_Finalize();
  return status;
}
