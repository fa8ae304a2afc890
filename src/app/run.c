#include "entrain/engine/run.h"

#include <argp.h>
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
#include "entrain/engine/rank.h"
#include "entrain/engine/stop.h"
#include "entrain/engine/supervise.h"

#include "run_result.h"

enum { MAX_WORKERS = 100000, MAX_ONLY = 256, KEY_NOTIFY = 256, KEY_ISA };

typedef struct arguments {
  ent_run_options options;
  ent_row_range only[MAX_ONLY];
  ent_text petsc_options;
  const char *notify; /* NULL: nobody */
  int workers;        /* 0: one a core */
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

/* Pins an instruction set, which must be this processor's. */
static void pin_isa(const char *name, struct argp_state *state) {
  const ent_isa isa = ent_command_parse_isa(name, state);
  if (!ent_isa_is_available(isa))
    argp_error(state, "--isa '%s', this processor does not have it; it has %s", name,
               ent_isa_name(ent_isa_current()));
  ent_isa_pin(isa);
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
    case KEY_NOTIFY:
      if (argument[strspn(argument, " \t\n")] == '\0')
        argp_error(state, "--notify '%s', must be a command and its arguments", argument);
      given->notify = argument;
      break;
    case KEY_ISA: pin_isa(argument, state); break;
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
  {"isa", KEY_ISA, "SET", 0,
   "compute with this instruction set (x86-64, x86-64-v3, x86-64-v4), so that unlike nodes give the same "
   "bits; "
   "default: that of OUT.h5, or the processor's best",
   0},
  {"strict", 's', NULL, 0, "exit with 3 when rows have failed", 0},
  {"verbose", 'v', NULL, 0, "show the mpirun command and what is added to its environment", 0},
  {"notify", KEY_NOTIFY, "COMMAND", 0,
   "run this at the end: words separated by blanks, no shell; what happened is in ENTRAIN_FILE, "
   "ENTRAIN_EXIT, "
   "ENTRAIN_TOTAL, ENTRAIN_DONE, ENTRAIN_FAILED, ENTRAIN_PENDING",
   0},
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

/* How a process here, or all of mpirun, has ended. */
typedef struct run_end {
  int status; /* exit status */
  int word;   /* what the parent of a master is told */
  ent_tally tally;
} run_end;

static bool has_parent(void) {
  return getenv(ENT_LAUNCH_TERMINAL) != NULL;
}

/* Says something while the line of a progress may stand on the terminal. */
static void say(ent_log_level level, const char *message) {
  ent_progress_clear();
  ent_command_say(level, message);
}

/* What the master has said of all ranks, no worker repeats. */
static void say_trouble(ent_log_level level, const char *message) {
  if (level <= ENT_LOG_WARNING) say(level, message);
}

/* Of a run that would have nothing to do. */
static void say_idle(const char *path) {
  ent_log(ENT_LOG_INFO, "nothing is pending, '%s' is left as it is", path);
}

/* What a rank does between MPI_Init and its end. */
static void run_rank(const arguments *given, int rank, ent_text *path, run_end *end) {
  ent_run_options options = given->options;
  ent_run_summary summary;
  ent_text faults = {0};
  ent_progress_view view;
  ent_progress_view_init(&view);
  const ent_listener listener = {.progress = ent_progress_show, .context = &view};
  options.listener = &listener;
  if (getenv(ENT_LAUNCH_RESUMES) != NULL) options.fresh = false;
  ent_log_set_sink(rank > 0 ? say_trouble : say);
  const int code = ent_run(&options, &summary, &faults, path);
  if (code != ENT_OK &&
      rank > 0) { /* without its master, which is no fault of its own: where it was is no news */
    ent_progress_clear();
    if (code != ENT_ERR_MPI || !has_parent()) /* the parent says that the master is dead */
      fprintf(stderr, "entrain run: error: worker %d ends: %s\n", rank, ent_error_message());
    end->status = ENT_EXIT_ENGINE;
  } else if (code != ENT_OK) {
    if (view.is_open) fputc('\n', stderr);
    end->word = end->status = ent_run_fail(code, &faults);
  } else if (rank == 0 && path->length > 0) {
    end->word = summary.exit_status;
    if (summary.is_idle) say_idle(path->data);
    if (!has_parent()) {
      if (summary.exit_status == ENT_RUN_NO_WORKERS) ent_log(ENT_LOG_ERROR, "all workers were lost");
      end->status = ent_run_conclude(path->data, summary.is_complete, given->strict, &end->tally);
    }
  }
  ent_text_fini(&faults);
}

/* Runs as one of the ranks of a launcher, or alone. */
static int run_here(const arguments *given) {
  ent_text path = {0};
  run_end end = {0};
  int rank = 0;
  ent_rank_follow_launcher();
  ent_launch_enter();
  if (ent_stop_listen() != ENT_OK) return ent_run_fail(ENT_ERR_SYSTEM, NULL); /* a signal may come early */
  if (!ent_command_start_mpi()) return ENT_EXIT_ENGINE;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  run_rank(given, rank, &path, &end);
  if (rank == 0) ent_run_folder_note(ENT_NOTE_EXIT, &(ent_note){{end.word, 0}});
  /* after an engine failure other ranks may be anywhere: the launcher ends them */
  const bool can_finalize = end.status != ENT_EXIT_ENGINE && !ent_rank_survives_others();
  if (can_finalize) MPI_Finalize();
  if (rank == 0 && !has_parent())
    ent_run_tell(given->notify, path.data ? path.data : "", end.status, &end.tally);
  ent_text_fini(&path);
  if (!can_finalize) ent_rank_leave(end.status);
  return end.status;
}

/* Why a run broke off of which neither the master nor whoever watched it has said anything. */
static void say_why(const ent_launch_status *mpirun) {
  if (mpirun->signal != 0)
    fprintf(stderr, "entrain run: error: mpirun was killed by signal %d\n", mpirun->signal);
  else if (mpirun->exit_code == 0)
    fprintf(stderr, "entrain run: error: the master has ended without a word: it was killed\n");
  else
    fprintf(
      stderr,
      "entrain run: error: mpirun ended before the run did, with exit status %d: it was told to; a signal "
      "to the run goes to process %lld, which ends it in good order\n",
      mpirun->exit_code, (long long)getpid());
}

/* What became of the run as a whole, after the last mpirun. */
static void judge(const arguments *given, const char *path, const ent_supervision *found, run_end *end) {
  const bool is_complete = found->exit_status == ENT_RUN_COMPLETE;
  ent_progress_clear();
  if (found->exit_status == ENT_EXIT_USAGE) {
    end->status = ENT_EXIT_USAGE;
  } else if (found->exit_status == ENT_RUN_STOPPED && access(path, F_OK) != 0) {
    fprintf(stderr, "entrain run: stopped before it began, the same command goes on\n");
    end->status = ENT_EXIT_STOPPED;
  } else if (is_complete || found->exit_status == ENT_RUN_STOPPED) {
    if (found->is_mute && found->last.is_cut_short)
      fprintf(stderr, "entrain run: ended by a second signal; rows that are done are kept\n");
    end->status = ent_run_conclude(path, is_complete, given->strict, &end->tally);
  } else {
    if (found->is_mute) say_why(&found->last);
    if (access(path, F_OK) == 0)
      fprintf(stderr,
              "entrain run: the run broke off; rows that are done are kept, the same command goes on\n");
    else
      fprintf(stderr, "entrain run: the run broke off before there was a results file\n");
    end->status = ENT_EXIT_ENGINE;
  }
}

/* Says what is about to be started. */
static int announce(const arguments *given, const ent_launch_options *options) {
  int code = ENT_OK;
  ent_text text = {0};
  const int workers = given->workers > 0 ? given->workers : ent_launch_cores();
  ENT_GOTO(ent_launch_describe(options, &text));
  if (given->verbose) {
    ent_log(ENT_LOG_INFO, "starts %s", text.data);
  } else {
    ent_log(ENT_LOG_INFO, "%d worker%s and a master by mpirun (--verbose shows how)", workers,
            ent_text_plural(workers));
  }
done:
  ent_text_fini(&text);
  return code;
}

/* The arguments of the ranks: ours. [out] words  NULL-terminated, free() it; the texts are argv's */
static int make_words(int argc, char **argv, char ***words) {
  static char program[] = "entrain", command[] = "run";
  ENT_TRY(ent_mem_alloc((size_t)argc + 2, sizeof **words, words));
  (*words)[0] = program;
  (*words)[1] = command;
  for (int i = 1; i < argc; i++) (*words)[i + 1] = argv[i];
  return ENT_OK;
}

/* Starts mpirun and sees to it. */
static int run_mpirun(const arguments *given, int argc, char **argv, const char *path, run_end *end) {
  int code = ENT_OK;
  char **words = NULL;
  ent_supervision found;
  ENT_GOTO(make_words(argc, argv, &words));
  const ent_launch_options options = {
    .workers = given->workers, .arguments = words, .results = path, .is_verbose = given->verbose};
  ENT_GOTO(announce(given, &options));
  ent_log_set_sink(say);
  ENT_GOTO(ent_supervise(&options, &found));
  judge(given, path, &found, end);
done:
  free(words);
  return code;
}

/* Started by hand: looks at everything first, then starts mpirun, unless nothing is to be done. */
static int run_by_hand(const arguments *given, int argc, char **argv) {
  int code = ENT_OK;
  bool is_idle = false;
  ent_text path = {0}, faults = {0};
  run_end end = {0};
  ENT_GOTO(ent_run_check(&given->options, &path, &is_idle, &faults));
  if (is_idle) {
    ent_run_folder_sweep(); /* the run that ended it may have been killed when its file was closed */
    say_idle(path.data);
    end.status = ent_run_conclude(path.data, true, given->strict, &end.tally);
  } else {
    ENT_GOTO(run_mpirun(given, argc, argv, path.data, &end));
  }
  ent_run_tell(given->notify, path.data, end.status, &end.tally);
done:
  if (code != ENT_OK) end.status = ent_run_fail(code, &faults);
  ent_text_fini(&path);
  ent_text_fini(&faults);
  return end.status;
}

int ent_command_run(int argc, char **argv) {
  arguments given = {0};
  int n_own = argc, status = ENT_EXIT_ENGINE;
  const int code = ent_command_split_options(&n_own, argv, &given.petsc_options);
  if (code != ENT_OK) {
    status = ent_run_fail(code, NULL);
  } else {
    argp_parse(&parser, n_own, argv, 0, NULL, &given);
    given.options.petsc_options = given.petsc_options.data ? given.petsc_options.data : "";
    given.options.only = given.only;
    const bool needs_launcher = given.workers != 1 && ent_launch_is_needed();
    if (ent_command_check_job(given.options.job_path) != ENT_OK)
      status = ent_run_fail(ENT_ERR_ARGUMENT, NULL);
    else
      status = needs_launcher ? run_by_hand(&given, argc, argv) : run_here(&given);
  }
  ent_text_fini(&given.petsc_options);
  return status;
}
