#include <argp.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <mpi.h>

#include "entrain/app/command.h"
#include "entrain/app/commands.h"
#include "entrain/base/clock.h"
#include "entrain/base/mem.h"
#include "entrain/base/text.h"
#include "entrain/engine/launch.h"
#include "entrain/engine/output.h"
#include "entrain/engine/room.h"
#include "entrain/kernel/help.h"
#include "entrain/solve/integrate.h"
#include "entrain/solve/session.h"
#include "entrain/solve/setup.h"
#include "entrain/store/inputs.h"
#include "entrain/store/start_file.h"
#include "entrain/store/store.h"
#include "entrain/sweep/costs.h"
#include "entrain/sweep/job_file.h"
#include "entrain/sweep/spread.h"

enum { MAX_PROBES = 24, LEAST_PROBES = 3, MAX_BLOCKS = 65536, FIXED_BYTES = 48 << 20, MASTER_ROW_BYTES = 3 };

#define PROBE_SECONDS 2.0 /* a probe that takes longer is cut off: a lower bound */
#define BUDGET_SECONDS 10.0
#define QUICK_SECONDS 0.01 /* a quicker row is timed twice */

/* What the probes gave: cost of one row, in seconds, of cells spread over the diagram, in rounds. */
typedef struct probes {
  int count, cut_off;
  int64_t cells[MAX_PROBES]; /* [count] */
  double costs[MAX_PROBES];  /* [count] */
  double least, most;
} probes;

typedef struct arguments {
  const char *job, *output; /* output NULL: where `entrain run` would put it */
} arguments;

static error_t parse(int key, char *argument, struct argp_state *state) {
  arguments *given = state->input;
  if (key != 'o') return ent_command_parse_path(key, argument, state, "job file", &given->job);
  given->output = argument;
  return 0;
}

static const struct argp_option option_table[] = {
  {"output", 'o', "OUT.h5", 0, "where the results file would be, default results/<name>.h5", 0},
  {0},
};

static const struct argp parser = {
  option_table,
  parse,
  "JOB.yaml [-- PETSC-OPTIONS]",
  "Say what a sweep would cost: rows, file size, memory, and time by a few timed probes. Writes nothing.",
  NULL,
  NULL,
  NULL};

static void print_bytes(const char *what, double bytes) {
  char text[32];
  ent_room_text(bytes, sizeof text, text);
  printf("%-14s %s\n", what, text);
}

/* Says who writes rows, and why. */
static void print_writer(const ent_spec *spec, const ent_filesystem *found) {
  if (spec->writer == ENT_WRITER_MASTER) {
    printf("writer         the master (output.writer)\n");
  } else if (found->is_safe) {
    printf("writer         the workers\n");
  } else if (spec->writer == ENT_WRITER_WORKERS) {
    printf("writer         the workers (output.writer); several hosts would undo each other's\n"
           "               changes on this file system\n");
  } else {
    printf("writer         the workers on one host; the master when there are several, which would\n"
           "               undo each other's changes on this file system\n");
  }
}

/* Says where the results file would lie, and what that means for writing it. */
static int print_filesystem(const ent_spec *spec, const char *output) {
  int code = ENT_OK;
  char left[32];
  ent_room room;
  ent_text path = {0};
  ENT_GOTO(ent_output_path(output, spec, &path));
  ENT_GOTO(ent_room_look(path.data, spec, false, &room));
  ent_room_text((double)room.filesystem.free, sizeof left, left);
  printf("file system    %s, %s left%s\n", room.filesystem.name, left,
         ent_room_is_enough(&room) ? "" : ": NOT ENOUGH");
  print_writer(spec, &room.filesystem);
done:
  ent_text_fini(&path);
  return code;
}

static int print_sizes(const ent_spec *spec, const char *output) {
  double bytes = 0;
  ent_point largest;
  ENT_TRY(ent_room_needed(spec, &bytes));
  printf("rows           %" PRId64 "\n", spec->grid.size);
  print_bytes("results file", bytes);
  ENT_TRY(print_filesystem(spec, output));
  ent_spec_point(spec, ent_spec_largest_row(spec), &largest);
  ENT_TRY(ent_setup_bytes(spec, &largest, &bytes));
  print_bytes("memory/worker", FIXED_BYTES + bytes);
  if (spec->ranks_per_job > 1 && ent_spec_is_large(spec, ent_spec_largest_row(spec))) {
    bytes = ent_helper_bytes((size_t)largest.n, (size_t)largest.d, (size_t)spec->ranks_per_job);
    print_bytes("memory/helper", FIXED_BYTES + bytes);
  }
  print_bytes("memory/master", FIXED_BYTES + MASTER_ROW_BYTES * (double)spec->grid.size);
  return ENT_OK;
}

/* How many ranks share a large job. */
static void print_teams(const ent_spec *spec) {
  int64_t large = 0;
  if (spec->ranks_per_job == 1) return;
  for (int64_t row = 0; row < spec->grid.size; row++) large += ent_spec_is_large(spec, row);
  printf("large jobs     %" PRId64 ", by %d ranks each where there are so many workers\n"
         "               (ranks_per_job); the times below are those of one rank each\n",
         large, spec->ranks_per_job);
}

/* Says what a death costs: what is kept of a running job, and when rows are on the disk. */
static void print_safety(const ent_spec *spec) {
  char interval[32];
  int64_t slots = 0;
  size_t bytes = 0;
  ent_store_plan_slots(spec, &slots, &bytes);
  ent_text_duration(spec->checkpoint_seconds, sizeof interval, interval);
  if (isfinite(spec->checkpoint_seconds)) {
    printf("checkpoints    every %s and when the run is stopped,\n"
           "               of up to %" PRId64 " job%s at once\n",
           interval, slots, ent_text_plural(slots));
  } else {
    printf("checkpoints    never (limits.checkpoint)\n");
  }
  printf("synced         within a minute of each row and checkpoint, and at the end\n");
}

static bool is_too_long(void *context) {
  return ent_clock_now() > *(const double *)context;
}

/* Times one row. [out] cut_off  it took too long: the seconds are a lower bound */
static int time_row(ent_integrator *integrator, int64_t row, double *seconds, bool *cut_off) {
  ent_output output;
  double deadline = ent_clock_now() + PROBE_SECONDS;
  const ent_watcher watcher = {.abandons = is_too_long, .context = &deadline};
  const double start = ent_clock_worked(); /* what others do on this machine is no cost */
  ENT_TRY(ent_integrator_run(integrator, row, NULL, &watcher, &output));
  *seconds = ent_clock_worked() - start;
  *cut_off = output.abandoned;
  return ENT_OK;
}

/* Times row i of the probes' order: of each cell one, spread, then of each cell another seed's. */
static int probe_one(ent_integrator *integrator, const ent_grid *grid, int i, probes *found) {
  const int64_t seeds = grid->extent[grid->seed_dim], cells = grid->size / seeds;
  const int64_t cell = ent_spread_at(i % cells, ent_spread_step(cells), cells);
  const int64_t row = ent_grid_row_of_position(grid, cell * seeds + i / cells);
  double cost = 0;
  bool cut_off = false;
  ENT_TRY(time_row(integrator, row, &cost, &cut_off));
  /* a first row pays for what later ones find ready */
  if (cost < QUICK_SECONDS) ENT_TRY(time_row(integrator, row, &cost, &cut_off));
  found->cells[i] = cell;
  found->costs[i] = cost;
  found->count = i + 1;
  found->cut_off += cut_off;
  found->least = fmin(found->least, cost);
  found->most = fmax(found->most, cost);
  return ENT_OK;
}

/* Times one row after the other, until the budget is used up or more of a cell's rows would tell no more. */
static int probe(const ent_spec *spec, const ent_start_table *table, probes *found) {
  int code = ENT_OK;
  ent_integrator *integrator = NULL;
  const ent_grid *grid = &spec->grid;
  const int64_t cells = grid->size / grid->extent[grid->seed_dim];
  const double began = ent_clock_now();
  *found = (probes){.least = INFINITY};
  ENT_GOTO(ent_integrator_create(spec, table, &integrator));
  for (int i = 0; i < MAX_PROBES && i < grid->size && ent_clock_now() - began < BUDGET_SECONDS; i++) {
    if (i >= cells && found->cut_off > 0) break;
    ENT_GOTO(probe_one(integrator, grid, i, found));
  }
done:
  ent_integrator_destroy(&integrator);
  return code;
}

/* Seconds of all rows by the master's model (sweep/costs). [in] but  a probe to leave out, -1: none */
static int predict_by_model(const ent_spec *spec, const probes *found, int but, double *seconds) {
  int code = ENT_OK;
  ent_costs costs = {0};
  int64_t *jobs = NULL;
  const int64_t seeds = spec->grid.extent[spec->grid.seed_dim], cells = spec->grid.size / seeds;
  const int64_t block = (cells + MAX_BLOCKS - 1) / MAX_BLOCKS;
  ENT_GOTO(ent_costs_init(&costs, &spec->grid, cells, block));
  ENT_GOTO(ent_mem_alloc((size_t)costs.n_blocks, sizeof *jobs, &jobs));
  for (int i = 0; i < found->count; i++)
    if (i != but) (void)ent_costs_add(&costs, found->cells[i], 1, found->costs[i]);
  for (int64_t b = 0; b < costs.n_blocks; b++) {
    const int64_t end = (b + 1) * block < cells ? (b + 1) * block : cells;
    jobs[b] = (end - b * block) * seeds;
  }
  *seconds = ent_costs_predict_all(&costs, jobs);
done:
  ent_costs_fini(&costs);
  free(jobs);
  return code;
}

/* The sum over the cells of their mean probe times their rows: nothing is guessed of a cell nobody saw. */
static double sum_means(const ent_spec *spec, const probes *found, int but) {
  const int64_t seeds = spec->grid.extent[spec->grid.seed_dim];
  double seconds = 0;
  for (int i = 0; i < found->count; i++) {
    int n_same = 0;
    for (int k = 0; k < found->count; k++) n_same += k != but && found->cells[k] == found->cells[i];
    if (i != but) seconds += (double)seeds * found->costs[i] / n_same;
  }
  return seconds;
}

/* Whether each row was timed. */
static bool has_seen_all(const ent_spec *spec, const probes *found) {
  return found->count == spec->grid.size;
}

/*
 * Seconds of all rows. Where each cell was probed twice, so that one may be left out, they are the probes'
 * means: the model would add what it believed beforehand of how rows scatter. The same where only one cell
 * is there, for want of anything to learn.
 */
static int predict(const ent_spec *spec, const probes *found, int but, double *seconds) {
  const int64_t cells = spec->grid.size / spec->grid.extent[spec->grid.seed_dim];
  if (found->count < 2 * cells && cells > 1 && !has_seen_all(spec, found)) {
    ENT_TRY(predict_by_model(spec, found, but, seconds));
  } else {
    *seconds = sum_means(spec, found, but);
  }
  return ENT_OK;
}

/*
 * The jackknife's standard error of the predicted seconds: how they change when one probe is left out. NaN
 * where no row is left to differ, or too few were timed.
 */
static int find_error(const ent_spec *spec, const probes *found, double *error) {
  double sum = 0, squares = 0, without = 0;
  const int n = found->count;
  *error = NAN;
  if (n < LEAST_PROBES || has_seen_all(spec, found)) return ENT_OK;
  for (int i = 0; i < n; i++) {
    ENT_TRY(predict(spec, found, i, &without));
    sum += without;
    squares += without * without;
  }
  *error = sqrt(fmax(0, squares - sum * sum / n) * (n - 1) / n);
  return ENT_OK;
}

static int print_times(const ent_spec *spec, const probes *found) {
  char mean[32], least[32], most[32], makespan[32];
  const int workers = ent_launch_cores();
  const char *bound = found->cut_off > 0 ? "at least " : "";
  double total = 0, error = 0;
  ENT_TRY(predict(spec, found, -1, &total));
  ENT_TRY(find_error(spec, found, &error));
  ent_text_duration(total / (double)spec->grid.size, sizeof(mean), mean);
  ent_text_duration(found->least, sizeof(least), least);
  ent_text_duration(found->most, sizeof(most), most);
  ent_text_duration(fmax(total / workers, found->most), sizeof(makespan), makespan);
  printf("one row        %s%s (%d probe%s: %s to %s)\n", bound, mean, found->count,
         ent_text_plural(found->count), least, most);
  printf("core-hours     %s%.3g", bound, total / 3600);
  if (isfinite(error) && found->cut_off == 0) printf(" (+- %.0f %%)", 100 * error / total);
  printf("\n");
  printf("makespan       %s%s on %d worker%s, whose start comes on top\n", bound, makespan, workers,
         ent_text_plural(workers));
  if (found->cut_off > 0) {
    printf("               %d of %d probe%s took longer than %g s and ended there\n", found->cut_off,
           found->count, ent_text_plural(found->count), PROBE_SECONDS);
  }
  return ENT_OK;
}

static int plan(const arguments *given, const char *options, ent_text *faults) {
  int code = ENT_OK;
  ent_spec *spec = NULL;
  ent_start_table *table = NULL;
  probes found;
  ENT_GOTO(ent_command_check_job(given->job));
  ENT_GOTO(ent_job_file_read(given->job, options, &spec, faults));
  ENT_GOTO(ent_inputs_load(spec, &table));
  ENT_GOTO(ent_session_start(options));
  ENT_GOTO(print_sizes(spec, given->output));
  print_teams(spec);
  print_safety(spec);
  ENT_GOTO(probe(spec, table, &found));
  ENT_GOTO(print_times(spec, &found));
done:
  if (code == ENT_ERR_JOB_FILE && faults->length == 0 &&
      ent_text_append(faults, "%s\n", ent_error_message()) != ENT_OK)
    code = ENT_ERR_MEMORY;
  ent_start_table_destroy(&table);
  ent_spec_destroy(&spec);
  ent_session_end();
  return code;
}

int ent_command_plan(int argc, char **argv) {
  arguments given = {0};
  ent_text faults = {0}, options = {0};
  int status = ENT_EXIT_OK;
  int code = ent_command_split_options(&argc, argv, &options);
  if (code == ENT_OK) {
    argp_parse(&parser, argc, argv, 0, NULL, &given);
    if (!ent_command_start_mpi()) return ENT_EXIT_ENGINE;
    code = plan(&given, options.data ? options.data : "", &faults);
    MPI_Finalize();
  }
  if (code != ENT_OK) status = ent_command_fail(argv[0], code, &faults);
  ent_text_fini(&options);
  ent_text_fini(&faults);
  return status;
}
