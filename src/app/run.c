#include "entrain/engine/run.h"

#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpi.h>

#include "entrain/app/command.h"
#include "entrain/app/commands.h"
#include "entrain/app/progress.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/base/text.h"
#include "entrain/engine/launch.h"
#include "entrain/engine/rank.h"
#include "entrain/engine/stop.h"
#include "entrain/store/tally.h"

enum { MAX_WORKERS = 100000, MAX_ONLY = 256, NAMED_FAILURES = 10, BLOCK_ROWS = 4096 };

typedef struct arguments {
  ent_run_options options;
  ent_row_range only[MAX_ONLY];
  ent_text petsc_options;
  int workers; /* 0: one a core */
  bool strict, verbose;
} arguments;

/* "0-99,200": rows, ends included. */
static bool parse_only(const char *text, arguments *given) {
  while (*text && given->options.n_only < MAX_ONLY) {
    char *end = NULL;
    ent_row_range range = {.first = strtoll(text, &end, 10)};
    if (end == text || range.first < 0) return false;
    range.last = range.first;
    if (*end == '-') {
      text = end + 1;
      range.last = strtoll(text, &end, 10);
      if (end == text || range.last < range.first) return false;
    }
    if (*end != '\0' && *end != ',') return false;
    given->only[given->options.n_only++] = range;
    if (*end == ',' && end[1] == '\0') return false;
    text = *end == ',' ? end + 1 : end;
  }
  return *text == '\0' && given->options.n_only > 0;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  arguments *given = state->input;
  char *end = NULL;
  long workers = 0;
  switch (key) {
    case 'o':
      if (*argument == '\0') argp_error(state, "-o '', must be the path of a results file");
      given->options.output = argument;
      break;
    case 'f': given->options.fresh = true; break;
    case 's': given->strict = true; break;
    case 'v': given->verbose = true; break;
    case 'j':
      workers = strtol(argument, &end, 10);
      if (*argument == '\0' || *end != '\0' || workers < 1 || workers > MAX_WORKERS)
        argp_error(state, "-j '%s', must be a number of workers from 1 to %d", argument, MAX_WORKERS);
      given->workers = (int)workers;
      break;
    case 'r':
      if (!parse_only(argument, given))
        argp_error(state, "--only '%s', must be rows like 0-99,200, first to last, at most %d ranges",
                   argument, MAX_ONLY);
      break;
    default: return ent_command_parse_path(key, argument, state, "job file", &given->options.job_path);
  }
  return 0;
}

static const struct argp_option option_table[] = {
  {"output", 'o', "OUT.h5", 0, "results file; default: results/<name>.h5", 0},
  {"jobs", 'j', "N", 0, "number of workers; default: one for each core", 0},
  {"fresh", 'f', NULL, 0, "begin anew; an older results file is kept as OUT.h5~", 0},
  {"only", 'r', "ROWS", 0, "compute these rows only: 0-99,200", 0},
  {"strict", 's', NULL, 0, "exit with 3 when rows have failed", 0},
  {"verbose", 'v', NULL, 0, "show the mpirun command and what is added to its environment", 0},
  {0},
};

static const struct argp parser = {
  option_table,
  parse,
  "JOB.yaml [-- PETSC-OPTIONS]",
  "Compute what is pending of a job file's sweep. Running the same command again goes on where it stopped.\v"
  "Started by hand it starts its own mpirun; under mpirun or srun it joins. Ctrl-C, TERM and USR1 end it in "
  "good order; a second Ctrl-C ends it at once.\n\nExit status: 0 complete; 1 the engine failed; 2 usage, "
  "faults in the job file, another study or a living run in OUT.h5; 3 failed rows with --strict; 75 stopped "
  "early, the same command goes on.",
  NULL,
  NULL,
  NULL};

/* Says what went wrong; a file that cannot be read or written is a refusal for other commands, here the
 * engine failed. */
static int fail(int code, const ent_text *faults) {
  (void)ent_command_fail("entrain run", code, faults);
  return ent_run_is_refusal(code) ? ENT_EXIT_USAGE : ENT_EXIT_ENGINE;
}

/* Names the failed rows of a block on stderr, as long as there are not too many. [in,out] named */
static void name_block(const ent_layout *layout, int64_t first, int64_t count, const unsigned char *rows,
                       int *named) {
  for (int64_t i = 0; i < count && *named < NAMED_FAILURES; i++) {
    ent_result result;
    ent_layout_decode(layout, rows + (size_t)i * layout->size, &result);
    if (result.status != ENT_STATUS_FAILED && result.status != ENT_STATUS_QUARANTINED) continue;
    const long long row = first + i;
    fprintf(stderr, "entrain run: row %lld %s: %s\n", row, ent_status_names[result.status],
            ent_job_error_text(result.error));
    (*named)++;
  }
}

/* Names the first failed rows on stderr, and says how many more there are. */
static int name_failures(ent_store *store, int64_t failed) {
  int code = ENT_OK, named = 0;
  unsigned char *rows = NULL;
  const ent_layout *layout = ent_store_layout(store);
  const int64_t size = ent_store_spec(store)->grid.size;
  ENT_GOTO(ent_mem_alloc(BLOCK_ROWS, layout->size, &rows));
  for (int64_t first = 0; first < size && named < failed && named < NAMED_FAILURES; first += BLOCK_ROWS) {
    const int64_t count = size - first < BLOCK_ROWS ? size - first : BLOCK_ROWS;
    ENT_GOTO(ent_store_read_rows(store, first, count, rows));
    name_block(layout, first, count, rows, &named);
  }
  if (named < failed) {
    fprintf(stderr, "entrain run: and %lld more, `entrain export` lists them\n", (long long)(failed - named));
  }
done:
  free(rows);
  return code;
}

/* Says on stdout what is in the file now, on stderr which rows failed. [out] tally */
static int say_result(const char *path, ent_tally *tally) {
  int code = ENT_OK;
  ent_store *store = NULL;
  ent_text text = {0};
  ENT_GOTO(ent_store_open(path, ENT_STORE_READ, &store));
  ENT_GOTO(ent_tally_read(store, tally));
  ENT_GOTO(ent_tally_append(tally, &text));
  printf("%s: %s\n", path, text.data);
  if (ent_tally_failed(tally) > 0) ENT_GOTO(name_failures(store, ent_tally_failed(tally)));
done:
  ent_text_fini(&text);
  if (store != NULL && ent_store_close(&store) != ENT_OK)
    ent_log(ENT_LOG_WARNING, "'%s' could not be closed", path);
  return code;
}

static int conclude(const arguments *given, const char *path, bool is_complete) {
  ent_tally tally = {0};
  const int code = say_result(path, &tally);
  if (code != ENT_OK) return fail(code, NULL);
  if (!is_complete) {
    fprintf(stderr, "entrain run: stopped early, the same command goes on\n");
    return ENT_EXIT_STOPPED;
  }
  return given->strict && ent_tally_failed(&tally) > 0 ? ENT_EXIT_ROWS : ENT_EXIT_OK;
}

/* Runs as one of the ranks of a launcher, or alone. */
static int run_here(const arguments *given) {
  ent_run_options options = given->options;
  ent_run_summary summary;
  ent_text faults = {0}, path = {0};
  ent_progress_view view;
  int rank = 0, status = ENT_EXIT_OK;
  ent_progress_view_init(&view);
  const ent_listener listener = {.progress = ent_progress_show, .context = &view};
  options.listener = &listener;
  ent_rank_follow_launcher();
  if (ent_stop_listen() != ENT_OK) return fail(ENT_ERR_SYSTEM, &faults); /* a signal may come early */
  if (MPI_Init(NULL, NULL) != MPI_SUCCESS) return ENT_EXIT_ENGINE;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const int code = ent_run(&options, &summary, &faults, &path);
  if (code != ENT_OK) {
    if (view.is_open) fputc('\n', stderr);
    status = fail(code, &faults);
    if (status == ENT_EXIT_ENGINE) _exit(status); /* other ranks may be anywhere: the launcher ends them */
  } else if (rank == 0 && path.length > 0 && getenv(ENT_LAUNCH_TERMINAL) == NULL) {
    status = conclude(given, path.data, summary.is_complete);
  }
  ent_text_fini(&faults);
  ent_text_fini(&path);
  if (ent_rank_survives_others()) ent_rank_leave(status);
  MPI_Finalize();
  return status;
}

/* mpirun tells by its exit status that a rank was killed. */
static void say_signal(const ent_launch_status *status) {
  const bool is_rank = status->signal == 0 && status->exit_code > 128;
  const int number = is_rank ? status->exit_code - 128 : status->signal;
  if (number != 0) {
    fprintf(stderr, "entrain run: error: %s was killed by signal %d\n", is_rank ? "a rank" : "mpirun",
            number);
  }
}

/*
 * What became of the run: mpirun's exit status and the last segment in the file tell. A stop is passed on as
 * USR1, which ends a rank that is too young to listen.
 */
static int judge(const arguments *given, const char *path, const ent_launch_status *status) {
  ent_store *store = NULL;
  ent_segment *segments = NULL;
  size_t count = 0;
  int ended = -1;
  if (status->signal == 0 && status->exit_code == ENT_EXIT_USAGE) return ENT_EXIT_USAGE;
  if (status->signal == 0 && status->exit_code == 128 + SIGUSR1) {
    fprintf(stderr, "entrain run: stopped before it began, the same command goes on\n");
    return ENT_EXIT_STOPPED;
  }
  if (ent_mem_alloc(ENT_STORE_SEGMENTS, sizeof(*segments), &segments) == ENT_OK &&
      ent_store_open(path, ENT_STORE_READ, &store) == ENT_OK &&
      ent_store_read_segments(store, ENT_STORE_SEGMENTS, segments, &count) == ENT_OK && count > 0) {
    ended = segments[count - 1].exit;
  }
  if (store != NULL && ent_store_close(&store) != ENT_OK) ended = -1;
  free(segments);
  if (status->signal != 0 || status->exit_code != 0 || ended < 0) {
    say_signal(status);
    fprintf(stderr,
            "entrain run: the run broke off; rows that are done are kept, the same command goes on\n");
    return ENT_EXIT_ENGINE;
  }
  return conclude(given, path, ended == ENT_EXIT_OK);
}

/* Started by hand: looks at everything first, then starts mpirun. */
static int run_by_hand(arguments *given, int argc, char **argv) {
  static char program[] = "entrain", command[] = "run";
  ent_text path = {0}, faults = {0}, described = {0};
  ent_launch_status launched = {0};
  char **words = NULL;
  int status = ENT_EXIT_OK;
  int code = ent_run_check(&given->options, &path, &faults);
  if (code == ENT_OK) code = ent_mem_alloc((size_t)argc + 2, sizeof(*words), &words);
  if (code == ENT_OK) {
    words[0] = program;
    words[1] = command;
    for (int i = 1; i < argc; i++) words[i + 1] = argv[i];
    const ent_launch_options options = {.workers = given->workers, .arguments = words};
    code = ent_launch_describe(&options, &described);
    if (code == ENT_OK && given->verbose) ent_log(ENT_LOG_INFO, "starts %s", described.data);
    if (code == ENT_OK && !given->verbose) {
      const int workers = given->workers > 0 ? given->workers : ent_launch_cores();
      ent_log(ENT_LOG_INFO, "%d workers and a master by mpirun (--verbose shows how)", workers);
    }
    if (code == ENT_OK) code = ent_launch_run(&options, &launched);
  }
  status = code == ENT_OK ? judge(given, path.data, &launched) : fail(code, &faults);
  free(words);
  ent_text_fini(&path);
  ent_text_fini(&faults);
  ent_text_fini(&described);
  return status;
}

int ent_command_run(int argc, char **argv) {
  arguments given = {0};
  const ent_text none = {0};
  int n_own = argc, status = ENT_EXIT_ENGINE;
  const int code = ent_command_split_options(&n_own, argv, &given.petsc_options);
  if (code != ENT_OK) {
    status = fail(code, &none);
  } else {
    argp_parse(&parser, n_own, argv, 0, NULL, &given);
    given.options.petsc_options = given.petsc_options.data ? given.petsc_options.data : "";
    given.options.only = given.only;
    const bool needs_launcher = given.workers != 1 && ent_launch_is_needed();
    status = needs_launcher ? run_by_hand(&given, argc, argv) : run_here(&given);
  }
  ent_text_fini(&given.petsc_options);
  return status;
}
